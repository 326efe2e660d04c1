"""An order of groups, and how much of it the rows can tell.

Every pair of groups is compared by Welch's t-test, and the p-values are adjusted for their number
(Holm 1979). The ranks that a group may have follow from the pairs that differ, as in Mogstad,
Romano, Shaikh and Wilhelm (2024), "Inference for ranks": it stands behind every group that is
surely higher, and before every one that is surely lower.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from scipy import stats

from service.report.means import CONFIDENCE, Mean


@dataclass(frozen=True, slots=True)
class Place:
    """A group's place in an order.

    Attributes:
        name: the group.
        mean: its mean on the scale.
        first: the highest rank that it may have, 1 being the highest mean; None where its mean is
            not comparable.
        last: the lowest.
    """

    name: str
    mean: Mean
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Groups in the order of their means.

    Attributes:
        places: the groups, the highest mean first.
        pairs: how many pairs could be compared.
        differing: how many of them differ beyond noise.
    """

    places: list[Place]
    pairs: int
    differing: int


def rank(means: Mapping[str, Mean]) -> Ranking:
    """Put groups in order by their means.

    Args:
        means: by group, all of one scale.
    """
    order = sorted(means, key=lambda name: (-means[name].value, name))
    known = [name for name in order if means[name].comparable]
    pairs = list(combinations(known, 2))  # the higher mean first
    adjusted = holm([_p_value(means[a], means[b]) for a, b in pairs])
    sure = [pair for pair, p in zip(pairs, adjusted, strict=True) if p < 1 - CONFIDENCE]
    above = {name: sum(lower == name for _, lower in sure) for name in known}
    below = {name: sum(higher == name for higher, _ in sure) for name in known}
    places = [
        Place(name, means[name], 1 + above[name], len(known) - below[name])
        if name in above
        else Place(name, means[name], None, None)
        for name in order
    ]
    return Ranking(places, len(pairs), len(sure))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted by Holm's step-down method, in the order given."""
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for done, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, p_values[i] * (len(p_values) - done)))
        adjusted[i] = highest
    return adjusted


def _p_value(a: Mean, b: Mean) -> float:
    """Return the p-value of Welch's t-test."""
    found = stats.ttest_ind_from_stats(
        *(a.value, a.deviation, a.rows), *(b.value, b.deviation, b.rows), equal_var=False
    )
    return float(found.pvalue)
