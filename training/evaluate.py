"""Evaluation: every system on the same rows, by split and by group of rows, as plain figures.

It scores through the served ``ToneScorer``, so what is measured is what users get.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from data.records import Quote
from model.artifact import MANIFEST, Artifact
from model.errors import QuoteError
from model.intervals import Calibration
from model.plan import Points
from model.scorer import ToneScorer
from model.scores import SCALES
from model.text import prepare
from training.base import find_base
from training.baselines import Predict, fit_baselines
from training.breakdown import best_baseline, groups_of
from training.config import TrainConfig
from training.errors import TrainingError
from training.metrics import agreements, resampled
from training.rows import Rows

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scored:
    """A split with its labels and the served scores.

    Attributes:
        quotes: the rows.
        labels: shape (rows, 2).
        points: scores of the same shape.
    """

    quotes: Sequence[Quote]
    labels: Points
    points: Points


def labels_of(quotes: Sequence[Quote]) -> Points:
    """Return the labels as an array of shape (rows, 2)."""
    return np.array([[q.hostility, q.formality] for q in quotes]).reshape(-1, len(SCALES))


@dataclass(frozen=True, slots=True)
class Rival:
    """Another artifact's scores of the same rows, to be compared with in pairs.

    Attributes:
        name: what to call it.
        points: its scores, shape (rows, 2).
        calibration: its interval table.
    """

    name: str
    points: Points
    calibration: Calibration


def score_split(scorer: ToneScorer, quotes: Sequence[Quote]) -> Scored:
    """Score the rows of a split with the served scorer.

    Raises:
        TrainingError: a row cannot be scored, for example because it is too long.
    """
    try:
        return Scored(quotes, labels_of(quotes), scorer.points([q.text for q in quotes]))
    except QuoteError as cause:
        row = "a row" if cause.index is None else f"row {quotes[cause.index].id}"
        raise TrainingError(f"Evaluation: {row} cannot be scored. {cause}") from cause


def figures_of(
    scored: Scored,
    name: str,
    calibration: Calibration,
    baselines: Mapping[str, Predict] | None = None,
    rival: Rival | None = None,
) -> Figures:
    """Return the figures of every system on the same rows, and the scorer's by group.

    Args:
        scored: rows with the scorer's points.
        name: what to call the scorer, the first of the systems.
        calibration: its interval table.
        baselines: other systems, fitted already.
        rival: the released artifact.

    Returns:
        ``{"rows", "systems": {name: {scale: figures}}, "differences": {name: {scale: figures}},
        "rival": its name, "baselines": {scale: the best}, "sources": {name: {"rows", scale:
        figures}}, "groups": see groups_of}``. Figures have the ends of their 95% bootstrap
        intervals (``pearson_low``); differences are the scorer's minus the other's, in pairs.
    """
    points, labels = {name: scored.points}, scored.labels
    systems = {name: agreements(scored.points, labels, calibration)}
    if rival:
        points[rival.name] = rival.points
        systems[rival.name] = agreements(rival.points, labels, rival.calibration)
    for baseline, predict in (baselines or {}).items():
        points[baseline] = predict([q.text for q in scored.quotes])
        systems[baseline] = agreements(points[baseline], labels)
    groups = groups_of(scored.quotes, scored.points, labels, calibration)
    return {
        "rows": len(scored.quotes),
        "systems": systems,
        "differences": _compared(systems, points, labels),
        "rival": rival.name if rival else None,
        "baselines": {s: best_baseline(systems, list(baselines or {}), s) for s in SCALES},
        "sources": _by_source(groups["source"]),
        "groups": groups,
    }


def _compared(systems: Figures, points: Mapping[str, Points], labels: Points) -> Figures:
    """Add intervals to the systems' figures; return the first system's lead over each other."""
    first, *others = points
    leads: Figures = {other: {} for other in others}
    for i, scale in enumerate(SCALES):
        names = [name for name in points if scale in systems[name]]
        draws = resampled(np.stack([points[name][:, i] for name in names]), labels[:, i])
        ours = systems[first][scale]
        for place, name in enumerate(names):
            row = systems[name][scale]
            if place:
                lead = {figure: ours[figure] - row[figure] for figure in ("pearson", "mae")}
                leads[name][scale] = lead | draws.limits(0, minus=place)
            row |= draws.limits(place)
    return leads


def _by_source(groups: Figures) -> Figures:
    return {
        source: {
            "rows": groups[SCALES[0]][source]["rows"],
            **{scale: groups[scale][source] for scale in SCALES},
        }
        for source in groups[SCALES[0]]
    }


def artifact_name(artifact: Artifact) -> str:
    """Return name and version, what tables call an artifact."""
    return f"{artifact.manifest.name} {artifact.manifest.version}"


def rival_name(released: Artifact) -> str:
    """Return what figures call the released artifact beside another one of any name."""
    return f"released {artifact_name(released)}"


def score_artifact(
    folder: Path, sets: Mapping[str, Sequence[Quote]]
) -> tuple[Artifact, dict[str, Scored]]:
    """Load an artifact and score each set of rows with it.

    Raises:
        ArtifactError: the artifact cannot be trusted.
        TrainingError: a row cannot be scored.
    """
    scorer = ToneScorer.load(folder)
    try:
        return scorer.artifact, {name: score_split(scorer, rows) for name, rows in sets.items()}
    finally:
        scorer.close()


def released_rivals(
    released: Path, evaluated: Path, sets: Mapping[str, Sequence[Quote]]
) -> dict[str, Rival]:
    """Score each set of rows with the released artifact, unless it is missing or the one evaluated.

    Raises:
        ArtifactError: the released artifact cannot be trusted.
        TrainingError: a row cannot be scored.
    """
    if released.resolve() == evaluated.resolve() or not (released / MANIFEST).exists():
        return {}
    found, scored = score_artifact(released, sets)
    name, calibration = rival_name(found), found.manifest.calibration
    return {title: Rival(name, part.points, calibration) for title, part in scored.items()}


def fitted_baselines(rows: Rows, config: TrainConfig) -> dict[str, Predict]:
    """Return the baselines, fitted on the training rows.

    Raises:
        TrainingError: the encoder of the frozen baseline cannot be had.
    """
    base, _ = find_base(config.baseline_model or config.base_model)
    train = rows.quotes("train")
    return fit_baselines([quote.text for quote in train], labels_of(train), base)


def own_figures(figures: Figures) -> Figures:
    """Return the scorer's own figures by scale."""
    first: Figures = next(iter(figures["systems"].values()))
    return first


def torch_points(run: Path, texts: Sequence[str]) -> Points:
    """Score texts with a run's fp32 PyTorch network, one at a time as serving does."""
    tokenizer = AutoTokenizer.from_pretrained(run)
    network = AutoModelForSequenceClassification.from_pretrained(run, dtype=torch.float32).eval()
    rows = []
    for text in texts:
        batch = tokenizer(prepare(text), truncation=True, max_length=512, return_tensors="pt")
        with torch.inference_mode():
            rows.append(torch.sigmoid(network(**batch).logits[0]).numpy().astype(np.float64))
    return np.stack(rows)


def int8_difference(int8: Points, fp32: Points) -> Figures:
    """Return by scale how far int8 scores lie from fp32 scores of the same rows."""
    out: Figures = {"rows": len(int8)}
    for i, scale in enumerate(SCALES):
        gap = np.abs(int8[:, i] - fp32[:, i])
        figures = agreements(int8, fp32)[scale]
        out[scale] = {
            "mean": float(gap.mean()),
            "p99": float(np.quantile(gap, 0.99)),
            "max": float(gap.max()),
            "pearson": figures["pearson"],
        }
    return out
