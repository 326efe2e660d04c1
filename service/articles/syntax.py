"""What a parser adds to the rules: what a name names, and which verb a quote hangs on.

``Syntax`` is the one interface to parsers; without one, the rules read alone. The rules go first: a
parser gives a speaker only where they found none, and makes a person only of a name that may be
anything. So it can add, but not overrule.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from service.articles.attribution import Found
from service.articles.attributions import Attribution
from service.articles.chunks import Chunk
from service.articles.clauses import Sentence
from service.articles.tokens import Token
from service.articles.verbs import DENYING


@dataclass(frozen=True, slots=True)
class Saying:
    """A verb that a quote hangs on.

    Attributes:
        verb: index of its token in the sentence.
        lemma: its dictionary form.
        subject: index of the token that names who does it.
    """

    verb: int
    lemma: str
    subject: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser says of a sentence.

    Attributes:
        people: indexes of the tokens that name a person.
        sayings: the verb that a quote hangs on, by the index of the quote's token.
    """

    people: set[int] = field(default_factory=set)
    sayings: dict[int, Saying] = field(default_factory=dict)


class Syntax(Protocol):
    """A parser of English."""

    def parse(self, text: str, sentences: Sequence[Sequence[Token]]) -> Sequence[Parsed]:
        """Return what it says of each sentence, in order.

        Args:
            text: the article.
            sentences: the tokens of each; a quote is one token.
        """
        ...


def with_people(chunks: Sequence[Chunk], parsed: Parsed, first: int) -> list[Chunk]:
    """Return the chunks of a sentence, with people where only a name was known.

    Args:
        chunks: as the rules read them.
        parsed: what the parser says.
        first: index of the sentence's first token among those of the chunks.
    """
    return [_as_person(chunk, parsed, first) for chunk in chunks]


def _as_person(chunk: Chunk, parsed: Parsed, first: int) -> Chunk:
    phrase = chunk.phrase
    if phrase is None or phrase.sort != "name":
        return chunk
    if not all(at - first in parsed.people for at in range(chunk.first, chunk.last)):
        return chunk
    return replace(chunk, phrase=replace(phrase, sort="person"))


def with_sayings(found: Found, sentence: Sentence, parsed: Parsed, first: int) -> Found:
    """Return the attributions of a sentence, the parser's where the rules have none.

    Args:
        found: those of the rules, one a quote.
        sentence: where they stand.
        parsed: what the parser says.
        first: as above.
    """
    quotes = [chunk.first for chunk in sentence.chunks if chunk.token.quoted is not None]
    return [
        (quoted, had or _attribution(sentence, parsed.sayings.get(at - first), first, at))
        for at, (quoted, had) in zip(quotes, found, strict=True)
    ]


def _attribution(
    sentence: Sentence, saying: Saying | None, first: int, quote: int
) -> Attribution | None:
    if saying is None or saying.lemma in DENYING:
        return None
    subject, verb = (_at(sentence, index + first) for index in (saying.subject, saying.verb))
    if subject is None or subject.phrase is None or verb is None or verb.first == quote:
        return None
    return Attribution(
        subject.phrase, verb.token.text, saying.lemma, manner="parsed", at=verb.token.start
    )


def _at(sentence: Sentence, token: int) -> Chunk | None:
    return next((c for c in sentence.chunks if c.first <= token < c.last), None)
