"""Attributions behind a quote: "...", Olsen said; "...", said Olsen; "...", according to Olsen."""

from service.articles.attributions import Attribution, Signs
from service.articles.chunks import apposed, is_adverbial
from service.articles.function_words import STOP
from service.articles.phrase import Phrase
from service.articles.verbs import TEXTS, cue_nouns
from service.articles.wordlists import listed

_STOPS = frozenset([",", "—", "–", "-", "--", "…", "..."])
_DASHES = frozenset(["—", "–", "-", "--", "―"])
_NARRATORS = frozenset(["i", "we", "you"])
_CAME = listed("is was came comes ran went")
_FARTHEST = 40  # chunks that an insertion between a subject and its verb may have


class Behind(Signs):
    """Reads what stands behind a quote."""

    def read(self, quote: int) -> Attribution | None:
        """Return the attribution right behind the quote at an index, or None."""
        at = quote + 1
        dash = self.low(at) in _DASHES
        while self.low(at) in _STOPS:
            at += 1
        while (chunk := self.chunk(at)) is not None and is_adverbial(chunk):
            if chunk.low in _CAME:
                break
            at += 1
        if self.low(at) == "as" and self.phrase(at + 1) is not None:
            at += 1
        if at >= len(self.chunks):
            return None
        for find in (self._inverted, self._plain, self._according, self._how, self._came):
            found = find(at)
            if found is not None:
                return found
        return self._signed(at) if dash else None

    def _ends(self, index: int) -> bool:
        return index >= len(self.chunks) or self.low(index) in (".", ",", "(")

    def _signed(self, at: int) -> Attribution | None:
        """Read: "..." — Ida Holm, foreign minister."""
        phrase = self.phrase(at)
        if phrase is None or not self._ends(at + 1) or not (phrase.name or phrase.definite):
            return None
        return Attribution(phrase, manner="signed")

    def _inverted(self, at: int) -> Attribution | None:
        """Read: said Olsen; laughed one; added the minister, Ida Holm."""
        cue = self.chunks[at].cue
        if cue is None and self._may_be_cue(at) and self.phrase(at + 1) and self._ends(at + 2):
            return self.made(self.phrase(at + 1), at, "behind", direct=True)
        if cue is None or cue.form not in ("past", "s") or "say" not in cue.groups:
            return None
        after = at + 1
        while self.kind(after) == "word" and (
            self.low(after) in ("back", "out", "in", "on") or self.low(after).endswith("ly")
        ):
            after += 1
        if self.low(after + 1) in TEXTS and self.low(after + 2) in ("by", "from"):
            after += 3
        after = self.near(after)
        phrase, beyond = self.whom(after), self.chunk(after + 1)
        if phrase is None or phrase.head in _NARRATORS or phrase.head == "it":
            return None
        if beyond is not None and beyond.cue is not None:
            return None
        made = self.made(phrase, at, "behind", direct=True)
        made.inverted = True
        self.sentence.subjects[at] = phrase
        return made

    def _may_be_cue(self, at: int) -> bool:
        """Tell whether an unknown word right behind a quote may be a verb of saying."""
        chunk = self.chunk(at)
        if chunk is None or chunk.kind != "word" or chunk.low in STOP:
            return False
        return self.low(at - 1) != "-" and chunk.low.endswith("ed")

    def _plain(self, at: int) -> Attribution | None:
        """Read: Olsen said; the minister, Ida Holm, told reporters; Dinah, 52, raged."""
        at = self.near(at)
        phrase = self.phrase(at)
        if phrase is None or phrase.head in _NARRATORS:
            return None
        for index in range(at + 1, min(len(self.chunks), at + _FARTHEST)):
            chunk = self.chunks[index]
            if chunk.kind == "quote" or chunk.low in (":", ";"):
                return None
            if index == at + 1 and self._may_be_cue(index) and self._ends(index + 1):
                return self.made(phrase, index, "behind", direct=True)
            if chunk.cue is None:
                continue
            subject = self.sentence.subjects.get(index)
            known = subject is not None and (
                subject.first == phrase.first or self._same(phrase, subject)
            )
            if known and self._speaks_here(index):
                return self.made(subject, index, "behind", direct=True)
            if not known and subject is not None:
                return None
        return None

    def _speaks_here(self, cue: int) -> bool:
        if cue in self.sentence.passive or cue in self.sentence.negated:
            return False
        form = self.chunks[cue].cue
        quoted = self.low(cue - 1) == "as" and self.low(cue - 2) == "quoted"
        return quoted or (form is not None and form.form in ("past", "s", "base"))

    @staticmethod
    def _same(phrase: Phrase, subject: Phrase) -> bool:
        """Tell whether the subject is the apposition of the phrase before it."""
        return subject.first - phrase.last == 1 and apposed(phrase, subject)

    def _according(self, at: int) -> Attribution | None:
        if self.low(at) != "according" or self.low(at + 1) != "to":
            return None
        phrase = self.whom(at + 2)
        return Attribution(phrase, "according to", "accord", None, "behind") if phrase else None

    def _how(self, at: int) -> Attribution | None:
        """Read: was how the minister described it; is what Olsen calls it; was all she said."""
        if self.low(at) not in ("is", "was") or self.low(at + 1) not in ("how", "what", "all"):
            return None
        whom = self.near(at + 2)
        phrase, verb = self.phrase(whom), self.chunk(whom + 1)
        if phrase is None or phrase.head in _NARRATORS:
            return None
        if verb is not None and verb.cue is not None:
            return self.made(phrase, whom + 1, "behind")
        return Attribution(phrase, manner="behind")

    def _came(self, at: int) -> Attribution | None:
        """Read: came the reply from Oslo; was the verdict of Ida Holm; was Olsen's answer."""
        if self.low(at) not in _CAME:
            return None
        if self.low(at + 1) == "the" and self.low(at + 2) in cue_nouns():
            if self.low(at + 3) in ("of", "from"):
                return self.named(self.whom(at + 4), at + 2, "behind")
            return None
        if self.kind(at + 2) == "possessive" and self.low(at + 3) in cue_nouns():
            return self.named(self.phrase(at + 1), at + 3, "behind")
        return None
