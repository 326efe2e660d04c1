"""What an attribution is, and the small steps that finding one takes."""

from dataclasses import dataclass
from typing import Literal

from service.articles.chunks import Steps, apposed
from service.articles.clauses import Sentence
from service.articles.function_words import CONJUNCTIONS, OBJECTS, PERSONAL, PREPOSITIONS, STOP
from service.articles.phrase import Phrase
from service.articles.verbs import SPLIT_VERBS, cue_nouns

Manner = Literal["behind", "before", "introduced", "signed", "parsed", "unknown"]

_TO_ADDRESSEE = 3


@dataclass(slots=True)
class Attribution:
    """Who says a quote, as its sentence has it.

    Attributes:
        phrase: who; None where the sentence does not say.
        cue: the word that says so, for example ``said``.
        lemma: its dictionary form.
        addressee: who is addressed, or None.
        manner: where it was found; ``parsed``: by a parser, not by the rules; ``unknown``: the
            sentence speaks of the quote as somebody's words without naming them, so that nothing
            may be guessed.
        direct: whether the cue stands right before the quote or right behind it.
        inverted: whether the cue stands before its subject: "said Olsen".
        at: place of the cue in the article, in code points, or None.
    """

    phrase: Phrase | None
    cue: str | None = None
    lemma: str | None = None
    addressee: Phrase | None = None
    manner: Manner = "unknown"
    direct: bool = False
    inverted: bool = False
    at: int | None = None


class Signs(Steps):
    """Steps from one sign of a speaker to the next.

    Args:
        sentence: the sentence.
    """

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.chunks)
        self.sentence = sentence

    def near(self, index: int) -> int:
        """Step over up to two plain words before a phrase: by furious officials."""
        for _ in range(2):
            later = self.phrase(index + 1) is not None or self.phrase(index + 2) is not None
            if self.kind(index) == "word" and later and self.low(index) not in STOP:
                index += 1
        return index

    def whom(self, index: int) -> Phrase | None:
        """Return the phrase near an index, or the name it stands in apposition to."""
        index = self.near(index)
        phrase, second = self.phrase(index), self.phrase(index + 2)
        if phrase is None or phrase.name or second is None or self.low(index + 1) != ",":
            return phrase
        return second if second.name and apposed(phrase, second) else phrase

    def speaks(self, index: int) -> bool:
        """Tell whether a noun of saying stands here, with up to two words before it."""
        for at in range(index, index + 3):
            if self.low(at) in cue_nouns():
                return True
            if self.kind(at) != "word":
                return False
        return False

    def made(
        self, phrase: Phrase | None, cue: int, manner: Manner, direct: bool = False
    ) -> Attribution:
        """Return the attribution to a phrase by the cue at an index."""
        chunk = self.chunks[cue]
        lemma = chunk.cue.lemma if chunk.cue else None
        shown = chunk.token.text
        if lemma in SPLIT_VERBS and self.low(cue + 1) in SPLIT_VERBS[lemma]:
            shown = f"{shown} {self.low(cue + 1)}"
        addressee = self._addressee(cue)
        return Attribution(
            phrase, shown, lemma, addressee, manner, direct, at=chunk.token.start
        )  # fmt: skip

    def named(self, phrase: Phrase | None, noun: int, manner: Manner) -> Attribution | None:
        """Return the attribution by a noun of saying, or None without a phrase."""
        if phrase is None:
            return None
        word = self.low(noun)
        return Attribution(phrase, word, word, None, manner)

    def _object(self, index: int) -> Phrase | None:
        """Return the pronoun of "told him"; not the owner of "told her dog"."""
        chunk, head = self.chunk(index), OBJECTS.get(self.low(index))
        after = self.low(index + 1)
        ends = self.kind(index + 1) in ("", "mark", "quote") or after in PREPOSITIONS | CONJUNCTIONS
        if chunk is None or head is None or not (ends or after == "that"):
            return None
        token, gender, several = chunk.token, PERSONAL[head] or None, head == "they"
        return Phrase(
            chunk.first, chunk.last, token.start, token.end, token.text, "pronoun",
            head=head, plural=several, gender=gender,
        )  # fmt: skip

    def _addressee(self, cue: int) -> Phrase | None:
        """Return whom the cue addresses: told reporters, said to Olsen, called on Norway."""
        chunk = self.chunks[cue]
        lemma = chunk.cue.lemma if chunk.cue is not None else ""
        groups = chunk.cue.groups if chunk.cue is not None else frozenset()
        if "tell" in groups and "call" not in groups:  # in "called it a farce", nobody is addressed
            nearby = self.phrase(cue + 1) or self._object(cue + 1)
            if nearby is not None and self.kind(cue + 2) != "possessive":
                return nearby
        for index in range(cue + 1, cue + 1 + _TO_ADDRESSEE):
            low, phrase = self.low(index), self.phrase(index + 1)
            if low in ("to", "on") and phrase is not None:
                wanted = phrase.sort != "place" if low == "to" else lemma == "call"
                return phrase if wanted else None
            if low in PREPOSITIONS or low in CONJUNCTIONS or not low:
                return None
        return None
