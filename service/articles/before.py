"""Attributions before a quote: Olsen said "..."; according to Olsen "..."; the claim that "..."."""

from service.articles.attributions import Attribution, Signs
from service.articles.function_words import AUXILIARY, PREPOSITIONS, RELATIVE
from service.articles.verbs import cue_nouns
from service.articles.wordlists import listed

_VIEWS = listed("words view opinion eyes phrase judgment")
_NARRATORS = frozenset(["i", "we", "you"])
_LONGEST_INTRODUCTION = 24
_FARTHEST = 60  # chunks between a passive verb and its "by", quotes among them
_CLAIM_NEAR = 3  # chunks between "the claim" and the quote it is about


class Before(Signs):
    """Reads what stands before a quote."""

    def read(self, quote: int, cue: int | None, source: int | None) -> Attribution | None:
        """Return the attribution before the quote at an index, or None.

        Args:
            quote: index of the quote.
            cue: index of the nearest verb of saying before it, or None.
            source: index of the nearest other sign of a source before it, or None.
        """
        if self.low(quote - 1) == ":" and cue is None:
            return self._introduced(quote)
        if source is not None and (cue is None or source > cue):
            found = self._from_source(source, quote)
            if found is not None:
                return found
        if cue is None:
            return None
        gap = self.low(quote - 1) if quote - cue == 2 else ""
        direct = quote - cue == 1 or gap in (",", ":", "as")
        if cue in self.sentence.passive:
            return self._by(cue, quote)
        subject = self.sentence.subjects[cue]
        if cue in self.sentence.negated or subject is None or subject.head in _NARRATORS:
            return Attribution(None, manner="unknown", direct=direct)
        return self.made(subject, cue, "before", direct)

    def is_source(self, index: int) -> bool:
        """Tell whether "according to", "for", "in the words of" or a noun of saying stands here."""
        low = self.low(index)
        if low == "according":
            return self.low(index + 1) == "to"
        if low in _VIEWS and self.low(index + 1) == "of" and self.low(index - 2) == "in":
            return True
        if index == 0 and low == "for":
            return self.low(2) == "," and self.phrase(1) is not None
        if low not in cue_nouns() or self.low(index + 1) in AUXILIARY:
            return False
        # "said in a statement that ...": the noun says where, the verb says who.
        return "in" not in (self.low(index - 2), self.low(index - 3))

    def weaker(self, cue: int, earlier: int | None) -> bool:
        """Tell whether a cue leaves the words to an earlier one: "says it underscores that ..."."""
        if earlier is None or self.sentence.subjects[earlier] is None:
            return False
        subject = self.sentence.subjects[cue]
        if subject is None:
            return self.low(cue - 1) in RELATIVE
        return subject.head == "it" and self.low(cue - 2) not in ("what", "which")

    def _introduced(self, quote: int) -> Attribution | None:
        """Read: Olsen again, this time to CNN: "..."; a post by the minister, Ida Holm: "..."."""
        if quote > _LONGEST_INTRODUCTION:
            return None
        for at in range(quote):
            phrase = self.phrase(at)
            if self.kind(at) == "quote":
                return None
            if phrase is None or phrase.head in ("it", "they") or phrase.sort == "place":
                continue
            if self.low(at - 1) in PREPOSITIONS - {"from", "by"}:
                continue
            if self.kind(at + 1) == "possessive" and not self.speaks(at + 2):
                continue
            return Attribution(self.whom(at), manner="introduced", direct=True)
        return None

    def _by(self, cue: int, quote: int) -> Attribution:
        """Read: was called "..." by the minister; described by one official as "..."."""
        for index in range(cue + 1, min(quote + 3, cue + _FARTHEST)):
            if self.low(index) == "by" and (phrase := self.whom(index + 1)) is not None:
                return self.made(phrase, cue, "behind", direct=True)
        return Attribution(None, manner="unknown")

    def _from_source(self, source: int, quote: int) -> Attribution | None:
        low = self.low(source)
        if low == "according":
            phrase = self.whom(source + 2)
            return Attribution(phrase, "according to", "accord", None, "before") if phrase else None
        if low == "for":
            return Attribution(self.whom(source + 1), manner="before")
        if low in _VIEWS and self.low(source + 1) == "of":
            return self.named(self.whom(source + 2), source, "before")
        if self.kind(source - 1) == "possessive" and self.phrase(source - 2) is not None:
            return self.named(self.phrase(source - 2), source, "before")
        if self.low(source + 1) in ("by", "from") and self.whom(source + 2) is not None:
            return self.named(self.whom(source + 2), source, "before")
        if self.low(source + 1) in ("that", "of", "as") and quote - source <= _CLAIM_NEAR:
            return Attribution(None, manner="unknown")
        return None
