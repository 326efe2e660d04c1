"""The labelled rows of a run: the fixed splits, cut down to a sample where asked for.

Rows that come from people's feedback stand at the end of ``train``, and in a split of their own.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from datasets import Dataset, DatasetDict, concatenate_datasets
from rich.console import Console

from data.feedback import FEEDBACK
from data.readers import CORPUS, REAL_LABELS
from data.records import Quote
from data.resolve import SourceReport
from data.splits import build_splits
from training.config import TrainConfig
from training.errors import TrainingError
from training.feedback import Feedback, merge_feedback, merged_lines, with_feedback
from training.teacher import text_hash

HELD_OUT = ("test", "test_real")


@dataclass(frozen=True, slots=True)
class Rows:
    """Labelled rows by split.

    Attributes:
        dataset: the splits as ``datasets`` holds them.
        reports: what became of each public source.
        data_hash: SHA-256 over the full splits, and the file of feedback where there is one.
        dropped: ids left out as near-duplicates of a test row.
        feedback: what people sent back, where the run has any.
    """

    dataset: DatasetDict
    reports: tuple[SourceReport, ...]
    data_hash: str
    dropped: tuple[str, ...]
    feedback: Feedback | None = None

    def quotes(self, split: str) -> list[Quote]:
        """Return the rows of a split as typed records."""
        return [Quote.model_construct(**row) for row in self.dataset[split]]

    @property
    def held_out(self) -> dict[str, list[Quote]]:
        """Rows to report on: the test splits, or validation where there are none; feedback's."""
        found = {name: self.quotes(name) for name in HELD_OUT if len(self.dataset[name])}
        found = found or {"validation": self.quotes("validation")}
        if self.feedback and self.feedback.held_out:
            found[FEEDBACK] = self.quotes(FEEDBACK)
        return found

    def fitted(self, weight: int) -> Dataset:
        """Return the labelled rows of an epoch: those of feedback stand ``weight`` times."""
        train = self.dataset["train"]
        if not self.feedback or weight == 1:
            return train
        first = len(train) - len(self.feedback.train)
        again = train.select(range(first, len(train)))
        return concatenate_datasets([train, *[again] * (weight - 1)])

    def summary(self) -> dict[str, Any]:
        """Return what the manifest says of the data."""
        return {
            "sha256": self.data_hash,
            "rows": {name: len(split) for name, split in self.dataset.items()},
            "dropped": len(self.dropped),
            "sources": [asdict(report) for report in self.reports],
        } | ({"feedback": self.feedback.facts} if self.feedback else {})


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
    dataset, data_hash, feedback = splits.rows, splits.data_hash, None
    if config.feedback:
        # Before the sample is drawn, so that no held-out row is overlooked.
        seed, weight = config.split_seed, config.feedback_weight
        feedback = merge_feedback(config.feedback, dataset, seed, weight)
        for line in merged_lines(feedback.facts):
            console.print(f"Feedback: {line}", highlight=False, soft_wrap=True)
        data_hash = text_hash(f"{data_hash} {feedback.facts['sha256']}")
    if config.rows is not None:
        dataset = _sampled(dataset, config.rows, config.seed)
    if len(dataset["train"]) < 20 or len(dataset["validation"]) < 4:
        raise TrainingError(
            f"{config.corpus or CORPUS} leaves {len(dataset['train'])} rows to train on and "
            f"{len(dataset['validation'])} to validate with; label at least 40 quotes."
        )
    if feedback:
        dataset = with_feedback(dataset, feedback)
    return Rows(dataset, splits.reports, data_hash, splits.dropped, feedback)


def _sampled(dataset: DatasetDict, rows: int, seed: int) -> DatasetDict:
    parts: Mapping[str, Any] = {
        name: split.shuffle(seed=seed, keep_in_memory=True).select(range(min(rows, len(split))))
        for name, split in dataset.items()
    }
    return DatasetDict(parts)
