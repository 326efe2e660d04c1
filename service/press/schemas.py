"""The words of the wire for articles: the request and the answer, as JSON and as documentation."""

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from service.articles.records import Evidence, Kind
from service.press.limits import MAX_TITLE_CHARACTERS
from service.schemas import (
    Degree,
    Explain,
    Id,
    ModelName,
    Pinned,
    Sentences,
    SpanScore,
    Warning,
    WireAnswer,
    WireRequest,
    whole_characters,
)

_HEADLINE = "Ministers trade barbs over the strait"
_ARTICLE = (
    "“This is an insult to our nation,” Foreign Minister Ida Solberg told reporters. "
    "Deputy Premier Anton Keller replied: “We regret the minister's tone.”"
)
_WORDS = "This is an insult to our nation,"
_NAMED = "Foreign Minister Ida Solberg"


Title = Annotated[str, Field(max_length=MAX_TITLE_CHARACTERS), AfterValidator(whole_characters)]


class ArticleRequest(WireRequest):
    """An article to be read, and its quotes scored."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": _ARTICLE, "title": _HEADLINE, "id": "a1"}]}
    )

    text: str = Field(
        description="The article: any text with quotes in it, paragraphs apart by line ends. "
        "Offsets in the answer count Unicode code points of it. Not blank, and at most as long as "
        "`GET /v1/model` says: 200,000 unless set otherwise.",
        # Documented only: the check itself is service.press.limits.check_article.
        json_schema_extra={"minLength": 1, "pattern": r"[^\s\u0000-\u001f\u007f-\u009f]"},
    )
    title: Title | None = Field(
        default=None,
        description="Its headline; comes back unchanged and is not quoted from.",
    )
    id: Id | None = Field(default=None, description="Yours; comes back unchanged.")
    sentences: Sentences = False
    explain: Explain = False
    model: Pinned = None


class Range(WireAnswer):
    """A range of the article, in Unicode code points, end exclusive."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Mention(WireAnswer):
    """Somebody as the article names them in one place."""

    text: str = Field(description="The words of the article, from `start` to `end`.")
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    resolved: str | None = Field(
        description="The first full mention they point to, as in `speakers`; null where the rules "
        "cannot tell."
    )


class ArticleQuote(WireAnswer):
    """One stretch of quoted words, from `start` to `end` of the article, without its marks."""

    text: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    kind: Kind = Field(
        description="`statement`: stands alone. `fragment`: words built into the reporter's "
        "sentence. `continuation`: goes on after an attribution or a new paragraph. `nested`: "
        "somebody's words inside another's quote. `mention`: a scare quote, a title, a word as a "
        "word; states nothing and is not scored."
    )
    speaker: Mention | None = Field(description="Who said it; null where that is not clear.")
    cue: str | None = Field(description="The word that introduces the speaker: `said`.")
    addressee: Mention | None = Field(description="Who is addressed, where the sentence says so.")
    # Null is the default of what is often null: FastAPI leaves nulls out of the examples it shows.
    part_of: int | None = Field(
        default=None,
        description="Index of the quote that this one continues, or in which it is nested.",
    )
    pieces: list[Range] = Field(
        description="The speaker's own words, which are what is scored: the quote without what is "
        "nested in it and without editors' notes."
    )
    hostility: Degree | None = Field(description="Null where nothing is stated, as in a mention.")
    formality: Degree | None = Field(description="Null exactly where `hostility` is.")
    sentences: list[SpanScore] = Field(
        default=[], description="Scores 0 to 1; only when asked for."
    )
    highlights: list[SpanScore] = Field(
        default=[],
        description="Signed contributions, -1 to 1: how much the quote's score falls when the "
        "range is left out. Only when asked for. A range that crosses what is nested covers it.",
    )
    truncated: bool = Field(description="Always false: no word is ever cut away.")
    warnings: list[Warning]


class MeanDegree(WireAnswer):
    """The mean degree of a speaker's quotes on one scale, each quote counted once."""

    mean: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1, description="Mean of the low ends of the quotes' intervals.")
    high: float = Field(ge=0, le=1, description="Mean of the high ends of the quotes' intervals.")
    level: str = Field(description="Name of the stretch of the scale the mean falls in.")


class SpeakerTone(WireAnswer):
    """Somebody who is quoted, and how they sound."""

    name: str = Field(description="As in `resolved` of their quotes.")
    quotes: list[int] = Field(description="Indexes of their quotes, in order; no mentions.")
    count: int = Field(description="How many quotes these are.")
    scored: int = Field(description="How many of these have scores.")
    hostility: MeanDegree | None = Field(description="Null where none has.")
    formality: MeanDegree | None
    most_hostile: int | None = Field(description="Index of the most hostile quote, first of equals")
    most_formal: int | None = Field(description="Index of the most formal quote, first of equals.")


class Turn(WireAnswer):
    """Consecutive quotes of one speaker."""

    speaker: str
    quotes: list[int] = Field(description="Indexes of the quotes, in order; none is nested.")
    answers: int | None = Field(
        default=None, description="Index in `exchange` of the earlier turn that this one answers."
    )
    evidence: Evidence | None = Field(
        default=None,
        description="Why: a word of replying, whom it addresses, or the next line of a transcript.",
    )


_EXAMPLE: dict[str, Any] = {
    "id": "a1",
    "title": _HEADLINE,
    "quotes": [
        {
            "text": _WORDS,
            "start": 1,
            "end": 33,
            "kind": "statement",
            "speaker": {"text": _NAMED, "start": 35, "end": 63, "resolved": "Ida Solberg"},
            "cue": "told",
            "addressee": {"text": "reporters", "start": 69, "end": 78, "resolved": "reporters"},
            "part_of": None,
            "pieces": [{"start": 1, "end": 33}],
            "hostility": {"score": 0.72, "low": 0.6, "high": 0.82, "level": "hostile"},
            "formality": {"score": 0.46, "low": 0.37, "high": 0.57, "level": "press"},
            "truncated": False,
            "warnings": [],
        }
    ],
    "speakers": [
        {
            "name": "Ida Solberg",
            "quotes": [0],
            "count": 1,
            "scored": 1,
            "hostility": {"mean": 0.72, "low": 0.6, "high": 0.82, "level": "hostile"},
            "formality": {"mean": 0.46, "low": 0.37, "high": 0.57, "level": "press"},
            "most_hostile": 0,
            "most_formal": 0,
        }
    ],
    "exchange": [{"speaker": "Ida Solberg", "quotes": [0], "answers": None, "evidence": None}],
    "model": {"name": "diplotone", "version": "1.0.0", "sha256": "0f" * 32},
}


class ArticleAnswer(WireAnswer):
    """The answer to an article."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str | None = Field(description="As sent; null when none was.")
    title: str | None = Field(description="As sent; null when none was.")
    quotes: list[ArticleQuote] = Field(
        description="In order of their first code point; a quote comes before those nested in it."
    )
    speakers: list[SpeakerTone] = Field(description="In order of their first quote.")
    exchange: list[Turn] = Field(description="The turns in order: who answers whom.")
    model: ModelName
