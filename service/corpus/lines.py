"""Lines of a byte stream, decoded one by one, so that every fault has a line number."""

import codecs
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from service.corpus.errors import CorpusError

MAX_LINE = 64 * 1024 * 1024
"""Longest line in bytes; a longer one is no text file, and would not fit memory for long."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def known_encoding(name: str) -> str:
    """Return the encoding's usual name.

    Raises:
        CorpusError: Python does not know it, or its line ends are not single bytes.
    """
    try:
        encoding = codecs.lookup(name).name.removesuffix("-sig")
        plain = "\n".encode(encoding) == b"\n"
    except LookupError as cause:
        raise CorpusError(
            f"--encoding {name} is not a text encoding; known are, for example, utf-8, latin-1, "
            "cp1252, shift_jis and gb18030."
        ) from cause
    if not plain:
        raise CorpusError(
            f"--encoding {name} cannot be read line by line; convert the file first, for example "
            f"with `iconv -f {name} -t utf-8`."
        )
    return encoding


@dataclass(frozen=True, slots=True)
class TextSource:
    """Bytes to read from their start.

    Attributes:
        path: the file; None for standard input, which can be opened once.
    """

    path: Path | None

    @property
    def name(self) -> str:
        """What messages call it."""
        return str(self.path) if self.path else "standard input"

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the file, or give standard input.

        Raises:
            CorpusError: it cannot be read.
        """
        if self.path is None:
            yield sys.stdin.buffer
            return
        try:
            stream = self.path.open("rb")
        except OSError as cause:
            raise CorpusError(f"{self.path} cannot be read: {cause.strerror}.") from cause
        with stream:
            yield stream


class Lines:
    """Decoded lines with their line ends, read from where the stream stands.

    Args:
        stream: the bytes.
        name: what to call the stream in messages.
        encoding: an encoding that ``known_encoding`` returned.

    Attributes:
        number: lines given so far, which is the number of the line given last.
        marked: whether the stream began with a byte order mark; it is not part of the first line.
    """

    def __init__(self, stream: BinaryIO, name: str, encoding: str) -> None:
        self._stream = stream
        self._name = name
        self._encoding = encoding
        self.number = 0
        self.marked = False

    def __iter__(self) -> Iterator[str]:
        while raw := self._read():
            self.number += 1
            if self.number == 1:
                raw = self._first(raw)
            if b"\0" in raw:
                raise self.fault(
                    "holds a NUL byte, which no text file does; is this the right file?"
                )
            try:
                yield raw.decode(self._encoding)
            except UnicodeDecodeError as cause:
                raise self.fault(self._undecodable(raw, cause)) from cause

    def fault(self, problem: str, line: int | None = None) -> CorpusError:
        """Return an error that names the stream and a line, by default the one given last."""
        return CorpusError(f"{self._name}, line {line or self.number}: {problem}")

    def _read(self) -> bytes:
        try:
            raw = self._stream.readline(MAX_LINE + 1)
        except OSError as cause:
            raise CorpusError(f"{self._name} cannot be read: {cause.strerror}.") from cause
        if len(raw) > MAX_LINE:
            self.number += 1
            raise self.fault(f"is longer than {MAX_LINE:,} bytes; is this the right file?")
        return raw

    def _first(self, raw: bytes) -> bytes:
        if raw.startswith(_UTF16):
            raise self.fault(
                "starts like UTF-16; convert the file first, for example with "
                "`iconv -f utf-16 -t utf-8`."
            )
        if self._encoding == "utf-8" and raw.startswith(codecs.BOM_UTF8):
            self.marked = True
            return raw.removeprefix(codecs.BOM_UTF8)
        return raw

    def _undecodable(self, raw: bytes, cause: UnicodeDecodeError) -> str:
        advice = "name its encoding, for example --encoding latin-1"
        if self._encoding != "utf-8":
            advice = "name another --encoding"
        return (
            f"byte 0x{raw[cause.start]:02x} at position {cause.start + 1} is not "
            f"{self._encoding.upper()}; {advice}."
        )
