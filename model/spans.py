"""Cuts a quote into sentences, clauses and words, as offsets into the quote as sent."""

import re
from typing import NamedTuple

from sentencex import get_sentence_boundaries

_WORD = re.compile(r"[^\W_](?:[\w'’.-]*\w)?")
_CLAUSE_END = re.compile(r"[,;:()\n]+|\s[-–—]+\s|[—]")


class Span(NamedTuple):
    """Half-open range of Unicode code points."""

    start: int
    end: int


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """Shrink a range to its text without outer white space; None where nothing is left."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return Span(start, end) if start < end else None


def sentences(text: str) -> list[Span]:
    """Return the sentences in order, white space around them left out.

    The boundaries are those of sentencex (Wikimedia), which knows English abbreviations.
    """
    found = (
        _trimmed(text, int(b["start_index"]), int(b["end_index"]))
        for b in get_sentence_boundaries("en", text)
    )
    return [span for span in found if span]


def words(text: str) -> list[Span]:
    """Return the words in order, without the punctuation around them."""
    return [Span(*m.span()) for m in _WORD.finditer(text)]


def clauses(text: str) -> list[Span]:
    """Return the stretches between commas, colons, brackets, dashes and sentence ends."""
    spans: list[Span] = []
    for sentence in sentences(text):
        start = sentence.start
        for stop in _CLAUSE_END.finditer(text, sentence.start, sentence.end):
            spans.extend(filter(None, [_trimmed(text, start, stop.start())]))
            start = stop.end()
        spans.extend(filter(None, [_trimmed(text, start, sentence.end)]))
    return spans
