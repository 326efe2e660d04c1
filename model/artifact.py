"""The artifact: a folder of declared files with a manifest that holds the hash of each.

Reading is strict. A missing or altered file, or an unknown layout, stops the start
with one sentence; nothing in the folder is unpickled or executed.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from model.errors import ArtifactError
from model.familiarity import SURPRISAL, Familiarity
from model.intervals import Calibration
from model.reference import Reference
from model.scores import SCALES

LAYOUTS = (1, 2)
"""Layouts that can be read: 2 has the surprisal of tokens, 1 has not."""
MANIFEST = "manifest.json"
NETWORK = "model.onnx"
TOKENIZER = "tokenizer.json"
CONFIG = "config.json"
CARD = "README.md"
FILES = (CONFIG, TOKENIZER, NETWORK, SURPRISAL, CARD)
"""Every file of an artifact beside the manifest itself; layout 1 has no ``SURPRISAL``."""

RELEASED = Path(__file__).parent / "released"
VARIABLE = "DIPLOTONE_ARTIFACT"


class BaseModelSource(BaseModel):
    """The encoder that training started from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str


class Manifest(BaseModel):
    """What an artifact says of itself.

    Attributes:
        layout: version of this layout.
        name: name of the model, ``diplotone`` unless retrained under another.
        version: semantic version.
        created: UTC time of training, ISO 8601.
        base_model: encoder it was fine-tuned from, with the hash of its weights.
        data: hash and counts of the rows, and what became of each source.
        config: the training configuration, whole.
        git_commit: commit of the code that trained it, or None outside a checkout.
        window_tokens: most tokens scored at once; longer quotes are scored in windows.
        calibration: the interval table.
        familiarity: by what a text counts as unlike the training texts; None in layout 1.
        reference: what the rows looked like that it was tested on; None where nobody counted.
        metrics: headline figures, by split.
        files: SHA-256 of each file of the folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    layout: Literal[1, 2]
    name: str = Field(min_length=1)
    version: str = Field(pattern=r"^\d+\.\d+\.\d+([-+][0-9A-Za-z.-]+)?$")
    created: str
    base_model: BaseModelSource
    data: dict[str, Any]
    config: dict[str, Any]
    git_commit: str | None
    window_tokens: int = Field(ge=16, le=512)
    calibration: Calibration
    familiarity: Familiarity | None = None
    reference: Reference | None = None
    metrics: dict[str, Any]
    files: dict[str, str]

    @field_validator("calibration")
    @classmethod
    def _covers_both_scales(cls, value: Calibration) -> Calibration:
        for scale in SCALES:
            bounds = [band.upto for band in value.bands.get(scale, ())]
            if not bounds or bounds != sorted(set(bounds)) or bounds[-1] != 1:
                raise ValueError(f"the bands of {scale} must rise and end at 1")
        return value

    @model_validator(mode="after")
    def _knows_what_is_familiar(self) -> Self:
        if (self.familiarity is None) != (self.layout == 1):
            raise ValueError("layout 2 has a familiarity and layout 1 has none")
        return self


@dataclass(frozen=True, slots=True)
class Artifact:
    """A verified artifact folder.

    Attributes:
        folder: where it lies.
        manifest: what it says of itself.
        sha256: hash of its manifest, which in turn holds the hash of every other file.
    """

    folder: Path
    manifest: Manifest
    sha256: str


def default_folder() -> Path:
    """Return the folder named by ``DIPLOTONE_ARTIFACT``, else the released artifact."""
    return Path(os.environ.get(VARIABLE) or RELEASED)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_artifact(folder: Path) -> Artifact:
    """Read and verify an artifact folder.

    Raises:
        ArtifactError: says which file is missing, altered or malformed, and what to do.
    """
    path = folder / MANIFEST
    try:
        raw = path.read_bytes()
    except OSError as cause:
        raise ArtifactError(
            f"No artifact at {folder}: {MANIFEST} cannot be read ({cause.strerror}). Train one "
            f"with `make train`, or let {VARIABLE} name a folder that holds one."
        ) from cause
    manifest = _parse(path, raw)
    wanted = [name for name in FILES if name != SURPRISAL or manifest.familiarity]
    if set(manifest.files) != set(wanted):
        odd = ", ".join(sorted(set(manifest.files) ^ set(wanted)))
        raise ArtifactError(f"{path} must list exactly {', '.join(wanted)}; it differs in: {odd}.")
    for name, expected in manifest.files.items():
        _verify(folder / name, expected)
    return Artifact(folder, manifest, hashlib.sha256(raw).hexdigest())


def _parse(path: Path, raw: bytes) -> Manifest:
    try:
        content = json.loads(raw)
    except ValueError as cause:
        raise ArtifactError(f"{path} is not JSON: {cause}. Restore or retrain it.") from cause
    layout = content.get("layout") if isinstance(content, dict) else None
    if layout not in LAYOUTS:
        raise ArtifactError(
            f"{path} has layout {layout!r} and this version reads layouts 1 and 2; "
            "install the diplotone that wrote it, or retrain."
        )
    try:
        return Manifest.model_validate(content)
    except ValidationError as cause:
        first = cause.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ArtifactError(f"{path}, field {place}: {first['msg']}.") from cause


def _verify(path: Path, expected: str) -> None:
    try:
        found = file_sha256(path)
    except OSError as cause:
        raise ArtifactError(
            f"{path} is missing from the artifact ({cause.strerror}); restore or retrain it."
        ) from cause
    if found != expected:
        raise ArtifactError(
            f"{path} was altered: its SHA-256 is {found[:12]}... and the manifest says "
            f"{expected[:12]}...; restore or retrain it."
        )
