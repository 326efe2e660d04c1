"""CSV and TSV: each record is kept as it was written, character by character, and added to.

The dialect is RFC 4180 with either line end and any delimiter and quotation mark; blank lines are
no rows, as in Python's DictReader and in pandas.
"""

import csv
import json
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, NamedTuple

from service.corpus.columns import refuse_repeated, refuse_taken, require_column
from service.corpus.dialect import Dialect
from service.corpus.errors import CorpusError
from service.corpus.lines import MAX_LINE, Lines, TextSource
from service.corpus.rows import Addition, Value

_PIECE = re.compile(r"[^\r]*\r\n?|[^\r]+")


class Record(NamedTuple):
    """One record.

    Attributes:
        line: number of the line it begins on.
        text: the record as written, without its line end.
        end: its line end; empty where the file ends without one.
        fields: its fields.
    """

    line: int
    text: str
    end: str
    fields: list[str]


@dataclass(frozen=True, slots=True)
class DelimitedChunk:
    """Some records below one header."""

    first: int
    names: list[str]
    records: list[Record]
    column: int

    @property
    def quotes(self) -> list[str]:
        """The quotes, one a record."""
        return [record.fields[self.column] for record in self.records]

    def objects(self) -> Iterator[str]:
        """Give each record as a JSON object of texts."""
        for record in self.records:
            yield json.dumps(dict(zip(self.names, record.fields, strict=True)), ensure_ascii=False)


@dataclass(frozen=True)
class DelimitedReader:
    """Reads a CSV or TSV file.

    Attributes:
        source: where the bytes come from.
        delimiter: what stands between fields.
        encoding: the file's encoding.
        column: name of the quote's column.
        new: names of the columns to be added.
        unique: whether the output needs each column to have a name of its own.
        mark: what stands around a field that holds the delimiter.
        written: encoding of what is written from it, if another; UTF-16 is read as UTF-8.
    """

    source: TextSource
    delimiter: str
    encoding: str
    column: str
    new: Sequence[str]
    unique: bool = False
    mark: str = '"'
    written: str | None = None

    @property
    def dialect(self) -> Dialect:
        """How its fields are kept apart."""
        return Dialect(self.delimiter, self.mark)

    def check(self) -> int:
        """Count the records.

        Raises:
            CorpusError: no such column, a taken one, a ragged record, or no text file.
        """
        with closing(self.records()) as records:
            header = self._header(records)
            place = f"{self.source.name}, line {header.line}"
            require_column(header.fields, self.column, place)
            refuse_taken(header.fields, self.new, place)
            if self.unique:
                refuse_repeated(header.fields, place)
            return sum(1 for record in records if self.even(record, header))

    def chunks(self, size: int, skip: int = 0) -> Iterator[DelimitedChunk]:
        """Give the records in chunks."""
        with closing(self.records()) as records:
            names = self._header(records).fields
            first = sum(1 for _ in islice(records, skip * size))
            while some := list(islice(records, size)):
                yield DelimitedChunk(first, names, some, names.index(self.column))
                first += len(some)

    def header(self) -> tuple[Record, bool]:
        """Return the header, and whether a byte order mark stands before it."""
        with self.source.open() as stream:
            lines = Lines(stream, self.source.name, self.encoding)
            return self._header(self._parse(lines)), lines.marked

    def records(self) -> Generator[Record, None, None]:
        """Give every record, the header first."""
        with self.source.open() as stream:
            yield from self._parse(Lines(stream, self.source.name, self.encoding))

    def _parse(self, lines: Lines) -> Iterator[Record]:
        # The module's own limit would stop the whole file at one long field; a field that is too
        # long to score is the row's fault alone.
        csv.field_size_limit(MAX_LINE)
        taken: list[str] = []

        def feed() -> Iterator[str]:
            for line in lines:
                for piece in _PIECE.findall(line) if "\r" in line else (line,):
                    taken.append(piece)
                    yield piece

        reader = csv.reader(feed(), delimiter=self.delimiter, quotechar=self.mark, strict=True)
        while True:
            start = reader.line_num + 1
            try:
                fields = next(reader, None)
            except csv.Error as cause:
                raise lines.fault(_explained(cause), start) from cause
            if fields is None:
                return
            raw = "".join(taken)
            taken.clear()
            text = raw.rstrip("\r\n")
            if fields:
                yield Record(start, text, raw[len(text) :], fields)

    def even(self, record: Record, header: Record) -> bool:
        """Return True for a record with as many fields as the header.

        Raises:
            CorpusError: it has not.
        """
        found, wanted = len(record.fields), len(header.fields)
        if found != wanted:
            raise CorpusError(
                f"{self.source.name}, line {record.line}: {found} field{'s' * (found != 1)}, but "
                f"the header has {wanted}; is a quotation mark or a delimiter missing?"
            )
        return True

    def _header(self, records: Iterator[Record]) -> Record:
        header = next(records, None)
        if header is None:
            raise CorpusError(f"{self.source.name} is empty; its first line must name the columns.")
        return header


@dataclass(frozen=True)
class DelimitedWriter:
    """Writes records as they were, with new fields at their end, in the input's encoding."""

    reader: DelimitedReader

    def header(self) -> bytes:
        """Return the header with the new names, behind a byte order mark if the input has one."""
        header, marked = self.reader.header()
        line = self._line(header, tuple(self.reader.new), header.end or "\n")
        return ("\ufeff".encode(self._encoding) if marked else b"") + line

    def encode(self, chunk: DelimitedChunk, additions: Sequence[Sequence[Addition]]) -> bytes:
        """Return the records with their new fields."""
        end = self._line_end(chunk)
        return b"".join(
            self._line(record, addition, record.end or end)
            for record, some in zip(chunk.records, additions, strict=True)
            for addition in some
        )

    def join(self, parts: Iterator[bytes], sink: BinaryIO) -> None:
        """Write header and parts to one file."""
        sink.write(self.header())
        for part in parts:
            sink.write(part)

    def _line_end(self, chunk: DelimitedChunk) -> str:
        """Return the line end for the last record of a file that ends without one."""
        first = chunk.records[0].end
        return first or self.reader.header()[0].end or "\n"

    def _line(self, record: Record, addition: Sequence[Value], end: str) -> bytes:
        fields = [record.text, *(self._field(value) for value in addition)]
        return (self.reader.delimiter.join(fields) + end).encode(self._encoding, "replace")

    @property
    def _encoding(self) -> str:
        return self.reader.written or self.reader.encoding

    def _field(self, value: Value) -> str:
        text, mark = "" if value is None else str(value), self.reader.mark
        if any(one in text for one in (self.reader.delimiter, mark, "\n", "\r")):
            return mark + text.replace(mark, 2 * mark) + mark
        return text


def _explained(cause: csv.Error) -> str:
    reason = str(cause)
    if reason.startswith(("unexpected end", "field larger")):
        return "a quotation mark opens a field that begins here and is never closed."
    if "expected after" in reason:
        return (
            "text follows a closing quotation mark; a quotation mark inside a quoted field must be "
            "doubled."
        )
    return f"{reason}."
