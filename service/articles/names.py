"""Who has which proper name: full names, surnames, first names and initials."""

from collections.abc import Sequence

from service.articles.offices import PARTICLES
from service.articles.phrase import Phrase
from service.articles.somebody import Somebody

_LOOK_BACK = 30


class Names:
    """The proper names of an article."""

    def __init__(self) -> None:
        self._full: dict[str, Somebody] = {}
        self._by_word: dict[str, list[Somebody]] = {}
        self._foretold: dict[str, str] = {}
        self._by_initials: dict[str, str] = {}

    def foretell(self, name: str) -> None:
        """Learn a full name that may come later than the surname alone."""
        self._foretold.setdefault(_words(name)[-1], name)

    def find(self, phrase: Phrase) -> Somebody | None:
        """Return who bears the name of a phrase, or None where nobody is known to.

        Two of one name and different gender, as Mr and Mrs Holm, are two.
        """
        name = phrase.name or ""
        known = self._full.get(name.casefold())
        if known is not None and not _clash(phrase, known):
            return known
        words = _words(name)
        for other in reversed(self._by_word.get(words[-1], [])[-_LOOK_BACK:]):
            if not _clash(phrase, other) and _same(words, _words(other.name)):
                return other
        full = self._foretold.get(words[0]) if len(words) == 1 else None
        known = self._full.get(full.casefold()) if full is not None else None
        return None if known is None or _clash(phrase, known) else known

    def add(self, phrase: Phrase, called: str) -> Somebody:
        """Add who is named in a phrase, under the full name where the article has one.

        Args:
            phrase: names somebody not yet known.
            called: what to call them where the name alone is another's.
        """
        name = phrase.name or called
        words = _words(name)
        if name.casefold() in self._full:
            name = called
        elif len(words) == 1:
            name = self._foretold.get(words[0], name)
        somebody = Somebody(name, phrase.sort, plural=phrase.plural, named=True)
        self._full[name.casefold()] = somebody
        initials = "".join(word[0] for word in name.split()).upper()
        self._by_initials.setdefault(initials, name.casefold())
        for word in set(_words(name)):
            self._by_word.setdefault(word, []).append(somebody)
        return somebody

    def first_person(self) -> Somebody | None:
        """Return the first person with a full name, whom an interview introduces."""
        people = (s for s in self._full.values() if s.is_person and " " in s.name)
        return next(people, None)

    def with_initials(self, initials: str) -> Somebody | None:
        """Return the person with these initials."""
        name = self._by_initials.get(initials)
        return self._full[name] if name is not None else None


def _clash(phrase: Phrase, somebody: Somebody) -> bool:
    return None not in (phrase.gender, somebody.gender) and phrase.gender != somebody.gender


def _same(words: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether a name is another's surname or first name, or both agree at both ends."""
    if len(words) == 1:
        return words[0] in (other[0], other[-1])
    ends = words[-1] == other[-1] and words[0] == other[0]
    return ends or list(other[-len(words) :]) == list(words)


def _words(name: str) -> list[str]:
    words = [w for w in name.casefold().replace("’", "'").split() if w not in PARTICLES]
    return words or [name.casefold()]
