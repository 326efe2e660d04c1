"""Rows a second of ``diplotone batch`` beside two ways to score a file with the same weights."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import pipeline
from transformers.pipelines.pt_utils import KeyDataset

from model.threads import available_processors

TOGETHER = 64
"""Quotes in a batch of the peers."""


def batch_command(quotes: Sequence[str], rows: int) -> float:
    """Return the rows a second of ``diplotone batch`` on distinct rows, its start included."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        with source.open("w", encoding="utf-8") as stream:
            for quote in distinct(quotes, rows):
                stream.write(json.dumps({"quote": quote}) + "\n")
        start = time.perf_counter()
        command = [sys.executable, "-m", "service", "batch", str(source), "-o", str(target)]
        subprocess.run(command, check=True, capture_output=True)
        return rows / (time.perf_counter() - start)


def distinct(quotes: Sequence[str], rows: int) -> list[str]:
    """Return so many texts of which no two are equal."""
    return [quotes[i % len(quotes)] + (f" ({i})" if i >= len(quotes) else "") for i in range(rows)]


def one_batch(network: Path, quotes: Sequence[str]) -> float:
    """Return the rows a second of batches in file order, as Detoxify's ``predict`` is used."""
    torch.set_num_threads(available_processors())
    classify: Any = pipeline("text-classification", str(network), top_k=None)
    start = time.perf_counter()
    for i in range(0, len(quotes), TOGETHER):
        classify(quotes[i : i + TOGETHER], truncation=True, batch_size=TOGETHER)
    return len(quotes) / (time.perf_counter() - start)


def pipeline_over_dataset(network: Path, quotes: Sequence[str]) -> float:
    """Return the rows a second of ``transformers.pipeline`` over a ``datasets.Dataset``."""
    torch.set_num_threads(available_processors())
    classify: Any = pipeline("text-classification", str(network), top_k=None)
    rows: Any = KeyDataset(Dataset.from_dict({"quote": list(quotes)}), "quote")
    start = time.perf_counter()
    for _ in classify(rows, truncation=True, batch_size=TOGETHER):
        pass
    return len(quotes) / (time.perf_counter() - start)
