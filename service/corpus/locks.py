"""Keeps two processes of one machine from writing one output; a dead one is no hindrance."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.corpus.errors import CorpusError


@contextmanager
def kept_apart(lock: Path, target: Path) -> Iterator[None]:
    """Let one process at a time in.

    Args:
        lock: file that is made for it, and removed.
        target: what is being written, for the message.

    Raises:
        CorpusError: another process is inside.
        OSError: the file cannot be made.
    """
    os.close(os.open(lock, os.O_WRONLY | os.O_CREAT, 0o666))
    handle = lock_on(lock, target)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(handle)


def lock_on(path: Path, target: Path) -> int:
    """Lock a file or folder until what is returned is closed; the system does so for the dead.

    Raises:
        CorpusError: another process has it.
        OSError: it cannot be opened.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Its owner may have removed it while it was being opened, and another one made it anew.
        if _same(handle, path):
            return handle
    except BlockingIOError:
        pass
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    raise CorpusError(f"Another process is writing {target}; wait for it, or name another output.")


def _same(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
