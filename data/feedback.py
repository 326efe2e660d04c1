"""Corrections and ratings that people sent back, as `diplotone feedback export` writes them.

JSON Lines, one record a line; `docs/feedback.md` describes the keys. Only `id` must be there, so
that a file made by hand works too. Every fault is reported as file, line, field, reason.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainValidator, model_validator

from data.errors import DataError
from data.readers import read_objects, validate
from data.records import Degree, Name, Record

FEEDBACK = "feedback"
"""Source of the rows that come from feedback, and name of those that are held out."""

HIGHER, LOWER = "higher", "lower"


def _correction(value: object) -> object:
    is_degree = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    if is_degree or value is None or value in (HIGHER, LOWER):
        return value
    raise ValueError(f'{value!r:.60} is no number from 0 to 1, and not "{HIGHER}" or "{LOWER}"')


Correction = Annotated[float | Literal["higher", "lower"] | None, PlainValidator(_correction)]


class Shown(Record):
    """The scores that the rater was shown."""

    hostility: Degree
    formality: Degree


class FeedbackRow(Record):
    """A line of an export: what one rater said of one quote.

    `quote` is None where only its hash was kept. A correction is a degree, or "higher" or "lower"
    than `scored`.
    """

    id: Name
    created: str | None = None
    rater: str | None = None
    quote: Name | None = None
    quote_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    hostility: Correction = None
    formality: Correction = None
    scored: Shown | None = None
    model: dict[str, Any] | None = None
    request_id: str | None = None
    note: str | None = None
    source: str | None = None

    @model_validator(mode="after")
    def _check_hash(self) -> Self:
        if self.quote is None or self.quote_sha256 is None:
            return self
        if hashlib.sha256(self.quote.encode()).hexdigest() != self.quote_sha256:
            raise ValueError("the quote is not the one whose SHA-256 quote_sha256 is")
        return self


def read_feedback(path: Path) -> list[FeedbackRow]:
    """Read an export. Raises DataError at the first bad line, or if the file holds no record."""
    rows: list[FeedbackRow] = []
    seen: dict[str, int] = {}
    for line, content in read_objects(path):
        row = validate(path, line, content, FeedbackRow)
        first = seen.setdefault(row.id, line)
        if first != line:
            raise DataError(path, f"{row.id!r} is that of line {first} too", line, "id")
        rows.append(row)
    if not rows:
        raise DataError(path, "the file holds no record of feedback")
    return rows
