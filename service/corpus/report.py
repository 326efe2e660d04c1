"""Runs a job from the command line's side: how it ended, how fast it was, how to go on."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.corpus.files import STANDARD, Job
from service.corpus.run import CorpusRun, Progress, Tally

if TYPE_CHECKING:
    from model.scorer import ToneScorer


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended.

    Attributes:
        tally: how far it came.
        seconds: how long scoring took.
        interrupted: whether Ctrl-C ended it.
    """

    tally: Tally
    seconds: float
    interrupted: bool


def score_file(
    job: Job, load: Callable[[], "ToneScorer"], progress: Progress, restart: bool
) -> Ending:
    """Check the input, load the scorer, score every row.

    Args:
        job: what to score and where to put it.
        load: gives the scorer; called only when the input is sound.
        progress: told after each chunk.
        restart: forget what an earlier run has done.

    Raises:
        ToneError: the input, the artifact or the output cannot be used.
    """
    run = CorpusRun(job, progress)
    start = time.monotonic()
    try:
        run.check()
        scorer = load()
        start = time.monotonic()
        run.score(scorer, restart)
        scorer.close()
    except KeyboardInterrupt:
        return Ending(run.tally, time.monotonic() - start, True)
    return Ending(run.tally, time.monotonic() - start, False)


def report(job: Job, ending: Ending) -> str:
    """Return what to tell the person at the end, in a sentence or two."""
    tally = ending.tally
    if ending.interrupted:
        if not tally.durable:
            return "diplotone: stopped; nothing was kept."
        kept = f"{tally.rows:,} of {tally.total:,} rows are kept"
        return f"diplotone: stopped; {kept}, and the same command goes on from there."
    scored = tally.rows - tally.failed
    rate = (tally.rows - tally.resumed) / max(ending.seconds, 1e-9)
    parts = [f"Scored {scored:,} of {tally.rows:,} rows at {rate:,.0f} rows/s"]
    if tally.resumed:
        parts.append(f"{tally.resumed:,} of them in an earlier run")
    if tally.failed:
        parts.append(f"{tally.failed:,} could not be scored, for the reasons in tone_warnings")
    if job.target != STANDARD:
        parts.append(f"written to {job.target}")
    return "; ".join(parts) + "."
