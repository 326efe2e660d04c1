"""The scored rows of a file, read once, cleaned and kept on disk; and what can be counted of them.

Everything after this reads only these rows, as often as it needs to, and none of them in Python.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from model.scores import SCALES
from service.corpus.rows import COLUMNS
from service.report.dates import coarseness_of, date_of, text_of
from service.report.intake import Scored
from service.report.request import ReportError

NUMBERS = [name for name, kind in COLUMNS.items() if kind is float]
"""The columns that a scored file must have: score, low and high of each scale."""
MODEL, WARNINGS = "tone_model", "tone_warnings"
SPAN = ["tone_start", "tone_end"]
"""Where a sentence lies in its quote, in a file scored with ``--sentences``."""
LONGEST_TEXT = 400
"""Characters of a quote that are shown."""

_ROW_GROUP = 65_536  # rows that are in memory together
_PIECE = 2 * _ROW_GROUP
_EXAMPLE = 40  # characters of a date that cannot be read


@dataclass(frozen=True, slots=True)
class Sample:
    """Scored rows, and what was found on the way.

    Attributes:
        scored: the rows with usable scores: ``NUMBERS``, ``row`` (its place in the file) and,
            where their columns were named, ``date``, ``group`` and ``text``.
        rows: all rows of the file.
        empty: rows without scores, which ``batch`` could not score.
        unusable: rows whose score is no number from 0 to 1.
        count: scored rows.
        models: rows by what ``tone_model`` holds, the most first; empty without that column.
        cautions: scored rows by code of their warnings, the most first.
        by_sentence: whether each row is a sentence.
        first: first date of a scored row; None without dates.
        last: the last one.
        dateless: scored rows whose date is empty.
        unread: scored rows whose date cannot be read.
        example: one that cannot.
        coarseness: place in ``dates.UNITS`` of the finest stretch that the dates can tell.
    """

    scored: pl.LazyFrame
    rows: int
    empty: int
    unusable: int
    count: int
    models: dict[str, int]
    cautions: dict[str, int]
    by_sentence: bool
    first: date | None
    last: date | None
    dateless: int
    unread: int
    example: str | None
    coarseness: int


def take_sample(
    source: Scored, roles: Mapping[str, str], time_format: str | None, folder: Path
) -> Sample:
    """Read the file once and count it.

    Args:
        source: the file, which has the columns ``NUMBERS``.
        roles: names of the columns of ``date``, ``group`` and ``text``, those there are.
        time_format: how dates are written.
        folder: where the rows are kept.

    Raises:
        ReportError: the file cannot be read, or a column holds what no such column can hold.
        CorpusError: a line of it is broken.
    """
    own = [name for name in (MODEL, WARNINGS, *SPAN) if name in source.names]
    wanted = list(dict.fromkeys([*NUMBERS, *own, *roles.values()]))
    with source.files.readable():
        query = source.query(wanted)
        kinds = query.collect_schema()
        for role, name in roles.items():
            _refuse_nested(role, name, kinds[name])
        kept = []
        for first, piece in _pieces(query, source.files.form):
            kept.append(folder / f"sample-{first:012d}.parquet")
            rows = _clean(piece, kinds, roles, time_format).with_row_index("row", first)
            rows.sink_parquet(kept[-1], row_group_size=_ROW_GROUP)
    return _counted(pl.scan_parquet(kept), set(SPAN) <= set(own))


def _pieces(query: pl.LazyFrame, form: str) -> Iterator[tuple[int, pl.LazyFrame]]:
    """Give the rows in pieces, each with the place of its first row.

    polars unpacks a whole row group of Parquet at once, which other programs make as large as a
    million rows, unless few of its rows are asked for. Text would be read anew from its start.
    """
    if form != "Parquet":
        yield 0, query
        return
    rows: int = query.select(pl.len()).collect().item()
    for first in range(0, max(rows, 1), _PIECE):
        yield first, query.slice(first, _PIECE)


def _refuse_nested(role: str, name: str, kind: pl.DataType) -> None:
    if kind.is_nested() or kind == pl.Binary:
        what = {"date": "dates", "group": "groups", "text": "quotes"}[role]
        raise ReportError(f"The column {name!r} holds {kind}, not {what}; name another.")


def _clean(
    query: pl.LazyFrame, kinds: pl.Schema, roles: Mapping[str, str], time_format: str | None
) -> pl.LazyFrame:
    """Give numbers as numbers, dates as dates, and texts no longer than they are shown."""
    empty = pl.any_horizontal(_blank(scale, kinds[scale]) for scale in SCALES)
    columns = [*(_number(name) for name in NUMBERS), empty.alias("empty")]
    if (name := roles.get("date")) is not None:
        columns += [
            date_of(name, kinds[name], time_format).alias("date"),
            text_of(name).alias("unread"),
            coarseness_of(name, kinds[name]).alias("coarseness"),
        ]
    if (name := roles.get("group")) is not None:
        group = pl.col(name).cast(pl.String, strict=False)
        columns.append(pl.when(group.str.strip_chars() != "").then(group).alias("group"))
    if (name := roles.get("text")) is not None:
        columns.append(_words(name, set(kinds)).str.slice(0, LONGEST_TEXT + 1).alias("text"))
    columns += [pl.col(n).cast(pl.String).alias(n) for n in (MODEL, WARNINGS) if n in kinds]
    usable = pl.all_horizontal(pl.col(scale).is_not_null() for scale in SCALES)
    rows = query.select(columns).with_columns(usable.alias("usable"))
    if "date" not in roles:
        return rows
    failed = pl.col("date").is_null() & (pl.col("unread") != "")
    return rows.with_columns(pl.when(failed).then(pl.col("unread")).alias("unread"))


def _number(name: str) -> pl.Expr:
    """Return a column's numbers, null where they are none from 0 to 1, NaN among them."""
    number = pl.col(name).cast(pl.Float64, strict=False)
    return pl.when(number.is_between(0, 1)).then(number).alias(name)


def _blank(name: str, kind: pl.DataType) -> pl.Expr:
    """Return whether a column is null, or text without a sign in it."""
    blank = pl.col(name).is_null()
    return blank | (pl.col(name).str.strip_chars() == "") if kind == pl.String else blank


def _words(name: str, names: set[str]) -> pl.Expr:
    """Return a row's text: the quote, or of a quote cut into sentences its sentence."""
    text = pl.col(name).cast(pl.String, strict=False)
    if not set(SPAN) <= names:
        return text
    start, end = (pl.col(edge).cast(pl.Int64, strict=False) for edge in SPAN)
    return pl.when(start.is_null()).then(text).otherwise(text.str.slice(start, end - start))


def _counted(kept: pl.LazyFrame, by_sentence: bool) -> Sample:
    names = kept.collect_schema().names()
    usable = pl.col("usable")
    counts = [
        pl.len().alias("rows"),
        pl.col("empty").sum(),
        (~usable & ~pl.col("empty")).sum().alias("unusable"),
        usable.sum().alias("count"),
    ]
    if "date" in names:
        dates = pl.col("date").filter(usable)
        blank = pl.col("date").is_null() & pl.col("unread").is_null()
        counts += [
            dates.min().alias("first"),
            dates.max().alias("last"),
            (usable & blank).sum().alias("dateless"),
            pl.col("unread").filter(usable).count(),
            pl.col("unread").filter(usable).min().str.slice(0, _EXAMPLE).alias("example"),
            pl.col("coarseness").filter(usable & pl.col("date").is_not_null()).max(),
        ]
    found: dict[str, Any] = kept.select(counts).collect(engine="streaming").row(0, named=True)
    defaults = {"first": None, "last": None, "dateless": 0, "unread": 0, "example": None}
    found = defaults | found
    found["coarseness"] = found.get("coarseness") or 0
    return Sample(
        scored=kept.filter(usable),
        models=_tally(kept, MODEL) if MODEL in names else {},
        cautions=_cautions(kept.filter(usable)) if WARNINGS in names else {},
        by_sentence=by_sentence,
        **found,
    )


def _cautions(scored: pl.LazyFrame) -> dict[str, int]:
    return _tally(scored.select(pl.col(WARNINGS).str.split(";")).explode(WARNINGS), WARNINGS)


def _tally(rows: pl.LazyFrame, column: str) -> dict[str, int]:
    """Count rows by what a column holds, leaving out what is empty, the most first."""
    filled = rows.filter(pl.col(column) != "").group_by(column).len()
    counted = filled.sort(["len", column], descending=[True, False]).collect(engine="streaming")
    return dict(zip(counted[column].to_list(), counted["len"].to_list(), strict=True))
