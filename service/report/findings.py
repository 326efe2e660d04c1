"""All the figures of a report, found in one place from the sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from model.scores import SCALES, Scale
from service.report.comparison import Comparison, compare
from service.report.drawing import shortened
from service.report.extremes import extremes_of
from service.report.grouping import Grouping, choose_groups, group_means
from service.report.layout import Quotes
from service.report.means import Means, means_from, moments
from service.report.sample import Sample
from service.report.shares import density, level_counts
from service.report.timeline import Timeline, timeline_of

ALL = "(all rows)"
"""Stands for the whole sample where groups are listed."""

Levels = dict[Scale, dict[str, list[int]]]


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found.

    Attributes:
        overall: means of all rows; None where no row has a score, and then there is nothing else.
        squares: density of the plane.
        grouping: the groups; None where no column was named.
        shown: means by group, for the groups with the most rows.
        rest: means of the other groups together, and of rows without a group.
        comparison: by scale; empty where there are no two groups.
        timeline: the sample over time; None where no column was named.
        levels: by scale and group, ``ALL`` first, the rows in each level.
        quotes: by group; empty where there is no column of quotes.
    """

    overall: Means | None
    squares: Sequence[tuple[int, int, int]] = ()
    grouping: Grouping | None = None
    shown: Mapping[str, Means] = field(default_factory=dict)
    rest: Mapping[str, Means] = field(default_factory=dict)
    comparison: Mapping[Scale, Comparison] = field(default_factory=dict)
    timeline: Timeline | None = None
    levels: Levels = field(default_factory=dict)
    quotes: Sequence[Quotes] = ()

    @property
    def marked(self) -> Mapping[str, Means]:
        """The means that the plane shows: of the groups, or where there are none of all rows."""
        if len(self.shown) > 1 or self.overall is None:
            return self.shown
        return {ALL: self.overall}


def find(sample: Sample, roles: Mapping[str, str], compared: tuple[str, str] | None) -> Findings:
    """Find all figures.

    Args:
        sample: the rows.
        roles: the columns there are.
        compared: two groups to compare; None takes the two with the most rows.

    Raises:
        ReportError: a group to be compared is not there.
    """
    scored = sample.scored
    grouping = choose_groups(scored, roles["group"], compared) if "group" in roles else None
    if not sample.count:
        return Findings(None, grouping=grouping)
    means = group_means(scored, grouping) if grouping else {}
    names = {key: grouping.label(key) for key in means} if grouping else {}
    ranked = [key for key in means if grouping and key is not None and key < len(grouping.names)]
    return Findings(
        overall=means_from(scored.select(moments()).collect(engine="streaming").row(0, named=True)),
        squares=density(scored),
        grouping=grouping,
        shown={names[key]: means[key] for key in ranked},
        rest={names[key]: mean for key, mean in means.items() if key not in ranked},
        comparison=compare(scored, *grouping.pair) if grouping and grouping.pair else {},
        timeline=timeline_of(sample) if sample.first else None,
        levels=_levels(scored, grouping),
        quotes=_quotes(scored, grouping, list(names), "date" in roles) if "text" in roles else (),
    )


def _levels(scored: pl.LazyFrame, grouping: Grouping | None) -> Levels:
    found: Levels = {scale: {} for scale in SCALES}
    for scale, counts in level_counts(scored, pl.lit(0)).items():
        found[scale][grouping.unlike(ALL) if grouping else ALL] = counts[0]
    if grouping:
        for scale, by_key in level_counts(scored, grouping.key()).items():
            found[scale] |= {grouping.label(key): counts for key, counts in by_key.items()}
    return found


def _quotes(
    scored: pl.LazyFrame, grouping: Grouping | None, keys: Sequence[int | None], dated: bool
) -> list[Quotes]:
    groups = {ALL: pl.lit(True)}
    if grouping:
        place = grouping.key()
        groups = {
            grouping.label(key): place.is_null() if key is None else place == key for key in keys
        }
    found = extremes_of(scored, groups, dated)
    return [Quotes(shortened(name, 80), lists) for name, lists in found.items()]
