"""Tone over time: the means of each stretch, and where they change their level.

A series of means is taken as steps plus noise. The noise of one stretch of time is that of its
sample, which falls with its rows, plus what every stretch has of its own, estimated from the
differences between neighbours. PELT (Killick, Fearnhead and Eckley 2012, in ruptures) finds the
steps with the least sum of squared noise plus a penalty for each change.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray
from ruptures import Pelt
from ruptures.base import BaseCost

from model.scores import SCALES, Scale
from service.report.dates import Unit, choose_unit
from service.report.means import Mean, Means, means_from, moments
from service.report.sample import Sample
from service.report.shares import level_counts

MOST_BARS = 40
"""Stretches that a chart of shares has room for."""
FEWEST_ROWS = 30
"""Rows that a stretch should hold on average for its shares to say something."""
SHORTEST = 5
"""Stretches of time between two changes, and before the first and after the last, at least."""
PENALTY_FACTOR = 3.0
"""The penalty of a change is this times the logarithm of the number of stretches, in units of the
noise's variance: that of the modified Bayesian information criterion (Zhang and Siegmund 2007),
without its term for where the changes lie. The plain criterion's is 2."""
_CHI2_MEDIAN = 0.4549  # median of the square of a standard normal variable


@dataclass(frozen=True, slots=True)
class Changes:
    """What was found in one series.

    Attributes:
        penalty: what a change had to explain, in units of the noise's variance.
        places: positions of the first stretch of each new level.
        levels: the levels, one more than the places.
    """

    penalty: float
    places: list[int]
    levels: list[float]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A sample over time.

    Attributes:
        unit: the stretch that is counted by.
        starts: first day of each stretch that holds rows.
        means: the means of each.
        changes: by scale, where the means change; None where there are too few stretches.
        level_unit: the stretch, mostly a longer one, that levels are counted by.
        levels: by scale and first day of such a stretch, the rows in each level.
    """

    unit: Unit
    starts: list[date]
    means: list[Means]
    changes: dict[Scale, Changes | None]
    level_unit: Unit
    levels: dict[Scale, dict[date, list[int]]]


def timeline_of(sample: Sample) -> Timeline:
    """Return the sample over time; some row has a date."""
    if sample.first is None or sample.last is None:
        raise ValueError("no row has a date")
    dated = sample.scored.filter(pl.col("date").is_not_null())
    days = (sample.last - sample.first).days + 1
    unit = choose_unit(dated, days, sample.coarseness)
    start = pl.col("date").dt.truncate(unit.every)
    found = (dated.group_by(start.alias("start")).agg(moments()).sort("start")).collect(
        engine="streaming"
    )
    means = [means_from(row) for row in found.to_dicts()]
    changes = {scale: find_changes([mean[scale] for mean in means]) for scale in SCALES}
    longer = choose_unit(dated, days, sample.coarseness, MOST_BARS, FEWEST_ROWS)
    levels = level_counts(dated, pl.col("date").dt.truncate(longer.every))
    return Timeline(unit, found["start"].to_list(), means, changes, longer, levels)


class WeightedSteps(BaseCost):  # type: ignore[misc] # ruptures ships no types
    """The cost of taking a stretch of a series for one level: its weighted sum of squares."""

    model = "weighted steps"
    min_size = SHORTEST

    def fit(self, signal: NDArray[np.float64]) -> "WeightedSteps":
        """Take a series: an array of values in the first column and weights in the second."""
        values, weights = signal.T
        self.signal = signal
        sums = np.cumsum([weights, weights * values, weights * values**2], axis=1)
        self._sums = np.concatenate([np.zeros((3, 1)), sums], axis=1)
        return self

    def error(self, start: int, end: int) -> float:
        """Return the weighted sum of squared distances to the mean from one place to another."""
        weight, first, second = self._sums[:, end] - self._sums[:, start]
        return float(second - first**2 / weight)


def find_changes(means: Sequence[Mean]) -> Changes | None:
    """Find where the means change their level.

    Args:
        means: of neighbouring stretches of time.

    Returns:
        The changes, none in most series; None where the series is too short to hold one.
    """
    count = len(means)
    if count < 2 * SHORTEST:
        return None
    values = np.array([mean.value for mean in means])
    weights = 1 / _variances(values, means)
    penalty = PENALTY_FACTOR * math.log(count)
    # Centred, since the cost subtracts squares from squares.
    signal = np.column_stack([values - values.mean(), weights])
    search = Pelt(custom_cost=WeightedSteps(), min_size=SHORTEST, jump=1).fit(signal)
    places = [int(end) for end in search.predict(pen=penalty)[:-1]]
    pieces = zip([0, *places], [*places, count], strict=True)
    levels = [float(np.average(values[a:b], weights=weights[a:b])) for a, b in pieces]
    return Changes(penalty, places, levels)


def _variances(values: NDArray[np.float64], means: Sequence[Mean]) -> NDArray[np.float64]:
    """Return the variance of each mean's noise: of its sample, and of the stretch."""
    rows = np.array([mean.rows for mean in means], dtype=np.float64)
    squares = np.array([mean.deviation**2 for mean in means])
    freedom = max(1.0, float((rows - 1).sum()))
    within = float(((rows - 1) * squares).sum()) / freedom
    sampling = within / rows
    neighbours = float(np.median(np.diff(values) ** 2)) / (2 * _CHI2_MEDIAN)
    between = max(0.0, neighbours - float(np.median(sampling)))
    # A series without any noise must not divide by zero; scores have four decimals.
    return np.maximum(sampling + between, 1e-8)
