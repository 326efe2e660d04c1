"""Means with their two kinds of uncertainty: that of the sample, and that of the model.

The first is the 95% interval of a mean of independent rows, by Student's t. The second is the mean
of the rows' own intervals: how far the rating of one such quote may lie from its score. The first
shrinks with the number of rows, the second does not.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from scipy import stats

from model.scores import SCALES, Scale

FEWEST_ROWS = 5
"""Rows below which a mean has no interval and is compared with none."""
CONFIDENCE = 0.95
_ALIKE = 1e-6  # standard deviation below which rows all have one score, which has four decimals


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean score of some rows on one scale.

    Attributes:
        rows: how many they are, at least 1.
        value: their mean, 0 to 1.
        deviation: their standard deviation; 0 for a single row.
        low: lower end of the 95% interval of the mean; None unless ``comparable``.
        high: its upper end.
        model_low: mean lower end of the rows' own intervals; None where the file has none.
        model_high: mean upper end.
    """

    rows: int
    value: float
    deviation: float
    low: float | None
    high: float | None
    model_low: float | None
    model_high: float | None

    @property
    def comparable(self) -> bool:
        """Whether the rows tell how sure the mean is."""
        return comparable(self.rows, self.deviation)


Means = dict[Scale, Mean]


def comparable(rows: int, deviation: float) -> bool:
    """Return whether rows are enough, and differ enough, to tell how sure their mean is.

    Copies of one text, which all have one score, say nothing of how other rows would score.
    """
    return rows >= FEWEST_ROWS and deviation > _ALIKE


def moments() -> list[pl.Expr]:
    """Return what ``means_from`` needs of some rows."""
    found = [pl.len().alias("rows")]
    for scale in SCALES:
        found += [
            pl.col(scale).mean().alias(f"{scale}_mean"),
            pl.col(scale).std().alias(f"{scale}_deviation"),
            pl.col(f"{scale}_low").mean().alias(f"{scale}_model_low"),
            pl.col(f"{scale}_high").mean().alias(f"{scale}_model_high"),
        ]
    return found


def means_from(found: Mapping[str, Any]) -> Means:
    """Return the means of both scales out of one row of ``moments``, which counts some rows."""
    return {scale: _mean(found, scale) for scale in SCALES}


def _mean(found: Mapping[str, Any], scale: Scale) -> Mean:
    rows, value = int(found["rows"]), float(found[f"{scale}_mean"])
    deviation = float(found[f"{scale}_deviation"] or 0.0)
    ends = (found[f"{scale}_model_low"], found[f"{scale}_model_high"])
    mean = Mean(rows, value, deviation, None, None, *ends)
    if not mean.comparable:
        return mean
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, rows - 1)) * deviation / math.sqrt(rows)
    return replace(mean, low=max(0.0, value - reach), high=min(1.0, value + reach))
