"""Keeps two drivers out of one output folder: a note there says who is at work, and that it lives.

The note is made in one step, which fails where it exists; object stores do that by a condition on
the write. Its maker renews it every few seconds. A driver that was killed leaves it behind: on the
same machine the process is seen to be gone, from another one the note is watched until it is plain
that nobody renews it. No two clocks are compared.
"""

import json
import os
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from service.cluster.errors import ClusterError
from service.cluster.storage import Place

CLAIM = "driver.json"
BEAT = 5.0
"""Seconds between two signs of life."""
PATIENCE = 30.0
"""Seconds without one after which a driver on another machine counts as dead."""

_PROC = Path("/proc")


class Claim:
    """The right to write into an output folder, held while inside.

    Args:
        notes: the folder of the run's notes.
        folder: address of the output, for messages.

    Attributes:
        lost: whether another driver has taken over.
    """

    def __init__(self, notes: Place, folder: str) -> None:
        self._notes = notes
        self._folder = folder
        self._note = notes.child(CLAIM)
        self._own: dict[str, Any] = {"id": uuid4().hex, **_process()}
        self._released = Event()
        self._renewer = Thread(target=self._renew, name="claim", daemon=True)
        self.lost = False

    def require_free(self) -> None:
        """Wait until it is plain whether another driver is at work; dead ones are no hindrance.

        Raises:
            ClusterError: one is.
        """
        found = self._note.read()
        if found is None:
            return
        other = _parsed(found)
        if (alive := _alive_here(other)) is None:
            alive = self._renewed(found)
        if alive:
            raise self._taken(other)
        if self._note.read() == found:
            self._note.remove()

    def __enter__(self) -> "Claim":
        """Take it.

        Raises:
            ClusterError: another driver has it.
        """
        self.require_free()
        self._notes.make()
        if not self._note.create(self._content(0)):
            raise self._taken(_parsed(self._note.read() or b""))
        self._renewer.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give it back, unless another driver has it by now."""
        self._released.set()
        self._renewer.join(PATIENCE)  # what it is just writing could not be told from another's
        if self._is_own():
            self._note.remove()

    def check(self) -> None:
        """Raise ClusterError where another driver has taken over."""
        if self.lost:
            raise ClusterError(
                f"Another run has taken over {self._folder}, since this one gave no sign of life "
                f"for {PATIENCE:.0f} seconds; this one stops. What is done is kept."
            )

    def _renew(self) -> None:
        beats = 0
        while not self._released.wait(BEAT):
            beats += 1
            try:
                if self._is_own():
                    self._note.overwrite(self._content(beats))
                else:
                    self.lost = True
                    return
            except ClusterError:
                continue  # a store that fails for a moment; for good, the workers will say so

    def _is_own(self) -> bool:
        return bool(_parsed(self._note.read() or b"").get("id") == self._own["id"])

    def _content(self, beats: int) -> bytes:
        return json.dumps(self._own | {"beats": beats}).encode()

    def _renewed(self, found: bytes) -> bool:
        """Watch the note of a driver on another machine; tell whether it lives."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            time.sleep(min(1.0, PATIENCE / 5))
            now = self._note.read()
            if now != found:
                return now is not None
        return False

    def _taken(self, other: dict[str, Any]) -> ClusterError:
        who = f" (process {other['pid']} on {other['node']})" if "pid" in other else ""
        return ClusterError(
            f"Another run{who} is at work in {self._folder}; wait for it, or name another folder."
        )


def _parsed(content: bytes) -> dict[str, Any]:
    """Return what a note says; nothing where it is just being written."""
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _process() -> dict[str, Any]:
    """Return what tells this process from every other one, on any machine, at any time."""
    pid = os.getpid()
    return {"node": os.uname().nodename, "machine": _machine(), "pid": pid, "since": _since(pid)}


def _machine() -> str:
    """Return what tells this machine since it was started, and this container; else nothing."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{os.uname().nodename} {boot} {(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _since(pid: int) -> str:
    """Return when a process of this machine began, in ticks; nothing where it is gone."""
    try:
        # The second field is the program's name in brackets, which may hold blanks.
        fields = (_PROC / f"{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _alive_here(other: dict[str, Any]) -> bool | None:
    """Tell whether the maker of a note lives; None where this machine cannot tell."""
    if not other.get("machine") or other["machine"] != _machine():
        return None
    return bool(other.get("since")) and _since(int(other["pid"])) == other["since"]
