"""What comes out of the scorer: degrees with intervals, levels, sentences, highlights, warnings."""

from dataclasses import dataclass
from typing import Literal, get_args

Scale = Literal["hostility", "formality"]
SCALES: tuple[Scale, ...] = get_args(Scale)
"""The two scales, in the order of the network's two logits."""

DECIMALS = 4
"""Scores are rounded once, here in the scorer, so that every door prints the same number."""

WarningCode = Literal["language", "short", "windows", "no_words", "unfamiliar"]


@dataclass(frozen=True, slots=True)
class Degree:
    """A score on one scale.

    Attributes:
        score: degree from 0 to 1; not a probability.
        low: lower end of the interval, 0 to ``score``.
        high: upper end of the interval, ``score`` to 1.
        level: name of the stretch of the scale that the score falls in.
    """

    score: float
    low: float
    high: float
    level: str


@dataclass(frozen=True, slots=True)
class SpanScore:
    """Two numbers for a range of the quote as sent.

    For a sentence they are its scores, 0 to 1. For a highlight they are signed contributions, -1
    to 1: how much the quote's score falls when the range is left out.

    Attributes:
        start: first code point of the range.
        end: code point after the range.
    """

    start: int
    end: int
    hostility: float
    formality: float


@dataclass(frozen=True, slots=True)
class ToneWarning:
    """A reason to trust the score less."""

    code: WarningCode
    message: str


@dataclass(frozen=True, slots=True)
class ToneScore:
    """Everything known about one quote.

    Attributes:
        hostility: antagonism of the words towards anyone.
        formality: register of the words.
        windows: number of windows the quote was scored in; 1 unless it was very long.
        truncated: always False, since no word is ever cut away; kept for the public contract.
        warnings: reasons to trust the score less.
        sentences: scores of each sentence, when asked for.
        highlights: contribution of each word, clause or sentence, when asked for.
        tokens: number of its tokens; None where it was put together from scores of parts.
        surprisal: their mean surprisal in bits (``model.familiarity``), where it is known.
    """

    hostility: Degree
    formality: Degree
    windows: int = 1
    truncated: bool = False
    warnings: tuple[ToneWarning, ...] = ()
    sentences: tuple[SpanScore, ...] | None = None
    highlights: tuple[SpanScore, ...] | None = None
    tokens: int | None = None
    surprisal: float | None = None
