"""The routes: read, admit, score, answer. What they stand on is made in ``service.app``."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client.exposition import choose_encoder
from starlette.types import Receive

from model.scores import ToneScore
from model.text import check
from service.answers import batch_answer, quote_fields
from service.errors import CallerGone, NotReady, RequestError
from service.handlers import documented
from service.items import items_of
from service.metrics import Metrics
from service.quota import charged
from service.reading import JsonRoute
from service.schemas import (
    BatchAnswer,
    BatchRequest,
    ModelCard,
    ScoreAnswer,
    ScoreRequest,
    Status,
)
from service.serving import Service

T = TypeVar("T")

router = APIRouter(route_class=JsonRoute)
SCORE_ERRORS = documented(400, 408, 413, 415, 422, 429, 500, 503, 504)
PINNED_ERRORS = {**SCORE_ERRORS, **documented(404)}


async def running_service(request: Request) -> Service:
    """Return what the app consists of; NotReady before it has started."""
    service: Service | None = request.app.state.service
    if service is None:
        raise NotReady("The model is not loaded yet.")
    return service


async def metrics_of(request: Request) -> Metrics:
    """Return the app's metrics."""
    metrics: Metrics = request.app.state.metrics
    return metrics


Running = Annotated[Service, Depends(running_service)]
Counted = Annotated[Metrics, Depends(metrics_of)]


@router.post(
    "/v1/score",
    operation_id="score",
    tags=["scores"],
    response_model_exclude_unset=True,
    responses=PINNED_ERRORS,
)
async def score_quote(
    body: ScoreRequest, request: Request, service: Running, metrics: Counted
) -> ScoreAnswer:
    """Score one quote for hostility and formality."""
    service = service.pinned(body.model)
    quotes = [check(body.quote, service.settings.max_characters)]
    scores = await scored(request, service, metrics, quotes, **_asked(body))
    return ScoreAnswer.model_validate({**quote_fields(scores[0], body.id), "model": service.model})


@router.post(
    "/v1/score/batch",
    operation_id="score_batch",
    tags=["scores"],
    response_model_exclude_unset=True,
    responses=PINNED_ERRORS,
)
async def score_batch(
    body: BatchRequest, request: Request, service: Running, metrics: Counted
) -> BatchAnswer:
    """Score several quotes, each on its own, and answer in the order sent."""
    service = service.pinned(body.model)
    count, limit = len(body.quotes), service.settings.max_quotes
    if count > limit:
        message = f"There are {count:,} quotes and the limit is {limit:,}; send them in parts."
        raise RequestError(413, "too_many_quotes", message, "quotes")
    if body.ids is not None and len(body.ids) != count:
        message = f"There are {len(body.ids):,} ids for {count:,} quotes; send one for each."
        raise RequestError(422, "invalid_field", message, "ids")
    most = service.settings.max_characters
    quotes = [check(quote, most, i) for i, quote in enumerate(body.quotes)]
    scores = await scored(request, service, metrics, quotes, **_asked(body))
    return batch_answer(scores, body.ids or [None] * count, service.model)


def _asked(options: ScoreRequest | BatchRequest) -> dict[str, bool]:
    return {"sentences": options.sentences, "explain": options.explain}


async def scored(
    request: Request, service: Service, metrics: Metrics, quotes: Sequence[str], **asked: bool
) -> list[ToneScore]:
    """Charge for checked quotes, score them unless the caller hangs up, and count the scores.

    Args:
        request: what asks for it.
        service: the service that was current when it came.
        metrics: told of the scores.
        quotes: what to score.
        asked: ``sentences`` and ``explain``, as the gate takes them.

    Raises:
        ToneError: as the gate and the quota raise it.
    """
    if service.settings.log_text:
        request.state.quotes = quotes
    with charged(request.scope, service.quota, items_of(len(quotes), **asked)):
        scores = await unless_gone(request.receive, service.gate.score(quotes, **asked))
    metrics.count_scores(scores)
    return scores


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """Await some work, but withdraw it, and raise CallerGone, when the caller hangs up."""
    scoring = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_hung_up(receive))
    try:
        await asyncio.wait({scoring, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not scoring.done():
            raise CallerGone("The caller hung up.")
        return scoring.result()
    finally:
        scoring.cancel()
        watching.cancel()


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@router.get("/v1/model", operation_id="model", tags=["model"], responses=documented(500, 503))
async def model(service: Running) -> ModelCard:
    """Say which model is served, its limits, its levels and how good it is."""
    return service.card


@router.get("/healthz", operation_id="healthz", tags=["operation"], responses=documented(500))
async def healthz() -> Status:
    """Say that the process is alive; asks nothing of the scorer."""
    return Status(status="ok")


@router.get("/readyz", operation_id="readyz", tags=["operation"], responses=documented(500, 503))
async def readyz(service: Running) -> Status:
    """Say whether more work should be sent here: model loaded, worker alive, queue not full."""
    if problem := service.problem():
        raise NotReady(problem)
    return Status(status="ok")


@router.get(
    "/metrics",
    operation_id="metrics",
    tags=["operation"],
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **documented(500)},
)
async def metrics(request: Request, metrics: Counted) -> Response:
    """Print the metrics for Prometheus."""
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(metrics.registry), media_type=content_type)
