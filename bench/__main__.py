"""``python -m bench``: requests a second beside the plain peer, and rows a second of ``batch``."""

import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.batching import compare_batching
from bench.load import HOST, run_load
from bench.peer import VARIABLE
from data.readers import read_corpus
from model.artifact import default_folder, read_artifact
from model.threads import available_processors
from training.base import find_base

CLIENTS = (1, 8, 32)


def main(
    seconds: Annotated[float, typer.Option(help="Length of each load.")] = 10,
    rows: Annotated[int, typer.Option(help="Rows for the batch command.")] = 20_000,
    peer: Annotated[bool, typer.Option(help="Measure the plain peer too.")] = True,
) -> None:
    """Measure everything in one go on this machine and print two tables.

    Example: python -m bench --rows 100000
    """
    console = Console()
    console.print(f"{platform.machine()}, {available_processors()} processors, {_processor()}")
    quotes = [row.text for row in read_corpus()]
    _print_batching(quotes, console)
    table = Table("server", "clients", "requests/s", "p50 ms", "p99 ms", "not 200", "memory MB")
    table.add_column("ready after s")
    table.title = f"One quote a request, {sum(map(len, quotes)) // len(quotes)} characters each"
    servers = {"diplotone": [sys.executable, "-m", "service", "serve", "--port"]}
    if peer:
        plain = [sys.executable, "-m", "uvicorn", "--factory", "bench.peer:create_peer"]
        servers["FastAPI + transformers.pipeline"] = [*plain, "--log-level", "error", "--port"]
    for name, command in servers.items():
        with _served(command) as (port, process, ready):
            for clients in CLIENTS:
                load = run_load(port, quotes, clients, seconds)
                cells = [f"{load.per_second:.0f}", f"{load.p50 * 1e3:.1f}", f"{load.p99 * 1e3:.1f}"]
                cells += [str(load.refused), f"{_memory(process.pid):.0f}", f"{ready:.2f}"]
                table.add_row(name, str(clients), *cells)
    console.print(table)
    console.print(f"batch, {rows:,} distinct rows of JSON Lines: {_batch(quotes, rows):.0f} rows/s")


def _print_batching(quotes: Sequence[str], console: Console) -> None:
    table = Table("network alone", "quotes/s", "furthest score from alone")
    for way in compare_batching(read_artifact(default_folder()), quotes[::5]):
        table.add_row(way.name, f"{way.per_second:.0f}", f"{way.furthest:.4f}")
    console.print(table)


def _network_folder() -> Path:
    """Return the released network in PyTorch form, or its base encoder, which costs the same."""
    version = read_artifact(default_folder()).manifest.version
    run = Path("runs") / version
    return run if (run / "model.safetensors").exists() else find_base("all-MiniLM-L6-v2")[0]


@contextmanager
def _served(command: Sequence[str]) -> Iterator[tuple[int, subprocess.Popen[bytes], float]]:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    environment = os.environ | {VARIABLE: str(_network_folder())}
    start = time.perf_counter()
    process = subprocess.Popen(
        [*command, str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _ready(port):
            if process.poll() is not None or time.perf_counter() - start > 120:
                raise SystemExit(f"{' '.join(command)} did not become ready.")
            time.sleep(0.01)
        yield port, process, time.perf_counter() - start
    finally:
        process.terminate()
        process.wait(timeout=60)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=1) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except OSError:
        return False


def _memory(pid: int) -> float:
    """Return the resident memory of a process in MB (Linux), or NaN elsewhere."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float("nan")
    line = next(x for x in status.read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1e3


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), "unknown")


def _batch(quotes: Sequence[str], rows: int) -> float:
    """Time ``diplotone batch`` on distinct rows, start of the process included."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        with source.open("w", encoding="utf-8") as stream:
            for i in range(rows):
                quote = f"{quotes[i % len(quotes)]} ({i})" if i >= len(quotes) else quotes[i]
                stream.write(json.dumps({"quote": quote}) + "\n")
        start = time.perf_counter()
        command = [sys.executable, "-m", "service", "batch", str(source), "-o", str(target)]
        subprocess.run(command, check=True, capture_output=True)
        return rows / (time.perf_counter() - start)


if __name__ == "__main__":
    typer.run(main)
