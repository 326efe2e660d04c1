"""Dates as people write them, and the stretches of time that a report counts by."""

from dataclasses import dataclass

import polars as pl

FORMATS = ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d.%m.%Y")
"""What is tried, after years, months and times were brought to the first of them.

05/06/2024 is not: it is May in one country and June in the next.
"""
MOST_BINS = 130
"""Stretches that a chart of means has room for."""
FEWEST_ROWS = 5
"""Rows that a stretch should hold on average; with fewer its mean says little."""

_REWRITTEN = (
    (r"^(\d{4})(?:\.0)?$", "${1}-01-01"),
    (r"^(\d{4})(\d{2})(\d{2})$", "${1}-${2}-${3}"),
    (r"^(\d{4})[-/.](\d{1,2})$", "${1}-${2}-01"),
    (r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$", "${1}-${2}-${3}"),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of time.

    Attributes:
        name: what it is called.
        every: what polars calls it.
        days: its length, about.
        form: how its first day is shown, as in strftime.
    """

    name: str
    every: str
    days: float
    form: str


UNITS = (
    Unit("day", "1d", 1, "%d %b %Y"),
    Unit("week", "1w", 7, "week of %d %b %Y"),
    Unit("month", "1mo", 30.44, "%b %Y"),
    Unit("quarter", "1q", 91.31, "quarter from %b %Y"),
    Unit("year", "1y", 365.25, "%Y"),
)
"""From the finest; weeks begin on Monday."""


def date_of(column: str, kind: pl.DataType, form: str | None) -> pl.Expr:
    """Return the date that a column holds, as it is written there whatever its time zone.

    Args:
        column: its name.
        kind: its type.
        form: how text is written, as in strftime; None tries the usual ways.

    Returns:
        An expression of type Date, null where there is no date or it cannot be read.
    """
    if kind == pl.Date:
        return pl.col(column)
    if isinstance(kind, pl.Datetime):
        return pl.col(column).dt.date()
    text = text_of(column)
    if form:
        return text.str.to_date(form, strict=False)
    for pattern, shape in _REWRITTEN:
        text = text.str.replace(pattern, shape)
    return pl.coalesce(text.str.to_date(known, strict=False) for known in FORMATS)


def coarseness_of(column: str, kind: pl.DataType) -> pl.Expr:
    """Return the place in ``UNITS`` of the finest stretch that a date as written can tell."""
    if kind.is_temporal():
        return pl.lit(0)
    text = text_of(column)
    year, month = text.str.contains(_REWRITTEN[0][0]), text.str.contains(_REWRITTEN[2][0])
    return pl.when(year).then(4).when(month).then(2).otherwise(0)


def text_of(column: str) -> pl.Expr:
    """Return what a column holds, as text without blanks around it."""
    return pl.col(column).cast(pl.String, strict=False).str.strip_chars()


def choose_unit(
    rows: pl.LazyFrame,
    days: int,
    coarsest: int,
    most: int = MOST_BINS,
    fewest: int = FEWEST_ROWS,
) -> Unit:
    """Return the finest stretch by which a chart stays readable and its figures say something.

    Args:
        rows: with a column ``date``.
        days: from the first date to the last, both counted.
        coarsest: place in ``UNITS`` of the finest stretch that the dates can tell.
        most: stretches that the chart has room for.
        fewest: rows that a stretch should hold on average.
    """
    starts = (pl.col("date").dt.truncate(unit.every).n_unique().alias(unit.name) for unit in UNITS)
    counts = (
        rows.select(pl.len().alias("rows"), *starts).collect(engine="streaming").row(0, named=True)
    )
    for unit in UNITS[coarsest:]:
        enough = counts["rows"] >= fewest * counts[unit.name]
        if enough and days / unit.days <= most:
            return unit
    return UNITS[-1]
