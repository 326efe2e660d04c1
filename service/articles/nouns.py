"""Reads nouns that name somebody out of tokens: determiner, owner, offices and names."""

from collections.abc import Sequence

from service.articles.function_words import (
    ADVERBS,
    AUXILIARY,
    DETERMINERS,
    NO_LABELS,
    RELATIVE,
    VERBS,
)
from service.articles.phrase import Noun, Phrase, phrase_of
from service.articles.runs import NAMES, Item, read_run
from service.articles.tokens import Token
from service.articles.verbs import cues
from service.articles.wordlists import listed

_BEFORE_ANOTHER = listed("all both most dozens")
_INSERTING = RELATIVE | listed("whose the a an now for")
_MOST_OWNERS = 2


class NounReader:
    """Reads nouns out of the tokens of one paragraph.

    Args:
        text: the article.
        tokens: those of the paragraph.
        proper: words, in lower case, that the article writes with a capital inside a sentence.
    """

    def __init__(self, text: str, tokens: Sequence[Token], proper: frozenset[str]) -> None:
        self.text = text
        self.tokens = tokens
        self.proper = proper

    def low(self, index: int) -> str:
        """Return a token in lower case, or an empty text outside the paragraph."""
        return self.tokens[index].low if 0 <= index < len(self.tokens) else ""

    def kind(self, index: int) -> str:
        """Return the kind of a token, or an empty text outside the paragraph."""
        return self.tokens[index].kind if 0 <= index < len(self.tokens) else ""

    def noun(self, first: int, initial: bool) -> Phrase | None:
        """Return the noun that begins at a token, without what hangs on behind, or None."""
        determiner, at = self._determiner(first)
        if at is None:
            return None
        items = read_run(self.tokens, at, bool(determiner))
        if initial and not determiner:
            items = self._certain(items)
        if not items or (determiner in ("that", "this") and items[0].role in NAMES):
            return None
        owner, items = self._owned(items)
        start = self.tokens[first].start
        return phrase_of(self.text, Noun(first, start, determiner, owner, items))

    def _determiner(self, first: int) -> tuple[str, int | None]:
        """Return the determiner and where the noun goes on; None where "that" is no determiner."""
        low = self.low(first)
        if low not in DETERMINERS:
            return "", first
        at = first + (2 if low == "dozens" and self.low(first + 1) == "of" else 1)
        if self.low(at) in DETERMINERS:
            if low == "that":
                return low, None
            at += low in _BEFORE_ANOTHER
        return low, at

    def _owned(self, items: list[Item]) -> tuple[list[Item] | None, list[Item]]:
        """Read on over possessive endings: Norway's foreign minister."""
        owner = None
        for _ in range(_MOST_OWNERS):
            beyond = items[-1].last
            if self.kind(beyond) != "possessive":
                break
            owned = read_run(self.tokens, beyond + 1, True)
            named = bool(owned) and owned[-1].role in NAMES and items[-1].role == "nation"
            if not named and not any(item.role in ("office", "body") for item in owned):
                break
            owner, items = items, owned
        return owner, items

    def _certain(self, items: list[Item]) -> list[Item]:
        """Drop a run at the start of a sentence if its capital may be no name's."""
        if not items or items[0].role != "name":
            return items
        word = items[0].low
        if word in self.proper or any(item.role in ("office", "body") for item in items):
            return items
        if len(items) > 1:
            return items if not word.endswith(("ly", "ing")) else []
        if word.endswith(("ly", "ing", "ed")):
            return []
        return items if self._acts(word, items[0].last) else []

    def _acts(self, word: str, beyond: int) -> bool:
        """Tell whether what follows a capital word shows that it is somebody's name."""
        low, kind = self.low(beyond), self.kind(beyond)
        if low in AUXILIARY | ADVERBS | VERBS or low in cues() or kind == "possessive":
            return True
        if kind == "word":
            return low.endswith(("ed", "s"))
        return (low == ":" and word not in NO_LABELS) or self._inserts(beyond)

    def _inserts(self, comma: int) -> bool:
        """Tell whether a comma begins an insertion, as those behind a name do: "Holm, who ..."."""
        if self.low(comma) != "," or comma + 1 >= len(self.tokens):
            return False
        token = self.tokens[comma + 1]
        opens = token.low in _INSERTING or token.low.isdigit()
        return opens or token.is_capital or token.low.endswith("ing")
