"""Readers of labelled JSON Lines files; every fault is reported as file, line, field, reason.

pydantic decides what is valid; this file says it in the words of the person who wrote the line.
Files are read as UTF-8 (a leading byte order mark is allowed); empty lines are passed over.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from data.errors import DataError
from data.records import CorpusRow, LabelledRow, Quote, RealLabel, Record

CORPUS = Path(__file__).with_name("corpus.jsonl")
REAL_LABELS = Path(__file__).with_name("real_labels.jsonl")

RecordType = TypeVar("RecordType", bound=Record)
_OUT_OF_RANGE = {"greater_than_equal", "less_than_equal", "finite_number"}
_NOT_ONE_TYPE = {"string_type", "int_type", "float_type", "literal_error"}


def read_corpus(path: Path = CORPUS) -> list[CorpusRow]:
    """Read the written corpus. Raises DataError at the first bad line, or if it is empty."""
    rows: list[CorpusRow] = []
    seen: dict[str, int] = {}
    for line, content in read_objects(path):
        row = validate(path, line, content, CorpusRow)
        _check_unique(path, line, row.id, seen)
        rows.append(row)
    return _not_empty(path, rows)


def read_real_labels(path: Path = REAL_LABELS) -> list[RealLabel]:
    """Read the labels of public sentences (no text). Raises DataError as `read_corpus` does.

    A sentence may be labelled once per source: the same source and hash twice is a duplicate.
    """
    labels: list[RealLabel] = []
    seen: dict[str, int] = {}
    for line, content in read_objects(path):
        label = validate(path, line, content, RealLabel)
        _check_unique(path, line, label.id, seen)
        labels.append(label)
    return _not_empty(path, labels)


def read_quotes(path: Path) -> list[Quote]:
    """Read a user's labelled file, or one in the shape of corpus.jsonl (rows with a `voice`).

    Each line needs `text`, `hostility` and `formality` (0 to 1) and may have `id`, `source`,
    `group` and `raters`. Without an id a row is called `<file>:<line>`, without a source by the
    file's name. Raises DataError at the first bad line, or if the file is empty.
    """
    quotes: list[Quote] = []
    seen: dict[str, int] = {}
    for line, content in read_objects(path):
        if "voice" in content:
            quote = validate(path, line, content, CorpusRow).quote()
        else:
            row = validate(path, line, content, LabelledRow)
            quote = row.quote(f"{path.stem}:{line}", path.stem)
        _check_unique(path, line, quote.id, seen)
        quotes.append(quote)
    return _not_empty(path, quotes)


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line counted from 1, JSON object) of each line that is not empty."""
    try:
        with path.open("rb") as file:
            for line, raw in enumerate(file, start=1):
                if line == 1:
                    raw = raw.removeprefix(codecs.BOM_UTF8)
                if raw.strip():
                    yield line, _parse(path, line, raw)
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        raise DataError(path, reason) from error


def _parse(path: Path, line: int, raw: bytes) -> dict[str, Any]:
    def refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        content = dict(pairs)
        if len(content) < len(pairs):
            names = [key for key, _ in pairs]
            twice = next(key for key in names if names.count(key) > 1)
            raise DataError(path, "the key stands twice in this line", line, twice)
        return content

    try:
        content = json.loads(raw.decode("utf-8"), object_pairs_hook=refuse_twice)
    except UnicodeDecodeError as error:
        reason = f"not UTF-8 (byte 0x{raw[error.start]:02x} at column {error.start + 1} of bytes)"
        raise DataError(path, reason, line) from error
    except json.JSONDecodeError as error:
        reason = f"not JSON ({error.msg} at column {error.colno})"
        raise DataError(path, reason, line) from error
    except DataError:
        raise
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, or brackets nested thousands deep.
        raise DataError(path, f"not usable JSON ({error})", line) from error
    if not isinstance(content, dict):
        kind = type(content).__name__
        raise DataError(path, f"each line holds one JSON object, this one a {kind}", line)
    return content


def validate(
    path: Path, line: int, content: dict[str, Any], record: type[RecordType]
) -> RecordType:
    """Return a line as a record. Raises DataError that names line, field and reason."""
    try:
        return record.model_validate(content)
    except ValidationError as error:
        # An unknown key comes first: a misspelt key is also a missing one, and the key tells more.
        faults = sorted(
            error.errors(include_url=False), key=lambda fault: fault["type"] != "extra_forbidden"
        )
        fault = faults[0]
        field = str(fault["loc"][0]) if fault["loc"] else None
        known = ", ".join(record.model_fields)
        reason = _explain(fault["type"], fault["msg"], fault["input"], field, known)
        raise DataError(path, reason, line, field) from error


def _explain(kind: str, message: str, value: object, field: str | None, known: str) -> str:
    shown = repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:57]}..."
    if kind == "extra_forbidden":
        return f"unknown key; the keys are {known}"
    if kind == "missing":
        return "missing"
    if kind in _OUT_OF_RANGE and field in ("hostility", "formality"):
        return f"{shown} is outside 0 to 1; a degree is a 0-to-100 score divided by 100"
    if kind == "string_unicode":
        return "holds half of a surrogate pair, which no UTF-8 file can store"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind == "string_too_short":
        return "must not be empty"
    requirement = message.removeprefix("Input should be ").removeprefix("a valid ")
    verb = "is not" if kind in _NOT_ONE_TYPE else "is not allowed; it must be"
    return f"{shown} {verb} {requirement}"


def _check_unique(path: Path, line: int, name: str, seen: dict[str, int]) -> None:
    first = seen.setdefault(name, line)
    if first != line:
        reason = f"{name!r} on line {line} is a duplicate of line {first}"
        raise DataError(path, reason, line, "id")


def _not_empty(path: Path, rows: list[RecordType]) -> list[RecordType]:
    if not rows:
        raise DataError(path, "the file holds no rows")
    return rows
