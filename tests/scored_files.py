"""Scored files as `batch` writes them, `report` run on them, and its page read, for its tests."""

import contextlib
import csv
import gzip
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from typer.testing import CliRunner, Result

from model.scores import SCALES
from service.cli import app

MODEL = "diplotone 1.0.0 99ce49832ae0"
VOID = {"meta", "link", "br", "hr", "img", "input"}
NAMED = ("src", "href", "xlink:href", "action", "data", "srcset", "poster")
HEADINGS = ("h2", "h3", "h4", "summary")

Row = dict[str, Any]


def row(
    quote: str = "We note this.",
    hostility: float | None = 0.4,
    formality: float | None = 0.6,
    **more: Any,  # noqa: ANN401
) -> Row:
    """A row as batch writes it; None where there is no score."""
    degrees: Row = {}
    for scale, score in zip(SCALES, (hostility, formality), strict=True):
        ends = (None, None) if score is None else (max(0, score - 0.1), min(1, score + 0.2))
        degrees |= {scale: score, f"{scale}_low": ends[0], f"{scale}_high": ends[1]}
    return {"quote": quote} | degrees | {"tone_warnings": "", "tone_model": MODEL} | more


def write(path: Path, rows: list[Row], delimiter: str = ",") -> None:
    """Write rows in the format that the suffix tells."""
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=50)
    elif ".jsonl" in path.suffixes:
        text = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    else:
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)


def run(folder: Path, *args: str) -> Result:
    """Run the command line in this process, in a folder."""
    with contextlib.chdir(folder):
        done = CliRunner().invoke(app, args, obj=True)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def report(folder: Path, *args: str) -> Result:
    """Run `diplotone report`; the page is page.html unless another is named after it."""
    return run(folder, "report", "-o", "page.html", *args)


class Page(HTMLParser):
    """A page: words, tags, addresses, quotes, tables by the heading before them.

    Reading fails where an element is not closed or has a handler.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.quotes: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self._words: list[str] = []
        self._open: list[str] = []
        self._title = ""
        self.feed(html)
        self.close()
        assert not self._open
        self.text = " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in NAMED]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag in HEADINGS:
            self._title = ""
        elif tag == "blockquote":
            self.quotes.append("")
        elif tag == "table":
            self.tables[self._title] = []
        elif tag == "tr":
            self.tables[self._title].append([])
        elif tag in ("td", "th"):
            self.tables[self._title][-1].append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self._words.append(data)
        inside = self._open[-1] if self._open else ""
        if inside in HEADINGS:
            self._title += data
        elif inside in ("td", "th"):
            self.tables[self._title][-1][-1] += data
        elif inside == "blockquote":
            self.quotes[-1] += data

    def rows(self, title: str) -> dict[str, list[str]]:
        """The rows of a table below its head, by their first cell."""
        return {cells[0]: cells[1:] for cells in self.tables[title][1:]}


def page_in(folder: Path) -> Page:
    """Read page.html of a folder."""
    return Page((folder / "page.html").read_text("utf-8"))
