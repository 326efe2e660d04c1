"""One training run from labelled rows to a judged artifact, step by step.

The manifest is written last. A run folder without one is unfinished: it can be resumed and is
never promoted.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from model.artifact import MANIFEST, NETWORK, RELEASED, TOKENIZER, Artifact, read_artifact
from model.encoder import TextEncoder
from training.averaging import average_with
from training.base import find_base
from training.changes import CHANGES
from training.config import TrainConfig
from training.distil import with_teacher
from training.errors import TrainingError
from training.evaluate import Figures, rival_name
from training.export import export_fp32, export_int8
from training.feedback_figures import print_feedback
from training.gates import judge
from training.inputs import check_inputs, inputs_of
from training.loop import CHECKPOINTS, FITTED, fit
from training.measure import EVALUATION, measure, measure_released, write
from training.network import keep
from training.package import git_commit
from training.promote import promote
from training.rows import Rows, read_rows
from training.runs import open_run, resume_run

FP32 = "model.fp32.onnx"
SAMPLE = 500
"""Training rows by which int8 is evened out and corrected, about."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a run finds and leaves things; none of it changes the numbers.

    Attributes:
        runs: folder of the run folders.
        released: the released artifact.
        mirror: folder with the public source files, or None.
        cache: folder for fetched files and built splits, or None for the user's cache.
        offline: fetch nothing.
        resume: go on with the newest unfinished run.
        promote: True and False force it; None lets the gates decide.
        accept_shift: promote however far the scores move.
    """

    runs: Path = Path("runs")
    released: Path = RELEASED
    mirror: Path | None = None
    cache: Path | None = None
    offline: bool = False
    resume: bool = False
    promote: bool | None = None
    accept_shift: bool = False


def train(config: TrainConfig, around: Surroundings, console: Console) -> Path:
    """Run every step and return the finished run folder.

    Raises:
        TrainingError: the run cannot start or be resumed.
        DataError: the labelled rows are malformed.
        ArtifactError: the released artifact to compare with is damaged.
    """
    if around.resume:
        config, run = resume_run(around.runs)
    commit = git_commit()  # of the code that runs now, whatever is edited meanwhile
    rows = read_rows(config, around.mirror, around.cache, around.offline, console)
    base, source = find_base(config.base_model)
    given = inputs_of(config, rows, source)
    if around.resume:
        check_inputs(run, given)
    else:
        config, run = open_run(config, around.runs, around.released, given)
    train_rows = len(rows.dataset["train"])
    if not (run / FITTED).exists():
        _fit(rows, base, config, run, around, console)
    if config.average_with:
        average_with(run, config.average_with)
    console.print("Exporting to ONNX and int8")
    export_fp32(run, run / FP32)
    encoder = TextEncoder.load(run / TOKENIZER, config.window_tokens)
    sample = [quote.text for quote in rows.quotes("train")[:: max(1, train_rows // SAMPLE)]]
    export_int8(run / FP32, run / NETWORK, encoder.encode(sample))
    console.print("Calibrating and evaluating beside the baselines")
    outcome = measure(run, rows, source, config, around.released)
    print_feedback(outcome.findings, console)
    released = measure_released(around.released, outcome.findings)
    artifact = write(run, config, source, rows, outcome, commit, released)
    shutil.rmtree(run / CHECKPOINTS, ignore_errors=True)
    _decide(artifact, outcome.findings, released, around, console)
    return run


def _fit(
    rows: Rows, base: Path, config: TrainConfig, run: Path, around: Surroundings, console: Console
) -> None:
    """Write the fitted network into the run folder, or the one to be kept as it is."""
    if not config.epochs:
        console.print(f"Run {run}: the weights of {config.start_from}, as they are")
        keep(base, config, run)
        (run / FITTED).touch()
        return
    taught = rows.fitted(config.feedback_weight)
    if config.teacher:
        taught = with_teacher(rows, config, around.mirror, around.cache, console)
    console.print(f"Run {run}: {len(taught):,} rows, up to {config.epochs} epochs")
    fit(taught, rows.dataset["validation"], base, config, run, around.resume)


def promote_run(run: Path, around: Surroundings, console: Console) -> None:
    """Judge a finished run by what was measured on it, then promote it or say why not.

    Raises:
        ArtifactError: the run, or the released artifact, is damaged.
        TrainingError: it was not measured beside the artifact that is released now.
    """
    artifact = read_artifact(run)
    try:
        found = json.loads((run / EVALUATION).read_text("utf-8"))
        rivals = {figures["rival"] for figures in found["splits"].values()}
    except (OSError, ValueError, LookupError, TypeError) as cause:
        raise TrainingError(f"{run / EVALUATION} cannot be read; train anew.") from cause
    now = None
    if (around.released / MANIFEST).exists():
        now = rival_name(read_artifact(around.released))
    if rivals != {now}:
        raise TrainingError(
            f"{run} was measured beside {' and '.join(str(r or 'no other') for r in rivals)}, and "
            f"now there is {now or 'nothing released'}: the gates need both on the same rows. "
            "Train anew."
        )
    _decide(artifact, found, measure_released(around.released, found), around, console)


def _decide(
    artifact: Artifact,
    found: Figures,
    released: Figures | None,
    around: Surroundings,
    console: Console,
) -> None:
    """Judge what was found beside the released artifact's figures, then promote or say why not."""
    sampled = artifact.manifest.config["rows"] is not None
    coverage = artifact.manifest.calibration.coverage
    gates = judge(found, released, coverage, sampled, around.accept_shift)
    for gate in gates:
        console.print(f"  {'pass' if gate.passed else 'FAIL'}  {gate.reason}", highlight=False)
    failed = sum(not gate.passed for gate in gates)
    if around.promote is False:
        console.print("Not promoted: --no-promote.")
    elif released and released["name"] != artifact.manifest.name:
        console.print(
            f"Not promoted: {artifact.manifest.name} is another model than the released one. "
            f"Serve it with DIPLOTONE_ARTIFACT={artifact.folder}."
        )
    elif failed and around.promote is None:
        console.print(f"Not promoted: {failed} of {len(gates)} gates failed.")
        console.print(
            f"The run is kept: `python -m training promote {artifact.folder}` judges it again, "
            "with --accept-shift or --force where that is meant.",
            highlight=False,
            soft_wrap=True,
        )
    else:
        promote(artifact.folder, around.released)
        why = f"--promote, with {failed} gates failed" if failed else "every gate passed"
        console.print(f"Promoted {artifact.manifest.version} to {around.released}: {why}.")
        console.print(f"What changed: {around.released / CHANGES}", highlight=False, soft_wrap=True)
