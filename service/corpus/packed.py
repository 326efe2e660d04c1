"""Compressed text files: gzip and Zstandard, by suffix.

Parts of a run stay plain; the output is compressed in one go when they are joined. So its bytes
depend on nothing but the rows, wherever the run was stopped.
"""

import errno
import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:  # in collections.abc only since Python 3.12
    from typing_extensions import Buffer

PACKED = (".gz", ".zst")
"""Suffixes of compressed files."""

_GZIP_LEVEL = 6  # the default of the gzip program


def split_packing(path: Path) -> tuple[str, str]:
    """Return the suffix that tells a file's format and that of its compression, in lower case.

    The second is empty where the file is plain.
    """
    suffix = path.suffix.lower()
    return (Path(path.stem).suffix.lower(), suffix) if suffix in PACKED else (suffix, "")


@contextmanager
def pack(stream: BinaryIO, packing: str) -> Iterator[BinaryIO]:
    """Give a stream that compresses into another one; the same one where nothing compresses.

    Args:
        stream: where the bytes go; stays open.
        packing: ``.gz``, ``.zst`` or empty.
    """
    if not packing:
        yield stream
    elif packing == ".gz":
        # No name and no time, so that equal rows are equal bytes.
        with gzip.GzipFile("", "wb", _GZIP_LEVEL, stream, mtime=0) as packed:
            yield packed  # type: ignore[misc] # a GzipFile is used like any binary stream
    else:
        zstd = zstandard()
        options = {zstd.CompressionParameter.checksum_flag: 1}
        with zstd.ZstdFile(stream, "wb", options=options) as packed:
            yield packed


def unpack(stream: BinaryIO, packing: str) -> BinaryIO:
    """Return a stream that decompresses another one; the same one where nothing is compressed.

    Members and frames that follow each other are read as one. Damage raises an OSError that names
    the byte.

    Args:
        stream: the bytes; closed with what is returned.
        packing: ``.gz``, ``.zst`` or empty.
    """
    if not packing:
        return stream
    return io.BufferedReader(_Unpacked(stream, packing), io.DEFAULT_BUFFER_SIZE * 8)


class _Unpacked(io.RawIOBase):
    """Reads a compressed stream and says where it is damaged."""

    def __init__(self, stream: BinaryIO, packing: str) -> None:
        self._stream = stream
        self._kind = "gzip" if packing == ".gz" else "Zstandard"
        self._damage: tuple[type[Exception], ...] = (gzip.BadGzipFile, EOFError, zlib.error)
        if packing == ".gz":
            self._packed: BinaryIO = gzip.GzipFile(fileobj=stream)  # type: ignore[assignment]
        else:
            zstd = zstandard()
            self._damage = (EOFError, zstd.ZstdError)
            self._packed = zstd.ZstdFile(stream, "rb")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer") -> int:
        view = memoryview(buffer)
        try:
            found = self._packed.read(len(view))
        except self._damage as cause:
            raise OSError(
                errno.EIO,
                f"its {self._kind} data are damaged or cut short at or before byte "
                f"{self._stream.tell():,}; fetch or compress it anew",
            ) from cause
        view[: len(found)] = found
        return len(found)

    def close(self) -> None:
        self._packed.close()
        self._stream.close()
        super().close()


def zstandard() -> ModuleType:
    """Return the module that reads and writes Zstandard, which Python has itself since 3.14."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    found: ModuleType = zstd
    return found
