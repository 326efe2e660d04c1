"""What a person sees: tables on standard output, messages and progress on standard error."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from model.errors import QuoteError
from model.scores import Degree, SpanScore, ToneScore

_COLOURS = ((0.225, "green"), (0.525, "yellow"), (1.01, "red"))


def say(message: str) -> None:
    """Write a line to standard error, as it is."""
    Console(stderr=True).print(message, markup=False, emoji=False, highlight=False, soft_wrap=True)


def show(table: Table | str) -> None:
    """Write a table or a line to standard output."""
    plain = isinstance(table, str)
    Console().print(table, markup=False, emoji=False, highlight=False, soft_wrap=plain)


def score_table(quotes: Sequence[str], outcomes: Sequence[ToneScore | QuoteError]) -> Table:
    """Return a table with a row for each quote and one for each of its sentences and highlights."""
    table = Table(show_lines=any(_details(outcome) for outcome in outcomes))
    for name in ("quote", "hostility", "formality", "warnings"):
        table.add_column(name, overflow="fold")
    for quote, outcome in zip(quotes, outcomes, strict=True):
        if isinstance(outcome, QuoteError):
            table.add_row(shown(quote), "", "", Text(str(outcome), style="red"))
            continue
        warnings = Text("\n".join(f"{w.code}: {w.message}" for w in outcome.warnings))
        hostility, formality = _degree(outcome.hostility), _degree(outcome.formality)
        coloured(hostility, outcome.hostility.score)
        table.add_row(shown(quote), hostility, formality, warnings)
        for kind, spans, form in _details(outcome):
            _add_spans(table, kind, quote, spans, form)
    return table


def fields_table(fields: dict[str, Any]) -> Table:
    """Return a table of names and values; what lies deeper has its path for a name."""
    table = Table(show_header=False, box=None)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _leaves(fields):
        table.add_row(name, Text("-" if value is None else str(value)))
    return table


def _leaves(fields: dict[str, Any], path: str = "") -> Iterator[tuple[str, object]]:
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}{name}.")
        else:
            yield path + name, value


class _Rate(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} rows/s" if speed else "- rows/s")


class _Failed(ProgressColumn):
    """How many rows could not be scored."""

    def render(self, task: Task) -> Text:
        """Return the number, once there are any."""
        failed = task.fields.get("failed", 0)
        return Text(f"{failed:,} failed" if failed else "", style="red")


class Advance(Protocol):
    """Told how far a run is."""

    def __call__(self, done: int, total: int | None, failed: int = 0) -> None:
        """Take rows done, how many there are if that is known, and those that failed."""
        ...


@contextmanager
def progress_bar() -> Iterator[Advance]:
    """Show a bar on standard error while inside; none where that is no terminal.

    Yields:
        A function to be told how far it is.
    """
    columns = (BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn(), _Failed())
    hidden = not sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), disable=hidden, transient=True) as bar:
        tasks = list[Any]()

        def advance(done: int, total: int | None, failed: int = 0) -> None:
            if not tasks:  # begun here, so that rows of an earlier run do not count in the rate
                tasks.append(bar.add_task("rows", total=total, completed=done, failed=failed))
            else:
                bar.update(tasks[0], completed=done, total=total, failed=failed)

        yield advance


def _details(
    outcome: ToneScore | QuoteError,
) -> list[tuple[str, Sequence[SpanScore], str]]:
    if isinstance(outcome, QuoteError):
        return []
    found = [("sentence", outcome.sentences, ".2f"), ("part", outcome.highlights, "+.2f")]
    return [(kind, spans, form) for kind, spans, form in found if spans]


def _add_spans(table: Table, kind: str, quote: str, spans: Sequence[SpanScore], form: str) -> None:
    lines = [shown(quote[span.start : span.end]).plain for span in spans]
    for line, span in zip(lines, spans, strict=True):
        cells = (f"{span.hostility:{form}}", f"{span.formality:{form}}")
        table.add_row(Text(f"  {kind}: {line}", style="dim"), *cells, "")


def _degree(degree: Degree) -> Text:
    return Text(f"{degree.score:.2f} ({degree.low:.2f} to {degree.high:.2f}) {degree.level}")


def coloured(text: Text, hostility: float) -> Text:
    """Return a text in the colour of a degree of hostility."""
    text.stylize(next(colour for top, colour in _COLOURS if hostility < top))
    return text


def shown(quote: str) -> Text:
    """Return a quote as it may be shown: on one line, without codes that a terminal obeys."""
    flat = " ".join(quote.split())
    return Text("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in flat))
