"""Puts a finished run in the released artifact's place, whole or not at all.

The new folder is written beside the old one and verified before the two change places in one
system call, so a kill at any moment leaves either the old artifact or the new one.
"""

import ctypes
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model.artifact import FILES, MANIFEST, Artifact, read_artifact
from training.changes import CHANGES
from training.errors import TrainingError

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def promote(run: Path, released: Path) -> Artifact:
    """Copy the artifact of a run into the place of the released one.

    Args:
        run: finished run folder.
        released: folder to replace; may not exist yet.

    Returns:
        The artifact now released.

    Raises:
        ArtifactError: the copy does not verify; the released artifact is as it was.
        TrainingError: the folder cannot be written.
    """
    staged = released.with_name(released.name + ".new")
    try:
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        for name in (*FILES, MANIFEST):
            shutil.copyfile(run / name, staged / name)
            _flush(staged / name)
        _write_changes(staged / CHANGES, [run / CHANGES, released / CHANGES])
        read_artifact(staged)
        with _undisturbed():
            _swap(staged, released)
        _flush(released.parent)
    except OSError as cause:
        raise TrainingError(f"{released} cannot be replaced: {cause.strerror}.") from cause
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return read_artifact(released)


def _write_changes(target: Path, newest_first: list[Path]) -> None:
    """Put the entry of the run in front of those of the artifacts that came before it."""
    newest, earlier = (
        path.read_text("utf-8").strip() if path.exists() else "" for path in newest_first
    )
    # Whoever promotes the same run again adds nothing.
    entries = [newest, earlier.removeprefix(newest).strip()]
    if any(entries):
        target.write_text("\n\n".join(filter(None, entries)) + "\n", encoding="utf-8")
        _flush(target)


def _swap(staged: Path, released: Path) -> None:
    if not released.exists():
        staged.rename(released)
        return
    if _exchange(staged, released):
        return
    # Without the Linux call two renames do it, with a moment in which neither is in place.
    old = released.with_name(released.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    released.rename(old)
    staged.rename(released)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change names in one step (Linux renameat2); False where it cannot."""
    call = getattr(ctypes.CDLL(None), "renameat2", None)
    if call is None:
        return False
    paths = (os.fsencode(one), os.fsencode(other))
    return bool(call(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0)


def _flush(path: Path) -> None:
    """Bring a file or a folder's entries onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold back Ctrl-C and SIGTERM until the folders have changed places."""
    signals = {signal.SIGINT, signal.SIGTERM}
    previous = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, previous)
