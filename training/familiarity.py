"""How surprising each token is, by the texts that a network was fitted to.

A text whose tokens are rarer than those of the training texts is unlike what the network has seen.
``model/familiarity.py`` measures that with the table made here, which is part of the artifact.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from model.encoder import TextEncoder
from model.familiarity import (
    STEPS_A_BIT,
    SURPRISAL,
    Familiarity,
    FamiliarityGauge,
    read_surprisal,
    unfamiliarity,
)

OFF_TOPIC = Path(__file__).parents[1] / "data" / "off_topic.toml"
SHARE_BEYOND = 0.01
"""Share of held-out statements that may be called unlike the training texts."""

_UNSEEN = 0.5
"""What a token counts that no training text holds (Krichevsky and Trofimov 1981)."""
_AT_ONCE = 10_000


def write_surprisal(run: Path, encoder: TextEncoder, texts: Sequence[str]) -> None:
    """Write the surprisal of each token of a vocabulary into a run folder, a byte a token."""
    counts = np.zeros(encoder.vocabulary)
    for start in range(0, len(texts), _AT_ONCE):
        for ids in encoder.encode(texts[start : start + _AT_ONCE]):
            np.add.at(counts, ids[1:-1], 1)  # without [CLS] and [SEP]
    share = (counts + _UNSEEN) / (counts.sum() + _UNSEEN * len(counts))
    steps = np.clip(np.round(-np.log2(share) * STEPS_A_BIT), 0, 255).astype(np.uint8)
    (run / SURPRISAL).write_bytes(steps.tobytes())


def fit_familiarity(run: Path, encoder: TextEncoder, texts: Sequence[str]) -> Familiarity:
    """Return by what a text counts as unlike the training texts, from held-out ones.

    Args:
        run: run folder with the table of surprisal.
        encoder: its tokenizer.
        texts: held-out texts of the kind that the network is for.
    """
    surprisal = read_surprisal(run / SURPRISAL, encoder.vocabulary)
    bits = [surprisal[ids[1:-1]] for ids in encoder.encode(texts)]
    every = np.concatenate(bits)
    mean, deviation = float(every.mean()), float(every.std())
    far = np.array([unfamiliarity(own, mean, deviation) for own in bits])
    limit = float(np.quantile(far, 1 - SHARE_BEYOND))
    return Familiarity(
        mean=round(mean, 4),
        deviation=round(deviation, 4),
        limit=round(limit, 4),
        share=round(float((far > limit).mean()), 4),
    )


def unlike_shares(
    run: Path, encoder: TextEncoder, familiarity: Familiarity, texts: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """Return the share of texts called unlike the training texts, by split and for ``OFF_TOPIC``.

    Args:
        run: run folder with the table of surprisal.
        encoder: its tokenizer.
        familiarity: by what they are judged.
        texts: held-out texts by split.
    """
    gauge = FamiliarityGauge.load(run / SURPRISAL, encoder.vocabulary, familiarity)
    off_topic = tomllib.loads(OFF_TOPIC.read_text("utf-8"))["texts"]
    return {
        name: sum(gauge.is_unlike([ids]) for ids in encoder.encode(some)) / len(some)
        for name, some in {**texts, OFF_TOPIC.stem: off_topic}.items()
    }
