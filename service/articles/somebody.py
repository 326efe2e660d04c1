"""People, bodies and places of an article, and in which sentences they appear."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from service.articles.phrase import Phrase, Sort

_BACK = 6
_CROWD = 24  # of a row of a sentence who are kept in mind; of more, nobody is "he"


@dataclass(eq=False, slots=True)
class Somebody:
    """A person, body or place of the article.

    Attributes:
        name: how the article first names it in full.
        sort: what it is.
        heads: offices it has been given.
        words: all words it has been described with.
        nation: its country, or None.
        gender: ``m``, ``f`` or None.
        plural: whether it is several.
        named: whether the name is a proper one.
        speaks: whether a quote is theirs.
    """

    name: str
    sort: Sort
    heads: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    nation: str | None = None
    gender: str | None = None
    plural: bool = False
    named: bool = False
    speaks: bool = False

    def learn(self, phrase: Phrase) -> None:
        """Take in what another mention says."""
        if phrase.head and phrase.sort != "pronoun":
            self.heads.add(phrase.head)
        self.words |= phrase.words
        self.nation = self.nation or phrase.nation
        self.gender = self.gender or phrase.gender
        if phrase.sort in ("person", "body") and self.sort == "name":
            self.sort = phrase.sort

    @property
    def is_person(self) -> bool:
        """Whether "he" or "she" may mean it."""
        proper = self.sort == "name" and (" " in self.name or self.speaks)
        return (self.sort == "person" or proper) and not self.plural


@dataclass(slots=True)
class Scene:
    """Who appears in a sentence: as subject, as object, or as owner or behind a preposition."""

    subjects: list[Somebody] = field(default_factory=list)
    others: list[Somebody] = field(default_factory=list)
    aside: list[Somebody] = field(default_factory=list)

    def enter(self, row: list[Somebody], somebody: Somebody) -> None:
        """Add somebody to one of the three rows, unless they are in one already."""
        if len(row) < _CROWD and not any(
            somebody in some for some in (self.subjects, self.others, self.aside)
        ):
            row.append(somebody)

    def replace(self, old: Somebody, new: Somebody | None) -> None:
        """Put somebody in another's place, or nobody."""
        instead = [new] if new is not None else []
        for row in (self.subjects, self.others, self.aside):
            if old in row:
                at = row.index(old)
                row[at : at + 1] = instead


class Scenes:
    """The scenes of an article, in reading order."""

    def __init__(self) -> None:
        self._scenes: list[Scene] = []
        self._excluded: Somebody | None = None

    def begin(self) -> Scene:
        """Begin the scene of the next sentence."""
        self._scenes.append(Scene())
        return self._scenes[-1]

    def appear(self, somebody: Somebody) -> None:
        """Say that somebody spoke in the sentence read last, so that "he" may mean them."""
        somebody.speaks = True
        subjects = self._scenes[-1].subjects if self._scenes else []
        if len(subjects) < _CROWD and somebody not in subjects:
            subjects.append(somebody)

    @contextmanager
    def aside(self, speaker: Somebody | None) -> Iterator[None]:
        """Read somebody's own words: "he" in them is not the speaker, nor anybody's "he" later."""
        count, excluded = len(self._scenes), self._excluded
        self._excluded = speaker
        try:
            yield
        finally:
            del self._scenes[count:]
            self._excluded = excluded

    def latest(
        self, fits: Callable[[Somebody], bool], back: int = _BACK, subject: bool = False
    ) -> Somebody | None:
        """Return who fits in the nearest sentence: its first subject, or the only other one.

        Where the present sentence has several who fit, nobody can be told from the rest.

        Args:
            fits: tells whether somebody fits.
            back: how many sentences to look at, the present one among them.
            subject: whether only subjects count.
        """
        for distance, scene in enumerate(reversed(self._scenes[-back:])):
            first, others, aside = (
                [s for s in row if s is not self._excluded and fits(s)]
                for row in (scene.subjects, scene.others, scene.aside)
            )
            if first and distance == 0:
                return first[0] if subject or len(first) + len(others) == 1 else None
            if first:
                return first[0]
            rest = others or aside
            if rest and distance and not subject:
                return rest[0] if len(rest) == 1 else None
        return None
