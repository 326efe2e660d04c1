"""Figures of agreement between scores and labels.

Pearson and Spearman correlation (SciPy), mean absolute error (scikit-learn), and for intervals the
share of labels inside and the mean width.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import mean_absolute_error

from model.intervals import Calibration
from model.plan import Points
from model.scores import SCALES, Scale

Column = npt.NDArray[np.float64]


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
    ends = np.array([calibration.interval(scale, float(score)) for score in scores])
    inside = (ends[:, 0] <= labels) & (labels <= ends[:, 1])
    width = ends[:, 1] - ends[:, 0]
    return Agreement(pearson, spearman, mae, float(inside.mean()), float(width.mean()))


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


def mean_pearson(points: Points, labels: Points) -> float:
    """Return the mean of the two scales' Pearson correlations, what early stopping watches."""
    return float(
        np.mean([agreement(points[:, i], labels[:, i], s).pearson for i, s in enumerate(SCALES)])
    )
