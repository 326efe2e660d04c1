"""The route for feedback: check each item, score what was quoted, keep all at once, answer."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import ValidationError

from model.errors import QuoteError, ScoringError, ToneError
from model.scores import ToneScore
from model.text import check
from service.errors import DeadlineExceeded, NotReady, Overloaded, RequestError, outcome
from service.feedback.records import FeedbackRecord, ModelRef, Scored, sha256_of
from service.feedback.schemas import FeedbackAnswer, FeedbackItem, FeedbackRequest, Kept
from service.handlers import documented, invalid_field
from service.quota import caller_of, charged
from service.reading import JsonRoute
from service.routes import Running, unless_gone
from service.schemas import ErrorDetail
from service.serving import Service

if TYPE_CHECKING:
    from service.feedback.store import FeedbackStore

MAX_KEY = 200
_EITHER = "Send either one correction or items, not both."
_WHAT = "Name what is corrected: a quote, or the request_id of an answer."
_GONE = (
    "What the request with this Idempotency-Key brought was deleted since; send a new key to give "
    "it again."
)
_NONE = "Correct something: send hostility, formality or both."

router = APIRouter(route_class=JsonRoute)


async def store_of(request: Request, service: Running) -> "FeedbackStore":
    """Return the open store; NotReady before the app has started."""
    store: FeedbackStore = request.app.state.feedback
    return store


@router.post(
    "/v1/feedback",
    operation_id="give_feedback",
    tags=["feedback"],
    status_code=201,
    response_model=FeedbackAnswer,
    responses=documented(400, 408, 409, 413, 415, 422, 429, 500, 503),
)
async def give_feedback(
    body: FeedbackRequest,
    request: Request,
    service: Running,
    store: Annotated["FeedbackStore", Depends(store_of)],
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=MAX_KEY,
            description="Yours: a request that is sent again with it is answered as the first.",
        ),
    ] = None,
) -> Response:
    """Correct scores. What is answered with an id is on the disk; the rest says why it is not."""
    digest = hashlib.sha256(await request.body()).hexdigest()
    known = sha256_of(f"{caller_of(request.scope)}\n{key}") if key is not None else None
    if known and (again := await _answered(store, known, digest)):
        return again
    items = _items(body, service.settings.max_quotes)
    with charged(request.scope, service.quota, len(items)):
        records = await unless_gone(request.receive, _records(items, request, service))
    kept = [record for record in records if isinstance(record, FeedbackRecord)]
    if not kept and isinstance(records[0], ToneError):
        raise records[0]
    answer = FeedbackAnswer(results=[_outcome(record) for record in records])
    json = answer.model_dump_json(exclude_unset=True)
    try:
        await asyncio.to_thread(_keep, store, kept, known, digest, json)
    except ToneError:  # an equal request may have come in between
        if known and (again := await _answered(store, known, digest)):
            return again
        raise
    return _created(json)


def _keep(
    store: "FeedbackStore",
    kept: Sequence[FeedbackRecord],
    key: str | None,
    digest: str,
    json: str,
) -> None:
    from service.feedback.store import Answered

    store.add(kept, key, Answered(digest, json) if key else None)


async def _answered(store: "FeedbackStore", key: str, digest: str) -> Response | None:
    earlier = await asyncio.to_thread(store.answered, key)
    if earlier is None:
        return None
    if not earlier.answer:
        raise RequestError(409, "feedback_deleted", _GONE, "Idempotency-Key")
    if earlier.body_sha256 != digest:
        message = "The Idempotency-Key of this request came before with another body; "
        raise RequestError(409, "key_reused", message + "send a new key.", "Idempotency-Key")
    return _created(earlier.answer, {"Idempotency-Replayed": "true"})


def _created(json: str, headers: dict[str, str] | None = None) -> Response:
    return Response(json, 201, headers, media_type="application/json")


def _items(body: FeedbackRequest, limit: int) -> list[FeedbackItem | ToneError]:
    """Return the items of a request, each read or with what is wrong with it."""
    if body.items is None:
        return [body]
    if body.model_fields_set != {"items"}:
        raise RequestError(422, "invalid_field", _EITHER, "items")
    if len(body.items) > limit:
        message = f"There are {len(body.items):,} items and the limit is {limit:,}; "
        raise RequestError(413, "too_many_quotes", message + "send them in parts.", "items")
    read: list[FeedbackItem | ToneError] = []
    for i, item in enumerate(body.items):
        try:
            read.append(FeedbackItem.model_validate(item))
        except ValidationError as cause:
            read.append(invalid_field(cause, "items", i))
    return read


async def _records(
    items: Sequence[FeedbackItem | ToneError], request: Request, service: Service
) -> list[FeedbackRecord | ToneError]:
    several = len(items) > 1 or not isinstance(items[0], FeedbackRequest)
    drafts = [
        item if isinstance(item, ToneError) else _checked(item, service, i if several else None)
        for i, item in enumerate(items)
    ]
    for one in service.every:
        await _score(drafts, one, one is service)
    if service.settings.feedback_text:
        return drafts
    return [
        d.model_copy(update={"quote": None}) if isinstance(d, FeedbackRecord) else d for d in drafts
    ]


async def _score(
    drafts: list[FeedbackRecord | ToneError], service: Service, is_first: bool
) -> None:
    """Add this model's scores to the records of it that have none.

    Args:
        drafts: the records, which are replaced by those with scores.
        service: the model.
        is_first: whether it gave the scores where a record names no model.
    """
    own = service.model.sha256
    wanted = {
        i: draft.quote
        for i, draft in enumerate(drafts)
        if isinstance(draft, FeedbackRecord)
        and draft.quote is not None
        and draft.scored is None
        and (draft.model.sha256 == own if draft.model else is_first)
    }
    scores = await _scores(service, list(wanted.values()))
    for i, score in zip(wanted, scores, strict=False):
        scored = Scored(hostility=score.hostility.score, formality=score.formality.score)
        drafts[i] = drafts[i].model_copy(  # type: ignore[union-attr]
            update={"scored": scored, "model": ModelRef(**service.model.model_dump())}
        )


async def _scores(service: Service, quotes: Sequence[str]) -> list[ToneScore]:
    """Score the quotes; feedback is worth keeping where that is not possible at the moment."""
    if not quotes:
        return []
    try:
        return await service.gate.score(quotes)
    except (Overloaded, NotReady, DeadlineExceeded, ScoringError):
        return []


def _checked(item: FeedbackItem, service: Service, place: int | None) -> FeedbackRecord | ToneError:
    prefix = "" if place is None else f"items[{place}]"
    if item.quote is None and item.request_id is None:
        return RequestError(422, "invalid_field", _WHAT, prefix or "quote")
    if item.hostility is None and item.formality is None:
        return RequestError(422, "invalid_field", _NONE, prefix or "hostility")
    fields = {name: getattr(item, name) for name in FeedbackItem.model_fields}
    try:
        if item.quote is not None:
            check(item.quote, service.settings.max_characters)
        return FeedbackRecord(**fields, source="api")
    except QuoteError as error:
        field = f"{prefix}.quote" if prefix else "quote"
        return RequestError(422, error.code, str(error), field)
    except ValidationError as cause:
        return invalid_field(cause, *(("items", place) if place is not None else ()))


def _outcome(record: FeedbackRecord | ToneError) -> Kept:
    if isinstance(record, FeedbackRecord):
        return Kept(id=record.id)
    field = record.field if isinstance(record, RequestError) else None
    detail = {"code": outcome(record).code, "message": str(record)}
    return Kept(id=None, error=ErrorDetail(**detail | ({"field": field} if field else {})))
