"""The inner part of a noun phrase: a run of names, offices, nations and the words before them."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple

from service.articles.function_words import PREPOSITIONS, STARTERS, STOP
from service.articles.offices import BODIES, HONORIFICS, PARTICLES, PERSONS, WEEKDAYS_AND_MONTHS
from service.articles.places import countries
from service.articles.tokens import Token
from service.articles.verbs import cues
from service.articles.wordlists import listed

Role = Literal["name", "office", "body", "nation", "honorific", "particle", "plain"]

NAMES: frozenset[Role] = frozenset(["name", "nation"])
"""Roles that can make up a proper name."""
_PARTIES = listed("""
    republican democratic conservative liberal socialist catholic muslim
""")
_ADJECTIVAL = ("ed", "ant", "ent", "ful", "ous", "ive", "ing", "y", "ic", "late", "then", "ish")
_SHORT_TITLES = listed("dr mr ms")
_FIRST_NAMES = listed("jan april may june august")
_LONGEST = 9
_LOOK_AHEAD = 3
_ARABIC = re.compile(r"(?:al|el|ul|an|as|ash|ad|ar|at|az|d|l|o)[-’'][A-ZÀ-Þ]")
_MAKING_ADJECTIVES = listed("mad based born led backed style run owned old elect hungry")
_NOUNS_IN_S = listed("""
    sports affairs business customs arms news defence tennis press cross
""")
# Words that are an office only where something says so: a lone "chair" or "head" is furniture.
_SURNAMES = listed("""
    king bishop pope prince marshal major baker butcher hunter keeper page
""")


class Item(NamedTuple):
    """One word, or the several words of a country's name.

    Attributes:
        role: what it does in the run.
        low: in lower case.
        first: index of its first token.
        last: index after its last token.
        start: first code point.
        end: code point after it.
        nation: country it stands for, or None.
        is_capital: whether it begins with a capital letter.
    """

    role: Role
    low: str
    first: int
    last: int
    start: int
    end: int
    nation: str | None = None
    is_capital: bool = False


def read_run(tokens: Sequence[Token], first: int, determined: bool) -> list[Item]:
    """Return the run that begins at a token, cut back to its last name, office or nation.

    Args:
        tokens: those of the paragraph.
        first: index where the run should begin.
        determined: whether a determiner or an owner stands before it, so that any word may follow.
    """
    items: list[Item] = []
    at = first
    while at < len(tokens) and len(items) < _LONGEST:
        item = nation_at(tokens, at) or _item(tokens, at, items, determined)
        if item is None:
            break
        items.append(item)
        at = item.last
    while items and items[-1].role in ("plain", "particle", "honorific"):
        items.pop()
    return _as_name(items)


def nation_at(tokens: Sequence[Token], at: int) -> Item | None:
    """Return the name of a country, its adjective or capital that begins at a token, or None."""
    if at >= len(tokens) or not tokens[at].is_capital:
        return None
    for length in range(_longest_nations().get(tokens[at].low, 0), 0, -1):
        part = tokens[at : at + length]
        low = " ".join(token.low for token in part)
        if len(part) == length and part[-1].kind == "word" and low in countries():
            country = countries()[low]
            return Item("nation", low, at, at + length, part[0].start, part[-1].end, country)
    return None


@cache
def _longest_nations() -> dict[str, int]:
    """Return the first words of the names of countries, with the words of the longest such name."""
    longest: dict[str, int] = {}
    for name in countries():
        words = name.split(" ")
        longest[words[0]] = max(longest.get(words[0], 0), len(words))
    return longest


def _item(tokens: Sequence[Token], at: int, before: list[Item], determined: bool) -> Item | None:
    token = tokens[at]
    if token.kind != "word" or (
        token.low in WEEKDAYS_AND_MONTHS and not _is_first_name(tokens, at)
    ):
        return None
    small = None if token.is_capital else _small(tokens, at, before, determined)
    role = _capital(token, before) if token.is_capital else small
    if role is None:
        return None
    return Item(role, token.low, at, at + 1, token.start, token.end, None, token.is_capital)


def _is_first_name(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a month is a first name here: "Jan Berg", but not "in May Berg said"."""
    if tokens[at].low not in _FIRST_NAMES or not _next_is_capital(tokens, at):
        return False
    return at == 0 or (tokens[at - 1].low not in PREPOSITIONS and not tokens[at - 1].low.isdigit())


def _small(tokens: Sequence[Token], at: int, before: list[Item], determined: bool) -> Role | None:
    token = tokens[at]
    if token.low in PERSONS:
        return "office"
    if token.low in BODIES:
        return "body"
    if before and _ARABIC.match(token.text):
        return "name"
    if before and token.low in PARTICLES and _next_is_capital(tokens, at):
        return "particle"
    return "plain" if _may_precede(tokens, at, before, determined) else None


def _capital(token: Token, before: list[Item]) -> Role | None:
    low = token.low
    if low in HONORIFICS and (len(low) > 2 or token.text.endswith(".") or low in _SHORT_TITLES):
        return "honorific"
    if low in PERSONS:
        return "office"
    if low in BODIES:
        return "body"
    if before and before[-1].role == "honorific":
        return "name"
    if low in _PARTIES:
        return "plain"
    return _name(low, bool(before)) if token.text[0].isalpha() else None


def _name(low: str, inside: bool) -> Role | None:
    """Return what a word with a capital is that is no office; ``inside`` a run, more is a name."""
    if "-" in low and low.rpartition("-")[2] in _MAKING_ADJECTIVES:
        return "plain" if inside else None
    if low in STOP or (not inside and (low in STARTERS or _is_verb(low))):
        return None
    return "name"


def _is_verb(low: str) -> bool:
    cue = cues().get(low)
    return cue is not None and cue.form in ("past", "ing")


def _next_is_capital(tokens: Sequence[Token], at: int) -> bool:
    following = tokens[at + 1 : at + 3]
    return any(token.is_capital for token in following[:1]) or (
        len(following) > 1 and following[0].low in PARTICLES and following[1].is_capital
    )


def _may_precede(tokens: Sequence[Token], at: int, before: list[Item], determined: bool) -> bool:
    """Tell whether a word in lower case may stand before an office or a name that follows soon."""
    low = tokens[at].low
    if low in STOP or not low[0].isalpha() or not (determined or before):
        return False
    strict = not determined or any(item.role != "plain" for item in before)
    if strict and (
        low in cues() or low.endswith("ed") or (low.endswith("s") and low not in _NOUNS_IN_S)
    ):
        return False
    for token in tokens[at + 1 : at + 1 + _LOOK_AHEAD]:
        if token.kind != "word" or token.low in STOP:
            return False
        if token.low in PERSONS or token.low in BODIES:
            return True
        if token.is_capital:
            return determined and low.endswith(_ADJECTIVAL)
    return False


def _as_name(items: list[Item]) -> list[Item]:
    """Read "Stephen King" as a name, although a king is an office."""
    if len(items) >= 2 and items[-1].role == "office" and items[-1].low in _SURNAMES:
        capitals = all(item.role in ("name", "honorific") for item in items[:-1])
        capitals = capitals and items[-1].is_capital
        if capitals:
            return [*items[:-1], items[-1]._replace(role="name")]
    return items
