"""Where a scorer errs: its figures by source, by length, by label and by score.

Everything is computed for one scale at a time from arrays of shape (rows,).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from data.records import Quote
from model.intervals import Calibration
from model.plan import Points
from model.scores import SCALES, Scale
from training.metrics import Column, agreement, interval_ends, ranged, resampled

MIN_GROUP_ROWS = 10
"""Groups with fewer rows have no correlation and no intervals of their figures."""

WORDS = ((1, 4), (5, 12), (13, 25), (26, 60), (61, None))
"""Bands of length, in words between white space."""

DEGREES = (0, 0.1, 0.3, 0.5, 0.7, 1)
"""Bounds of the bands of labels and of scores; a band holds its lower bound."""

SHOWN = {
    "source": ("pearson", "mae", "bias", "coverage", "width"),
    "length": ("pearson", "mae", "bias", "coverage", "width"),
    "label": ("pearson", "mae", "bias"),
    "score": ("coverage", "width"),
}
"""Figures that tables show of each kind of group: errors by the label, intervals by the score."""

HEADS = {"pearson": "Pearson", "mae": "MAE"}
"""What tables call the figures; the others are called by their keys."""

BINS = 10
"""Bins of the score in a reliability diagram, of equal width."""

Mask = npt.NDArray[np.bool_]


def shown_cells(row: Mapping[str, float | None], kind: str) -> list[str]:
    """Return the figures of a group that a table of its kind shows."""
    return [ranged(row, key, signed=key == "bias") for key in SHOWN[kind]]


def shown_heads(kind: str) -> list[str]:
    """Return the heads over ``shown_cells``."""
    return [HEADS.get(key, key) for key in SHOWN[kind]]


def groups_of(
    quotes: Sequence[Quote], points: Points, labels: Points, calibration: Calibration
) -> dict[str, Any]:
    """Return the figures by group.

    Args:
        quotes: the rows.
        points: their scores, shape (rows, 2).
        labels: their labels, likewise.
        calibration: the scorer's interval table.

    Returns:
        ``{kind: {scale: {group: figures}}}`` with the kinds ``source``, ``length`` (in words),
        ``label`` and ``score`` (bands of either). The figures are those of an ``Agreement``, their
        bootstrap limits, ``rows``, and ``bias``, the mean of score minus label. Groups without
        rows are left out; sources with fewer than MIN_GROUP_ROWS are too.
    """
    length = _lengths(quotes)
    source = {name: mask for name, mask in _sources(quotes) if mask.sum() >= MIN_GROUP_ROWS}
    groups: dict[str, Any] = {"source": {}, "length": {}, "label": {}, "score": {}}
    for i, scale in enumerate(SCALES):
        masks = {
            "source": source,
            "length": length,
            "label": _bands(labels[:, i]),
            "score": _bands(points[:, i]),
        }
        for kind, by_name in masks.items():
            groups[kind][scale] = {
                name: _figures(points[mask, i], labels[mask, i], scale, calibration)
                for name, mask in by_name.items()
                if mask.any()
            }
    return groups


def word_count(text: str) -> int:
    """Return the number of words between white space."""
    return len(text.split())


def _lengths(quotes: Sequence[Quote]) -> dict[str, Mask]:
    words = np.array([word_count(quote.text) for quote in quotes])
    return {
        f"{low} to {high} words" if high else f"over {low - 1} words": (words >= low)
        & (words <= (high or np.inf))
        for low, high in WORDS
    }


def _sources(quotes: Sequence[Quote]) -> Iterator[tuple[str, Mask]]:
    names = np.array([quote.source for quote in quotes], dtype=object)
    for name in sorted(set(names)):
        yield name, names == name


def _bands(values: Column) -> dict[str, Mask]:
    inner = np.digitize(values, DEGREES[1:-1])
    return {
        f"{low:g} to {high:g}": inner == i
        for i, (low, high) in enumerate(zip(DEGREES, DEGREES[1:], strict=False))
    }


def _figures(
    scores: Column, labels: Column, scale: Scale, calibration: Calibration
) -> dict[str, float | None]:
    row: dict[str, float | None] = {"rows": len(scores), "bias": float((scores - labels).mean())}
    row |= asdict(agreement(scores, labels, scale, calibration))
    if len(scores) < MIN_GROUP_ROWS:
        return row | {"pearson": None, "spearman": None}
    return row | resampled(scores[None], labels).limits(0)


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of like score.

    Attributes:
        middle: score in the middle of the bin.
        rows: how many.
        score: their mean score.
        label: their mean label.
        error: standard error of the mean label; 0 for a single row.
        coverage: share of the labels inside the interval.
    """

    middle: float
    rows: int
    score: float
    label: float
    error: float
    coverage: float


def reliability(
    scores: Column, labels: Column, scale: Scale, calibration: Calibration
) -> list[Bin]:
    """Return the bins that hold rows, by rising score (a reliability diagram's points)."""
    ends = interval_ends(scores, scale, calibration)
    inside = (ends[:, 0] <= labels) & (labels <= ends[:, 1])
    place = np.minimum((scores * BINS).astype(int), BINS - 1)
    bins = []
    for i in np.unique(place):
        mask = place == i
        rows = int(mask.sum())
        error = float(labels[mask].std(ddof=1) / np.sqrt(rows)) if rows > 1 else 0.0
        bins.append(
            Bin(
                (float(i) + 0.5) / BINS,
                rows,
                float(scores[mask].mean()),
                float(labels[mask].mean()),
                error,
                float(inside[mask].mean()),
            )
        )
    return bins


def best_baseline(systems: Mapping[str, Any], baselines: Sequence[str], scale: Scale) -> str | None:
    """Return the baseline with the highest Pearson correlation, None where there is none."""
    rated = [name for name in baselines if scale in systems.get(name, {})]
    return max(rated, key=lambda name: float(systems[name][scale]["pearson"]), default=None)


def compared_with(figures: Mapping[str, Any]) -> list[tuple[str, Scale]]:
    """Return (system, scale) of the other artifact and of each scale's best baseline."""
    pairs = [(figures["rival"], scale) for scale in SCALES]
    pairs += [(figures["baselines"][scale], scale) for scale in SCALES]
    return [(system, scale) for system, scale in pairs if system]
