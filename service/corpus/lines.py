"""Lines of a byte stream, decoded one by one, so that every fault has a line number."""

import codecs
import errno
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from service.corpus.errors import CorpusError
from service.corpus.packed import split_packing, unpack

if TYPE_CHECKING:  # in collections.abc only since Python 3.12
    from typing_extensions import Buffer

MAX_LINE = 64 * 1024 * 1024
"""Longest line in bytes; a longer one is no text file, and would not fit memory for long."""

_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


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
            f"--encoding {name} cannot be read line by line (UTF-16 only with a byte order mark); "
            f"convert the file first, for example with `iconv -f {name} -t utf-8`."
        )
    return encoding


@dataclass(frozen=True, slots=True)
class TextSource:
    """Bytes to read from their start; UTF-16 with its mark is made UTF-8, and a file unpacked.

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
            yield self._narrow(self._standard())
            return
        with self._unpacked(self.path) as stream:
            yield self._narrow(stream)

    def wide(self) -> str | None:
        """Return the encoding of what begins with the mark of UTF-16, else None.

        Nothing is taken from standard input, but its first bytes are waited for.

        Raises:
            CorpusError: it cannot be read.
        """
        if self.path is None:
            return self._mark(self._standard())
        with self._unpacked(self.path) as stream:
            return self._mark(stream)

    def start(self, size: int) -> tuple[bytes, bool]:
        """Return the first bytes of a file as ``open`` gives them, and whether they are all.

        Raises:
            CorpusError: it cannot be read.
        """
        with self.open() as stream:
            try:
                raw = stream.read(size + 1)
            except OSError as cause:
                raise self._unreadable(cause) from cause
        return raw[:size], len(raw) <= size

    def _unpacked(self, path: Path) -> BinaryIO:
        try:
            stream = unpack(path.open("rb"), split_packing(path)[1])
        except OSError as cause:
            raise self._unreadable(cause) from cause
        try:
            stream.peek(1)  # type: ignore[attr-defined] # so that damage at the start is found here
        except OSError as cause:
            stream.close()
            raise self._unreadable(cause) from cause
        return stream

    def _standard(self) -> BinaryIO:
        if sys.stdin is None:  # the shell closed it
            raise CorpusError("Standard input is closed; pipe JSON Lines into the command.")
        return sys.stdin.buffer

    def _narrow(self, stream: BinaryIO) -> BinaryIO:
        wide = self._mark(stream)
        return io.BufferedReader(_Narrowed(stream, wide)) if wide else stream

    def _mark(self, stream: BinaryIO) -> str | None:
        try:
            head: bytes = stream.peek(2)[:2]  # type: ignore[attr-defined] # all are buffered
        except OSError as cause:
            raise self._unreadable(cause) from cause
        return _UTF16.get(head)

    def _unreadable(self, cause: OSError) -> CorpusError:
        return CorpusError(f"{self.name} cannot be read: {cause.strerror}.")


class _Narrowed(io.RawIOBase):
    """Reads UTF-16 as UTF-8, the byte order mark with it."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._rest = b""
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer") -> int:
        view = memoryview(buffer)
        while not self._rest:
            # One read at a time: a line of a stream must not wait for those behind it.
            raw = self._stream.read1(io.DEFAULT_BUFFER_SIZE)  # type: ignore[attr-defined]
            try:
                self._rest = self._decoder.decode(raw, final=not raw).encode("utf-8")
            except UnicodeDecodeError as cause:
                message = f"it is not UTF-16 behind byte {self._read:,}, though it begins so"
                raise OSError(errno.EILSEQ, message) from cause
            self._read += len(raw)
            if not raw:
                break
        part, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(part)] = part
        return len(part)


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
            raise CorpusError(
                f"{self._name} cannot be read behind line {self.number:,}: {cause.strerror}."
            ) from cause
        if len(raw) > MAX_LINE:
            self.number += 1
            raise self.fault(f"is longer than {MAX_LINE:,} bytes; is this the right file?")
        return raw

    def _first(self, raw: bytes) -> bytes:
        if raw.startswith(tuple(_UTF16)):
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
