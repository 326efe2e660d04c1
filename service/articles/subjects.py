"""Finds who does what a verb says, in a chain of chunks."""

from service.articles.chunks import Steps, apposed, is_adverbial
from service.articles.function_words import (
    CLAUSE_OPENERS,
    CONJUNCTIONS,
    PREPOSITIONS,
    RELATIVE,
)
from service.articles.offices import WEEKDAYS_AND_MONTHS
from service.articles.phrase import Phrase
from service.articles.verbs import OBJECT_CONTROL, QUOTING, TEXTS
from service.articles.wordlists import listed

NOW = listed("now then formerly currently himself herself")
"""Words that may stand in front of an apposition: "Holm, now the minister, said"."""

_PERIODS = listed("night week month year weekend morning afternoon evening")
_BEFORE_TIMES = listed("on in since late early last this")
_FARTHEST = 40  # chunks that an insertion between a subject and its verb may have
_PARENTHESIS = 8  # chunks in "(D-N.C.)"


class Subjects(Steps):
    """Finds subjects.

    Attributes:
        lead: first phrase of the sentence that stands free of a preposition, or None.
    """

    lead: Phrase | None = None

    def subject(self, cue: int, current: Phrase | None) -> Phrase | None:
        """Return who does what a cue says, or None.

        Args:
            cue: index of the cue.
            current: subject of the last finite cue before it, or None.
        """
        fallback = current or self.lead
        left = self._left(cue - 1)
        if left < 0:
            return None
        low, form = self.low(left), self.chunks[cue].cue
        if low == "to":
            return current if self._obeys(left) else fallback
        if self.kind(left) == "phrase":
            return self._free(left)
        if low in RELATIVE:
            return self._antecedent(left)
        if low in TEXTS:
            return self._author(left)
        if low == "as" and self.low(left - 2) in QUOTING:
            return self.phrase(left - 1) or fallback
        if low in CONJUNCTIONS or (form is not None and form.form in ("ing", "participle")):
            return fallback
        return self._behind_mark(left, current)

    def _left(self, index: int) -> int:
        """Step left over adverbs, auxiliaries and times: "on Monday again accused"."""
        while index >= 0 and (is_adverbial(self.chunks[index]) or self._is_time(index)):
            index -= 1
        return index

    def _is_time(self, index: int) -> bool:
        low, beyond = self.low(index), self.low(index + 1)
        if low.isdigit():
            return True
        if low in _BEFORE_TIMES:
            return beyond in WEEKDAYS_AND_MONTHS | _PERIODS or beyond.isdigit()
        return low in _PERIODS | {"turn"} and self.low(index - 1) in ("last", "this", "in")

    def _behind_mark(self, left: int, current: Phrase | None) -> Phrase | None:
        low = self.low(left)
        if low == ",":
            return self._across(left, ",") or current or self._front()
        if low in (")", "—", "–", "-", "--"):
            return self._across(left, "(" if low == ")" else low)
        return None

    def _obeys(self, to: int) -> bool:
        """Tell whether an infinitive belongs to an object: "urged it to say"."""
        return self.kind(to - 1) == "phrase" and self.low(to - 2) in OBJECT_CONTROL

    def _author(self, text: int) -> Phrase | None:
        """Return whose text it is: the minister's statement, a ministry statement."""
        return self.phrase(text - 2 if self.kind(text - 1) == "possessive" else text - 1)

    def _front(self) -> Phrase | None:
        """Return the lead if the sentence begins with it."""
        lead = self.lead
        return lead if lead is not None and lead is self.phrase(0) and lead.head else None

    def _free(self, index: int) -> Phrase | None:
        """Return a phrase unless it hangs on a preposition; then what that hangs on."""
        for _ in range(3):
            if self.low(index - 1) not in PREPOSITIONS - CLAUSE_OPENERS:
                break
            if self.low(index - 1) in ("by", "from") and self.low(index - 2) in TEXTS:
                return self.phrase(index)
            index = self._left(index - 2)
            if self.phrase(index) is None:
                return None
        named = self._named(index)
        if self.kind(index + 1) == "possessive" or named is None:
            return None
        joined = self.low(index - 1) == "and" and self.kind(index - 2) == "phrase"
        return None if joined and named.sort != "pronoun" else named

    def _named(self, index: int) -> Phrase | None:
        """Return the phrase, or the name it is in apposition to: the minister, Ida Holm."""
        phrase = self.phrase(index)
        comma = index - 2 if self.low(index - 1) in NOW else index - 1
        first = self.phrase(comma - 1)
        if phrase is None or first is None or self.low(comma) != ",":
            return phrase
        return first if apposed(first, phrase) and first.name else phrase

    def _antecedent(self, relative: int) -> Phrase | None:
        return self._named(relative - 2 if self.low(relative - 1) == "," else relative - 1)

    def _across(self, closing: int, mark: str) -> Phrase | None:
        """Return the phrase before an insertion that ends here: "Holm, who chairs it, said"."""
        for index in range(closing - 1, max(-1, closing - _FARTHEST), -1):
            if self.kind(index) == "quote":
                return None
            if self.low(index) != mark:
                continue
            before = self._before_parenthesis(index - 1)
            left = self.phrase(before)
            if left is None:
                continue
            inside = self.phrase(index + 1) if mark == "," and index + 2 == closing else None
            if inside is not None and not apposed(left, inside):
                return None
            return inside if inside and inside.name and not left.name else self._named(before)
        return None

    def _before_parenthesis(self, index: int) -> int:
        """Step left over "(D-N.C.)"."""
        if self.low(index) == ")":
            for left in range(index - 1, index - _PARENTHESIS, -1):
                if self.low(left) == "(":
                    return left - 1
        return index
