"""Scored files as `batch` writes them, and `report` run on them, for its tests."""

import contextlib
import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from typer.testing import CliRunner, Result

from model.scores import SCALES
from service.cli import app
from tests.html_page import Page

MODEL = "diplotone 1.0.0 99ce49832ae0"

Row = dict[str, Any]


def row(
    quote: str = "We note this.",
    hostility: float | None = 0.4,
    formality: float | None = 0.6,
    **more: Any,  # noqa: ANN401
) -> Row:
    """A row as batch writes it; None where there is no score."""
    degrees: Row = {}
    for scale, score in zip(SCALES, (hostility, formality), strict=True):
        ends = (None, None) if score is None else (max(0, score - 0.1), min(1, score + 0.2))
        degrees |= {scale: score, f"{scale}_low": ends[0], f"{scale}_high": ends[1]}
    return {"quote": quote} | degrees | {"tone_warnings": "", "tone_model": MODEL} | more


def write(path: Path, rows: list[Row], delimiter: str = ",") -> None:
    """Write rows in the format that the suffix tells."""
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=50)
    elif ".jsonl" in path.suffixes:
        text = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    else:
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)


def run(folder: Path, *args: str) -> Result:
    """Run the command line in this process, in a folder."""
    with contextlib.chdir(folder):
        done = CliRunner().invoke(app, args, obj=True)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def report(folder: Path, *args: str) -> Result:
    """Run `diplotone report`; the page is page.html unless another is named after it."""
    return run(folder, "report", "-o", "page.html", *args)


def page_in(folder: Path) -> Page:
    """Read page.html of a folder."""
    return Page((folder / "page.html").read_text("utf-8"))
