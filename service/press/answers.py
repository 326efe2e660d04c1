"""Turns a scored article into the answer of the wire."""

from typing import Any

from service.press.records import ScoredArticle, ScoredQuote
from service.press.schemas import ArticleAnswer
from service.schemas import ModelName


def article_answer(
    article: ScoredArticle,
    model: ModelName,
    given_id: str | None = None,
    *,
    sentences: bool,
    explain: bool,
) -> ArticleAnswer:
    """Return the answer; what was not asked for is absent, not null.

    Args:
        article: the article.
        model: which model gave the scores.
        given_id: what the caller calls it, or None.
        sentences: the caller asked for sentences.
        explain: the caller asked for highlights.
    """
    asked = [name for name, on in (("sentences", sentences), ("highlights", explain)) if on]
    return ArticleAnswer.model_validate(
        {
            "id": given_id,
            "title": article.title,
            "quotes": [_fields(scored, asked) for scored in article.quotes],
            "speakers": article.speakers,
            "exchange": article.exchange,
            "model": model,
        }
    )


def _fields(scored: ScoredQuote, asked: list[str]) -> dict[str, Any]:
    quote, tone = scored.quote, scored.tone
    fields: dict[str, Any] = {
        "text": quote.text,
        "start": quote.start,
        "end": quote.end,
        "kind": quote.kind,
        "speaker": quote.speaker,
        "cue": quote.cue,
        "addressee": quote.addressee,
        "part_of": quote.part_of,
        "pieces": [{"start": start, "end": end} for start, end in quote.pieces],
        "hostility": tone.hostility if tone else None,
        "formality": tone.formality if tone else None,
        "truncated": tone.truncated if tone else False,
        "warnings": tone.warnings if tone else (),
    }
    for name in asked:
        fields[name] = (getattr(tone, name) if tone else None) or []
    return fields
