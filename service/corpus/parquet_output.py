"""Writes Parquet through arro3: columns keep their types, and the new ones are put behind them.

arro3 panics where a write fails, so write errors are kept and raised when it is done.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from typing import Any, BinaryIO

import numpy as np
from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema
from arro3.io import read_parquet, write_parquet

from service.corpus.parquet import ParquetChunk, ParquetReader
from service.corpus.rows import Addition, Value

_ROW_GROUP = 65_536  # the writer holds one row group in memory
_COMPRESSION = "snappy"  # what every reader of Parquet knows


@dataclass(frozen=True)
class ParquetWriter:
    """Writes record batches with new columns behind the old ones, by their name and type."""

    reader: ParquetReader
    new: dict[str, type]

    def header(self) -> bytes:
        """Return nothing: the schema is part of every file."""
        return b""

    def encode(self, chunk: ParquetChunk, additions: Sequence[Sequence[Addition]]) -> bytes:
        """Return a small Parquet file with the chunk's rows and their new columns."""
        batch = chunk.batch
        counts = [len(some) for some in additions]
        if any(count != 1 for count in counts):
            batch = batch.take(Array(np.repeat(np.arange(len(counts), dtype=np.uint64), counts)))
        rows = [addition for some in additions for addition in some]
        for field, values in zip(fields_of(self.new), zip(*rows, strict=True), strict=True):
            batch = batch.append_column(field, Array(list(values), field.type))
        return _file(batch.schema, [batch])

    def join(self, parts: Iterator[bytes], sink: BinaryIO) -> None:
        """Read the parts one after the other and write one file."""
        join_files(next(parts, None) or self._empty(), parts, sink)

    def _empty(self) -> bytes:
        schema = self.reader.schema()
        for field in fields_of(self.new):
            schema = schema.append(field)
        return _file(schema, [])


def fields_of(columns: dict[str, type]) -> list[Field]:
    """Return Arrow's fields for columns of text, numbers and whole numbers, all of which may lack.

    Args:
        columns: name and type of each: ``str``, ``float`` or ``int``.
    """
    kinds = {float: DataType.float64(), str: DataType.string(), int: DataType.int64()}
    return [Field(name, kinds[kind]) for name, kind in columns.items()]


def file_of(columns: dict[str, type], rows: Sequence[Sequence[Value]]) -> bytes:
    """Return a small Parquet file of some rows, as ``fields_of`` has their columns."""
    fields = fields_of(columns)
    schema = Schema(fields)
    arrays = [Array([row[i] for row in rows], field.type) for i, field in enumerate(fields)]
    return _file(schema, [RecordBatch.from_arrays(arrays, schema=schema)] if rows else [])


def join_files(first: bytes, others: Iterator[bytes], sink: BinaryIO) -> None:
    """Write Parquet files of one schema as one."""
    kept = _Sink(sink)

    def batches() -> Iterator[RecordBatch]:
        try:
            for part in chain([first], others):
                if kept.error is None:
                    yield from read_parquet(BytesIO(part))
        except BaseException as error:  # Ctrl-C too must not reach native code
            kept.error = error

    schema = read_parquet(BytesIO(first)).schema
    _write(RecordBatchReader.from_batches(schema, batches()), kept)
    if kept.error:
        raise kept.error


class _Sink:
    """A file for arro3 to write to: keeps the first error, since raising it would be a panic."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.error: BaseException | None = None

    def write(self, data: bytes) -> int:
        if self.error is None:
            try:
                self._stream.write(data)
            except BaseException as error:
                self.error = error
        return len(data)

    def flush(self) -> None:
        """Do nothing; who opened the file flushes it."""

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


def _file(schema: Schema, batches: list[RecordBatch]) -> bytes:
    out = BytesIO()
    _write(RecordBatchReader.from_batches(schema, batches), out)
    return out.getvalue()


def _write(reader: RecordBatchReader, sink: Any) -> None:  # noqa: ANN401 - less than arro3 declares
    write_parquet(reader, sink, compression=_COMPRESSION, max_row_group_size=_ROW_GROUP)
