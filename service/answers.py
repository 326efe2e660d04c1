"""Turns scores and the artifact's own words into the answers of the wire."""

from collections.abc import Sequence
from typing import Any

from model.artifact import Artifact
from model.levels import LEVELS
from model.scores import ToneScore
from service.schemas import (
    BatchAnswer,
    Interval,
    LevelCard,
    Limits,
    ModelCard,
    ModelName,
    level_bounds,
)
from service.settings import Settings

LANGUAGES = ["en"]
"""Languages the model knows, as ISO 639-1 codes."""


def quote_fields(score: ToneScore, given_id: str | None) -> dict[str, Any]:
    """Return the fields of a ``QuoteScore``; what was not asked for is absent, not null."""
    fields: dict[str, Any] = {
        "id": given_id,
        "hostility": score.hostility,
        "formality": score.formality,
        "truncated": score.truncated,
        "warnings": score.warnings,
    }
    for name in ("sentences", "highlights"):
        if (spans := getattr(score, name)) is not None:
            fields[name] = spans
    return fields


def batch_answer(
    scores: Sequence[ToneScore], ids: Sequence[str | None], model: ModelName
) -> BatchAnswer:
    """Return the answer to several quotes."""
    results = [quote_fields(score, given) for score, given in zip(scores, ids, strict=True)]
    return BatchAnswer.model_validate({"results": results, "model": model})


def model_card(artifact: Artifact, settings: Settings) -> ModelCard:
    """Return what an artifact and the settings say to a caller."""
    manifest = artifact.manifest
    return ModelCard(
        name=manifest.name,
        version=manifest.version,
        sha256=artifact.sha256,
        limits=Limits(
            max_characters=settings.max_characters,
            max_quotes=settings.max_quotes,
            max_article_characters=settings.max_article_characters,
            max_article_quotes=settings.max_article_quotes,
            max_body_bytes=settings.max_body_bytes,
            window_tokens=manifest.window_tokens,
        ),
        levels={
            scale: [
                LevelCard(name=level.name, low=level.start, high=end, meaning=level.meaning)
                for level, end in level_bounds(scale)
            ]
            for scale in LEVELS
        },
        interval=Interval(
            coverage=manifest.calibration.coverage, method=manifest.calibration.method
        ),
        metrics=manifest.metrics,
        languages=LANGUAGES,
    )
