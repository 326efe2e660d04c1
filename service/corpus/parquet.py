"""Reads Parquet through arro3.

arro3 panics where a file cannot be read: it prints to standard error and raises what is no
``Exception``. So files are looked at before they are handed over, and panics become our errors.
"""

import base64
import json
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from arro3.core import DataType, RecordBatch, Schema
from arro3.io import read_parquet

from service.corpus.columns import refuse_repeated, refuse_taken, require_column
from service.corpus.errors import CorpusError

_MAGIC = b"PAR1"
_SMALLEST = 12  # magic, length of the footer, magic


@dataclass(frozen=True, slots=True)
class ParquetChunk:
    """One record batch."""

    first: int
    batch: RecordBatch
    column: str

    @property
    def quotes(self) -> list[object]:
        """What the column holds, one a row; None where it is null."""
        return list(self.batch.column(self.column).to_pylist())

    def objects(self) -> Iterator[str]:
        """Give each row as a JSON object.

        Times are in ISO 8601, bytes in base64, decimals text; NaN and infinity are null.
        """
        names = self.batch.column_names
        columns = [self._plain_column(i) for i in range(len(names))]
        for values in zip(*columns, strict=True):
            row = dict(zip(names, values, strict=True))
            try:
                yield _json(row)
            except ValueError:  # NaN or infinity, which JSON does not have
                yield _json(_finite(row))

    def _plain_column(self, i: int) -> list[object]:
        column = self.batch.column(i)
        if DataType.is_temporal(column.type):  # Python's own types end at microseconds and 9999
            column = column.cast(DataType.string())
        try:
            return list(column.to_pylist())
        except (ValueError, OverflowError) as cause:
            raise CorpusError(
                f"The column {self.batch.column_names[i]!r} holds a value that has no form in JSON "
                f"({cause}); name the output .parquet to keep it."
            ) from cause


@dataclass(frozen=True)
class ParquetReader:
    """Reads a Parquet file.

    Attributes:
        path: the file.
        column: name of the quote's column, which must be text.
        new: names of the columns to be added.
        unique: whether the output needs each column to have a name of its own.
    """

    path: Path
    column: str
    new: Sequence[str]
    unique: bool = False

    def check(self) -> int:
        """Read every page and count the rows.

        Raises:
            CorpusError: not Parquet, damaged, no such column, or it is not text.
        """
        self._check_frame()
        with _arrow_errors(self.path) as read, _silence():
            reader = read_parquet(self.path)
            schema = reader.schema
            for batch in reader:
                read.rows += batch.num_rows
        self._check_schema(schema)
        return read.rows

    def chunks(self, size: int, skip: int = 0) -> Iterator[ParquetChunk]:
        """Give the rows in record batches."""
        first = 0
        with _arrow_errors(self.path) as read:
            for i, batch in enumerate(read_parquet(self.path, batch_size=size)):
                if i >= skip:
                    yield ParquetChunk(first, batch, self.column)
                first = read.rows = first + batch.num_rows

    def schema(self) -> Schema:
        """Return the columns there are."""
        return read_parquet(self.path).schema

    def _check_frame(self) -> None:
        """Check the marks at both ends, and that the footer lies inside the file."""
        try:
            with self.path.open("rb") as stream:
                head = stream.read(len(_MAGIC))
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, size - 8))
                length, tail = int.from_bytes(stream.read(4), "little"), stream.read()
        except OSError as cause:
            raise CorpusError(f"{self.path} cannot be read: {cause.strerror}.") from cause
        if not size:
            raise CorpusError(f"{self.path} is empty, and so no Parquet file.")
        if head != _MAGIC or tail != _MAGIC or size < _SMALLEST + length:
            raise CorpusError(
                f"{self.path} is no whole Parquet file: it must begin and end with PAR1. "
                "Was its writing cut short?"
            )

    def _check_schema(self, schema: Schema) -> None:
        place = str(self.path)
        require_column(schema.names, self.column, place)
        refuse_taken(schema.names, self.new, place)
        if self.unique:
            refuse_repeated(schema.names, place)
        kind = schema.field(self.column).type
        inner = (kind.value_type if DataType.is_dictionary(kind) else None) or kind
        tests = (DataType.is_string, DataType.is_large_string, DataType.is_string_view)
        if not any(test(inner) for test in tests):
            raise CorpusError(
                f"{place}: the column {self.column!r} holds {_named(kind)}, not text; "
                "name the one that holds the quotes with --column."
            )


@dataclass(slots=True)
class _Read:
    """How far a file was read."""

    rows: int = 0


@contextmanager
def _arrow_errors(path: Path) -> Iterator[_Read]:
    """Raise what arro3 raises as a CorpusError that says behind which row."""
    read = _Read()
    try:
        yield read
    except BaseException as cause:
        # Its panics are no Exception, and have no type that could be imported.
        if not isinstance(cause, Exception) and type(cause).__name__ != "PanicException":
            raise
        reason = str(cause).rpartition("error: ")[2].rstrip(".")
        place = f" behind row {read.rows:,}" if read.rows else ""
        raise CorpusError(
            f"{path} is damaged{place} or uses a part of Parquet that is not supported ({reason}); "
            "write it anew."
        ) from cause


@contextmanager
def _silence() -> Iterator[None]:
    """Send what native code prints to standard error nowhere."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _json(row: object) -> str:
    return json.dumps(row, ensure_ascii=False, allow_nan=False, default=_plain)


def _finite(value: object) -> object:
    """Put null for each number that is none, at any depth."""
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: object) -> str:
    """Return as text what JSON has no form for."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _named(kind: DataType) -> str:
    """Return an Arrow type's name out of its representation."""
    return str(kind).partition("<")[2].rpartition(">")[0]
