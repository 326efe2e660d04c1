"""A speaker's own words: the quote without what others say in it and without editors' notes."""

import re
from collections.abc import Sequence

from model.spans import Span
from service.articles.drafts import Draft

# What an editor adds is no word of the speaker's. Other [brackets] stand for words that were said,
# in another form, and without them the sentence would fall apart; so they stay.
_NOTE = re.compile(
    r"\[(?:sic|laughs?|laughing|laughter|applause|pauses?|inaudible|crosstalk|interruption|sighs|"
    r"emphasis added|translated|recorded|[.…]{1,3})[^\]\n]{0,40}\]|"
    r"\((?:laughs|laughing|laughter|applause|inaudible|crosstalk|interruption)\)",
    re.IGNORECASE,
)
_EDGES = " \t\r\n\u00a0\"'“”‘’«»‹›„‚`,;:–—-"
GAP = " … "
"""Stands between two pieces in ``own_words``."""


def own_pieces(text: str, draft: Draft) -> tuple[Span, ...]:
    """Return the ranges of the article that are the speaker's own words."""
    gaps = [
        (child.quoted.outer_start, child.quoted.outer_end)
        for child in draft.children
        if child.kind == "nested"
    ]
    start, end = draft.quoted.start, draft.quoted.end
    gaps += [note.span() for note in _NOTE.finditer(text, start, end)]
    if not gaps:
        return (Span(start, end),)
    pieces, at = [], start
    for first, last in [*sorted(gaps), (end, end)]:
        piece = text[at : max(at, first)]
        if any(c.isalnum() for c in piece):
            # Only the edges of a gap lose their marks; the quote's own ends stay as they are.
            left = len(piece) - len(piece.lstrip(_EDGES if at > start else None))
            right = len(piece) - len(piece.rstrip(_EDGES if first < end else None))
            pieces.append(Span(at + left, at + len(piece) - right))
        at = max(at, last)
    return tuple(pieces)


def own_words(text: str, pieces: Sequence[Span]) -> str:
    """Return the pieces as one text."""
    return GAP.join(text[start:end] for start, end in pieces)
