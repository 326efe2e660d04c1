"""The rows that our files hold, as frozen and strictly typed records.

A degree is a fraction of the codebook's scale: 0 is its 0, 1 its 100. Nothing here knows about
files; `data.readers` turns a failed validation into file, line, field and reason.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def _check_text(text: str) -> str:
    # Zero-width and control characters are neither spaces nor printable, and say nothing.
    if not any(mark.isprintable() and not mark.isspace() for mark in text):
        raise ValueError("the text is blank")
    return text


def check_file(file: str) -> str:
    """Return `file` if it is a plain relative path with forward slashes; else ValueError."""
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts or "\\" in file or str(path) != file:
        raise ValueError(f"{file!r} is not a plain path inside its source")
    return file


PUBLIC = "real/"
"""How the source of a row starts whose text is a public statement, and not written for a corpus."""

Degree = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
# A least length makes pydantic read the characters, and so refuse half a surrogate pair.
Name = Annotated[str, Field(min_length=1)]
Text = Annotated[Name, AfterValidator(_check_text)]
RelativeFile = Annotated[Name, AfterValidator(check_file)]
Raters = Annotated[int, Field(ge=1)]


class Record(BaseModel):
    """Base of all rows: frozen, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Quote(Record):
    """One labelled quote as training and evaluation use it, wherever it came from.

    `source` is `corpus/<voice>`, `real/<source>` or a user's own word. Rows of one `group` (a
    contrast set, a document) belong in one split. `raters` is None where it is not recorded.
    """

    id: Name
    text: Text
    hostility: Degree
    formality: Degree
    source: Name
    group: Name
    raters: Raters | None


class CorpusRow(Record):
    """A line of corpus.jsonl: a quote written for this project, with its mean ratings.

    `contrast_set` numbers a small set of quotes that differ in one respect only; None elsewhere.
    """

    id: Name
    text: Text
    hostility: Degree
    formality: Degree
    raters: Raters
    voice: Name
    topic: Name
    act: Name
    contrast_set: Annotated[int, Field(ge=0)] | None = None
    split: Literal["train", "test"]

    def quote(self) -> Quote:
        """This row in the common form; rows of one contrast set share their group."""
        alone = self.contrast_set is None
        return Quote(
            id=self.id,
            text=self.text,
            hostility=self.hostility,
            formality=self.formality,
            source=f"corpus/{self.voice}",
            group=f"corpus/{self.id}" if alone else f"contrast-set/{self.contrast_set}",
            raters=self.raters,
        )


class RealLabel(Record):
    """A line of real_labels.jsonl: where a public sentence lies and what it scored.

    `record` counts from 0 (row of a CSV file, element of a JSON list; None in a text file).
    `start` and `end` are code points of the field or file as decoded; `sha256` is the first 16
    hex digits over the normalised slice (see `data.slices.normalise`).
    """

    source: Name
    file: RelativeFile
    record: Annotated[int, Field(ge=0)] | None
    field: Name | None
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=1)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    hostility: Degree
    formality: Degree

    @model_validator(mode="after")
    def _check_places(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"end {self.end} does not lie after start {self.start}")
        if (self.record is None) != (self.field is None):
            raise ValueError("record and field go together: both or neither")
        return self

    @property
    def id(self) -> str:
        """`<source>/<sha256>`: the same sentence of the same source has the same id."""
        return f"{self.source}/{self.sha256}"

    def quote(self, text: str, document: str) -> Quote:
        """The label joined with its text; `document` names the group within the source."""
        return Quote(
            id=self.id,
            text=text,
            hostility=self.hostility,
            formality=self.formality,
            source=f"{PUBLIC}{self.source}",
            group=f"{PUBLIC}{self.source}/{document}",
            raters=None,
        )


class LabelledRow(Record):
    """A line of a user's own file: text and two degrees, the rest optional."""

    text: Text
    hostility: Degree
    formality: Degree
    id: Name | int | None = None
    source: Name | None = None
    group: Name | None = None
    raters: Raters | None = None

    def quote(self, default_id: str, default_source: str) -> Quote:
        """This row in the common form; without a group of its own it stands alone."""
        name = default_id if self.id is None else str(self.id)
        source = self.source or default_source
        return Quote(
            id=name,
            text=self.text,
            hostility=self.hostility,
            formality=self.formality,
            source=source,
            group=self.group or f"{source}/{name}",
            raters=self.raters,
        )
