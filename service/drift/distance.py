"""How far two histograms of one measure lie apart, and whether that says anything.

The population stability index is Jeffreys' divergence of the shares of two histograms; below .1
counts as alike and from .25 on as different (Siddiqi 2006, Credit Risk Scorecards). It is above 0
by chance alone, the more so the fewer the rows: with B bins and n and m rows it is then about
(1/n + 1/m) times a chi-square of B - 1 degrees of freedom (Yurdakul and Naranjo 2020, Statistical
properties of the population stability index). The largest distance of the two cumulated shares is
that of Kolmogorov and Smirnov, here at the ends of bins, so at most what it would be on the values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from model.reference import Histogram, Measure, Reference

Verdict = Literal["alike", "shifted", "different"]
SHIFTED, DIFFERENT = 0.1, 0.25
"""Indices from which on a measure counts as shifted, and as different."""

_EMPTY = 0.5  # what is added to each bin, so that an empty one makes no infinite ratio
_NORMAL_95 = 1.645  # a chi-square's 95th percentile, by its mean and deviation

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Distance:
    """One measure of two corpora.

    Attributes:
        edges: upper ends of the bins.
        reference: share of the reference's rows in each bin.
        found: share of the corpus's rows.
        psi: population stability index; 0 is the same.
        chance: what it stays below in 95 of 100 corpora of this size that do not differ.
        ks: largest distance of the cumulated shares, 0 to 1.
        verdict: what that means.
        rises: whether the corpus lies higher.
    """

    edges: tuple[float, ...]
    reference: tuple[float, ...]
    found: tuple[float, ...]
    psi: float
    chance: float
    ks: float
    verdict: Verdict
    rises: bool


def distances(reference: Reference, found: Reference) -> Mapping[Measure, Distance]:
    """Compare every measure that both have, in the reference's order."""
    return {
        measure: distance(histogram, found.histograms[measure])
        for measure, histogram in reference.histograms.items()
        if measure in found.histograms
    }


def distance(reference: Histogram, found: Histogram) -> Distance:
    """Compare two histograms of the same bins, neither of them empty."""
    one, other = np.array(reference.counts), np.array(found.counts)
    used = (one + other) > 0
    p, q = _smoothed(one[used]), _smoothed(other[used])
    psi = float(((q - p) * np.log(q / p)).sum())
    spread = 1 / one.sum() + 1 / other.sum()
    freedom = max(1, int(used.sum()) - 1)
    chance = float(spread * (freedom + _NORMAL_95 * np.sqrt(2 * freedom)))
    gaps = np.cumsum(one) / one.sum() - np.cumsum(other) / other.sum()
    return Distance(
        reference.edges,
        tuple((one / one.sum()).tolist()),
        tuple((other / other.sum()).tolist()),
        psi,
        chance,
        float(np.abs(gaps).max()),
        _verdict(psi, chance),
        bool(gaps.sum() > 0),
    )


def _smoothed(counts: npt.NDArray[np.int64]) -> Shares:
    shares: Shares = (counts + _EMPTY) / (counts + _EMPTY).sum()
    return shares


def _verdict(psi: float, chance: float) -> Verdict:
    if psi < max(SHIFTED, chance):
        return "alike"
    return "shifted" if psi < DIFFERENT else "different"
