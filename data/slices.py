"""Cuts labelled sentences out of a raw file and checks each against its label's hash.

Knows the three formats of raw files (text, CSV, JSON list) and nothing of where they come from.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from data.records import PUBLIC, Quote, RealLabel
from data.sources import Source

# One field of a press release is longer than the 131,072 characters that csv allows by itself.
_FIELD_LIMIT = 2**31 - 1


def normalise(text: str) -> str:
    """Unescape HTML entities and collapse each run of whitespace to one space."""
    return " ".join(html.unescape(text).split())


def slice_hash(text: str) -> str:
    """The first 16 hex digits of SHA-256 over a normalised slice in UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def decode(raw: bytes) -> str:
    """Decode a raw file: UTF-8, else Windows-1252. Raises UnicodeDecodeError if neither fits."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252")


def cut_quotes(source: Source, raw: bytes, labels: Sequence[RealLabel]) -> list[Quote]:
    """The quotes of those labels (all of one file) whose slice is there and matches its hash.

    A label that fails is left out: its sentence is not the one that was rated.
    """
    try:
        text = decode(raw)
        records = _read_records(source, text, labels)
    except (ValueError, csv.Error, RecursionError):  # not decodable, not CSV, not JSON
        return []
    quotes = []
    for label in labels:
        found = _locate(source, label, text, records)
        if found is None:
            continue
        content, document = found
        sentence = normalise(content[label.start : label.end])
        if sentence and label.end <= len(content) and slice_hash(sentence) == label.sha256:
            quotes.append(label.quote(sentence, document))
    return quotes


def passages(source: Source, file: str, raw: bytes, field: str | None) -> list[tuple[str, str]]:
    """Every text of a raw file with the name of its document, as `Quote.group` spells it.

    `field` is the one that holds the text of a record; None for a text file. A file that does not
    read as its format gives nothing.
    """
    try:
        text = decode(raw)
        if source.format == "text":
            return [(f"{PUBLIC}{source.name}/{file}", text)]
        rows = _records(source, text)
    except (ValueError, csv.Error, RecursionError):
        return []
    found = []
    for number, row in enumerate(rows):
        content = row.get(field) if isinstance(row, dict) and field else None
        if isinstance(content, str) and content:
            named = row.get(source.document_field) if source.document_field else None
            found.append((f"{PUBLIC}{source.name}/{named or f'{file}#{number}'}", content))
    return found


def _read_records(source: Source, text: str, labels: Iterable[RealLabel]) -> dict[int, Any]:
    """The records that the labels ask for, by number; none for a text file."""
    wanted = {label.record for label in labels if label.record is not None}
    rows = [] if source.format == "text" else _records(source, text)
    return {number: row for number, row in enumerate(rows) if number in wanted}


def _records(source: Source, text: str) -> list[Any]:
    """Every record of a CSV or JSON file. Raises ValueError or csv.Error if it is neither."""
    if source.format == "csv":
        limit = csv.field_size_limit(_FIELD_LIMIT)
        try:
            return list(csv.DictReader(io.StringIO(text, newline="")))
        finally:
            csv.field_size_limit(limit)
    items = json.loads(text)
    if not isinstance(items, list):
        raise ValueError("a raw JSON file holds a list")
    return items


def _locate(
    source: Source, label: RealLabel, text: str, records: dict[int, Any]
) -> tuple[str, str] | None:
    """The content that the label's offsets count in, and the name of its document."""
    if source.format == "text":
        return (text, label.file) if label.record is None else None
    record = records.get(-1 if label.record is None else label.record)
    if not isinstance(record, dict) or not isinstance(content := record.get(label.field), str):
        return None
    if source.document_field is None:
        return content, f"{label.file}#{label.record}"
    document = record.get(source.document_field)
    return (content, document) if isinstance(document, str) and document else None
