"""The words of Perspective's wire: AnalyzeComment's request, answer and error.

What Perspective takes and we have no use for is accepted, said to be unread, and never stored.
"""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from service.schemas import Quote, WireAnswer, WireRequest

MAX_TOKEN_CHARACTERS = 1000
MAX_LANGUAGES = 100

_Opaque = Annotated[str, Field(max_length=MAX_TOKEN_CHARACTERS)]
_CAMEL = ConfigDict(alias_generator=to_camel)


class Comment(WireRequest):
    """The text."""

    model_config = _CAMEL

    text: Quote
    type: Literal["PLAIN_TEXT", "TEXT_TYPE_UNSPECIFIED"] = "PLAIN_TEXT"


class AttributeParameters(WireRequest):
    """What is wanted of one attribute."""

    model_config = _CAMEL

    score_type: Literal["PROBABILITY", "SCORE_TYPE_UNSPECIFIED"] = Field(
        default="PROBABILITY", description="The one type there is; the value is a degree even so."
    )
    score_threshold: float = Field(
        default=0, ge=0, le=1, description="Scores below it are left out of the answer."
    )


class AnalyzeRequest(WireRequest):
    """A comment to be analysed."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        json_schema_extra={
            "examples": [
                {
                    "comment": {"text": "hateful sophistry"},
                    "requestedAttributes": {"HOSTILITY": {}, "FORMALITY": {"scoreThreshold": 0.5}},
                    "languages": ["en"],
                }
            ]
        },
    )

    comment: Comment
    requested_attributes: dict[str, AttributeParameters] = Field(
        default={}, description="`HOSTILITY`, `FORMALITY` or both, each with its parameters."
    )
    languages: list[str] = Field(
        default=[], max_length=MAX_LANGUAGES, description="English or nothing: `en`, `en-GB`."
    )
    span_annotations: bool = Field(
        default=False,
        description="Score each sentence too; else the comment is the only span. Offsets count "
        "Unicode code points, end exclusive.",
    )
    client_token: _Opaque | None = Field(default=None, description="Yours; comes back unchanged.")
    drop_unsupported_attributes: bool = Field(
        default=False, description="Leave attributes out, rather than refuse, for other languages."
    )
    do_not_store: bool = Field(default=True, description="Not read: nothing is ever stored.")
    session_id: _Opaque | None = Field(default=None, description="Not read.")
    community_id: _Opaque | None = Field(default=None, description="Not read.")
    context: dict[str, Any] | None = Field(default=None, description="Not read.")


class Score(WireAnswer):
    """A number."""

    value: float = Field(ge=0, le=1, description="A degree, not a probability.")
    type: Literal["PROBABILITY"] = Field(
        description="The name that Perspective's clients expect; no probability is meant."
    )


class CommentSpan(WireAnswer):
    """The score of a range of the comment, in Unicode code points."""

    begin: int
    end: int
    score: Score


class AttributeScores(WireAnswer):
    """The scores of one attribute."""

    model_config = _CAMEL

    span_scores: list[CommentSpan] = []
    summary_score: Score | None = None


class AnalyzeAnswer(WireAnswer):
    """The answer to a comment."""

    model_config = _CAMEL

    attribute_scores: dict[str, AttributeScores] = Field(
        description="An attribute of which nothing reaches its threshold is absent."
    )
    languages: list[str] = Field(description="As sent; `en` when nothing was.")
    detected_languages: list[str] = Field(
        description="`en`, or `und` where the text does not look English."
    )
    client_token: str | None = Field(default=None, description="As sent; absent when none was.")


class Status(WireAnswer):
    """What was wrong, as Google's APIs say it."""

    code: int
    message: str
    status: str = Field(examples=["INVALID_ARGUMENT"])
    details: list[dict[str, Any]]


class AnalyzeError(WireAnswer):
    """An error in the shape of Google's APIs."""

    error: Status
