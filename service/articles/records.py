"""What comes out of an article: quotes, speakers and turns, without any score."""

from dataclasses import dataclass
from typing import Literal

from model.spans import Span

Kind = Literal["statement", "fragment", "continuation", "nested", "mention"]
Evidence = Literal["reply", "addressee", "transcript"]


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody as the article names them in one place.

    Attributes:
        text: the words of the article, for example ``the minister``.
        start: first code point of them in the article.
        end: code point after them.
        resolved: the first full mention they point to, without titles (``Ida Solberg``) or, for
            offices and bodies, without the article (``Norwegian Foreign Ministry``); None where
            the rules cannot tell, as for a ``he`` that fits nobody.
    """

    text: str
    start: int
    end: int
    resolved: str | None


@dataclass(frozen=True, slots=True)
class Quote:
    """One stretch of quoted words.

    Attributes:
        text: the words between the marks, exactly as in the article.
        start: first code point of them in the article.
        end: code point after them.
        kind: ``statement``, a quote that stands alone; ``fragment``, words built into the
            reporter's sentence; ``continuation``, what goes on after an attribution or a new
            paragraph; ``nested``, somebody's words inside another's quote; ``mention``, scare
            quotes, titles of works and words as words, which state nothing.
        speaker: who said it; None where the article does not say or the rules cannot tell.
        cue: the word that introduces the speaker, for example ``said``.
        addressee: who is addressed, where the sentence says so.
        part_of: index of the quote that a continuation continues or that holds a nested one.
        pieces: ranges of the article that are the speaker's own words: the quote without what is
            nested in it and without editors' notes such as ``[sic]``.
        words: those pieces as one text, an ellipsis where something was left out; what is scored.
    """

    text: str
    start: int
    end: int
    kind: Kind
    speaker: Mention | None
    cue: str | None
    addressee: Mention | None
    part_of: int | None
    pieces: tuple[Span, ...]
    words: str

    @property
    def states(self) -> bool:
        """Whether somebody says something here, so that it is worth a score."""
        return self.kind != "mention" and bool(self.words)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who is quoted.

    Attributes:
        name: as in ``Mention.resolved``.
        quotes: indexes of their quotes, in order; mentions are not among them.
    """

    name: str
    quotes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """Consecutive quotes of one speaker.

    Attributes:
        speaker: name of the speaker.
        quotes: indexes of the quotes, in order.
        answers: index of the earlier turn that this one answers, or None.
        evidence: why: a word of replying, the addressee, or the next line of a transcript.
    """

    speaker: str
    quotes: tuple[int, ...]
    answers: int | None
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Article:
    """An article, read.

    Attributes:
        title: as given, or None.
        quotes: in order of their first code point; a quote comes before those nested in it.
        speakers: in order of their first quote.
        exchange: the turns in order; quotes without a known speaker are in none.
    """

    title: str | None
    quotes: tuple[Quote, ...]
    speakers: tuple[Speaker, ...]
    exchange: tuple[Turn, ...]
