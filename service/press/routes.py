"""The route for articles: read on the desk, admit, score in turns, answer."""

import asyncio
import math
from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from model.scores import ToneScore
from service.errors import DeadlineExceeded, Overloaded
from service.gate import ScoringGate
from service.items import items_of
from service.metrics import Metrics
from service.press.answers import article_answer
from service.press.desk import ReadingDesk
from service.press.limits import check_length
from service.press.plan import ArticlePlan
from service.press.schemas import ArticleAnswer, ArticleRequest
from service.quota import caller_of, charged
from service.reading import JsonRoute
from service.routes import PINNED_ERRORS, Counted, Running, unless_gone
from service.serving import Service
from service.turns import MOST_TOGETHER

CHARACTERS_AN_ITEM = 1_000
"""Characters that count as one item: to read them takes about as long as to score some quotes."""

router = APIRouter(route_class=JsonRoute)


async def desk_of(request: Request, service: Running) -> ReadingDesk:
    """Return the app's desk; NotReady before the app has started."""
    desk: ReadingDesk = request.app.state.desk
    return desk


Desk = Annotated[ReadingDesk, Depends(desk_of)]


@router.post(
    "/v1/articles",
    operation_id="score_article",
    tags=["articles"],
    response_model=ArticleAnswer,
    responses=PINNED_ERRORS,
)
async def score_article(
    body: ArticleRequest, request: Request, service: Running, desk: Desk, metrics: Counted
) -> Response:
    """Read an article: who says what to whom, how hostile and how formal.

    Rules find the quotes, their speakers and who answers whom. Only a speaker's own words are
    scored: not the reporter's prose, and neither scare quotes nor titles.
    """
    service = service.pinned(body.model)
    check_length(body.text, service.settings.max_article_characters)
    work = _answer(body, request, service, desk, metrics)
    try:
        async with asyncio.timeout(service.settings.deadline_seconds):
            json = await unless_gone(request.receive, work)
    except TimeoutError:
        raise DeadlineExceeded(
            f"The scores did not come within {service.settings.deadline_seconds:g} seconds; "
            "send the article in parts, or try again later."
        ) from None
    # Written by us and not by FastAPI, which would do it on the event loop.
    return Response(json, media_type="application/json")


async def _answer(
    body: ArticleRequest, request: Request, service: Service, desk: ReadingDesk, metrics: Metrics
) -> str:
    size = len(body.text)
    reading = math.ceil(size / CHARACTERS_AN_ITEM)
    _refuse_exhausted(request, service, reading)
    settings = service.settings
    read = partial(
        ArticlePlan,
        body.text,
        body.title,
        settings.max_characters,
        settings.max_article_characters,
        settings.max_article_quotes,
        desk.syntax,
    )
    plan = await desk.run(size, read)
    texts = plan.texts
    if settings.log_text:
        request.state.quotes = texts
    asked = {"sentences": body.sentences, "explain": body.explain}
    with charged(request.scope, service.quota, reading + items_of(len(texts), **asked)):
        scores = await in_turns(service.gate, texts, **asked)
    metrics.count_scores(scores)

    def written() -> str:
        answer = article_answer(plan.assemble(scores), service.model, body.id, **asked)
        return answer.model_dump_json(exclude_unset=True)

    return await asyncio.to_thread(written)


def _refuse_exhausted(request: Request, service: Service, items: int) -> None:
    """Raise RateLimited where a caller has not even the items left that reading counts.

    Nothing is charged yet: what the article counts is known only when it has been read.
    """
    if service.quota is not None:
        with charged(request.scope, service.quota, items):
            standing = service.quota.take(caller_of(request.scope), -items)
        request.scope["state"]["headers"] = standing.headers()


async def in_turns(
    gate: ScoringGate, texts: Sequence[str], *, sentences: bool, explain: bool
) -> list[ToneScore]:
    """Score the texts of an article a few at a time, so that others' quotes get in between.

    The first few decide whether the article is admitted; the rest wait where they must.
    """
    scores: list[ToneScore] = []
    while len(scores) < len(texts):
        some = texts[len(scores) : len(scores) + MOST_TOGETHER]
        try:
            scores += await gate.score(some, sentences=sentences, explain=explain)
        except Overloaded as busy:
            if not scores:
                raise
            await asyncio.sleep(min(1, busy.retry_after))
    return scores
