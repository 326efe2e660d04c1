"""Adds to a noun what hangs on behind it: of Chile, for the ministry, close to the minister."""

from dataclasses import replace

from service.articles.function_words import DETERMINERS, STOP
from service.articles.nouns import NounReader
from service.articles.offices import PORTFOLIOS
from service.articles.phrase import Phrase
from service.articles.runs import NAMES, nation_at, read_run
from service.articles.verbs import cues
from service.articles.wordlists import listed

_REALMS = listed("the republic federation kingdom state states house senate commons")
_JOINING = listed("and & of")
_OWNED = listed("mine hers his theirs ours yours")
_ATTACHED = listed("of for at in from to on with against")
_NOT_ATTACHED = listed("""
    condition statement speech interview letter email behalf note tweet post turn response reply
    terms favour favor return addition contrast public private tears person charge
""")
_MOST_PLAIN = 5


class AttachedReader(NounReader):
    """Reads nouns together with what hangs on behind."""

    def attach(self, phrase: Phrase, most: int) -> Phrase:
        """Return a phrase made longer by up to ``most`` attachments."""
        if most == 0 or phrase.sort in ("place", "pronoun"):
            return phrase
        preposition, at = self.low(phrase.last), phrase.last + 1
        if preposition == "close" and self.low(at) == "to":
            preposition, at = "to", at + 1
        if preposition not in _ATTACHED or at >= len(self.tokens):
            return phrase
        if preposition == "of" and self.low(at) in _OWNED:
            return self._longer(phrase, at + 1, None)
        if preposition == "of" and phrase.head and phrase.name is None:
            named = self._portfolio(phrase, at)
            if named is not None:
                return named
        if not (phrase.head or preposition == "of") or self.low(at) in _NOT_ATTACHED:
            return phrase
        return self._extended(phrase, preposition, at, most)

    def _extended(self, phrase: Phrase, preposition: str, at: int, most: int) -> Phrase:
        inner = self.noun(at, False)
        if inner is not None and inner.sort != "pronoun":
            inner = self.attach(inner, most - 1)
            last = inner.last
        elif preposition in ("of", "for") and phrase.head:
            last = self._plain(at)
        else:
            return phrase
        return phrase if last == at else self.attach(self._longer(phrase, last, inner), most - 1)

    def _longer(self, phrase: Phrase, last: int, inner: Phrase | None) -> Phrase:
        end = self.tokens[last - 1].end
        nation = phrase.nation or (inner.nation if inner else None)
        words = phrase.words | (inner.words if inner else frozenset())
        text = self.text[phrase.start : end]
        return replace(phrase, last=last, end=end, text=text, nation=nation, words=words)

    def _portfolio(self, phrase: Phrase, at: int) -> Phrase | None:
        """Read the name in "Secretary of State John Holm", "President of Russia Ilya Orlov"."""
        first = at
        while self.low(at) in _REALMS | PORTFOLIOS or (at > first and self.low(at) in _JOINING):
            at += 1
        if (nation := nation_at(self.tokens, at)) is not None:
            at = nation.last
        items = read_run(self.tokens, at, False) if first < at < len(self.tokens) else []
        if not items or any(item.role not in (*NAMES, "particle") for item in items):
            return None
        name = self.text[items[0].start : items[-1].end]
        longer = self._longer(phrase, items[-1].last, None)
        if nation is not None and longer.nation is None:
            longer = replace(longer, nation=nation.nation)
        words = longer.words | {token.low for token in self.tokens[first:at]}
        return replace(longer, name=name, definite=True, words=words)

    def _plain(self, at: int) -> int:
        """Return where a few plain words end: minister of state, head of the working party."""
        first = at
        while at < len(self.tokens) and at - first < _MOST_PLAIN:
            token = self.tokens[at]
            leading = at == first and token.low in DETERMINERS
            if token.kind != "word" or (token.low in STOP and not leading):
                break
            cue = cues().get(token.low)
            if cue is not None and not leading and cue.form in ("past", "s"):
                break
            at += 1
        return at if at - first > (self.low(first) in DETERMINERS) else first
