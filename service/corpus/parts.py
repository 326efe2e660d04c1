"""Finished work on disk: a folder of parts beside the output, each there whole or not at all.

``.<output>.parts/run.json`` says what the run is made of and is written first. Each chunk becomes
``part-<number>.<rows that could not be scored>``, fsynced under another name and then renamed. When
all are there they are joined to one file, which takes the output's place in one step. So a run that
is killed at any moment goes on behind its last whole part.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from service.corpus.errors import CorpusError, unwritable
from service.corpus.locks import kept_apart, lock_on

RUN = "run.json"
"""Says in a folder of parts what they are parts of."""
_HALF = ".half"

Run = dict[str, dict[str, Any]]
"""What must be the same for a run to go on, in three groups: input, options, model."""


class Parts:
    """The parts of one run, from oldest to newest.

    Args:
        target: the output; the folder lies beside it.
        run: what the run is made of.
    """

    def __init__(self, target: Path, run: Run) -> None:
        self.folder = parts_folder(target)
        self._target = target
        self._run = run
        self._lock = -1

    def begin(self, restart: bool) -> tuple[int, int]:
        """Take the folder, and find what an earlier run of the same kind left.

        Args:
            restart: forget what is there.

        Returns:
            How many parts are there, and how many of their rows could not be scored.

        Raises:
            CorpusError: another process works on it, it belongs to a run that differs, or it
                cannot be written.
        """
        try:
            shutil.rmtree(self._done, ignore_errors=True)
            self.folder.mkdir(exist_ok=True)
            self._lock = lock_on(self.folder, self._target)
            if restart:
                self._clear()
            self._begin_run()
            for half in self.folder.glob(f"*{_HALF}"):
                half.unlink()
        except OSError as cause:
            raise unwritable(self.folder, cause) from cause
        done = self._whole()
        return len(done), sum(int(path.suffix[1:]) for path in done)

    def add(self, number: int, failed: int, content: bytes) -> None:
        """Make a chunk durable.

        Raises:
            CorpusError: the disk is full or fails; the parts before it stay.
        """
        name = f"part-{number:05d}.{failed}"
        try:
            put(self.folder / name, lambda stream: stream.write(content))
        except OSError as cause:
            advice = " What is done is kept: make room and run the same command again."
            raise unwritable(self.folder / name, cause, advice) from cause

    def finish(
        self,
        join: Callable[[Iterator[bytes], BinaryIO], None],
        placed: Callable[[], object] = lambda: None,
    ) -> None:
        """Join the parts, put the result in the output's place, and remove them.

        Args:
            join: writes the parts to one file.
            placed: called when the output is in its place and the parts are still there.

        Raises:
            CorpusError: the disk is full or fails; the parts stay.
        """
        contents = (path.read_bytes() for path in self._whole())
        try:
            joined = self.folder / "joined"
            put(joined, lambda stream: join(contents, stream))
            joined.replace(self._target)
            _sync_folder(self._target.parent)
            placed()
            # Renamed first: a half removed folder must never be taken for unfinished work.
            self.folder.replace(self._done)
            shutil.rmtree(self._done, ignore_errors=True)  # or the next run does
        except OSError as cause:
            advice = " What is done is kept: make room and run the same command again."
            raise unwritable(self._target, cause, advice) from cause

    def close(self) -> None:
        """Let another process take the folder."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    @property
    def _done(self) -> Path:
        return self.folder.with_suffix(".done")

    def _clear(self) -> None:
        (self.folder / RUN).unlink(missing_ok=True)
        for path in self.folder.iterdir():
            path.unlink()

    def _begin_run(self) -> None:
        """Write ``run.json``, or compare with the one that is there."""
        path = self.folder / RUN
        if not path.exists():
            self._clear()
            content = json.dumps(self._run, indent=2).encode()
            put(path, lambda stream: stream.write(content))
        elif words := changed(path.read_bytes(), self._run, path.name):
            raise CorpusError(
                f"{self.folder} holds unfinished work, but {words} since; add --restart to "
                "throw it away and begin anew, or name another output."
            )

    def _whole(self) -> list[Path]:
        """Return the parts in order, up to the first gap."""
        found = {int(path.stem.removeprefix("part-")): path for path in self.folder.glob("part-*")}
        whole: list[Path] = []
        while path := found.get(len(whole)):
            whole.append(path)
        return whole


def parts_folder(target: Path) -> Path:
    """Return where the parts of an output lie."""
    return target.with_name(f".{target.name}.parts")


def put_in_place(target: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file that appears under its name only when it is whole.

    Raises:
        CorpusError: another process writes it, or the disk is full or fails; nothing is left
            behind.
    """
    half = target.with_name(f".{target.name}{_HALF}")
    try:
        with kept_apart(target.with_name(f".{target.name}.lock"), target):
            put(target, write, half)
    except OSError as cause:
        raise unwritable(target, cause, " Nothing was written.") from cause


def put(path: Path, write: Callable[[BinaryIO], object], half: Path | None = None) -> None:
    """Write a file durably under another name, then rename it.

    Args:
        path: its name.
        write: writes its content.
        half: the other name; beside it by default.

    Raises:
        OSError: the disk is full or fails; nothing is left behind.
    """
    half = half or path.with_name(path.name + _HALF)
    try:
        with half.open("wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def changed(written: bytes, run: Run, name: str) -> str:
    """Return what differs from an earlier run, as words for a sentence, or nothing.

    Args:
        written: content of the file that says what the earlier run is made of.
        run: what this run is made of.
        name: of that file.
    """
    try:
        then = json.loads(written)
        now = json.loads(json.dumps(run))
        groups = [(group, name) for group in now for name in now[group]]
        differ = [(g, n) for g, n in groups if then[g].get(n) != now[g][n]]
    except (ValueError, KeyError, AttributeError, TypeError):
        return f"its {name} cannot be read, so what it is made of is not known"
    words = dict.fromkeys(
        f"the option {name} changed from {then[group].get(name)!r} to {now[group][name]!r}"
        if group == "options"
        else f"the {group} changed"
        for group, name in differ
    )
    return " and ".join(words)
