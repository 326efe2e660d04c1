"""A quote while it is being worked on, before it becomes a record."""

from __future__ import annotations

from dataclasses import dataclass, field

from model.spans import Span
from service.articles.clauses import Sentence
from service.articles.marks import Quoted
from service.articles.phrase import Phrase
from service.articles.records import Kind, Mention
from service.articles.somebody import Somebody


@dataclass(slots=True, eq=False)
class Draft:
    """A quote with what is known of it so far.

    Attributes:
        quoted: where it stands.
        kind: what sort of quote it is.
        phrase: the words that name its speaker, or None.
        label: range of the speech label that names its speaker, or None.
        somebody: whom they mean, or None.
        cue: the word that introduces it.
        lemma: the dictionary form of that word.
        cue_at: place of that word in the article, in code points.
        addressee: the words that name whom it addresses.
        addressed: whom they mean.
        labelled: whether it is a line of a transcript.
        continues: the quote that it carries on.
        parent: the quote that holds it.
        children: the quotes in it.
        sentence: the reporter's sentence that it stands in; None in transcripts and other quotes.
    """

    quoted: Quoted
    kind: Kind = "statement"
    phrase: Phrase | None = None
    label: Span | None = None
    somebody: Somebody | None = None
    cue: str | None = None
    lemma: str | None = None
    cue_at: int | None = None
    addressee: Phrase | None = None
    addressed: Somebody | None = None
    labelled: bool = False
    continues: Draft | None = None
    parent: Draft | None = None
    children: list[Draft] = field(default_factory=list)
    sentence: Sentence | None = None

    def take_speaker(self, other: Draft) -> None:
        """Have the same speaker as another quote, named by the same words."""
        self.phrase, self.label, self.somebody = other.phrase, other.label, other.somebody

    @property
    def has_speaker(self) -> bool:
        """Whether somebody is named as its speaker."""
        return self.phrase is not None or self.label is not None

    def speaker(self, text: str) -> Mention | None:
        """Return its speaker as the article names them, or None."""
        resolved = self.somebody.name if self.somebody is not None else None
        if self.label is not None:
            start, end = self.label
            return Mention(text[start:end], start, end, resolved)
        if self.phrase is None:
            return None
        return Mention(self.phrase.text, self.phrase.start, self.phrase.end, resolved)
