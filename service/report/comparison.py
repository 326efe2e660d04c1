"""Two groups compared: the difference of their means, and Cliff's delta.

The difference has Welch's t interval, so that for a pair alone it says what the order of groups
says. The variance of delta is that of DeLong, DeLong and Clarke-Pearson (1988), which is also
Brunner and Munzel's (2000); its interval is taken on the logit scale, which keeps it between -1 and
1 and its coverage right in small samples. Where one group lies wholly above the other that variance
is 0, and the interval is Feng and Cliff's (2004).

Scores have four decimals, so that a group is a count by value: a million rows take no longer than
ten thousand.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from model.scores import DECIMALS, SCALES, Scale
from service.report.means import CONFIDENCE, comparable

DELTA_WORDS = ((0.147, "negligible"), (0.33, "small"), (0.474, "medium"), (1.01, "large"))
"""Upper bounds of Cliff's delta and what one calls it (Romano et al. 2006)."""

Values = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% interval; None where the rows do not tell it."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def noise(self) -> bool:
        """Whether the interval holds 0, or there is none."""
        return self.low is None or self.high is None or self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two groups on one scale.

    Attributes:
        rows: rows of the first and of the second.
        means: their means.
        difference: mean of the first minus mean of the second, -1 to 1.
        delta: Cliff's delta: how much likelier it is that a random row of the first lies above a
            random row of the second than below it, -1 to 1.
        word: what one calls a delta of this size; or that the two were not compared.
        histograms: share of each group's rows in each twentieth of the scale.
    """

    rows: tuple[int, int]
    means: tuple[float, float]
    difference: Estimate
    delta: Estimate
    word: str
    histograms: tuple[list[float], list[float]]


class _Points(NamedTuple):
    """Numbers, and how many rows of a group have each."""

    values: Values
    counts: Counts

    @property
    def rows(self) -> int:
        return int(self.counts.sum())

    @property
    def mean(self) -> float:
        return float(self.values @ self.counts) / self.rows

    @property
    def variance(self) -> float:
        """Sample variance of the rows; 0 for a single one."""
        squares = float(((self.values - self.mean) ** 2) @ self.counts)
        return squares / max(1, self.rows - 1)


def compare(scored: pl.LazyFrame, first: str, second: str) -> dict[Scale, Comparison]:
    """Compare two groups on both scales; each has at least one row."""
    return {scale: _compare(*_points(scored, first, second, scale)) for scale in SCALES}


def _compare(a: _Points, b: _Points) -> Comparison:
    difference, delta = Estimate(a.mean - b.mean), Estimate(_placings(a, b).mean)
    word = "not compared"
    if all(comparable(points.rows, math.sqrt(points.variance)) for points in (a, b)):
        difference, delta = _difference(a, b), _delta(a, b)
        word = next(word for top, word in DELTA_WORDS if abs(delta.value) < top)
    shares = [
        np.histogram(p.values, 20, (0, 1), weights=p.counts / p.rows)[0].tolist() for p in (a, b)
    ]
    return Comparison(
        (a.rows, b.rows), (a.mean, b.mean), difference, delta, word, (shares[0], shares[1])
    )


def _points(scored: pl.LazyFrame, first: str, second: str, scale: Scale) -> tuple[_Points, _Points]:
    """Return the scores of both groups, from the lowest, and the rows of each with each score."""
    group = pl.col("group")
    counted = (
        scored.filter(group.is_in([first, second]))
        .group_by(pl.col(scale).round(DECIMALS).alias("value"))
        .agg((group == first).sum().alias("a"), (group == second).sum().alias("b"))
        .sort("value")
        .collect(engine="streaming")
    )
    values = counted["value"].to_numpy()
    a, b = (counted[name].to_numpy().astype(np.int64) for name in "ab")
    return _Points(values, a), _Points(values, b)


def _difference(a: _Points, b: _Points) -> Estimate:
    """Return the difference of means with Welch's interval."""
    reach = _reach(a, b)
    value = a.mean - b.mean
    return Estimate(value, value - reach, value + reach)


def _delta(a: _Points, b: _Points) -> Estimate:
    """Return Cliff's delta with its interval."""
    above, below = _placings(a, b), _placings(b, a)
    value = above.mean
    if abs(value) == 1:
        square = float(stats.norm.ppf((1 + CONFIDENCE) / 2)) ** 2
        rows = min(a.rows, b.rows)
        inner = math.copysign((rows - square) / (rows + square), value)
        return Estimate(value, *sorted((inner, value)))
    reach = _reach(above, below) / (1 - value**2)
    middle = math.atanh(value)  # half the logit of the chance to lie above
    return Estimate(value, math.tanh(middle - reach), math.tanh(middle + reach))


def _placings(a: _Points, b: _Points) -> _Points:
    """Return, for each value of ``a``, the share of ``b`` below it minus that above it.

    Their mean is Cliff's delta.
    """
    balance = 2 * b.counts.cumsum() - b.counts - b.rows
    return _Points(balance / b.rows, a.counts)


def _reach(a: _Points, b: _Points) -> float:
    """Return half the width of the 95% interval of a difference of means (Welch, Satterthwaite)."""
    first, second = a.variance / a.rows, b.variance / b.rows
    square = first + second
    freedom = square**2 / (first**2 / (a.rows - 1) + second**2 / (b.rows - 1))
    return float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * math.sqrt(square)
