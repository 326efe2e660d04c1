"""Quotes with or without labels, from CSV, TSV or JSON Lines; other columns are passed over.

Where every row has `hostility` and `formality` they are labels. In a file that was scored before
(it has the column `tone_model`) they are scores, and so no labels.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import DataError
from data.readers import read_objects, validate
from data.records import LabelledRow, Quote

COLUMNS = ("text", "quote")
"""Columns that hold the texts where none was named, the first there is."""
LABELS = ("hostility", "formality")
SCORED = "tone_model"
_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_OBJECTS = (".jsonl", ".ndjson")
_MOST_CHARACTERS = 2**24  # of one field; the csv module's own limit is too low for a long text

Row = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file.

    `lines` are their lines in the file, counted from 1; `quotes` the same rows with their labels,
    or None where they have none.
    """

    path: Path
    texts: list[str]
    lines: list[int]
    quotes: list[Quote] | None


def read_table(path: Path, column: str | None = None) -> Table:
    """Read a file of quotes; its suffix tells the format.

    `column` names the column of the texts. Raises DataError at the first bad line, for a file
    without rows, and where some rows have labels and others have none.
    """
    rows = list(_rows(path))
    if not rows:
        raise DataError(path, "holds no row; give at least one quote")
    column = column or next((name for name in COLUMNS if name in rows[0][1]), COLUMNS[0])
    texts = [_text(path, line, row, column) for line, row in rows]
    lines = [line for line, _ in rows]
    return Table(path, texts, lines, _labelled(path, rows, texts))


def _rows(path: Path) -> Iterator[Row]:
    suffix = path.suffix.lower()
    if suffix in _OBJECTS:
        return read_objects(path)
    if suffix in _DELIMITERS:
        return _records(path, _DELIMITERS[suffix])
    wanted = ", ".join((*_DELIMITERS, *_OBJECTS))
    raise DataError(path, f"the suffix tells the format, and it is none of {wanted}")


def _records(path: Path, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(_MOST_CHARACTERS)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter=delimiter, strict=True)
            line = 1  # of the header; a record is called by the line on which it ends
            try:
                for record in reader:
                    line = reader.line_num
                    if None in record or None in record.values():
                        wanted = len(reader.fieldnames or ())
                        raise DataError(path, f"not as many fields as the header ({wanted})", line)
                    yield line, {name: value for name, value in record.items() if value}
            except csv.Error as error:
                raise DataError(path, f"not a record ({error})", reader.line_num) from error
            except UnicodeDecodeError as error:
                raise DataError(path, "not UTF-8 somewhere after this line", line) from error
    except OSError as error:
        raise DataError(path, f"cannot be read: {error.strerror or error}") from error


def _text(path: Path, line: int, row: dict[str, Any], column: str) -> str:
    text = row.get(column)
    if not isinstance(text, str) or not text.strip():
        there = ", ".join(row)
        reason = f"no text there; the line has {there}, and --column names another one"
        raise DataError(path, reason, line, column)
    return text


def _labelled(path: Path, rows: list[Row], texts: list[str]) -> list[Quote] | None:
    given = [any(row.get(name) is not None for name in LABELS) for _, row in rows]
    if not any(given) or any(SCORED in row for _, row in rows):
        return None
    if not all(given):
        line = rows[given.index(False)][0]
        raise DataError(path, "no labels, and other lines have some; label all or none", line)
    quotes = []
    for (line, row), text in zip(rows, texts, strict=True):
        content = {name: _number(row.get(name)) for name in LABELS}
        if isinstance(row.get("source"), str):
            content["source"] = row["source"]
        record = validate(path, line, {"text": text} | content, LabelledRow)
        quotes.append(record.quote(f"{path.stem}:{line}", path.stem))
    return quotes


def _number(value: object) -> object:
    """Return the number that a field of a text file holds; anything else as it is."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value
