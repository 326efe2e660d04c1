"""Fine-tunes the encoder with the Hugging Face Trainer: two logits, BCE on soft targets.

The labels are degrees, so binary cross-entropy against a soft target is used as a proper loss for
values in [0, 1] rather than as a probability of a class (Transformers' multi-label head).
"""

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from transformers import (
    DataCollatorWithPadding,
    EarlyStoppingCallback,
    EvalPrediction,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
    set_seed,
)

from model.artifact import TOKENIZER
from model.encoder import TextEncoder
from model.familiarity import SURPRISAL
from model.plan import points_of
from model.scores import SCALES
from model.threads import available_processors
from training.batches import LikeLengthSampler
from training.config import TrainConfig
from training.familiarity import write_surprisal
from training.metrics import agreements, mean_pearson
from training.network import load_earlier, load_network
from training.vocabulary import fitted_tokenizer

CHECKPOINTS = "checkpoints"
LOG = "log.csv"
FITTED = "fitted"
"""Marks a run folder whose network is whole."""


def fit(
    rows: Dataset, validation: Dataset, base: Path, config: TrainConfig, run: Path, resume: bool
) -> None:
    """Fine-tune, keep the best epoch, and write network and tokenizer into the run folder.

    Args:
        rows: training rows with ``text`` and a column for each scale.
        validation: rows for early stopping, likewise.
        base: folder of the encoder.
        config: settings of the run.
        run: folder that checkpoints, log and network are written into.
        resume: go on from the last checkpoint there.

    Raises:
        ConfigError: there is no earlier run to start from.
    """
    set_seed(config.seed)
    torch.set_num_threads(config.threads or available_processors())
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    if config.start_from:
        network, tokenizer = load_earlier(config.start_from, base, run, config)
    else:
        network = load_network(base, config)
        tokenizer = fitted_tokenizer(base, run, network, config, rows["text"])
    network.get_input_embeddings().requires_grad_(not config.freeze_embeddings)
    encoder = TextEncoder.load(run / TOKENIZER, config.window_tokens)
    if not (run / SURPRISAL).exists():
        write_surprisal(run, encoder, rows["text"])
    trainer = LikeLengthTrainer(
        model=network,
        args=_arguments(config, run),
        train_dataset=_encoded(rows, encoder, config.max_tokens),
        eval_dataset=_encoded(validation, encoder, config.max_tokens),
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=_validation_figures,
        callbacks=[EarlyStoppingCallback(config.patience), CsvLog(run / LOG)],
    )
    trainer.train(resume_from_checkpoint=resume and any((run / CHECKPOINTS).glob("*-*")))
    network.save_pretrained(run)
    (run / FITTED).touch()  # a run stopped after this need not be fitted again


def has_bfloat16() -> bool:
    """Tell whether this machine multiplies bfloat16 in hardware; elsewhere autocast is slower."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    flags = Path("/proc/cpuinfo")
    return flags.exists() and any(f in flags.read_text() for f in ("avx512_bf16", "amx_bf16"))


def _arguments(config: TrainConfig, run: Path) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(run / CHECKPOINTS),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=2 * config.batch_size,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        warmup_steps=config.warmup,
        lr_scheduler_type="linear",
        optim="adamw_torch_fused",
        bf16=has_bfloat16(),
        use_cpu=not torch.cuda.is_available(),
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="mean_pearson",
        greater_is_better=True,
        logging_steps=20,
        report_to=[],
        seed=config.seed,
        disable_tqdm=False,
        dataloader_pin_memory=False,
    )


def _encoded(rows: Dataset, encoder: TextEncoder, max_tokens: int) -> Dataset:
    """Encode with the tokenizer that serving uses; longer rows keep their start and [SEP]."""

    def encode(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        ids = [
            row if len(row) <= max_tokens else np.append(row[: max_tokens - 1], row[-1])
            for row in encoder.encode(batch["text"])
        ]
        labels = [list(map(float, pair)) for pair in zip(*(batch[s] for s in SCALES), strict=True)]
        return {
            "input_ids": ids,
            "attention_mask": [[1] * len(row) for row in ids],
            "labels": labels,
            "length": [len(row) for row in ids],
        }

    return rows.map(encode, batched=True, remove_columns=rows.column_names, keep_in_memory=True)


def _validation_figures(prediction: EvalPrediction) -> dict[str, float]:
    points = points_of(np.asarray(prediction.predictions))
    labels = np.asarray(prediction.label_ids, dtype=np.float64)
    figures = {
        f"{scale}_{name}": value
        for scale, row in agreements(points, labels).items()
        for name, value in row.items()
        if value is not None
    }
    return figures | {"mean_pearson": mean_pearson(points, labels)}


class LikeLengthTrainer(Trainer):
    """The Trainer with batches of texts of like length, in random order."""

    def _get_train_sampler(self, train_dataset: Any = None) -> LikeLengthSampler:  # noqa: ANN401
        rows: Any = self.train_dataset  # the argument has lost its column of lengths
        return LikeLengthSampler(
            rows["length"], self.args.per_device_train_batch_size, self.args.seed
        )


class CsvLog(TrainerCallback):
    """Keeps every logged figure as a line ``step,epoch,name,value``, flushed at once.

    Args:
        path: file that is appended to, so that a resumed run keeps its history.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: object,
    ) -> None:
        """Append what the Trainer logged at this step."""
        new = not self._path.exists()
        with self._path.open("a", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            if new:
                writer.writerow(["step", "epoch", "name", "value"])
            for name, value in (logs or {}).items():
                if name != "epoch":
                    writer.writerow([state.global_step, round(state.epoch or 0, 4), name, value])
