"""Cuts the words around quotes into tokens; a quote among them is one token."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from service.articles.marks import Quoted
from service.articles.offices import HONORIFICS
from service.articles.wordlists import listed

_ABBREVIATIONS = "|".join(
    sorted(
        {case(word) for word in HONORIFICS if len(word) < 5 for case in (str.capitalize, str.upper)}
    )
)
_TOKEN = re.compile(
    rf"(?:{_ABBREVIATIONS}|No|Jr|Sr|vs|v)\.(?=\s)|(?:[^\W\d_]\.){{2,}}|[A-ZÀ-Þ]\.(?=\s?[A-ZÀ-Þ])"
    r"|[^\W_]+(?:[’'.\-&/@][^\W_]+)*|--+|\.\.\.|\S"
)
_CONTRACTING = listed("i you he she it we they who that there here what")
_POSSESSIVE = re.compile(r"['’][sS]$")


class Token(NamedTuple):
    """A word, a mark, a possessive ending or a quote.

    Attributes:
        kind: which of them.
        text: as in the article; empty for a quote.
        low: the text in lower case, without the point of an abbreviation.
        start: first code point.
        end: code point after it.
        quoted: the stretch a quote token stands for.
    """

    kind: Literal["word", "mark", "possessive", "quote"]
    text: str
    low: str
    start: int
    end: int
    quoted: Quoted | None = None

    @property
    def is_capital(self) -> bool:
        """Whether the token is a word that begins with a capital letter."""
        return self.kind == "word" and self.text[0].isupper()


def _words(text: str, start: int, end: int) -> Iterator[Token]:
    for match in _TOKEN.finditer(text, start, end):
        word, at, stop = match[0], match.start(), match.end()
        if not word[0].isalnum():
            before = text[at - 1 : at]
            owns = word in "'’" and before in ("s", "S", "z", "x") and at > start
            yield Token("possessive" if owns else "mark", word, word, at, stop)
        elif (cut := _contracted(word)) is not None:
            yield Token("word", word[:cut], _low(word[:cut]), at, at + cut)
            yield Token("word", word[cut:], _low(word[cut:]), at + cut, stop)
        elif (own := _POSSESSIVE.search(word)) and own.start():
            cut = at + own.start()
            yield Token("word", word[: own.start()], _low(word[: own.start()]), at, cut)
            yield Token("possessive", own[0], "'s", cut, stop)
        else:
            yield Token("word", word, _low(word), at, stop)


def _contracted(word: str) -> int | None:
    """Return where "he's" or "they're" falls apart into pronoun and verb."""
    cut = max(word.find("'"), word.find("’"))
    return cut if cut > 0 and word[:cut].casefold() in _CONTRACTING else None


def _low(word: str) -> str:
    word = word.casefold().replace("’", "'")
    return word[:-1] if word.endswith(".") and word.count(".") == 1 else word


def tokenise(text: str, start: int, end: int, quotes: Iterable[Quoted]) -> list[Token]:
    """Return the tokens of a range of the article.

    Args:
        text: the article.
        start: first code point of the range.
        end: code point after it.
        quotes: the outermost quoted stretches inside the range, in order.
    """
    tokens: list[Token] = []
    at = start
    for quoted in quotes:
        tokens.extend(_words(text, at, max(at, quoted.outer_start)))
        tokens.append(Token("quote", "", "", quoted.outer_start, quoted.outer_end, quoted))
        at = max(at, quoted.outer_end)
    tokens.extend(_words(text, at, end))
    return tokens


def ends_sentence(text: str, quoted: Quoted) -> bool:
    """Tell whether a quote's own words end with a full stop, question or exclamation mark."""
    return text[quoted.end - 1] in ".!?…"


def sentences(
    text: str, tokens: Sequence[Token], attributes: Callable[[Sequence[Token], int], bool]
) -> list[range]:
    """Return the sentences as ranges of tokens; one that only says who speaks joins its quote.

    Args:
        text: the article.
        tokens: those of a paragraph.
        attributes: tells whether the tokens from an index on only say who has just spoken.
    """
    found, first = [], 0
    for index, token in enumerate(tokens[:-1]):
        following = tokens[index + 1]
        fresh = following.kind == "quote" or following.is_capital or following.low[:1].isdigit()
        if token.kind == "quote" and token.quoted is not None:
            stop = fresh and ends_sentence(text, token.quoted)
            stop = stop and not (following.kind == "word" and attributes(tokens, index + 1))
        else:
            stop = token.low in (".", "!", "?", "…", "...") and fresh
        if stop:
            found.append(range(first, index + 1))
            first = index + 1
    found.append(range(first, len(tokens)))
    return found
