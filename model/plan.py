"""The plan of one quote: which texts the network must see, and how their points become a score.

A unit is something that gets one pair of numbers: the whole quote, a sentence, or the quote with
one span left out. It consists of one text, or of several windows whose points are averaged by
their token counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from model.caution import warnings_for
from model.encoder import Ids, TextEncoder
from model.familiarity import Wording
from model.highlights import left_out, spans_to_leave_out
from model.intervals import Calibration
from model.levels import level_of
from model.scores import DECIMALS, SCALES, Degree, Scale, SpanScore, ToneScore
from model.spans import Span, sentences

Points = npt.NDArray[np.float64]
"""Scores from 0 to 1, shape (texts, 2), in the order of SCALES."""


def points_of(logits: npt.NDArray[np.floating[Any]]) -> Points:
    """Return the scores of raw outputs, both of shape (texts, 2): the logistic function."""
    points: Points = 1 / (1 + np.exp(-logits.astype(np.float64)))
    return points


@dataclass(frozen=True, slots=True)
class Unit:
    """Texts that together get one pair of numbers.

    Attributes:
        span: range of the quote it stands for.
        texts: one text a window.
        weights: share of each window, adding up to 1.
        ids: the tokens of the windows, where they had to be known to cut them.
    """

    span: Span
    texts: tuple[str, ...]
    weights: tuple[float, ...]
    ids: tuple[Ids, ...] | None = None


class Plan:
    """Everything to be run for one quote.

    Args:
        quote: the quote as sent, already checked.
        encoder: tells how the quote falls into windows.
        by_sentence: also score each sentence.
        explain: also score the quote with each span left out.
    """

    def __init__(
        self, quote: str, encoder: TextEncoder, by_sentence: bool = False, explain: bool = False
    ) -> None:
        self._quote = quote
        whole = Span(0, len(quote))
        self._whole, windows = _unit(quote, whole, encoder)
        self._sentences: list[Unit] | None = None
        self._variants: list[Unit] | None = None
        if by_sentence:
            self._sentences = [_unit(quote, span, encoder)[0] for span in sentences(quote)]
        if explain:
            self._variants = [
                Unit(span, tuple(left_out(quote, windows, span)), self._whole.weights)
                for span in spans_to_leave_out(quote)
            ]

    @property
    def _units(self) -> list[Unit]:
        return [self._whole, *(self._sentences or ()), *(self._variants or ())]

    @property
    def texts(self) -> list[str]:
        """Every text to run, in the order in which ``assemble`` wants the points."""
        return [text for unit in self._units for text in unit.texts]

    @property
    def known(self) -> list[Ids | None]:
        """The tokens of each of ``texts``, as far as they are known already."""
        return [ids for unit in self._units for ids in unit.ids or [None] * len(unit.texts)]

    def pooled(self, points: Points) -> Points:
        """Return the points of each unit, shape (units, 2), the whole quote first."""
        rows, at = [], 0
        for unit in self._units:
            rows.append(np.asarray(unit.weights) @ points[at : at + len(unit.texts)])
            at += len(unit.texts)
        return np.stack(rows)

    @property
    def windows(self) -> int:
        """How many of the first texts make up the whole quote."""
        return len(self._whole.texts)

    def assemble(self, points: Points, calibration: Calibration, wording: Wording) -> ToneScore:
        """Turn the points of ``texts`` into the score of the quote.

        Args:
            points: one row a text.
            calibration: the interval table.
            wording: what the tokens of the quote say.
        """
        pooled = self.pooled(points)
        whole, rest = pooled[0], pooled[1:]
        cut = len(self._sentences or ())
        by_sentence = _span_scores(self._sentences, rest[:cut])
        highlights = _span_scores(self._variants, whole - rest[cut:])
        hostility, formality = (
            _degree(scale, float(whole[i]), calibration) for i, scale in enumerate(SCALES)
        )
        return ToneScore(
            hostility=hostility,
            formality=formality,
            windows=self.windows,
            warnings=warnings_for(self._quote, self.windows, wording.unlike),
            sentences=by_sentence,
            highlights=highlights,
            tokens=wording.tokens,
            surprisal=wording.surprisal,
        )


def _unit(quote: str, span: Span, encoder: TextEncoder) -> tuple[Unit, list[Span]]:
    """Return what stands for a range of the quote, and the ranges of its windows."""
    text = quote[span.start : span.end]
    if encoder.surely_fits(text):
        return Unit(span, (text,), (1.0,)), [span]
    ids = encoder.encode([text])
    if len(ids[0]) <= encoder.window:
        return Unit(span, (text,), (1.0,), tuple(ids)), [span]
    windows = [Span(span.start + w.start, span.start + w.end) for w in encoder.windows(text)]
    texts = tuple(quote[window.start : window.end] for window in windows)
    ids = encoder.encode(texts)
    total = sum(map(len, ids))
    return Unit(span, texts, tuple(len(one) / total for one in ids), tuple(ids)), windows


def _degree(scale: Scale, value: float, calibration: Calibration) -> Degree:
    score = round(value, DECIMALS)
    low, high = calibration.interval(scale, score)
    return Degree(score, round(low, DECIMALS), round(high, DECIMALS), level_of(scale, score))


def _span_scores(units: Sequence[Unit] | None, points: Points) -> tuple[SpanScore, ...] | None:
    if units is None:
        return None
    return tuple(
        SpanScore(*unit.span, *(round(float(value), DECIMALS) for value in row))
        for unit, row in zip(units, points, strict=True)
    )
