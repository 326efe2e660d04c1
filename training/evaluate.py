"""Evaluation: every system on the same rows, by split and by source, as plain figures.

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
from model.intervals import Calibration
from model.plan import Points
from model.scorer import ToneScorer
from model.scores import SCALES
from model.text import prepare
from training.baselines import Predict
from training.metrics import agreements

MIN_SOURCE_ROWS = 10
"""Sources with fewer rows are not reported on their own."""

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


def score_split(scorer: ToneScorer, quotes: Sequence[Quote]) -> Scored:
    """Score the rows of a split with the served scorer."""
    return Scored(quotes, labels_of(quotes), scorer.points([q.text for q in quotes]))


def figures_of(
    scored: Scored,
    name: str,
    calibration: Calibration,
    baselines: Mapping[str, Predict] | None = None,
) -> Figures:
    """Return the figures of the scorer and of each baseline on the same rows, and by source.

    Args:
        scored: rows with the scorer's points.
        name: what to call the scorer; it stands first among the systems.
        calibration: its interval table.
        baselines: other systems, fitted already.

    Returns:
        ``{"rows", "systems": {name: {scale: figures}}, "sources": {name: {"rows", scale: ...}}}``
    """
    texts = [q.text for q in scored.quotes]
    systems = {name: agreements(scored.points, scored.labels, calibration)}
    for baseline, predict in (baselines or {}).items():
        systems[baseline] = agreements(predict(texts), scored.labels)
    sources: Figures = {}
    for source in sorted({q.source for q in scored.quotes}):
        mask = np.array([q.source == source for q in scored.quotes])
        if mask.sum() >= MIN_SOURCE_ROWS:
            figures = agreements(scored.points[mask], scored.labels[mask], calibration)
            sources[source] = {"rows": int(mask.sum()), **figures}
    return {"rows": len(scored.quotes), "systems": systems, "sources": sources}


def artifact_figures(
    folder: Path,
    sets: Mapping[str, Sequence[Quote]],
    baselines: Mapping[str, Predict] | None = None,
) -> dict[str, Figures]:
    """Load an artifact and return its figures on each set of rows; see ``figures_of``.

    Raises:
        ArtifactError: the artifact cannot be trusted.
    """
    scorer = ToneScorer.load(folder)
    manifest = scorer.manifest
    name = f"{manifest.name} {manifest.version}"
    figures = {
        title: figures_of(score_split(scorer, quotes), name, manifest.calibration, baselines)
        for title, quotes in sets.items()
    }
    scorer.close()
    return figures


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
