"""A sentence: its chunks, the subject of each verb of saying, and which of those do not count."""

from service.articles.chunks import Chunk, is_adverbial
from service.articles.function_words import ADVERBS, BE, CONJUNCTIONS, HAVE, PREPOSITIONS, RELATIVE
from service.articles.phrase import Phrase
from service.articles.subjects import Subjects
from service.articles.verbs import DENYING, NEGATED

_NEGATION = 3  # chunks before a verb in which "did not" may stand


class Sentence(Subjects):
    """The chunks of a sentence and the subject of each cue in it.

    Args:
        chunks: from ``read_chunks``.

    Attributes:
        subjects: subject of each cue, by the index of its chunk.
        passive: chunks of cues whose subject is spoken of instead of speaking.
        negated: chunks of cues that are denied: "declined to say".
    """

    def __init__(self, chunks: list[Chunk]) -> None:
        super().__init__(chunks)
        self.subjects: dict[int, Phrase | None] = {}
        self.passive: set[int] = set()
        self.negated: set[int] = set()
        self.lead = self._find_lead()
        current: Phrase | None = None
        for index, chunk in enumerate(chunks):
            if chunk.cue is None:
                continue
            subject = self.subjects[index] = self.subject(index, current)
            if self._is_passive(index):
                self.passive.add(index)
            if self._is_negated(index):
                self.negated.add(index)
            if chunk.cue.form in ("past", "s", "base") and subject is not None:
                current = subject

    def _find_lead(self) -> Phrase | None:
        for index, chunk in enumerate(self.chunks):
            if chunk.kind == "quote" and index:
                return None
            if chunk.phrase is None or self.low(index - 1) in PREPOSITIONS:
                continue
            if chunk.phrase.head == "it":  # "it is not without reason that"
                continue
            if self.low(index + 1) == "and" and self.kind(index + 2) == "phrase":
                return None
            if self.kind(index + 1) != "possessive":
                return chunk.phrase
        return None

    def _is_passive(self, cue: int) -> bool:
        chunk = self.chunks[cue]
        if chunk.cue is None or chunk.cue.form not in ("past", "participle"):
            return False
        left = cue - 1
        while self.low(left) in ADVERBS or self.low(left).endswith("ly"):
            left -= 1
        low = self.low(left)
        if low in BE:
            return True
        active = low in RELATIVE | HAVE | CONJUNCTIONS
        loose = left < 0 or (self.kind(left) == "word" and not active)
        return loose and "tell" in chunk.cue.groups

    def _is_negated(self, cue: int) -> bool:
        own = self.chunks[cue].cue
        if own is not None and own.lemma in DENYING:
            return True
        for left in range(cue - 1, max(-1, cue - 1 - _NEGATION), -1):
            low = self.low(left)
            if low in ("not", "never") or low.endswith("n't"):
                return True
            if low == "to" and self.low(left - 1) in NEGATED:
                return True
            if not is_adverbial(self.chunks[left]) and low != "to":
                return False
        return False
