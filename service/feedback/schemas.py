"""The words of the wire for feedback."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from service.feedback.records import Correction, ModelRef, Name, Note, RequestId, Scored
from service.schemas import ErrorDetail, Quote, WireAnswer, WireRequest

_ITEM: dict[str, Any] = {
    "quote": "hateful sophistry",
    "hostility": 0.75,
    "formality": "higher",
    "rater": "desk-2",
}


class FeedbackItem(WireRequest):
    """A correction: what the scores of a quote should be, or which way they should go."""

    quote: Quote | None = Field(default=None, description="The quote that was scored.")
    request_id: RequestId | None = Field(
        default=None,
        description="`X-Request-ID` of the answer that is corrected. The service keeps no answers, "
        "so without the quote the record holds this id and nothing of the text.",
    )
    hostility: Correction = Field(
        default=None, description="A degree from 0 to 1, or `higher` or `lower` than was given."
    )
    formality: Correction = Field(default=None, description="Likewise.")
    rater: Name | None = Field(default=None, description="Who says so; any name you like.")
    note: Note | None = Field(default=None, description="In the rater's own words.")
    scored: Scored | None = Field(
        default=None,
        description="The scores that were shown. Without them the service scores the quote and "
        "keeps what it gets.",
    )
    model: ModelRef | None = Field(default=None, description="The model that gave them.")


class FeedbackRequest(FeedbackItem):
    """One correction, or several as ``items``, of which each is kept or refused alone."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ITEM, {"items": [_ITEM]}]})

    items: list[Any] | None = Field(
        default=None,
        min_length=1,
        description="Corrections, each with the fields above and without `items`; then nothing "
        "else is sent. At most as many as a batch may have quotes.",
    )


class Kept(WireAnswer):
    """What became of one correction: its id, or why it was not kept."""

    id: str | None = Field(description="Of the record; null where it was not kept.")
    error: ErrorDetail | None = Field(default=None, description="Only where it was not kept.")


class FeedbackAnswer(WireAnswer):
    """What became of each correction, in the order sent. What has an id is on the disk."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"results": [{"id": "fb_0c1d2e3f4a5b6c7d8e9f0a1b"}]}]}
    )

    results: Annotated[list[Kept], Field(min_length=1)]
