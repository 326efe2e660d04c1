"""Reads a sentence as a chain of phrases, cues, quotes and small words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from service.articles.function_words import (
    ADVERBS,
    AUXILIARY,
    CONJUNCTIONS,
    DETERMINERS,
    MODAL,
    POSSESSIVES,
    RELATIVE,
    STOP,
)
from service.articles.offices import WEEKDAYS_AND_MONTHS
from service.articles.phrase import Phrase
from service.articles.phrases import PhraseReader
from service.articles.tokens import Token
from service.articles.verbs import SPLIT_VERBS, Cue, cues

Kind = Literal["phrase", "cue", "quote", "word", "mark", "possessive"]


@dataclass(slots=True)
class Chunk:
    """A piece of a sentence.

    Attributes:
        kind: what it is.
        low: its word or mark in lower case; empty for phrases and quotes.
        first: index of its first token.
        last: index after its last token.
        token: its first token.
        phrase: the phrase, if it is one.
        cue: the verb of saying, if it is one.
    """

    kind: Kind
    low: str
    first: int
    last: int
    token: Token
    phrase: Phrase | None = None
    cue: Cue | None = None


class Steps:
    """Steps along the chunks of a sentence; an index outside finds nothing.

    Args:
        chunks: those of the sentence.
    """

    def __init__(self, chunks: list[Chunk]) -> None:
        self.chunks = chunks

    def chunk(self, index: int) -> Chunk | None:
        """Return a chunk, or None outside the sentence."""
        return self.chunks[index] if 0 <= index < len(self.chunks) else None

    def low(self, index: int) -> str:
        """Return the word or mark of a chunk in lower case, else an empty text."""
        return self.chunks[index].low if 0 <= index < len(self.chunks) else ""

    def kind(self, index: int) -> str:
        """Return the kind of a chunk, else an empty text."""
        return self.chunks[index].kind if 0 <= index < len(self.chunks) else ""

    def phrase(self, index: int) -> Phrase | None:
        """Return the phrase of a chunk, or None."""
        return self.chunks[index].phrase if 0 <= index < len(self.chunks) else None


def read_chunks(reader: PhraseReader, sentence: range) -> list[Chunk]:
    """Return the chunks of a sentence in order."""
    tokens, chunks = reader.tokens, list[Chunk]()
    at = sentence.start
    while at < sentence.stop:
        token = tokens[at]
        phrase = reader.read(at, initial=at == sentence.start) if token.kind == "word" else None
        if phrase is not None:
            chunks.append(Chunk("phrase", "", at, phrase.last, token, phrase=phrase))
            at = phrase.last
            continue
        cue = _cue(tokens, at, chunks) if token.kind == "word" else None
        kind: Kind = "cue" if cue else token.kind
        chunks.append(Chunk(kind, token.low, at, at + 1, token, cue=cue))
        at += 1
    return chunks


def _cue(tokens: Sequence[Token], at: int, before: list[Chunk]) -> Cue | None:
    """Return the cue that a word is here, or None where it is a noun or another verb."""
    cue = cues().get(tokens[at].low)
    if cue is None:
        return None
    following = tokens[at + 1].low if at + 1 < len(tokens) else ""
    if cue.lemma in SPLIT_VERBS and following not in SPLIT_VERBS[cue.lemma]:
        return None
    if not before:
        return cue if cue.form in ("ing", "past") else None
    previous = before[-1]
    if previous.kind == "possessive" or previous.low in DETERMINERS | POSSESSIVES:
        return None
    if cue.form == "ing":
        return cue if _takes_gerund(previous, following) else None
    if cue.form == "base":
        return cue if _takes_base(before) else None
    if cue.form == "s" and previous.kind == "word":
        return cue if previous.low in ADVERBS | RELATIVE | CONJUNCTIONS else None
    return cue


def _takes_gerund(previous: Chunk, following: str) -> bool:
    """Tell whether a form in -ing is a verb here and not the noun of "a hopeless posting"."""
    plain = previous.kind == "word" and previous.low not in STOP
    objects = following in DETERMINERS | {"it", "them", "him", "that"}
    return objects or not plain or previous.low.endswith("ly")


def _takes_base(before: list[Chunk]) -> bool:
    """Tell whether a verb without ending may stand here: to say, will say, they say."""
    for chunk in reversed(before[-3:]):
        if chunk.low in ADVERBS or chunk.low.endswith("ly") or chunk.low == "not":
            continue
        if chunk.phrase is not None:
            return chunk.phrase.plural or chunk.phrase.head in ("i", "you")
        return chunk.low == "to" or chunk.low in MODAL
    return False


def is_adverbial(chunk: Chunk) -> bool:
    """Tell whether a chunk may stand between a subject and its verb without being either."""
    if chunk.kind != "word":
        return False
    low = chunk.low
    return low in ADVERBS or low in AUXILIARY or low.endswith("ly") or low in WEEKDAYS_AND_MONTHS


def apposed(first: Phrase, second: Phrase) -> bool:
    """Tell whether two phrases with a comma between them may name the same one."""
    if "pronoun" in (first.sort, second.sort) or "place" in (first.sort, second.sort):
        return False
    if bool(first.name) == bool(second.name):
        return bool(first.name and second.head and not first.head) and first.plural == second.plural
    office, named = (second, first) if first.name else (first, second)
    return bool(office.head) and office.plural == named.plural
