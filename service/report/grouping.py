"""Which groups are shown, and which are taken together."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from service.corpus.columns import listed
from service.report.means import Means, means_from, moments
from service.report.request import ReportError

MOST_GROUPS = 12
"""Groups that are shown; the rest is one."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """The groups of a sample.

    Attributes:
        column: what divides the rows.
        names: the groups that are shown, the one with the most rows first.
        more: how many other groups there are.
        pair: the two that are compared; None where there are not two.
    """

    column: str
    names: list[str]
    more: int
    pair: tuple[str, str] | None

    def key(self) -> pl.Expr:
        """Return a row's place in ``names``, their number for any other group, null for none."""
        places = range(len(self.names))
        group = pl.col("group")
        place = group.replace_strict(
            self.names, places, default=len(self.names), return_dtype=pl.Int32
        )
        return pl.when(group.is_not_null()).then(place).alias("key")

    def label(self, key: int | None) -> str:
        """Return what a key is called."""
        if key is not None and key < len(self.names):
            return self.names[key]
        if key is None:
            return self.unlike(f"(no {self.column})")
        return self.unlike(f"(the other {self.more:,})" if self.more > 1 else "(the other one)")

    def unlike(self, label: str) -> str:
        """Return a label that no group has for its name."""
        while label in self.names:
            label = f"({label})"
        return label


def choose_groups(scored: pl.LazyFrame, column: str, compare: tuple[str, str] | None) -> Grouping:
    """Find the groups with the most rows, and the two to be compared among them.

    Raises:
        ReportError: a group to be compared is not there.
    """
    counts = (
        scored.filter(pl.col("group").is_not_null())
        .group_by("group")
        .len()
        .sort(["len", "group"], descending=[True, False])
        .collect(engine="streaming")
    )
    every: list[str] = counts["group"].to_list()
    for name in compare or ():
        _require(name, every, column)
    shown = every[:MOST_GROUPS]
    missing = [name for name in compare or () if name not in shown]
    shown = shown[: MOST_GROUPS - len(missing)] + missing
    pair = compare or ((every[0], every[1]) if len(every) > 1 else None)
    return Grouping(column, shown, len(every) - len(shown), pair)


def group_means(scored: pl.LazyFrame, grouping: Grouping) -> dict[int | None, Means]:
    """Return the means by key: the shown groups, then the others, then rows without a group."""
    found = scored.group_by(grouping.key()).agg(moments()).collect(engine="streaming")
    means = {row["key"]: means_from(row) for row in found.to_dicts()}
    return dict(sorted(means.items(), key=lambda item: (item[0] is None, item[0])))


def _require(name: str, every: Sequence[str], column: str) -> None:
    if name in every:
        return
    folded = {group.strip().casefold(): group for group in every}
    near = difflib.get_close_matches(name.strip().casefold(), folded, n=3)
    if near:
        advice = "did you mean " + " or ".join(repr(folded[group]) for group in near) + "?"
    else:
        advice = f"there are {listed(every)}." if every else "no scored row has one."
    raise ReportError(f"--compare: no group {name!r} in the column {column!r}; {advice}")
