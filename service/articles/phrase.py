"""A noun phrase that may name somebody, and the reading of its inner part into one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from service.articles.function_words import DEFINITE, PERSONAL, PLURALS
from service.articles.offices import BODIES, FEMININE, MASCULINE, PERSONS, SYNONYMS
from service.articles.places import country_adjectives
from service.articles.runs import NAMES, Item
from service.articles.wordlists import listed

Sort = Literal["person", "body", "place", "name", "pronoun"]

_SUFFIXES = listed("qc kc mp mep obe cbe jr sr phd")
_OFFICES = listed("office body honorific")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase that may name somebody.

    Attributes:
        first: index of its first token in the paragraph.
        last: index after its last token.
        start: first code point in the article.
        end: code point after it.
        text: its words.
        sort: what it names; ``name`` is a proper name of we know not what.
        name: the proper name in it, without titles and offices, or None.
        head: the office, or the pronoun, in lower case and as ``SYNONYMS`` has it; may be empty.
        words: its offices and the words before them, in lower case.
        nation: the country it belongs to, or None.
        definite: whether it speaks of somebody known ("the", "its", an owner, a name).
        plural: whether it names several.
        gender: ``m``, ``f`` or None.
    """

    first: int
    last: int
    start: int
    end: int
    text: str
    sort: Sort
    name: str | None = None
    head: str = ""
    words: frozenset[str] = frozenset()
    nation: str | None = None
    definite: bool = True
    plural: bool = False
    gender: str | None = None


@dataclass(frozen=True, slots=True)
class Noun:
    """The parts of a phrase as they were read.

    Attributes:
        first: index of its first token.
        start: first code point.
        determiner: in lower case; may be empty.
        owner: the run before a possessive ending, or None.
        items: the run itself.
    """

    first: int
    start: int
    determiner: str
    owner: list[Item] | None
    items: list[Item]


def pronoun(text: str, tokens: tuple[int, int], span: tuple[int, int], head: str) -> Phrase:
    """Return the phrase of a pronoun, or of words that point back as one does."""
    plural = head in ("they", "we", "both", "some", "many")
    return Phrase(
        *tokens,
        *span,
        text[slice(*span)],
        "pronoun",
        head=head,
        plural=plural,
        gender=PERSONAL.get(head) or None,
    )


def phrase_of(text: str, noun: Noun) -> Phrase | None:
    """Return the phrase that a noun's parts make, or None where they name nobody."""
    items = _proper_bodies(noun.items)
    offices = [i for i, item in enumerate(items) if item.role in _OFFICES]
    named = _name(items, offices)
    if not offices and not named:
        return None
    sort = _sort(items, offices, bool(named), noun.owner)
    lone = len(items) == 1 and items[0].low in country_adjectives()
    if sort == "place" and lone and not noun.determiner and not items[0].low.endswith("s"):
        return None
    before = items[: offices[-1] + 1] if offices else []
    head = before[-1].low if before and before[-1].role != "honorific" else ""
    nations = [item.nation for item in [*(noun.owner or []), *items] if item.nation]
    lows = {item.low for item in before}
    words = {item.low for item in before if item.role != "honorific" and not item.nation}
    return Phrase(
        noun.first,
        items[-1].last,
        noun.start,
        items[-1].end,
        text[noun.start : items[-1].end],
        sort,
        text[named[0].start : named[-1].end] if named else None,
        SYNONYMS.get(head, head),
        frozenset(SYNONYMS.get(word, word) for word in words),
        nations[0] if nations else None,
        noun.determiner in DEFINITE or noun.owner is not None or bool(named),
        noun.determiner in PLURALS or _is_plural(head),
        "m" if lows & MASCULINE else "f" if lows & FEMININE else None,
    )


def _name(items: list[Item], offices: list[int]) -> list[Item]:
    """Return the words of the proper name: what stands behind the last office."""
    named = items[offices[-1] + 1 :] if offices else items
    named = [item for item in named if item.role in NAMES or item.role == "particle"]
    if not offices and len(items) > 1:
        while named and named[0].role == "nation" and named[0].low in country_adjectives():
            named = named[1:]
    return named[:-1] if len(named) > 1 and named[-1].low in _SUFFIXES else named


def _proper_bodies(items: Sequence[Item]) -> list[Item]:
    """Read a body as part of the name behind it: the Daily Herald."""
    proper = []
    for item, following in zip(items, [*items[1:], items[-1]], strict=True):
        named = following.role == "name" and following.is_capital
        inside = item.role == "body" and item.is_capital and named
        proper.append(item._replace(role="name") if inside else item)
    return proper


def _is_plural(head: str) -> bool:
    return head.endswith("men") or (head.endswith("s") and head[:-1] in PERSONS | BODIES)


def _sort(items: list[Item], offices: list[int], named: bool, owner: list[Item] | None) -> Sort:
    if not offices:
        if all(item.role == "nation" for item in items):
            return "place" if owner is None else "name"
        return "person" if owner and named else "name"
    return "body" if items[offices[-1]].role == "body" else "person"
