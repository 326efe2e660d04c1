"""What a page is made of: sections of paragraphs, charts, tables and quotes. The template draws it.

And how figures are written, so that they are written alike everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from model.scores import Scale
from service.report.drawing import Picture
from service.report.extremes import Extreme

MODEL_INTERVAL = "model's interval of one row"
"""What tables and charts call the mean of the rows' own intervals."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with what stands below it.

    Attributes:
        picture: the picture.
        caption: how to read it.
        wide: whether it needs the page's whole width; on a phone it is scrolled sideways.
    """

    picture: Picture
    caption: str
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        title: what it holds.
        head: names of the columns.
        rows: cells, as text.
        words: how many of the first columns hold words rather than figures.
        folded: whether it is shown only when asked for.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Quotes:
    """The quotes of one group.

    Attributes:
        name: the group.
        lists: by scale, the quotes with the highest scores.
    """

    name: str
    lists: Mapping[Scale, Sequence[Extreme]]


@dataclass(frozen=True, slots=True)
class Section:
    """One section.

    Attributes:
        key: its anchor.
        title: its heading.
        text: paragraphs before the charts.
        charts: charts.
        tables: tables after them.
        notes: paragraphs at the end, in small type.
        quotes: quotes by group.
    """

    key: str
    title: str
    text: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    quotes: Sequence[Quotes] = field(default=())


def degree(value: float) -> str:
    """Return a degree or a mean of degrees with three decimals."""
    return f"{value:.3f}"


def signed(value: float) -> str:
    """Return a difference with its sign and three decimals."""
    return f"{value:+.3f}".replace("-", "\N{MINUS SIGN}")


def span(low: float | None, high: float | None, with_sign: bool = False) -> str:
    """Return an interval; a dash where there is none."""
    if low is None or high is None:
        return "\N{EN DASH}"
    form = signed if with_sign else degree
    return f"{form(low)} to {form(high)}"


def day(value: date) -> str:
    """Return a date with the month as a word, which is read alike everywhere."""
    return f"{value.day} {value:%B} {value.year}"


def share(part: int, whole: int) -> str:
    """Return a number of rows and what share of all they are."""
    return f"{part:,} ({part / whole:.1%})" if whole else f"{part:,}"
