"""``python -m bench.memory``: the most memory that ``batch`` and ``report`` take on a long file.

The file is made up. Most of its rows repeat a quote, which is scored once in each 500 rows, so that
a million rows take minutes; the first ones are distinct, so that full batches are measured too.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.table import Table

from data.readers import read_corpus
from model.scores import SCALES

DISTINCT = 5_000
"""Rows at the beginning that are scored one by one."""

_PIECE = 50_000  # rows that are made together
_CHUNK = 500  # rows that `batch` scores together
_GROUPS, _DAYS = 40, 2_000


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
        some = [quotes[(i if i < DISTINCT else i // _CHUNK) % len(quotes)] for i in numbers]
        yield pa.table({"n": list(numbers), "quote": some})


def scored_rows(quotes: Sequence[str], rows: int) -> Iterator[pa.Table]:
    """Give rows as ``batch`` writes them, with a date and a speaker."""
    chance = random.Random(1)  # noqa: S311 - made-up data
    for first in range(0, rows, _PIECE):
        count = min(_PIECE, rows - first)
        columns: dict[str, list[object]] = {
            "quote": [quotes[(first + i) % len(quotes)] for i in range(count)],
            "date": [date(2018, 1, 1) + timedelta(chance.randrange(_DAYS)) for _ in range(count)],
            "speaker": [f"Ministry {chance.randrange(_GROUPS)}" for _ in range(count)],
        }
        for scale in SCALES:
            scores = [round(chance.betavariate(2, 4), 4) for _ in range(count)]
            columns[scale] = list(scores)
            columns[f"{scale}_low"] = [round(max(0.0, s - 0.15), 4) for s in scores]
            columns[f"{scale}_high"] = [round(min(1.0, s + 0.15), 4) for s in scores]
        columns["tone_warnings"] = [""] * count
        columns["tone_model"] = ["diplotone 0.0.0 000000000000"] * count
        yield pa.table(columns)


def _write(folder: Path, name: str, tables: Iterator[pa.Table]) -> None:
    first = next(tables)
    with (
        pa_csv.CSVWriter(str(folder / f"{name}.csv"), first.schema) as text,
        pq.ParquetWriter(folder / f"{name}.parquet", first.schema) as parquet,
    ):
        for table in (first, *tables):
            text.write_table(table)
            parquet.write_table(table)


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
