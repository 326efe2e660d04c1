"""Who is meant: each phrase of the reporter's words points to the somebody it names.

Names join by surname, offices by the words that say which one, pronouns by the nearest fitting
subject. Where nothing fits, nobody is meant: no speaker is better than the wrong one.
"""

from collections.abc import Sequence

from service.articles.chunks import apposed
from service.articles.clauses import Sentence
from service.articles.function_words import POSSESSIVES, PREPOSITIONS
from service.articles.names import Names
from service.articles.offices import DIPLOMATS
from service.articles.phrase import Phrase
from service.articles.somebody import Scene, Scenes, Somebody
from service.articles.subjects import NOW
from service.articles.wordlists import listed

_LOOK_BACK = 30
_NEAR = 3  # sentences that "it", "they" and "the statement" look back
_SHORT_START = 10  # chunks in front of "A retired teacher with a sharp tongue, she"
_FILLERS = listed("former then late new old young senior junior top chief own current deputy")
_PLACING = listed("as in at from near on to into outside inside through across")
_INDEFINITE = listed("a an one another some")
_DROPPED = POSSESSIVES | listed("the a an this that these those")


class Cast:
    """Everybody in the article, filled sentence by sentence in reading order.

    Attributes:
        scenes: who appears where.
        names: who has which proper name.
    """

    def __init__(self) -> None:
        self.scenes = Scenes()
        self.names = Names()
        self._meant: dict[int, Somebody] = {}
        self._by_head: dict[str, list[Somebody]] = {}

    def who(self, phrase: Phrase) -> Somebody | None:
        """Return whom a phrase of a sentence that was read means."""
        return self._meant.get(phrase.start)

    def read(self, sentence: Sentence) -> None:
        """Resolve every phrase of a sentence, left to right."""
        scene = self.scenes.begin()
        subjects = {p.start for p in sentence.subjects.values() if p is not None}
        if sentence.lead is not None:
            subjects.add(sentence.lead.start)
        previous = -1
        for index, chunk in enumerate(sentence.chunks):
            if chunk.phrase is None:
                continue
            somebody = self._meet(sentence, scene, index, previous)
            if somebody is not None:
                self._meant[chunk.phrase.start] = somebody
                self._enter(sentence, scene, index, somebody, chunk.phrase.start in subjects)
            previous = index

    def meet(self, phrase: Phrase) -> Somebody | None:
        """Return whom a phrase means, in a sentence or outside any, as the label of a speech."""
        if phrase.sort == "pronoun":
            return self._pronoun(phrase)
        if phrase.name is not None:
            somebody = self.names.find(phrase) or self.names.add(phrase, bare(phrase.text))
        else:
            somebody = self._office(phrase) or Somebody(
                bare(phrase.text), phrase.sort, plural=phrase.plural
            )
        somebody.learn(phrase)
        self._index(somebody, phrase)
        return somebody

    def _meet(self, sentence: Sentence, scene: Scene, index: int, previous: int) -> Somebody | None:
        """Resolve one phrase, with the one before it where a comma makes them one."""
        phrase = sentence.chunks[index].phrase
        if phrase is None:
            return None
        gap, mark = (3, sentence.low(index - 2)) if sentence.low(index - 1) in NOW else (
            2, sentence.low(index - 1)
        )  # fmt: skip
        beside = sentence.phrase(previous) if previous >= 0 and index - previous == gap else None
        if beside is not None and mark in (",", "(") and apposed(beside, phrase):
            hangs = beside.sort == "body" and sentence.low(previous - 1) in PREPOSITIONS
            if not hangs:
                return self._joined(beside, phrase, scene)
        if mark == "," and phrase.sort == "pronoun" and index < _SHORT_START:
            self._forget_description(sentence.phrase(0), scene)
        return self.meet(phrase)

    def _enter(
        self, sentence: Sentence, scene: Scene, index: int, somebody: Somebody, subject: bool
    ) -> None:
        phrase, before = sentence.phrase(index), sentence.low(index - 1)
        definite_person = phrase is not None and phrase.sort == "person" and phrase.definite
        if before in _PLACING and not definite_person:
            return
        owns = sentence.kind(index + 1) == "possessive"
        row = scene.aside if owns or before in PREPOSITIONS else scene.others
        scene.enter(scene.subjects if subject else row, somebody)

    def _forget_description(self, first: Phrase | None, scene: Scene) -> None:
        """Let "A retired teacher, she ..." mean somebody named before, both words of it."""
        already = self.who(first) if first is not None else None
        if first is not None and not first.definite and already is not None:
            scene.replace(already, None)

    def _joined(self, first: Phrase, second: Phrase, scene: Scene) -> Somebody | None:
        """Resolve two phrases in apposition as one somebody: the minister, Ida Holm."""
        named, office = (first, second) if first.name else (second, first)
        already = self.who(first)
        somebody = self.meet(named)
        if somebody is not None and already is not somebody:
            somebody.learn(office)
            self._index(somebody, office)
            if already is not None and not already.named and first is office:
                self._meant[first.start] = somebody
                scene.replace(already, somebody)
        return somebody

    def _index(self, somebody: Somebody, phrase: Phrase) -> None:
        for head in {phrase.head} if phrase.head else set(somebody.heads):
            self._by_head.setdefault(head, []).append(somebody)
            if head in DIPLOMATS:
                self._by_head.setdefault("diplomat", []).append(somebody)

    def _office(self, phrase: Phrase) -> Somebody | None:
        """Return the last one mentioned whose office this is: the minister, the Danish embassy."""
        first = phrase.text.split(maxsplit=1)[0].casefold()
        if not phrase.head or first in POSSESSIVES | _INDEFINITE:
            return None
        if not phrase.definite and phrase.plural:
            return None
        asked = phrase.words - {phrase.head} - _FILLERS
        fitting: list[Somebody] = []
        for other in reversed(self._by_head.get(phrase.head, [])[-_LOOK_BACK:]):
            apart = phrase.nation and other.nation and phrase.nation != other.nation
            lesser = "vice" in other.words - asked  # "the president" is not the vice president
            if not apart and not lesser and asked <= other.words and other.plural == phrase.plural:
                fitting.append(other)
        # A bare "Minister" in a headline is clear only where there is one.
        clear = bool(fitting) and (phrase.definite or all(s is fitting[0] for s in fitting))
        return fitting[0] if clear else None

    def _pronoun(self, phrase: Phrase) -> Somebody | None:
        head, latest = phrase.head, self.scenes.latest
        if head in ("he", "she"):
            found = latest(lambda s: s.is_person and s.gender in (None, phrase.gender))
            if found is not None and found.gender is None:
                found.gender = phrase.gender
            return found
        if head == "person":
            return latest(lambda s: s.is_person)
        if head == "it":
            return latest(lambda s: s.sort in ("body", "place") and not s.plural, _NEAR, True)
        if head == "they":
            return latest(lambda s: s.plural or s.sort == "body", _NEAR, True)
        if head == "statement":
            return latest(lambda s: s.sort in ("body", "person", "name"), _NEAR, True)
        if head in ("one", "another", "some"):
            return latest(lambda s: s.plural and s.sort != "body", _NEAR - 1)
        return None

    def foretell(self, phrases: Sequence[Phrase]) -> None:
        """Learn the full names of the whole article, for surnames that come before them."""
        for phrase in phrases:
            if phrase.name and " " in phrase.name and phrase.sort in ("name", "person"):
                self.names.foretell(phrase.name)


def bare(text: str) -> str:
    """Return a phrase without its determiner."""
    first, _, rest = text.partition(" ")
    return rest if rest and first.casefold() in _DROPPED else text
