"""JSON Lines: the new members are put before each object's last brace, the rest stays as written.

So numbers keep their digits, members their order and texts their escapes. Blank lines are no rows.
"""

import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from service.corpus.columns import refuse_taken, require_column
from service.corpus.errors import CorpusError
from service.corpus.lines import Lines, TextSource
from service.corpus.rows import Absent, Addition, Chunk

_NAMES_KEPT = 100
_BLANK = " \t\r\n"  # what JSON counts as white space


class Line(NamedTuple):
    """One object: the line it stands on, its text, and its members."""

    number: int
    text: str
    members: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JsonChunk:
    """Some objects."""

    first: int
    lines: list[Line]
    column: str

    @property
    def quotes(self) -> list[object]:
        """What the column holds, one an object."""
        return [line.members.get(self.column, Absent()) for line in self.lines]

    def objects(self) -> Iterator[str]:
        """Give the text of each object as it was written."""
        return (line.text for line in self.lines)


@dataclass(frozen=True)
class JsonReader:
    """Reads JSON Lines from a file or from standard input.

    Attributes:
        source: where the bytes come from.
        encoding: their encoding.
        column: name of the member that holds the quote.
        new: names of the members to be added.
    """

    source: TextSource
    encoding: str
    column: str
    new: Sequence[str]

    def check(self) -> int:
        """Count the objects.

        Raises:
            CorpusError: no object, a broken line, a taken name, or the column is in no row.
        """
        names: dict[str, None] = {}
        found = count = 0
        with closing(self.lines()) as lines:
            for line in lines:
                count += 1
                found += self.column in line.members
                if len(names) < _NAMES_KEPT:
                    names |= dict.fromkeys(line.members)
        if not count:
            raise CorpusError(f"{self.source.name} is empty; each line must hold one JSON object.")
        if not found:
            require_column([n for n in names if n != self.column], self.column, self.source.name)
        return count

    def chunks(self, size: int, skip: int = 0) -> Iterator[JsonChunk]:
        """Give the objects in chunks; at a broken line, first those before it."""
        first, some = 0, list[Line]()
        with closing(self.lines()) as lines:
            while True:
                try:
                    line = next(lines, None)
                except CorpusError:
                    if some:
                        yield JsonChunk(first, some, self.column)
                    raise
                if line is not None:
                    some.append(line)
                if len(some) == size or (some and line is None):
                    if first >= skip * size:
                        yield JsonChunk(first, some, self.column)
                    first, some = first + len(some), []
                if line is None:
                    return

    def lines(self) -> Generator[Line, None, None]:
        """Give every object."""
        with self.source.open() as stream:
            lines = Lines(stream, self.source.name, self.encoding)
            for line in lines:
                if text := line.strip(_BLANK):
                    yield Line(lines.number, text, self._members(text, lines))

    def _members(self, text: str, lines: Lines) -> dict[str, Any]:
        try:
            # The line keeps the digits; turning very many of them into a number would only fail.
            members = json.loads(text, parse_int=len)
        except json.JSONDecodeError as cause:
            problem = f"not JSON: {cause.msg.lower()} at character {cause.pos + 1}."
            raise lines.fault(problem) from cause
        except RecursionError as cause:
            raise lines.fault("its JSON is nested too deeply to be read.") from cause
        if not isinstance(members, dict):
            raise lines.fault(f"a JSON object is wanted, not {_kind(members)}.")
        refuse_taken(list(members), self.new, f"{self.source.name}, line {lines.number}")
        return members


@dataclass(frozen=True)
class JsonWriter:
    """Writes the objects of any chunk with new members at their end, in UTF-8."""

    new: Sequence[str]

    def header(self) -> bytes:
        """Return nothing: JSON Lines have no header."""
        return b""

    def encode(self, chunk: Chunk, additions: Sequence[Sequence[Addition]]) -> bytes:
        """Return the objects with their new members."""
        lines = (
            self._line(text, addition)
            for text, some in zip(chunk.objects(), additions, strict=True)
            for addition in some
        )
        return "".join(lines).encode("utf-8")

    def join(self, parts: Iterator[bytes], sink: BinaryIO) -> None:
        """Write the parts to one file."""
        for part in parts:
            sink.write(part)

    def _line(self, text: str, addition: Addition) -> str:
        members = json.dumps(dict(zip(self.new, addition, strict=True)), ensure_ascii=False)
        body = text[:-1].rstrip()
        return f"{body}{'' if body == '{' else ', '}{members[1:]}\n"


def _kind(value: object) -> str:
    """Return what JSON calls a value."""
    kinds = {str: "a string", list: "an array", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")
