"""Finds the phrases that can name a speaker: people, offices, bodies, places, pronouns.

There is no parser behind this: a phrase is a determiner, words before the noun, offices and names,
an owner in front ("Norway's foreign minister") and what hangs on behind ("of Chile", "for the
ministry"). Every step is bounded, so reading a text is linear.
"""

from service.articles.attached import AttachedReader
from service.articles.function_words import (
    ADVERBS,
    AUXILIARY,
    DEFINITE,
    DETERMINERS,
    HAVE,
    INDEFINITE,
    PERSONAL,
    STOP,
)
from service.articles.phrase import Phrase, pronoun
from service.articles.verbs import DOCUMENTS, PLAIN_SAYING, TEXTS, cues
from service.articles.wordlists import listed

_MOST_ATTACHED = 3
_MOST_WORDS = 5
_BEFORE_TEXTS = listed("the its his her their")
_GROUPS = listed("them us those")


class PhraseReader(AttachedReader):
    """Reads phrases of every sort out of the tokens of one paragraph."""

    def read(self, first: int, initial: bool = False) -> Phrase | None:
        """Return the phrase that begins at a token, or None.

        Args:
            first: index of the token.
            initial: whether it begins a sentence, so that its capital says nothing.
        """
        low = self.low(first)
        if self.kind(first) != "word":
            return None
        if low in PERSONAL:
            return self._pronoun(first, first + 1, low)
        if low in _BEFORE_TEXTS and self._is_text(first + 1):
            return self._pronoun(first, first + 2, "statement")
        phrase = self.noun(first, initial)
        if phrase is None and low in DETERMINERS:
            phrase = self._anyone(first)
        if phrase is None and low in INDEFINITE:
            return self._indefinite(first)
        return phrase and self.attach(phrase, _MOST_ATTACHED)

    def _pronoun(self, first: int, last: int, head: str) -> Phrase:
        span = (self.tokens[first].start, self.tokens[last - 1].end)
        return pronoun(self.text, (first, last), span, head)

    def _is_text(self, index: int) -> bool:
        """Tell whether "the statement" stands here for whoever made it: "the statement said"."""
        cue = cues().get(self.low(index + 1))
        return self.low(index) in TEXTS and cue is not None and cue.form in ("past", "s")

    def _indefinite(self, first: int) -> Phrase | None:
        """Read "one said", "both of them said"."""
        following = self.low(first + 1)
        if following not in AUXILIARY | ADVERBS | {"of", ","} and following not in cues():
            return None
        last = first + 1
        if following == "of":
            if self.low(last + 1) in _GROUPS:
                last += 2
            elif last + 1 < len(self.tokens) and (whole := self.noun(last + 1, False)) is not None:
                last = whole.last
        return self._pronoun(first, last, self.low(first))

    def _anyone(self, first: int) -> Phrase | None:
        """Read whoever a verb of saying makes a speaker: "the keeper said", "said the keeper"."""
        at = first + 1
        while at - first < _MOST_WORDS and self._is_plain(at):
            at += 1
        noun = self.low(at - 1)
        if noun.endswith("year-old") and self._says(at):
            return self._pronoun(first, at, "person")
        if at == first + 1 or noun in TEXTS | DOCUMENTS or noun.endswith(("ing", "ed", "ly")):
            return None
        after = at
        while self.low(after) in HAVE | ADVERBS:
            after += 1
        if not (self._says(after) or (self._says(first - 1) and self._closes(at))):
            return None
        start, end = self.tokens[first].start, self.tokens[at - 1].end
        words = frozenset(token.low for token in self.tokens[first + 1 : at])
        return Phrase(
            first,
            at,
            start,
            end,
            self.text[start:end],
            "person",
            head=noun,
            words=words,
            definite=self.low(first) in DEFINITE,
        )

    def _is_plain(self, index: int) -> bool:
        low = self.low(index)
        return self.kind(index) == "word" and low not in STOP and low not in cues()

    def _says(self, index: int) -> bool:
        cue = cues().get(self.low(index))
        return cue is not None and cue.form in ("past", "s") and cue.lemma in PLAIN_SAYING

    def _closes(self, index: int) -> bool:
        return self.kind(index) in ("", "mark", "quote")
