"""The plane, tone over time, the levels and the quotes, in words, charts and tables."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from model.levels import LEVELS
from model.scores import SCALES, Scale
from service.report.drawing import shortened
from service.report.extremes import SHOWN
from service.report.layout import (
    MODEL_INTERVAL,
    Chart,
    Quotes,
    Section,
    Table,
    degree,
    signed,
    span,
)
from service.report.level_charts import levels_by_group
from service.report.means import FEWEST_ROWS, Means
from service.report.plane_charts import Square, means_close_up, plane
from service.report.time_charts import levels_over_time, tone_over_time
from service.report.timeline import PENALTY_FACTOR, SHORTEST, Timeline


def plane_section(squares: Sequence[Square], means: Mapping[str, Means]) -> Section:
    """Return the plane.

    Args:
        squares: the density.
        means: by group; of all rows where there are none.
    """
    caption = (
        "Each square is 0.025 wide; the darker, the more rows. Dotted lines: where levels begin."
    )
    grouped = len(means) > 1
    charts = [
        Chart(
            plane(squares, means),
            caption + (" Numbers: means of the groups." if grouped else ""),
        )
    ]
    if grouped:
        words = (
            "The same means close up, with the 95% intervals of both. Mind the axes: they do not "
        )
        charts.append(Chart(means_close_up(means), words + "span the whole scale."))
    text = "How hostile and how formal the rows are, both at once."
    return Section("plane", "Hostility and formality", [text], charts)


def time_section(timeline: Timeline) -> Section:
    """Return tone over time."""
    every = timeline.unit.name
    text = [
        f"Means by {every}. Two bands, which say different things: the bars in colour are the 95% "
        f"interval of the mean, which other rows of the same {every} would move; the grey band "
        "runs from the mean lower to the mean upper end of the rows' own intervals, and says how "
        "far the rating of one such row may lie from its score. More rows narrow the first, never "
        "the second."
    ]
    charts = []
    for scale in SCALES:
        text.append(_changes_in_words(timeline, scale))
        caption = f"{scale.capitalize()} by {every}; below, the number of rows."
        charts.append(Chart(tone_over_time(timeline, scale), caption, wide=True))
    tables = [table for table in (_changes_table(timeline), _means_table(timeline)) if table.rows]
    return Section("time", "Tone over time", text, charts, tables, [_method(timeline)])


def levels_section(
    by_group: Mapping[Scale, Mapping[str, Sequence[int]]], timeline: Timeline | None
) -> Section:
    """Return the shares of levels over groups and time."""
    text = (
        "A level is a name for a stretch of a scale. Rows near an edge could as well be in the "
        "next level, so read a share together with its neighbours."
    )
    charts, tables = [], []
    for scale in SCALES:
        caption = f"Levels of {scale}, from light (low) to dark (high)."
        charts.append(Chart(levels_by_group(by_group[scale], scale), caption))
        rows = [_share_row(name, counts) for name, counts in by_group[scale].items()]
        tables.append(
            Table(
                f"Levels of {scale}: share of rows", _level_head("group", scale), rows, folded=True
            )
        )
    for scale in SCALES if timeline else ():
        assert timeline  # noqa: S101 - for the type checker
        unit = timeline.level_unit
        caption = f"Levels of {scale} by {unit.name}; {unit.name}s without rows are left blank."
        charts.append(Chart(levels_over_time(timeline, scale), caption, wide=True))
        by_start = timeline.levels[scale].items()
        rows = [_share_row(start.strftime(unit.form), counts) for start, counts in by_start]
        title = f"Levels of {scale} by {unit.name}: share of rows"
        tables.append(Table(title, _level_head(unit.name, scale), rows, folded=True))
    return Section("levels", "Shares of levels", [text], charts, tables)


def quotes_section(quotes: Sequence[Quotes], grouped: bool) -> Section:
    """Return the quotes with the highest scores."""
    each = "of each group" if grouped else "of all rows"
    text = (
        f"The {SHOWN} rows {each} with the highest hostility and the {SHOWN} with the highest "
        "formality, each wording once, long ones shortened. They are extremes: a group is no more "
        "like them than a country is like its tallest people, and the highest score is often also "
        "the model's largest error. Read them before you believe a mean."
    )
    return Section("quotes", "Most hostile and most formal", [text], quotes=quotes)


def _changes_in_words(timeline: Timeline, scale: Scale) -> str:
    found, every = timeline.changes[scale], timeline.unit.name
    if found is None:
        needed = 2 * SHORTEST
        return (
            f"{scale.capitalize()}: no change was looked for, which takes at least {needed} "
            f"{every}s with rows; there are {len(timeline.starts)}."
        )
    if not found.places:
        return f"{scale.capitalize()}: no change of level was detected."
    count = len(found.places)
    return f"{scale.capitalize()}: {count} change{'s' * (count > 1)} of level detected."


def _changes_table(timeline: Timeline) -> Table:
    rows = []
    for scale, found in timeline.changes.items():
        steps = pairwise(found.levels) if found else ()
        for place, (before, after) in zip(found.places if found else (), steps, strict=True):
            start = timeline.starts[place].strftime(timeline.unit.form)
            rows.append([scale, start, degree(before), degree(after), signed(after - before)])
    head = ["scale", "new level from", "level before", "level after", "change"]
    return Table("Changes of level", head, rows, words=2)


def _means_table(timeline: Timeline) -> Table:
    head = [timeline.unit.name, "rows"]
    for scale in SCALES:
        head += [f"mean {scale}", "95% interval", MODEL_INTERVAL]
    rows = []
    for start, means in zip(timeline.starts, timeline.means, strict=True):
        row = [start.strftime(timeline.unit.form), f"{means[SCALES[0]].rows:,}"]
        for scale in SCALES:
            mean = means[scale]
            row += [degree(mean.value), span(mean.low, mean.high)]
            row.append(span(mean.model_low, mean.model_high))
        rows.append(row)
    return Table(f"Means by {timeline.unit.name}", head, rows, folded=True)


def _method(timeline: Timeline) -> str:
    every = timeline.unit.name
    penalties = {f"{found.penalty:.1f}" for found in timeline.changes.values() if found}
    words = (
        f"Means of fewer than {FEWEST_ROWS} rows, or of rows that all have one score, have no "
        "interval and are hollow. Changes of level "
        f"are found by PELT (Killick et al. 2012; the library ruptures): steps with at least "
        f"{SHORTEST} {every}s between two changes"
    )
    if penalties:
        words += (
            f" and a penalty of {' and '.join(sorted(penalties))} for each, which is "
            f"{PENALTY_FACTOR:g} times the logarithm of the number of {every}s, in units of the "
            "noise's variance"
        )
    return (
        f"{words}. {every.capitalize()}s without rows are skipped. A detected change says that "
        "steps describe the series better than one level. It is no proof and names no cause: slow "
        f"trends come out as steps, and where neighbouring {every}s are alike for other reasons, "
        "chance makes steps too."
    )


def _level_head(first: str, scale: Scale) -> list[str]:
    return [first, "rows", *(level.name for level in LEVELS[scale])]


def _share_row(name: str, counts: Sequence[int]) -> list[str]:
    rows = sum(counts)
    return [shortened(name, 80), f"{rows:,}", *(f"{count / rows:.1%}" for count in counts)]
