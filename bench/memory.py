"""``python -m bench.memory``: the most memory that ``batch`` and ``report`` take on a long file.

The file is made up. Most of its rows repeat a quote, which is scored once in each chunk of rows, so
that a million rows take minutes; the first ones are distinct, so that full batches are measured
too.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.table import Table

from data.readers import read_corpus
from model.scores import SCALES
from service.corpus.run import CHUNK_ROWS

DISTINCT = 5_000
"""Rows at the beginning that are scored one by one."""

_PIECE = 50_000  # rows that are made together
_DAYS = 2_000
_GROUPS = pa.array([f"Ministry {i}" for i in range(40)])


def main(
    rows: Annotated[int, typer.Option(help="Rows of the file.")] = 1_000_000,
    only: Annotated[str, typer.Option(help="batch, report or both.")] = "both",
) -> None:
    """Measure one command after the other and print a table.

    Example: python -m bench.memory --rows 100000 --only report
    """
    table = Table("command", "rows", "most memory, MB", "seconds")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, make in (("batch", quotes_to_score), ("report", scored_rows)):
            if only not in (name, "both"):
                continue
            quotes = [row.text for row in read_corpus()]
            _write(folder, name, make(quotes, rows))
            for suffix in (".csv", ".parquet"):
                megabytes, seconds = _measured(folder, name, suffix)
                cells = (f"{name} {suffix}", f"{rows:,}", f"{megabytes:.0f}", f"{seconds:.0f}")
                table.add_row(*cells)
                Console(stderr=True).print(*cells)
    Console().print(table)


def quotes_to_score(quotes: Sequence[str], rows: int) -> Iterator[pa.Table]:
    """Give rows that most of ``batch``'s time is not spent on scoring of."""
    for first in range(0, rows, _PIECE):
        numbers = range(first, min(first + _PIECE, rows))
        some = [quotes[(i if i < DISTINCT else i // CHUNK_ROWS) % len(quotes)] for i in numbers]
        yield pa.table({"n": list(numbers), "quote": some})


def scored_rows(quotes: Sequence[str], rows: int) -> Iterator[pa.Table]:
    """Give rows as ``batch`` writes them, with a date and a speaker."""
    chance = np.random.default_rng(1)
    texts = pa.array(quotes)
    for first in range(0, rows, _PIECE):
        count = min(_PIECE, rows - first)
        days = np.datetime64("2018-01-01") + chance.integers(_DAYS, size=count)
        columns: dict[str, Any] = {
            "quote": texts.take(pa.array(np.arange(first, first + count) % len(quotes))),
            "date": days,
            "speaker": _GROUPS.take(pa.array(chance.integers(len(_GROUPS), size=count))),
        }
        for scale in SCALES:
            scores = chance.beta(2, 4, size=count)
            for end, by in (("", 0.0), ("_low", -0.15), ("_high", 0.15)):
                columns[scale + end] = np.round(np.clip(scores + by, 0, 1), 4)
        columns["tone_warnings"] = pa.array([""] * count)
        columns["tone_model"] = pa.array(["diplotone 0.0.0 000000000000"] * count)
        yield pa.table(columns)


def _write(folder: Path, name: str, tables: Iterator[pa.Table]) -> None:
    """Write a CSV and a Parquet file, this in row groups as large as pyarrow makes them."""
    table = pa.concat_tables(tables)
    pa_csv.write_csv(table, folder / f"{name}.csv")
    pq.write_table(table, folder / f"{name}.parquet")


def _measured(folder: Path, name: str, suffix: str) -> tuple[float, float]:
    """Return the most megabytes that a command held at once, and its seconds."""
    ends = [f"{name}{suffix}", "-o", f"out{suffix}"]
    if name == "report":
        ends = [f"{name}{suffix}", "-o", "out.html", "--time", "date", "--group", "speaker"]
    start = time.perf_counter()
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    child = subprocess.Popen(
        [sys.executable, "-m", "service", name, *ends],
        cwd=folder,
        env=env,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)  # of this child alone
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise typer.Exit(child.returncode)
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024  # bytes there, kilobytes here
    return usage.ru_maxrss / unit, time.perf_counter() - start


if __name__ == "__main__":
    typer.run(main)
