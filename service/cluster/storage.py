"""Files at addresses: a path, ``file://``, ``s3://`` or what else fsspec knows.

Workers get whole files on their own disk, since the readers of ``service.corpus`` read files there;
a file of the local disk is read where it lies.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO
from uuid import uuid4

import fsspec
from fsspec.implementations.local import LocalFileSystem

from model.errors import ToneError
from service.cluster.errors import ClusterError
from service.corpus.packed import split_packing
from service.corpus.parts import put

_MAGIC = "*?["


class Place:
    """A file or folder at an address.

    Args:
        address: a path or a URL.

    Raises:
        ClusterError: no file system for it, or one that lives in a single process.
    """

    def __init__(self, address: str) -> None:
        with storage_errors(address):
            self._system: Any
            # What workers have written since would be missing in a kept listing.
            self._system, path = fsspec.core.url_to_fs(address, use_listings_cache=False)
        self.path = str(path)
        if "memory" in (self._system.protocol, *self._system.protocol):
            raise ClusterError(f"{address}: workers do not share this memory; name a shared disk.")
        self.address = str(self._system.unstrip_protocol(self.path))

    @property
    def local(self) -> Path | None:
        """Its path on this machine's disk; None where it lies elsewhere."""
        return Path(self.path) if isinstance(self._system, LocalFileSystem) else None

    def child(self, name: str) -> "Place":
        """Return a file in this folder."""
        return Place(f"{self.address.rstrip('/')}/{name}")

    def files(self, suffixes: tuple[str, ...]) -> list[str]:
        """Return the addresses of the files that this names, in order.

        Args:
            suffixes: what a folder is searched for, at any depth, that of compression left off;
                names that begin with a dot or an underscore are left out.
        """
        with storage_errors(self.address):
            if self._system.isdir(self.path):
                found = [path for path in self._system.find(self.path) if self._counts(path)]
                found = [path for path in found if split_packing(Path(path))[0] in suffixes]
            elif any(mark in self.path for mark in _MAGIC):
                found = [p for p in self._system.glob(self.path) if self._system.isfile(p)]
            else:
                found = [self.path] if self._system.exists(self.path) else []
            if not found:
                raise ClusterError(
                    f"{self.address} names no file of {', '.join(suffixes)}; look for a slip in it."
                )
            return [str(self._system.unstrip_protocol(path)) for path in sorted(found)]

    def names(self) -> list[str]:
        """Return the names of what lies in this folder; none where there is no such folder."""
        with storage_errors(self.address):
            if not self._system.exists(self.path):
                return []
            return [str(path).rpartition("/")[2] for path in self._system.ls(self.path, False)]

    def read(self) -> bytes | None:
        """Return the content; None where there is no such file."""
        with storage_errors(self.address):
            try:
                return bytes(self._system.cat_file(self.path))
            except FileNotFoundError:
                return None

    def size(self) -> int | None:
        """Return the bytes of the file; None where there is none."""
        with storage_errors(self.address):
            try:
                return int(self._system.info(self.path)["size"])
            except FileNotFoundError:
                return None

    def remove(self) -> None:
        """Remove the file, if it is there."""
        with storage_errors(self.address):
            if self._system.exists(self.path):
                self._system.rm_file(self.path)

    def make(self) -> None:
        """Make the folder, where folders are made; the driver does, so that every worker finds it.

        A worker that does not share the disk must not make one of its own.
        """
        with storage_errors(self.address, "written"):
            if self.local:
                self.local.mkdir(parents=True, exist_ok=True)

    def write(self, content: bytes) -> None:
        """Put a small file there, whole or not at all."""
        with TemporaryDirectory() as scratch:
            self.put(lambda stream: stream.write(content), Path(scratch))

    def create(self, content: bytes) -> bool:
        """Make a small file that is not there yet; return False where it is."""
        with storage_errors(self.address, "written"):
            try:
                if self.local:
                    with self.local.open("xb") as stream:
                        stream.write(content)
                else:
                    self._system.pipe_file(self.path, content, mode="create")
            except FileExistsError:
                return False
        return True

    def overwrite(self, content: bytes) -> None:
        """Write a small file that need not outlast a loss of power, whole or not at all."""
        with storage_errors(self.address, "written"):
            if self.local:
                half = self.local.with_name(f".{self.local.name}.{uuid4().hex}")
                half.write_bytes(content)
                half.replace(self.local)
            else:
                self._system.pipe_file(self.path, content)

    def fetch(self, folder: Path) -> Path:
        """Return the file's path on this machine, copied into a folder if it lies elsewhere."""
        if self.local:
            return self.local
        path = folder / self.path.rpartition("/")[2]
        with storage_errors(self.address):
            self._system.get_file(self.path, str(path))
        return path

    def put(self, write: Callable[[BinaryIO], object], scratch: Path) -> None:
        """Put a file there, whole or not at all: by rename on a disk, else as one object.

        Args:
            write: writes its content.
            scratch: an empty folder of this machine.
        """
        if self.local:
            # A name of its own, should Ray run the same task twice at once.
            half = self.local.with_name(f".{self.local.name}.{uuid4().hex}")
            with _disk_errors(self.address, "written"):
                put(self.local, write, half)
            return
        path = scratch / "whole"
        with _disk_errors(self.address, "written"):
            put(path, write)
        with storage_errors(self.address, "written"):
            self._system.put_file(str(path), self.path)

    def _counts(self, path: str) -> bool:
        """Leave out what is hidden, such as the notes of the program that wrote the folder."""
        inner = path.removeprefix(self.path).strip("/").split("/")
        return not any(name.startswith((".", "_")) for name in inner)


@contextmanager
def storage_errors(address: str, what: str = "read") -> Iterator[None]:
    """Raise what fsspec, a store's library and the system raise as a ClusterError.

    Args:
        address: of what is being used.
        what: what cannot be done with it.
    """
    try:
        with _disk_errors(address, what):
            yield
    except ToneError:
        raise
    except ImportError as cause:
        raise ClusterError(
            f"{address}: {cause}. Install that library here and on every worker."
        ) from cause
    except ValueError as cause:
        raise ClusterError(f"{address} is no address that can be used: {cause}.") from cause
    except Exception as cause:  # each store's library has errors of its own, no credentials say
        raise _unusable(address, what, str(cause)) from cause


@contextmanager
def _disk_errors(address: str, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        raise _unusable(address, what, (cause.strerror or str(cause)).lower()) from cause


def _unusable(address: str, what: str, reason: str) -> ClusterError:
    reason = reason.strip().partition("\n")[0].rstrip(".")
    return ClusterError(f"{address} cannot be {what} on {os.uname().nodename}: {reason}.")
