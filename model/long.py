"""Quotes longer than the scorer takes: cut into parts, scored part by part, put together again."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from model.levels import level_of
from model.scores import DECIMALS, SCALES, Degree, Scale, SpanScore, ToneScore, ToneWarning
from model.spans import Span, sentences

_OF_A_PART = ("short", "no_words", "windows")
"""Warnings of a part that say nothing of the whole."""


def parts_of(words: str, longest: int) -> list[Span]:
    """Return the ranges of a text that are to be scored on their own.

    Args:
        words: the text, of any length.
        longest: most code points of a part.

    Returns:
        The whole, where it is short enough; else stretches of whole sentences. A sentence that is
        too long is cut between words, and a word that is too long anywhere. Parts without a letter
        or digit are left out, so that there may be none.
    """
    if len(words) <= longest:
        return [Span(0, len(words))]
    parts: list[Span] = []
    for start, end in sentences(words):
        if parts and end - parts[-1].start <= longest:
            parts[-1] = Span(parts[-1].start, end)
        else:
            parts += _chopped(words, start, end, longest)
    return [part for part in parts if any(c.isalnum() for c in words[part.start : part.end])]


def _chopped(words: str, start: int, end: int, longest: int) -> Iterator[Span]:
    while end - start > longest:
        space = max(words.rfind(blank, start + 1, start + longest) for blank in " \n")
        stop = space if space > start else start + longest
        yield Span(start, stop)
        start = stop
    yield Span(start, end)


def joined(scores: Sequence[ToneScore], parts: Sequence[Span]) -> ToneScore | None:
    """Return the score of a text from those of its parts, their mean weighted by characters.

    The ends of the interval are means likewise: right where the model errs alike on all parts.

    Args:
        scores: one for each part, offsets into the part.
        parts: as ``parts_of`` returned them.

    Returns:
        The score with offsets into the text, None where there is no part. A part's highlights
        count as much as the part does.
    """
    if not parts:
        return None
    if len(parts) == 1:
        return _moved(scores[0], parts[0].start)
    length = sum(end - start for start, end in parts)
    weights = [(end - start) / length for start, end in parts]
    moved = [_moved(score, start) for score, (start, _) in zip(scores, parts, strict=True)]
    hostility, formality = (_mean(scale, scores, weights) for scale in SCALES)
    return ToneScore(
        hostility=hostility,
        formality=formality,
        windows=sum(score.windows for score in scores),
        warnings=_warnings(scores),
        sentences=_collected([score.sentences for score in moved], [1.0] * len(parts)),
        highlights=_collected([score.highlights for score in moved], weights),
    )


def _mean(scale: Scale, scores: Sequence[ToneScore], weights: Sequence[float]) -> Degree:
    degrees: list[Degree] = [getattr(score, scale) for score in scores]
    score, low, high = (
        round(sum(w * getattr(d, end) for w, d in zip(weights, degrees, strict=True)), DECIMALS)
        for end in ("score", "low", "high")
    )
    return Degree(score, low, high, level_of(scale, score))


def _warnings(scores: Sequence[ToneScore]) -> tuple[ToneWarning, ...]:
    found = {w.code: w for score in scores for w in score.warnings if w.code not in _OF_A_PART}
    message = (
        f"Longer than the longest quote: scored in {len(scores)} parts of whole sentences where "
        "they fit; the score is their mean, weighted by characters."
    )
    return (*found.values(), ToneWarning("windows", message))


def _collected(
    found: Sequence[tuple[SpanScore, ...] | None], weights: Sequence[float]
) -> tuple[SpanScore, ...] | None:
    if any(rows is None for rows in found):
        return None
    return tuple(
        replace(
            row,
            hostility=round(weight * row.hostility, DECIMALS),
            formality=round(weight * row.formality, DECIMALS),
        )
        for rows, weight in zip(found, weights, strict=True)
        for row in rows or ()
    )


def _moved(score: ToneScore, by: int) -> ToneScore:
    if not by:
        return score
    found = (score.sentences, score.highlights)
    by_sentence, highlights = (
        rows and tuple(replace(r, start=r.start + by, end=r.end + by) for r in rows)
        for rows in found
    )
    return replace(score, sentences=by_sentence, highlights=highlights)
