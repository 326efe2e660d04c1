"""The labelled rows of a run: the fixed splits, cut down to a sample where asked for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from datasets import DatasetDict
from rich.console import Console

from data.readers import CORPUS, REAL_LABELS
from data.records import Quote
from data.resolve import SourceReport
from data.splits import build_splits
from training.config import TrainConfig
from training.errors import TrainingError

HELD_OUT = ("test", "test_real")


@dataclass(frozen=True, slots=True)
class Rows:
    """Labelled rows by split.

    Attributes:
        dataset: the splits as ``datasets`` holds them.
        reports: what became of each public source.
        data_hash: SHA-256 over the full splits.
        dropped: ids left out as near-duplicates of a test row.
    """

    dataset: DatasetDict
    reports: tuple[SourceReport, ...]
    data_hash: str
    dropped: tuple[str, ...]

    def quotes(self, split: str) -> list[Quote]:
        """Return the rows of a split as typed records."""
        return [Quote.model_construct(**row) for row in self.dataset[split]]

    @property
    def held_out(self) -> dict[str, list[Quote]]:
        """Rows to report on: the test splits, or the validation split where there are none."""
        found = {name: self.quotes(name) for name in HELD_OUT if len(self.dataset[name])}
        return found or {"validation": self.quotes("validation")}

    def summary(self) -> dict[str, Any]:
        """Return what the manifest says of the data."""
        return {
            "sha256": self.data_hash,
            "rows": {name: len(split) for name, split in self.dataset.items()},
            "dropped": len(self.dropped),
            "sources": [asdict(report) for report in self.reports],
        }


def read_rows(
    config: TrainConfig, mirror: Path | None, cache: Path | None, offline: bool, console: Console
) -> Rows:
    """Build or load the splits, say what became of each source, and sample if asked to.

    Raises:
        DataError: a labelled file is malformed.
        TrainingError: too few rows are left to train on.
    """
    splits = build_splits(
        corpus=config.corpus or CORPUS,
        labels=REAL_LABELS if config.real else None,
        mirror=mirror,
        cache=cache,
        offline=offline,
        seed=config.split_seed,
        progress=console.is_terminal,
    )
    for report in splits.reports:
        console.print(str(report), highlight=False)
    dataset = splits.rows
    if config.rows is not None:
        dataset = _sampled(dataset, config.rows, config.seed)
    if len(dataset["train"]) < 20 or len(dataset["validation"]) < 4:
        raise TrainingError(
            f"{config.corpus or CORPUS} leaves {len(dataset['train'])} rows to train on and "
            f"{len(dataset['validation'])} to validate with; label at least 40 quotes."
        )
    return Rows(dataset, splits.reports, splits.data_hash, splits.dropped)


def _sampled(dataset: DatasetDict, rows: int, seed: int) -> DatasetDict:
    parts: Mapping[str, Any] = {
        name: split.shuffle(seed=seed, keep_in_memory=True).select(range(min(rows, len(split))))
        for name, split in dataset.items()
    }
    return DatasetDict(parts)
