"""Runs jobs from the command line's side: how they ended, how fast they were, how to go on."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from service.corpus.errors import CorpusError, UnwritableError, unwritable
from service.corpus.files import STANDARD, Job
from service.corpus.locks import kept_apart
from service.corpus.many import forget, receipt_of, require_same_kind
from service.corpus.run import CorpusRun, Progress, Tally

if TYPE_CHECKING:
    from model.scorer import ToneScorer

Load = Callable[[], "ToneScorer"]
"""Gives the scorer; called only when an input is sound, and once for each."""

_LOCK = ".lock"
"""In the folder of many outputs while they are written."""


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


@dataclass(slots=True)
class Endings:
    """How runs over many files ended.

    Attributes:
        files: how many there are.
        runs: those that ended, in order.
        unread: how many could not be read.
    """

    files: int
    runs: list[Ending] = field(default_factory=list)
    unread: int = 0

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended them."""
        return any(run.interrupted for run in self.runs)

    @property
    def failed(self) -> int:
        """How many rows could not be scored."""
        return sum(run.tally.failed for run in self.runs)


def score_file(
    job: Job, load: Load, progress: Progress, restart: bool, receipt: Path | None = None
) -> Ending:
    """Check the input, load the scorer, score every row.

    Args:
        job: what to score and where to put it.
        load: gives the scorer, which stays open.
        progress: told after each chunk.
        restart: forget what an earlier run has done.
        receipt: as in ``CorpusRun``.

    Raises:
        ToneError: the input, the artifact or the output cannot be used.
    """
    run = CorpusRun(job, progress, receipt)
    start = time.monotonic()
    try:
        run.check()
        scorer = load()
        start = time.monotonic()
        run.score(scorer, restart)
    except KeyboardInterrupt:
        return Ending(run.tally, time.monotonic() - start, True)
    return Ending(run.tally, time.monotonic() - start, False)


def score_files(
    jobs: Sequence[Job],
    load: Load,
    progress: Progress,
    restart: bool,
    tell: Callable[[CorpusError], None],
) -> Endings:
    """Score one file after the other; one that cannot be read does not stop the others.

    Args:
        jobs: as ``jobs_of`` returned them.
        load: gives the scorer, the same each time.
        progress: told after each chunk, rows of all files so far.
        restart: score finished files again too.
        tell: told what is wrong with a file.

    Raises:
        ToneError: the artifact cannot be used, another process writes into the folder, what is
            there was made with other options or another model, or the system refuses to write.
    """
    folder = Path(jobs[0].target).parent
    with ExitStack() as stack:
        try:
            stack.enter_context(kept_apart(folder / _LOCK, folder))
            if restart:
                forget(jobs)
        except OSError as cause:
            raise unwritable(folder, cause) from cause
        if not restart:
            require_same_kind(jobs, load)
        return _one_by_one(jobs, load, progress, restart, tell)


def _one_by_one(
    jobs: Sequence[Job],
    load: Load,
    progress: Progress,
    restart: bool,
    tell: Callable[[CorpusError], None],
) -> Endings:
    endings, before, unscored = Endings(len(jobs)), 0, 0

    def advance(done: int, total: int | None, failed: int) -> None:
        progress(before + done, None if total is None else before + total, unscored + failed)

    for job in jobs:
        try:
            endings.runs.append(score_file(job, load, advance, restart, receipt_of(job)))
        except UnwritableError:
            raise
        except CorpusError as error:
            tell(error)
            endings.unread += 1
            continue
        before += endings.runs[-1].tally.rows
        unscored += endings.runs[-1].tally.failed
        if endings.interrupted:
            break
    return endings


def report(job: Job, ending: Ending) -> str:
    """Return what to tell the person at the end, in a sentence or two."""
    tally = ending.tally
    if ending.interrupted:
        if not tally.durable:
            return "diplotone: stopped; nothing was kept."
        kept = f"{tally.rows:,} of {tally.total:,} rows are kept"
        return f"diplotone: stopped; {kept}, and the same command goes on from there."
    parts = _counts([ending])
    if tally.note:
        parts.append(f"read with {tally.note}")
    if job.target != STANDARD:
        parts.append(f"written to {job.target}")
    return "; ".join(parts) + "."


def report_all(folder: str, endings: Endings) -> str:
    """Return what to tell the person at the end of runs over many files.

    Args:
        folder: of the outputs.
        endings: how the runs ended.
    """
    finished = [run for run in endings.runs if not run.interrupted]
    if endings.interrupted:
        done = f"{len(finished):,} of {endings.files:,} files are finished"
        return f"diplotone: stopped; {done}, and the same command goes on from there."
    parts = _counts(finished)
    parts[0] += f" in {len(finished):,} of {endings.files:,} files"
    if earlier := sum(run.tally.earlier for run in finished):
        parts.append(f"finished already and left as they are: {earlier:,}")
    if notes := {run.tally.note for run in finished if run.tally.note}:
        parts.append("some read with " + " or ".join(sorted(notes)))
    if endings.unread:
        parts.append(f"{endings.unread:,} could not be read, for the reasons above")
    return "; ".join([*parts, f"written to {folder}"]) + "."


def _counts(runs: Sequence[Ending]) -> list[str]:
    rows, failed, resumed = (
        sum(getattr(run.tally, name) for run in runs) for name in ("rows", "failed", "resumed")
    )
    rate = (rows - resumed) / max(sum(run.seconds for run in runs), 1e-9)
    parts = [f"Scored {rows - failed:,} of {rows:,} rows at {rate:,.0f} rows/s"]
    if resumed:
        parts.append(f"{resumed:,} of them in an earlier run")
    if failed:
        parts.append(f"{failed:,} could not be scored, for the reasons in tone_warnings")
    return parts
