"""Text preparation: the one function that training and serving both put a quote through.

Offsets never pass through here. Whoever needs offsets cuts the quote *as sent* and prepares the
pieces, so no map between raw and prepared text is needed.
"""

import re
import unicodedata

from model.errors import QuoteError

MAX_CHARACTERS = 10_000
"""Default limit of one quote, in Unicode code points."""

_CURLY = str.maketrans({c: "'" for c in "‘’‚‛‹›"} | {c: '"' for c in "“”„‟«»"})
# Control characters (NUL among them) carry no words, so they count as white space.
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_WORD = re.compile(r"[^\W\d_]")


def prepare(text: str) -> str:
    """Return the text as the tokenizer sees it.

    Unicode NFC (UAX #15), curly marks straightened, white space and control characters collapsed
    to single spaces, surrounding quotation marks dropped. Case and everything else is kept.
    """
    text = unicodedata.normalize("NFC", text).translate(_CURLY)
    return _unwrap(_BLANK.sub(" ", text).strip())


def _unwrap(text: str) -> str:
    """Drop quotation marks around the whole text, but not those of a quote inside it."""
    for mark in ('"', "'"):
        inner = text.removeprefix(mark).removesuffix(mark).strip()
        wrapped = text.startswith(mark) and text.endswith(mark)
        lone = mark == '"' and text.count(mark) == 1
        # `"No," he said, "never"` starts and ends with a mark and is not wrapped in one pair.
        if inner and mark not in (inner if mark == '"' else "") and (wrapped or lone):
            text = inner
    return text


def has_words(text: str) -> bool:
    """Tell whether the text holds at least one letter of any script."""
    return _WORD.search(text) is not None


def check(quote: object, limit: int = MAX_CHARACTERS, index: int | None = None) -> str:
    """Return the quote if it can be scored.

    Args:
        quote: what the caller sent.
        limit: most code points allowed.
        index: position in the caller's list, for the error.

    Raises:
        QuoteError: not a string, blank, too long, or holding half of a surrogate pair.
    """
    if not isinstance(quote, str):
        kind = "nothing" if quote is None else type(quote).__name__
        raise QuoteError("quote_not_text", f"The quote must be text, not {kind}.", index)
    if len(quote) > limit:
        raise QuoteError(
            "quote_too_long",
            f"The quote has {len(quote):,} characters and the limit is {limit:,}; "
            "send it in parts, for example by paragraph.",
            index,
        )
    if not _BLANK.sub("", quote):
        raise QuoteError("quote_blank", "The quote is blank; send at least one character.", index)
    if not quote.isascii() and any("\ud800" <= c <= "\udfff" for c in quote):
        raise QuoteError(
            "quote_not_unicode",
            "The quote holds half of a surrogate pair, which is no character; "
            "decode the text properly before sending it.",
            index,
        )
    return quote
