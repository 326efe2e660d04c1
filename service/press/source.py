"""Where the command gets its article: a file, or standard input."""

import sys
from pathlib import Path

from service.corpus.errors import CorpusError
from service.corpus.packed import split_packing, unpack
from service.press.limits import ArticleError, check_article

STANDARD = "-"
"""Names standard input."""

_MARK = b"\xef\xbb\xbf"  # what some editors put before UTF-8
_MOST_BYTES = 4  # of a code point


def read_source(source: str, limit: int) -> str:
    """Return the text of an article, line ends as they are, without a byte order mark.

    Args:
        source: path of a file, which may be compressed (``.gz``, ``.zst``), or ``-``.
        limit: longest article accepted, in code points; not much more than that is read.

    Raises:
        CorpusError: it cannot be read, is not UTF-8, blank or too long; names it.
    """
    name = "standard input" if source == STANDARD else source
    raw = _bytes(source, name, len(_MARK) + _MOST_BYTES * limit + 1)
    if len(raw) > len(_MARK) + _MOST_BYTES * limit:
        raise CorpusError(
            f"{name}: the article has more characters than the limit of {limit:,}; "
            "send it in parts."
        )
    try:
        return check_article(raw.decode("utf-8-sig"), limit)
    except UnicodeDecodeError as cause:
        raise CorpusError(
            f"{name} is not UTF-8 (byte {cause.start}); convert it first, for example with "
            "`iconv -f latin1 -t utf-8`."
        ) from cause
    except ArticleError as error:
        raise CorpusError(f"{name}: {error}") from error


def _bytes(source: str, name: str, most: int) -> bytes:
    if source == STANDARD:
        if sys.stdin.isatty():
            raise CorpusError("No article: give a FILE, or send one to standard input.")
        return sys.stdin.buffer.read(most)
    try:
        with unpack(Path(source).open("rb"), split_packing(Path(source))[1]) as file:
            return file.read(most)
    except OSError as cause:
        reason = (cause.strerror or str(cause)).lower()
        raise CorpusError(f"{name} cannot be read: {reason}.") from cause
