"""What a process and its children use, from /proc: seconds of processor, memory."""

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")


class Usage(NamedTuple):
    """Of a process and all that it started.

    Attributes:
        seconds: of processor, since they started.
        megabytes: resident; a page that several processes share counts once among them.
    """

    seconds: float
    megabytes: float


def usage_of(pid: int) -> Usage:
    """Read the usage of a process and its children (Linux); NaN elsewhere."""
    if not PROC.exists():
        return Usage(float("nan"), float("nan"))
    children: dict[int, list[int]] = defaultdict(list)
    seconds: dict[int, float] = {}
    for child, parent, took in _processes():
        children[parent].append(child)
        seconds[child] = took
    family, todo = [], [pid]
    while todo:
        family.append(todo.pop())
        todo += children[family[-1]]
    return Usage(sum(seconds.get(p, 0) for p in family), sum(map(_memory, family)))


def _processes() -> Iterator[tuple[int, int, float]]:
    tick = os.sysconf("SC_CLK_TCK")
    for path in PROC.glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        # With that of children that have ended.
        yield int(path.parent.name), int(fields[1]), sum(map(int, fields[11:15])) / tick


def _memory(pid: int) -> float:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    line = next((x for x in lines if x.startswith("Pss:")), "Pss: 0 kB")
    return int(line.split()[1]) / 1e3
