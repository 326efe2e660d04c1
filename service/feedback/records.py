"""A record of feedback, as it is stored, exported and imported.

One JSON object with every key present, a line each in an export:
``docs/feedback.md`` describes the keys, and training reads the same lines.
"""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from service.schemas import whole_characters

MAX_RATER = 100
"""Longest name of a rater, in characters."""
MAX_NOTE = 2_000
"""Longest note, in characters."""

Way = Literal["higher", "lower"]
"""A correction that only says which way the score should go."""


def _storable(text: str) -> str:
    """Refuse what PostgreSQL cannot hold."""
    if "\x00" in text:
        raise PydanticCustomError("zero_character", "Text should have no zero character")
    return whole_characters(text)


Words = Annotated[str, AfterValidator(_storable)]
Name = Annotated[Words, Field(min_length=1, max_length=MAX_RATER)]
Note = Annotated[Words, Field(max_length=MAX_NOTE)]
RequestId = Annotated[Words, Field(min_length=1, max_length=200)]
Degree = Annotated[float, Field(ge=0, le=1, strict=True)]


def _correction(value: object) -> object:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is None or (isinstance(value, str) and value in get_args(Way)):
        return value
    if number and 0 <= value <= 1:  # type: ignore[operator]
        return float(value)  # type: ignore[arg-type]
    raise PydanticCustomError(
        "correction", 'Correction should be a number from 0 to 1, "higher" or "lower"'
    )


# One message for all of it, where a union's would name each of its parts.
Correction = Annotated[
    float | Way | None, PlainValidator(_correction, json_schema_input_type=Degree | Way | None)
]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Scored(_Frozen):
    """What a model gave the quote: degrees from 0 to 1."""

    hostility: Degree
    formality: Degree


class ModelRef(_Frozen):
    """Which model that was."""

    name: Annotated[Words, Field(max_length=200)]
    version: Annotated[Words, Field(max_length=100)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def new_id() -> str:
    """Return an id that no other record has."""
    return "fb_" + secrets.token_hex(12)


def now() -> str:
    """Return the time as RFC 3339 in UTC, to the microsecond, so that it sorts as text."""
    return rfc3339(datetime.now(UTC))


def rfc3339(moment: datetime) -> str:
    """Return a moment in the one form that the store compares by."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def sha256_of(quote: str) -> str:
    """Return the SHA-256 of a quote's UTF-8, in hexadecimal."""
    return hashlib.sha256(quote.encode()).hexdigest()


def _moment(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = datetime.min
    if moment.tzinfo is None:
        raise PydanticCustomError("time", "Time should be RFC 3339, like 2026-11-25T09:00:00Z")
    return rfc3339(moment)


class FeedbackRecord(_Frozen):
    """What one rater said of one quote.

    Attributes:
        id: of the record.
        created: when it was given, RFC 3339, UTC.
        rater: who gave it, or None.
        quote: the text, or None where only its hash is kept.
        quote_sha256: SHA-256 of the quote's UTF-8, or None where only a request is named.
        hostility: a degree from 0 to 1, or "higher" or "lower" than ``scored``, or None.
        formality: likewise.
        scored: what the model had given.
        model: which model.
        request_id: of the request whose answer is corrected.
        note: the rater's own words.
        source: the door it came in by.
    """

    id: Annotated[Words, Field(min_length=1, max_length=64)] = Field(default_factory=new_id)
    created: Annotated[str, AfterValidator(_moment)] = Field(default_factory=now)
    rater: Name | None = None
    quote: Annotated[Words, Field(min_length=1)] | None = None
    quote_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    hostility: Correction = None
    formality: Correction = None
    scored: Scored | None = None
    model: ModelRef | None = None
    request_id: RequestId | None = None
    note: Note | None = None
    source: Literal["api", "import", "label"] = "import"

    @model_validator(mode="before")
    @classmethod
    def _hash_quote(cls, value: Any) -> Any:  # noqa: ANN401 - pydantic's signature
        if isinstance(value, dict) and isinstance(quote := value.get("quote"), str):
            try:
                return {"quote_sha256": sha256_of(quote)} | _given(value)
            except UnicodeEncodeError:
                return value  # the field's own check says what is wrong with it
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.quote is not None and self.quote_sha256 != sha256_of(self.quote):
            raise PydanticCustomError("hash", "quote_sha256 should be the SHA-256 of quote")
        if self.quote_sha256 is None and self.request_id is None:
            raise PydanticCustomError("what", "Feedback should name a quote or a request_id")
        if self.hostility is None and self.formality is None:
            raise PydanticCustomError("none", "Feedback should correct hostility or formality")
        return self


def _given(value: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in value.items() if part is not None}
