"""``python -m bench.profile``: which parts of the running server take which share of its time.

py-spy looks at all threads of the server from outside, many times a second, and notes what those do
that are not idle. A look counts for the part to which the innermost known frame belongs. A thread
that has just been woken and waits for a processor looks busy; such looks are left out.
"""

import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.load import run_warm, warm_up
from bench.servers import ROOT, own_server, peers_python, served
from data.readers import read_corpus

LOOKS_A_SECOND = 200
CLIENTS = (1, 32)

PARTS = {
    "network (ONNX Runtime)": ("/onnxruntime/", f"{ROOT}/model/runtime.py"),
    "tokenizer and its name rules": (f"{ROOT}/model/encoder.py",),
    "language check": ("/py3langid/",),
    "rest of the scorer": (f"{ROOT}/model/",),
    "FastAPI, Starlette, Pydantic": ("/fastapi/", "/starlette/", "/pydantic/"),
    "HTTP (uvicorn, h11)": ("/uvicorn/", "/h11/"),
    "log and metrics": ("/logging/", "/prometheus_client/", "service/logs", "service/metrics"),
    "routes, gate, middleware": (f"{ROOT}/service/",),
    "event loop": ("/asyncio/",),
}
"""The parts, each with what marks the file of a frame; the first part that fits a frame counts."""
OTHER = "everything else"
_WAITS = ("Condition.wait (", "EpollSelector.select (", "_worker (")
"""Innermost frames of threads that have nothing to do."""

Shares = dict[str, float]
"""Share of the looks by part, adding up to 1."""


def profile_server(quotes: Sequence[str], seconds: float) -> dict[str, Shares]:
    """Profile our server under each number of clients, whose count is the key.

    Raises:
        subprocess.CalledProcessError: py-spy cannot be installed, or may not look at a process.
        RuntimeError, OSError, EOFError: as the server and the load raise them.
    """
    spy = peers_python().parent / "py-spy"
    server = own_server()
    found = {}
    with served(server, Path()) as (port, process, _), tempfile.TemporaryDirectory() as folder:
        for clients in CLIENTS:
            warm_up(port, quotes, clients, seconds, server.ask)
            looks = Path(folder) / f"{clients}.txt"
            command = [str(spy), "record", "--pid", str(process.pid), "--format", "raw"]
            command += ["--full-filenames", "--function", "--output", str(looks)]
            command += ["--rate", str(LOOKS_A_SECOND), "--duration", str(max(1, round(seconds)))]
            looking = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            run_warm(port, quotes, clients, seconds + 1, server.ask)
            if code := looking.wait(timeout=60):
                raise subprocess.CalledProcessError(code, command)
            found[str(clients)] = shares_of(looks.read_text("utf-8").splitlines())
    return found


def shares_of(lines: Iterable[str]) -> Shares:
    """Return the share of each part in py-spy's raw format, in the order of PARTS.

    Args:
        lines: frames from the outermost to the innermost, divided by ";", and a count of looks.
    """
    counts: Counter[str] = Counter()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        if not frames[-1].startswith(_WAITS):
            counts[_part_of(frames)] += int(count)
    total = max(1, counts.total())
    return {part: counts[part] / total for part in (*PARTS, OTHER)}


def _part_of(frames: Sequence[str]) -> str:
    for frame in reversed(frames):
        for part, marks in PARTS.items():
            if any(mark in frame for mark in marks):
                return part
    return OTHER


def profile_rows(found: Mapping[str, Shares]) -> list[list[str]]:
    """Return what ``profile_server`` found as a table, its head first."""
    rows = [["part", *(f"clients: {clients}" for clients in found)]]
    for part in (*PARTS, OTHER) if found else ():
        rows.append([part, *(f"{shares[part]:.1%}" for shares in found.values())])
    return rows


def main(seconds: Annotated[float, typer.Option(help="Length of each load.")] = 8) -> None:
    """Profile the server with one client and saturated.

    Example: python -m bench.profile --seconds 20
    """
    quotes = [row.text for row in read_corpus()]
    try:
        found = profile_server(quotes, seconds)
    except subprocess.CalledProcessError:
        Console(stderr=True).print(
            "py-spy cannot be installed here, or may not look at other processes; on Linux "
            "sysctl kernel.yama.ptrace_scope=0 lets it, or run this as root."
        )
        raise typer.Exit(2) from None
    head, *rows = profile_rows(found)
    table = Table(*head)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
