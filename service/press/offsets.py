"""Leads from ranges of a quote's words, which were scored, to ranges of the article."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from model.scores import SpanScore
from model.spans import Span
from service.articles.pieces import GAP


def in_article(found: Sequence[SpanScore], pieces: Sequence[Span]) -> tuple[SpanScore, ...]:
    """Return the same numbers for the ranges of the article that were meant.

    Args:
        found: ranges of ``Quote.words``.
        pieces: ``Quote.pieces``, of which the words were put together.

    Returns:
        Ranges of the article, in the same order. One that runs over several pieces covers what
        lies between them; one that holds nothing but the gap between two pieces is left out.
    """
    begins = list(_begins(pieces))
    moved = []
    for row in found:
        start, end = _start(row.start, pieces, begins), _end(row.end, pieces, begins)
        if start < end:
            moved.append(replace(row, start=start, end=end))
    return tuple(moved)


def _begins(pieces: Sequence[Span]) -> Iterator[int]:
    """Return where each piece begins in the words."""
    at = 0
    for start, end in pieces:
        yield at
        at += end - start + len(GAP)


def _start(at: int, pieces: Sequence[Span], begins: Sequence[int]) -> int:
    index = bisect_right(begins, at) - 1
    start, end = pieces[index]
    into = at - begins[index]
    if start + into >= end and index + 1 < len(pieces):  # in the gap: the next word is meant
        return pieces[index + 1].start
    return start + into


def _end(at: int, pieces: Sequence[Span], begins: Sequence[int]) -> int:
    index = max(0, bisect_right(begins, at - 1) - 1)
    start, end = pieces[index]
    return min(start + at - begins[index], end)
