"""Reads the quotes of a file and puts those first of which the model is least sure.

Choosing what to label by the model's own doubt is uncertainty sampling (Lewis and Gale 1994); doubt
is the width of both intervals together.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from model.errors import QuoteError
from model.scores import SCALES
from model.text import check
from service.corpus.errors import CorpusError
from service.corpus.files import STANDARD, Job, open_ends
from service.corpus.rows import Chunk, Reader

if TYPE_CHECKING:  # importing the runtime takes longer than finding a fault in a file
    from model.scorer import ToneScorer

CHUNK_ROWS = 500
"""Quotes read, and scored, in one call."""
ZERO = "\0"


@dataclass(frozen=True, slots=True)
class Item:
    """A quote to rate.

    Attributes:
        text: the quote.
        key: SHA-256 of its UTF-8, in hex; what it is called.
        scored: what the model says, 0 to 1 by scale; no rater sees it.
        width: how wide both intervals are together, 0 to 2.
    """

    text: str
    key: str
    scored: dict[str, float]
    width: float


def read_quotes(source: str, column: str, encoding: str, limit: int) -> tuple[list[str], int]:
    """Return the distinct quotes of a file in its order, and how many rows hold none.

    Args:
        source: path; CSV, TSV, JSON Lines or Parquet by suffix.
        column: name of the quotes' column.
        encoding: of a text file.
        limit: longest quote, in code points.

    Raises:
        CorpusError: the file cannot be read, has no such column, or holds no quote.
    """
    if source == STANDARD:
        raise CorpusError("Name a file to label: the page is served after it was read.")
    # Nothing is added to the file, so columns that scoring would add may be there already.
    ends = open_ends(Job(source, STANDARD, column, encoding=encoding))
    reader: Reader[Chunk] = replace(ends.reader, new=())  # type: ignore[type-var]
    reader.check()
    quotes: dict[str, None] = {}
    unusable = 0
    for chunk in reader.chunks(CHUNK_ROWS):
        for quote in chunk.quotes:
            try:
                text = check(quote, limit)
            except QuoteError:
                text = ZERO
            if ZERO in text:  # which not every database can hold
                unusable += 1
            else:
                quotes.setdefault(text)
    if not quotes:
        raise CorpusError(f"{source} holds no quote to label in its column {column!r}.")
    return list(quotes), unusable


def doubtful_first(
    scorer: "ToneScorer", quotes: Sequence[str], progress: Callable[[int, int | None], None]
) -> list[Item]:
    """Score the quotes and return them by falling doubt; equal ones keep their order.

    Args:
        scorer: the scorer.
        quotes: what to rate.
        progress: told the quotes scored so far, and their number.

    Raises:
        ScoringError: the runtime failed.
    """
    items = []
    for first in range(0, len(quotes), CHUNK_ROWS):
        some = quotes[first : first + CHUNK_ROWS]
        for text, score in zip(some, scorer.score(some), strict=True):
            degrees = {scale: getattr(score, scale) for scale in SCALES}
            items.append(
                Item(
                    text,
                    quote_key(text),
                    {scale: degree.score for scale, degree in degrees.items()},
                    round(sum(degree.high - degree.low for degree in degrees.values()), 4),
                )
            )
        progress(first + len(some), len(quotes))
    return sorted(items, key=lambda item: -item.width)


def quote_key(text: str) -> str:
    """Return the SHA-256 of a quote's UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
