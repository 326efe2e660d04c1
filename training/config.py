"""The configuration of one training run: typed, validated, stored in the manifest.

Values come, in rising order of precedence, from the defaults here, a TOML file (``--config``) and
the command line. ``training/default.toml`` is the recipe of the released artifact.
"""

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from model.artifact import default_folder
from training.errors import ConfigError

_RELEASED = Path("released")
"""Stands for the folder of the released artifact."""
DEFAULT_TOML = Path(__file__).parent / "default.toml"


class TrainConfig(BaseModel):
    """Settings of a run.

    Attributes:
        name: name of the model in its manifest.
        version: semantic version of the artifact; the next free one by default.
        base_model: local folder, a packaged encoder's name, or a hub id.
        baseline_model: encoder of the frozen baseline; base_model by default.
        pooling: "first" reads the first token, as stock BERT classifiers do; "layer" adds a layer
            that starts as an average of all tokens (BERT encoders only).
        layers: keep this many of the encoder's own layers under the pooling layer; None for all.
        vocabulary: keep at most this many of the base encoder's tokens, those that English text
            needs and the training texts use most; None for all.
        neutral_names: read every state, nationality, city and alliance as one, he and she as one.
        freeze_embeddings: leave the word vectors as they are, which trains faster.
        corpus: your own labelled quotes; None for those of this project.
        real: train on the real labels too, whose public files are fetched.
        teacher: folder of an artifact whose scores of unlabelled sentences are trained on too.
        teacher_texts: how many sentences it scores.
        labelled_repeats: how often each labelled row stands in an epoch beside the teacher's.
        feedback: JSON Lines of people's corrections, which are trained on too.
        feedback_weight: how often each of their rows stands where another labelled row stands once.
        keep_out: labelled JSON Lines whose texts the teacher does not score, to measure with.
        start_from: finished run or artifact of the same base, or "released", which is trained
            further: network and tokenizer are its own, whatever pooling, layers, vocabulary and
            neutral_names say.
        average_with: finished run or artifact of the same base and seed, or "released", whose
            weights and the fitted ones are averaged.
        seed: of weights, order and dropout.
        split_seed: of the splits; keep it when comparing runs.
        rows: train on this many rows only, and evaluate on as many; None for all.
        epochs: passes over the training rows, at most; 0 leaves the weights of ``start_from`` as
            they are and exports, calibrates and measures them anew.
        batch_size: rows a step.
        learning_rate: peak rate, reached after warm-up and decayed to zero.
        weight_decay: AdamW's, on all but biases and normalisation.
        warmup: share of the steps with a rising rate.
        dropout: of the encoder and before the head.
        patience: evaluations without a better validation score before the run stops.
        max_tokens: longer training rows are cut; scoring never cuts.
        window_tokens: most tokens the artifact scores at once.
        coverage: nominal coverage of the intervals.
        threads: threads for training; those available by default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    name: str = Field("diplotone", pattern=r"^[A-Za-z0-9._-]+$")
    version: str | None = Field(None, pattern=r"^\d+\.\d+\.\d+([-+][0-9A-Za-z.-]+)?$")
    base_model: str = "all-MiniLM-L6-v2"
    baseline_model: str | None = None
    pooling: Literal["first", "layer"] = "layer"
    layers: int | None = Field(None, ge=1)
    vocabulary: int | None = Field(26_600, ge=1_000)
    neutral_names: bool = True
    freeze_embeddings: bool = False
    corpus: Path | None = None
    real: bool = True
    teacher: Path | None = None
    teacher_texts: int = Field(60_000, ge=1)
    labelled_repeats: int = Field(2, ge=1)
    feedback: Path | None = None
    feedback_weight: int = Field(2, ge=1, le=100)
    keep_out: Path | None = None
    start_from: Path | None = None
    average_with: Path | None = None
    seed: int = Field(1, ge=0)
    split_seed: int = Field(0, ge=0)
    rows: int | None = Field(None, ge=40)
    epochs: int = Field(6, ge=0, le=100)
    batch_size: int = Field(32, ge=1, le=1024)
    learning_rate: float = Field(1e-4, gt=0, le=0.1)
    weight_decay: float = Field(0.01, ge=0, le=1)
    warmup: float = Field(0.06, ge=0, lt=1)
    dropout: float = Field(0.1, ge=0, lt=1)
    patience: int = Field(2, ge=1)
    max_tokens: int = Field(192, ge=16, le=512)
    window_tokens: int = Field(256, ge=16, le=512)
    coverage: float = Field(0.9, gt=0.5, lt=1)
    threads: int | None = Field(None, ge=1)

    @field_validator("start_from", "average_with")
    @classmethod
    def _named(cls, value: Path | None) -> Path | None:
        return value and artifact_folder(value)

    @field_validator("epochs")
    @classmethod
    def _has_weights(cls, value: int, info: ValidationInfo) -> int:
        if not value and not info.data.get("start_from"):
            raise ValueError("0 trains nothing; start_from must name whose weights to keep")
        return value


def artifact_folder(named: Path) -> Path:
    """Return the folder that is meant, that of the released artifact by the name of it."""
    return default_folder() if named == _RELEASED else named


def read_config(path: Path | None, overrides: dict[str, Any]) -> TrainConfig:
    """Combine defaults, a TOML file and overrides; None among the overrides means "not given".

    Raises:
        ConfigError: the file cannot be read, or a setting is unknown or out of range.
    """
    source = path or DEFAULT_TOML
    try:
        content = tomllib.loads(source.read_text("utf-8"))
    except OSError as cause:
        raise ConfigError(f"{source} cannot be read: {cause.strerror}.") from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise ConfigError(f"{source} is not TOML: {cause}.") from cause
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return TrainConfig.model_validate(content | given)
    except ValidationError as cause:
        first = cause.errors()[0]
        field = ".".join(map(str, first["loc"]))
        place = "the command line" if field in given else str(source)
        raise ConfigError(f"{place}, setting {field}: {first['msg']}.") from cause
