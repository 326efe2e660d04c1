"""Ladders: small sets of quotes that differ in a few decisive words, ordered by their labels.

A scorer that hears those words rises along each ladder. The sets are the corpus's contrast sets
(Gardner et al. 2020), which the reader of the corpus marks by their group.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from data.records import Quote
from model.scores import SCALES, Scale
from training.evaluate import Scored
from training.metrics import Column
from training.rows import Rows

CONTRAST_SET = "contrast-set/"
"""How the groups of contrast sets begin; see ``CorpusRow.quote``."""

MIN_RISE = 0.2
"""A set is a ladder of a scale whose labels span at least this."""

SPLIT = "validation"
"""The split whose contrast sets are shown: training did not fit them."""

CLEAR = 0.1
"""Two rungs whose labels lie at least this far apart should score in the same order."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """One contrast set on one scale.

    Attributes:
        name: its group.
        labels: by rising label, shape (rungs,).
        scores: of the same rungs.
        texts: of the same rungs.
    """

    name: str
    labels: Column
    scores: Column
    texts: tuple[str, ...]

    @property
    def rise(self) -> float:
        """How much the score rises for a rise of 1 in the label, by least squares."""
        x, y = self.labels - self.labels.mean(), self.scores - self.scores.mean()
        return float((x * y).sum() / (x * x).sum())


@dataclass(frozen=True, slots=True)
class Ladders:
    """All ladders of one scale.

    Attributes:
        ladders: by name.
        pairs: pairs of rungs whose labels lie clearly apart.
        ordered: share of them that score in the order of their labels, 0 to 1.
        rise: how much the score rises for a rise of 1 in the label within a set (least squares
            over all sets); 1 is ideal.
    """

    ladders: tuple[Ladder, ...]
    pairs: int
    ordered: float
    rise: float


def ladder_rows(rows: Rows) -> dict[str, list[Quote]]:
    """Return the contrast sets of the validation rows, unless all of those are reported on."""
    quotes = [quote for quote in rows.quotes(SPLIT) if quote.group.startswith(CONTRAST_SET)]
    return {SPLIT: quotes} if quotes and SPLIT not in rows.held_out else {}


def ladders_of(sets: Iterable[Scored]) -> dict[Scale, Ladders]:
    """Return the ladders among the rows, by scale; a scale without one is left out."""
    found = {}
    parts = list(sets)
    for i, scale in enumerate(SCALES):
        ladders = tuple(ladder for part in parts for ladder in _ladders(part, i))
        if ladders:
            found[scale] = _summary(ladders)
    return found


def _ladders(scored: Scored, column: int) -> list[Ladder]:
    rungs: dict[str, list[int]] = {}
    for row, quote in enumerate(scored.quotes):
        if quote.group.startswith(CONTRAST_SET):
            rungs.setdefault(quote.group, []).append(row)
    ladders = []
    for name, rows in rungs.items():
        rows.sort(key=lambda row: scored.labels[row, column])
        labels = scored.labels[rows, column]
        if np.ptp(labels) >= MIN_RISE:
            texts = tuple(scored.quotes[row].text for row in rows)
            ladders.append(Ladder(name, labels, scored.points[rows, column], texts))
    return ladders


def _summary(ladders: tuple[Ladder, ...]) -> Ladders:
    right = [
        upper > lower
        for ladder in ladders
        for (low, lower), (high, upper) in combinations(
            zip(ladder.labels, ladder.scores, strict=True), 2
        )
        if high - low >= CLEAR
    ]
    x = np.concatenate([ladder.labels - ladder.labels.mean() for ladder in ladders])
    y = np.concatenate([ladder.scores - ladder.scores.mean() for ladder in ladders])
    rise = float((x * y).sum() / (x * x).sum())
    return Ladders(ladders, len(right), float(np.mean(right)), rise)
