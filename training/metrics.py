"""Figures of agreement between scores and labels.

Pearson and Spearman correlation (SciPy), mean absolute error (scikit-learn), and for intervals the
share of labels inside and the mean width. How far a figure would move with other rows of the same
kind is told by a bootstrap (Efron 1979): percentile intervals over resampled rows, the same rows
for every system, so that two systems are compared in pairs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import mean_absolute_error

from model.intervals import Calibration
from model.plan import Points
from model.scores import SCALES, Scale

Column = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

RESAMPLES = 1_000
CONFIDENCE = 0.95
SEED = 1
_CHUNK = 2_000_000
"""Counts held in memory at once while rows are resampled."""
_NO_SPREAD = 1e-12
"""Variance under which resampled scores count as constant; larger than rounding leaves."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures of one system on one scale.

    Attributes:
        pearson: linear correlation, -1 to 1; 0 where either side is constant.
        spearman: rank correlation, likewise.
        mae: mean absolute error, on the 0 to 1 scale.
        coverage: share of labels inside the interval, or None without intervals.
        width: mean width of the interval, or None without intervals.
    """

    pearson: float
    spearman: float
    mae: float
    coverage: float | None = None
    width: float | None = None


def agreement(
    scores: Column, labels: Column, scale: Scale, calibration: Calibration | None = None
) -> Agreement:
    """Compare scores with labels, both of shape (rows,)."""
    constant = np.ptp(scores) == 0 or np.ptp(labels) == 0
    pearson, spearman = (
        (0.0, 0.0)
        if constant
        else (float(pearsonr(scores, labels)[0]), float(spearmanr(scores, labels)[0]))
    )
    mae = float(mean_absolute_error(labels, scores))
    if calibration is None:
        return Agreement(pearson, spearman, mae)
    ends = interval_ends(scores, scale, calibration)
    inside = (ends[:, 0] <= labels) & (labels <= ends[:, 1])
    width = ends[:, 1] - ends[:, 0]
    return Agreement(pearson, spearman, mae, float(inside.mean()), float(width.mean()))


def interval_ends(scores: Column, scale: Scale, calibration: Calibration) -> Matrix:
    """Return the low and high end around each score, shape (rows, 2)."""
    return np.array([calibration.interval(scale, float(score)) for score in scores]).reshape(-1, 2)


class Draws(NamedTuple):
    """Figures of several systems on the same resampled rows; shapes (resamples, systems).

    Attributes:
        pearson: linear correlation, 0 where a resample is constant.
        mae: mean absolute error.
    """

    pearson: Matrix
    mae: Matrix

    def limits(self, system: int, minus: int | None = None) -> dict[str, float]:
        """Return the ends of the 95% intervals of a system's figures.

        Args:
            system: its place among the systems.
            minus: place of another system; then the intervals are those of the differences.

        Returns:
            ``{"pearson_low", "pearson_high", "mae_low", "mae_high"}``
        """
        tail = (1 - CONFIDENCE) / 2
        limits: dict[str, float] = {}
        for name, draws in self._asdict().items():
            values = draws[:, system] - (0 if minus is None else draws[:, minus])
            low, high = np.quantile(values, (tail, 1 - tail))
            limits |= {f"{name}_low": float(low), f"{name}_high": float(high)}
        return limits


def resampled(scores: Matrix, labels: Column) -> Draws:
    """Return the figures on 1,000 resamples of the rows, drawn with a fixed seed.

    Args:
        scores: shape (systems, rows).
        labels: shape (rows,).
    """
    # Centred first, so that the sums of squares keep their digits.
    y = labels - labels.mean()
    terms = [
        np.stack([x, x * x, x * y, y, y * y, np.abs(s - labels)], axis=1)
        for s in scores
        for x in [s - s.mean()]
    ]
    # One product a system: equal systems then have equal sums to the last bit.
    means = np.stack(
        [np.concatenate(parts) for parts in zip(*_sums(terms, len(labels)), strict=True)]
    ) / len(labels)
    x, xx, xy, y1, yy, mae = np.moveaxis(means, (0, 2), (2, 0))
    spread_x, spread_y = xx - x * x, yy - y1 * y1
    varies = (spread_x > _NO_SPREAD) & (spread_y > _NO_SPREAD)
    scale = np.sqrt(np.where(varies, spread_x * spread_y, 1))
    return Draws(np.where(varies, np.clip((xy - x * y1) / scale, -1, 1), 0), mae)


def _sums(terms: list[Matrix], rows: int) -> Iterator[list[Matrix]]:
    """Yield for each chunk of resamples every system's sums, shape (chunk, terms)."""
    rng = np.random.default_rng(SEED)
    size = max(1, min(RESAMPLES, _CHUNK // rows))
    for start in range(0, RESAMPLES, size):
        chunk = min(size, RESAMPLES - start)
        drawn = rng.integers(rows, size=(chunk, rows)) + np.arange(chunk)[:, None] * rows
        counts = np.bincount(drawn.ravel(), minlength=chunk * rows).reshape(chunk, rows)
        weights = counts.astype(np.float64)
        yield [weights @ term for term in terms]


def agreements(
    points: Points, labels: Points, calibration: Calibration | None = None
) -> dict[str, dict[str, float | None]]:
    """Compare both scales; a column of NaN (a system without that scale) is left out."""
    return {
        scale: asdict(agreement(points[:, i], labels[:, i], scale, calibration))
        for i, scale in enumerate(SCALES)
        if not np.isnan(points[:, i]).any()
    }


def figure_cells(row: Mapping[str, float | None]) -> list[str]:
    """Return the figures of an ``Agreement`` as the cells of a table, empty where there is none."""
    values = (row[field.name] for field in fields(Agreement))
    return ["" if value is None else f"{value:.3f}" for value in values]


def ranged(row: Mapping[str, float | None], name: str, signed: bool = False) -> str:
    """Return a figure with its interval, ``0.868 (0.841 to 0.890)``, or what there is of it.

    Args:
        row: figures, with or without the ends of their intervals.
        name: of the figure.
        signed: write a plus too, as befits a difference.
    """
    form = "+z.3f" if signed else ".3f"
    value, low, high = (row.get(key) for key in (name, f"{name}_low", f"{name}_high"))
    if value is None:
        return ""
    if low is None or high is None:
        return f"{value:{form}}"
    return f"{value:{form}} ({low:{form}} to {high:{form}})"


def ranged_cells(row: Mapping[str, float | None]) -> list[str]:
    """Return what ``figure_cells`` returns, with the intervals of the figures that have one."""
    return [ranged(row, field.name) for field in fields(Agreement)]


def mean_pearson(points: Points, labels: Points) -> float:
    """Return the mean of the two scales' Pearson correlations, what early stopping watches."""
    return float(
        np.mean([agreement(points[:, i], labels[:, i], s).pearson for i, s in enumerate(SCALES)])
    )
