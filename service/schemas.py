"""The words of the wire: requests, answers and errors, as JSON and as the API's documentation."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from model.levels import LEVELS, Level
from model.scores import SCALES, Scale, WarningCode

MAX_ID_CHARACTERS = 200

_QUOTE = "We condemn this cowardly attack. Those responsible will be held to account."
_DEGREE: dict[str, Any] = {"score": 0.78, "low": 0.66, "high": 0.88, "level": "hostile"}
_FORMAL: dict[str, Any] = {"score": 0.71, "low": 0.6, "high": 0.81, "level": "official"}
_SPAN: dict[str, Any] = {"start": 0, "end": 32, "hostility": 0.78, "formality": 0.71}
_MODEL: dict[str, Any] = {"name": "diplotone", "version": "1.0.0", "sha256": "0f" * 32}


def level_bounds(scale: Scale) -> list[tuple[Level, float]]:
    """Return the levels of a scale, each with the score at which the next begins (or 1)."""
    levels = LEVELS[scale]
    ends = [*(level.start for level in levels[1:]), 1.0]
    return list(zip(levels, ends, strict=True))


def _listed(scale: Scale) -> str:
    return "; ".join(f"{lv.name} {lv.start:g} to {end:g}" for lv, end in level_bounds(scale))


def whole_characters(text: str) -> str:
    """Return the text unless it holds half of a surrogate pair, which pydantic then refuses."""
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        raise PydanticCustomError(
            "half_character", "Text should be whole Unicode characters, not half of a pair"
        )
    return text


class WireRequest(BaseModel):
    """What a caller sends: no field unknown, no value turned into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class WireAnswer(BaseModel):
    """What a caller gets."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


Quote = Annotated[
    str,
    Field(
        description="The quoted statement. Offsets in the answer count Unicode code points of it. "
        "Not blank, and at most as long as `GET /v1/model` says: 10,000 unless set otherwise.",
        # Documented only: the check itself is model.text.check, the same for every door.
        json_schema_extra={"minLength": 1, "pattern": r"[^\s\u0000-\u001f\u007f-\u009f]"},
    ),
]
ONE_FAULT = Field(fail_fast=True)
"""For every list that is sent: one fault is told, and to collect a million holds up everyone."""
Id = Annotated[str, Field(max_length=MAX_ID_CHARACTERS), AfterValidator(whole_characters)]
Sentences = Annotated[bool, Field(description="Also score each sentence.")]
Pinned = Annotated[
    str | None,
    Field(description="Version, or start of the SHA-256, of a model that `GET /v1/model` lists."),
]
Explain = Annotated[
    bool,
    Field(description="Also give what each word (or clause, or sentence) contributes. Costs more."),
]


class ScoreRequest(WireRequest):
    """One quote."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"quote": _QUOTE, "id": "a1", "explain": True}]}
    )

    quote: Quote
    id: Id | None = Field(default=None, description="Yours; comes back unchanged.")
    sentences: Sentences = False
    explain: Explain = False
    model: Pinned = None


class BatchRequest(WireRequest):
    """Several quotes, each scored on its own."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"quotes": [_QUOTE, "deep regret"], "ids": ["a1", "a2"]}]}
    )

    quotes: Annotated[list[Quote], ONE_FAULT] = Field(
        min_length=1,
        description="At most as many as `GET /v1/model` says: 256 unless set otherwise.",
    )
    ids: Annotated[list[Id | None], ONE_FAULT] | None = Field(
        default=None, description="Yours, one for each quote."
    )
    sentences: Sentences = False
    explain: Explain = False
    model: Pinned = None


class Degree(WireAnswer):
    """A degree on one scale: how much, not how probable."""

    score: float = Field(ge=0, le=1, description="The degree, from 0 to 1; not a probability.")
    low: float = Field(
        ge=0,
        le=1,
        description="Low end of the interval: a careful human rating lies between `low` and "
        "`high` for the share of quotes that `GET /v1/model` gives as coverage.",
    )
    high: float = Field(ge=0, le=1, description="High end of the interval.")
    level: str = Field(
        description="Name of the stretch of the scale the score falls in. "
        + " ".join(f"{scale.capitalize()}: {_listed(scale)}." for scale in SCALES)
    )


class SpanScore(WireAnswer):
    """Two numbers for a range of the text as sent, in Unicode code points, end exclusive."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    hostility: float = Field(ge=-1, le=1)
    formality: float = Field(ge=-1, le=1)


class Warning(WireAnswer):  # noqa: A001 - the word the contract uses
    """A reason to trust the score less."""

    code: WarningCode
    message: str


class ModelName(WireAnswer):
    """Which model gave the scores."""

    name: str
    version: str
    sha256: str = Field(description="Hash of the artifact's manifest, hence of every file of it.")


class QuoteScore(WireAnswer):
    """Everything known about one quote."""

    id: str | None = Field(description="As sent; null when none was.")
    hostility: Degree
    formality: Degree
    sentences: list[SpanScore] = Field(
        default=[], description="Scores 0 to 1; only when asked for."
    )
    highlights: list[SpanScore] = Field(
        default=[],
        description="Signed contributions, -1 to 1: how much the score falls when the range is "
        "left out. Only when asked for.",
    )
    truncated: bool = Field(description="Always false: no word is ever cut away.")
    warnings: list[Warning]


_RESULT: dict[str, Any] = {
    "id": "a1",
    "hostility": _DEGREE,
    "formality": _FORMAL,
    "truncated": False,
    "warnings": [],
}


class ScoreAnswer(QuoteScore):
    """The answer to one quote."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_RESULT, "highlights": [_SPAN], "model": _MODEL}]}
    )

    model: ModelName


class BatchAnswer(WireAnswer):
    """The answers to several quotes, in the order sent."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"results": [_RESULT], "model": _MODEL}]}
    )

    results: list[QuoteScore]
    model: ModelName


class LevelCard(WireAnswer):
    """One stretch of a scale: scores from ``low`` up to, and without, ``high``."""

    name: str
    low: float
    high: float
    meaning: str


class Limits(WireAnswer):
    """What the service accepts."""

    max_characters: int = Field(description="Longest quote, in Unicode code points.")
    max_quotes: int = Field(description="Most quotes in one batch request.")
    max_article_characters: int = Field(description="Longest article, in Unicode code points.")
    max_article_quotes: int = Field(description="Most quotes of an article that are scored.")
    max_body_bytes: int = Field(description="Largest request body.")
    window_tokens: int = Field(
        description="Longer quotes are scored in windows of whole sentences."
    )


class Interval(WireAnswer):
    """What ``low`` and ``high`` promise."""

    coverage: float = Field(description="Share of unseen quotes whose rating lies inside.")
    method: str


class ModelCard(ModelName):
    """The model that is served."""

    limits: Limits
    levels: dict[Scale, list[LevelCard]]
    interval: Interval
    metrics: dict[str, Any] = Field(description="Headline figures of its evaluation.")
    languages: list[str]
    also: list[ModelName] = Field(default=[], description="Others, for requests that name one.")


class Status(WireAnswer):
    """All is well."""

    status: str = Field(examples=["ok"])


class ErrorDetail(WireAnswer):
    """What was wrong."""

    code: str = Field(description="Stable and machine-readable.")
    message: str = Field(description="A sentence for the person who must act.")
    field: str = Field(default="", description="The field at fault, where there is one.")


class ErrorBody(WireAnswer):
    """Every error has this body."""

    error: ErrorDetail
    request_id: str = Field(description="As in the header X-Request-ID and in the log.")
