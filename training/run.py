"""One training run from labelled rows to a judged artifact, step by step.

The manifest is written last. A run folder without one is unfinished: it can be resumed and is
never promoted.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from model.artifact import MANIFEST, NETWORK, RELEASED, TOKENIZER, Artifact, BaseModelSource
from model.encoder import TextEncoder
from model.intervals import Calibration
from model.runtime import OnnxNetwork
from model.scorer import ToneScorer
from model.scores import SCALES
from training.base import find_base
from training.baselines import fit_baselines
from training.calibrate import fit_calibration, no_calibration
from training.card import write_card
from training.config import TrainConfig
from training.evaluate import (
    Figures,
    Scored,
    artifact_figures,
    figures_of,
    int8_difference,
    labels_of,
    own_figures,
    score_split,
    torch_points,
)
from training.export import export_fp32, export_int8
from training.gates import judge
from training.loop import CHECKPOINTS, FITTED, fit
from training.package import draft_manifest, git_commit, write_manifest
from training.plots import plot_evaluation, plot_learning_curves
from training.promote import promote
from training.rows import Rows, read_rows
from training.runs import open_run, resume_run

EVALUATION = "evaluation.json"
CALIBRATION = "calibration.json"
FP32 = "model.fp32.onnx"
INT8_ROWS = 1_000
"""Validation rows on which int8 is compared with fp32."""
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
    """

    runs: Path = Path("runs")
    released: Path = RELEASED
    mirror: Path | None = None
    cache: Path | None = None
    offline: bool = False
    resume: bool = False
    promote: bool | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured on a finished network.

    Attributes:
        calibration: its interval table.
        scored: the held-out splits with its scores.
        figures: figures of every system by split.
        int8: distance of its int8 scores from fp32.
    """

    calibration: Calibration
    scored: dict[str, Scored]
    figures: dict[str, Figures]
    int8: Figures


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
    if not around.resume:
        config, run = open_run(config, around.runs, around.released)
    train_rows = len(rows.dataset["train"])
    console.print(f"Run {run}: {train_rows:,} rows, up to {config.epochs} epochs")
    if not (run / FITTED).exists():
        fit(rows.dataset["train"], rows.dataset["validation"], base, config, run, around.resume)
    console.print("Exporting to ONNX and int8")
    export_fp32(run, run / FP32)
    encoder = TextEncoder.load(run / TOKENIZER, config.window_tokens)
    sample = [quote.text for quote in rows.quotes("train")[:: max(1, train_rows // SAMPLE)]]
    export_int8(run / FP32, run / NETWORK, encoder.encode(sample))
    console.print("Calibrating and evaluating beside the baselines")
    outcome = _measure(run, rows, base, source, config)
    artifact = _write(run, config, source, rows, outcome, commit)
    shutil.rmtree(run / CHECKPOINTS, ignore_errors=True)
    _decide(artifact, rows, outcome, around, console)
    return run


def _measure(
    run: Path, rows: Rows, base: Path, source: BaseModelSource, config: TrainConfig
) -> Outcome:
    """Score every held-out row through the served path; calibrate on the validation rows."""
    unmeasured = draft_manifest(config, source, no_calibration(config.coverage))
    encoder = TextEncoder.load(run / TOKENIZER, config.window_tokens)
    scorer = ToneScorer(Artifact(run, unmeasured, ""), encoder, OnnxNetwork(run / NETWORK))
    validation = score_split(scorer, rows.quotes("validation"))
    calibration = fit_calibration(validation.points, validation.labels, config.coverage)
    scored = {name: score_split(scorer, quotes) for name, quotes in rows.held_out.items()}
    scorer.close()
    train_quotes = rows.quotes("train")
    baselines = fit_baselines([q.text for q in train_quotes], labels_of(train_quotes), base)
    name = f"{config.name} {config.version}"
    figures = {
        split: figures_of(part, name, calibration, baselines) for split, part in scored.items()
    }
    sample = validation.quotes[:INT8_ROWS]
    fp32 = torch_points(run, [quote.text for quote in sample])
    return Outcome(
        calibration, scored, figures, int8_difference(validation.points[: len(sample)], fp32)
    )


def _write(
    run: Path,
    config: TrainConfig,
    source: BaseModelSource,
    rows: Rows,
    outcome: Outcome,
    commit: str | None,
) -> Artifact:
    """Write everything measured into the run folder, the manifest last."""
    everything = {"splits": outcome.figures, "int8": outcome.int8}
    (run / EVALUATION).write_text(json.dumps(everything, indent=2) + "\n", encoding="utf-8")
    table = outcome.calibration.model_dump_json(indent=2)
    (run / CALIBRATION).write_text(table + "\n", encoding="utf-8")
    plot_learning_curves(run)
    plot_evaluation(run, outcome.scored, outcome.calibration)
    data = rows.summary()
    write_card(run, config, source, data, outcome.calibration, outcome.figures, outcome.int8)
    metrics = {"rows_by_split": data["rows"]} | _headline(outcome)
    return write_manifest(run, config, source, outcome.calibration, data, metrics, commit)


def _headline(outcome: Outcome) -> dict[str, Any]:
    """Return the figures that the manifest and ``GET /v1/model`` show."""
    splits = {
        name: {"rows": figures["rows"], **own_figures(figures)}
        for name, figures in outcome.figures.items()
    }
    return splits | {"int8_mean_difference": {s: outcome.int8[s]["mean"] for s in SCALES}}


def _decide(
    artifact: Artifact, rows: Rows, outcome: Outcome, around: Surroundings, console: Console
) -> None:
    """Compare with the released artifact on the same rows, then promote or say why not."""
    released = None
    if (around.released / MANIFEST).exists():
        released = artifact_figures(around.released, rows.held_out)
    sampled = artifact.manifest.config["rows"] is not None
    coverage = artifact.manifest.calibration.coverage
    gates = judge(outcome.figures, released, outcome.int8, coverage, sampled)
    for gate in gates:
        console.print(f"  {'pass' if gate.passed else 'FAIL'}  {gate.reason}", highlight=False)
    failed = sum(not gate.passed for gate in gates)
    if around.promote is False:
        console.print("Not promoted: --no-promote.")
    elif failed and around.promote is None:
        console.print(f"Not promoted: {failed} of {len(gates)} gates failed.")
    else:
        promote(artifact.folder, around.released)
        why = f"--promote, with {failed} gates failed" if failed else "every gate passed"
        console.print(f"Promoted {artifact.manifest.version} to {around.released}: {why}.")
