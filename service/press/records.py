"""What comes out of an article once it is scored."""

from dataclasses import dataclass

from model.scores import ToneScore
from service.articles.records import Quote, Turn


@dataclass(frozen=True, slots=True)
class ScoredQuote:
    """A quote and its tone.

    Attributes:
        quote: as the article was read.
        tone: the score of ``quote.words``, its sentences and highlights as ranges of the article;
            None where nothing is stated, as in a mention.
    """

    quote: Quote
    tone: ToneScore | None


@dataclass(frozen=True, slots=True)
class MeanDegree:
    """The mean degree of some quotes on one scale, each quote counted once.

    The interval is the mean of the quotes' own intervals: right where the model errs alike on all
    quotes of one speaker, and wider than need be where it does not. It does not shrink with the
    number of quotes.

    Attributes:
        mean: 0 to 1.
        low: mean of the low ends of the quotes' intervals.
        high: mean of the high ends.
        level: name of the stretch of the scale that the mean falls in.
    """

    mean: float
    low: float
    high: float
    level: str


@dataclass(frozen=True, slots=True)
class SpeakerTone:
    """Somebody who is quoted, and how they sound.

    Attributes:
        name: as in ``Mention.resolved``.
        quotes: indexes of their quotes, in order; mentions are not among them.
        scored: how many of these have a tone.
        hostility: mean over those; None where there are none.
        formality: mean over those; None where there are none.
        most_hostile: index of the quote with the highest hostility, the first of equals.
        most_formal: index of the quote with the highest formality, the first of equals.
    """

    name: str
    quotes: tuple[int, ...]
    scored: int
    hostility: MeanDegree | None
    formality: MeanDegree | None
    most_hostile: int | None
    most_formal: int | None

    @property
    def count(self) -> int:
        """How many quotes they have."""
        return len(self.quotes)


@dataclass(frozen=True, slots=True)
class ScoredArticle:
    """An article, read and scored.

    Attributes:
        title: as given, or None.
        quotes: in order of their first code point; a quote comes before those nested in it.
        speakers: in order of their first quote.
        exchange: the turns in order, with who answers whom.
    """

    title: str | None
    quotes: tuple[ScoredQuote, ...]
    speakers: tuple[SpeakerTone, ...]
    exchange: tuple[Turn, ...]
