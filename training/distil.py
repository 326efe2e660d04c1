"""Distillation: the rows that a student trains on beside the labelled ones.

A teacher scores sentences that nobody rated (Hinton et al. 2015, with degrees in place of class
probabilities). Most public sentences are calm, so the sentences are drawn evenly over a rough
estimate of hostility, and their sharper clauses are added as fragments. Some sentences stand there
once more with slips of the keyboard: as hostile as the clean one, as formal as the teacher says.
"""

import math
import random
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset, concatenate_datasets
from rich.console import Console

from data.readers import REAL_LABELS, read_quotes, read_real_labels
from data.sources import default_cache, read_sources
from data.unlabelled import Sentence, unlabelled_sentences
from model.scorer import ToneScorer
from model.scores import SCALES
from training.baselines import tfidf_ridge
from training.config import TrainConfig
from training.errors import TrainingError
from training.evaluate import labels_of
from training.rows import Rows
from training.slips import with_slips
from training.teacher import teacher_scores, text_hash

HOSTILITY = SCALES.index("hostility")
BANDS = np.array([0.1, 0.18, 0.26, 0.34, 0.42, 0.5])
"""Bounds of the estimated hostility that the draw is even over; the estimate seldom goes higher."""

FRAGMENT_SHARE = 0.1
FRAGMENT_WORDS = range(2, 9)
SLIP_SHARE = 0.08
"""Slipped copies beside the drawn texts."""
_CLAUSE = re.compile(r"[,;:()\u2013\u2014]+")


def with_teacher(
    rows: Rows, config: TrainConfig, mirror: Path | None, cache: Path | None, console: Console
) -> Dataset:
    """Return the training rows of a student: labelled rows, repeated, and the teacher's.

    Raises:
        ArtifactError: the teacher's folder cannot be trusted.
        TrainingError: there are no sentences to score.
    """
    cache = cache or default_cache()
    texts = _texts(rows, config, mirror, cache, console)
    teacher = ToneScorer.load(config.teacher, threads=config.threads)
    name = f"{teacher.manifest.name} {teacher.manifest.version}"
    console.print(f"{name} scores {len(texts):,} sentences", highlight=False)
    points = teacher_scores(teacher, texts, cache, console)
    clean, slipped = _slipped(texts, config.seed)
    beside = teacher_scores(teacher, slipped, cache, console)
    beside[:, HOSTILITY] = points[clean, HOSTILITY]
    teacher.close()
    texts, points = texts + slipped, np.concatenate([points, beside])
    columns: dict[str, Any] = {scale: points[:, i] for i, scale in enumerate(SCALES)}
    taught = Dataset.from_dict({"text": texts} | columns)
    labelled = rows.fitted(config.feedback_weight).select_columns(["text", *SCALES])
    taught = taught.cast(labelled.features)
    return concatenate_datasets([labelled] * config.labelled_repeats + [taught])


def _slipped(texts: Sequence[str], seed: int) -> tuple[list[int], list[str]]:
    """Return the places of some texts, and the same texts with slips."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    places = chance.sample(range(len(texts)), math.ceil(len(texts) * SLIP_SHARE))
    return places, [with_slips(texts[place], chance) for place in places]


def _texts(
    rows: Rows, config: TrainConfig, mirror: Path | None, cache: Path, console: Console
) -> list[str]:
    """Return the drawn texts, kept on disk since cutting the sources takes minutes."""
    keep_out = [q.text for q in read_quotes(config.keep_out)] if config.keep_out else []
    known = [text for split in rows.dataset.values() for text in split["text"]] + keep_out
    key = text_hash(
        "\n".join([rows.data_hash, str(config.teacher_texts), str(config.seed), *sorted(keep_out)])
    )
    kept = cache / "unlabelled" / f"{key[:16]}.txt"
    if kept.exists():
        return kept.read_text("utf-8").split("\n")
    console.print("Cutting the public sources into sentences")
    held_out = {q.group for split in rows.dataset if split != "train" for q in rows.quotes(split)}
    pool = unlabelled_sentences(
        read_real_labels(REAL_LABELS),
        read_sources(),
        mirror=mirror,
        cache=cache,
        held_out=held_out,
        known=known,
    )
    if not pool:
        raise TrainingError(
            "No public source file is at hand to cut sentences from; name a --mirror, or let "
            "training fetch the files."
        )
    texts = _drawn(pool, rows, config.teacher_texts, config.seed)
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = kept.with_suffix(".draft")
    draft.write_text("\n".join(texts), encoding="utf-8")
    draft.replace(kept)
    return texts


def _drawn(pool: Sequence[Sentence], rows: Rows, wanted: int, seed: int) -> list[str]:
    """Draw sentences evenly over estimated hostility, and fragments of the sharper ones."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    train = rows.quotes("train")
    estimate = tfidf_ridge([q.text for q in train], labels_of(train))
    hostility = estimate([sentence.text for sentence in pool])[:, 0]
    bands: list[list[int]] = [[] for _ in range(len(BANDS) + 1)]
    for place in chance.sample(range(len(pool)), len(pool)):
        bands[int(np.searchsorted(BANDS, hostility[place]))].append(place)
    sentences = int(wanted * (1 - FRAGMENT_SHARE))
    drawn: list[int] = []
    # The rarest bands first, so that what they lack is made up for by the commoner ones.
    for left, band in enumerate(sorted(bands, key=len)):
        drawn += band[: (sentences - len(drawn)) // (len(bands) - left)]
    sharp = sorted(drawn, key=lambda place: -hostility[place])[: len(drawn) // 2]
    fragments = list(_fragments(pool[place].text for place in sharp))
    chance.shuffle(fragments)
    texts = [pool[place].text for place in drawn] + fragments[: wanted - len(drawn)]
    return list(dict.fromkeys(texts))


def _fragments(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        for clause in _CLAUSE.split(text)[1:]:
            if len(clause.split()) in FRAGMENT_WORDS:
                yield clause.strip(" .\"'")
