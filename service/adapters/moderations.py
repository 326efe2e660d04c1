"""``POST /v1/moderations`` in OpenAI's shape: hostility as the one category.

Formality is left out: it is no harm, and whatever stands in this shape counts as one.
"""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from model.levels import LEVELS
from model.scores import ToneScore
from service.adapters.scoring import score_texts
from service.adapters.shape import Adapter, Fault, Reply
from service.adapters.wire import documented_error, one_of
from service.reading import JsonRoute
from service.routes import Counted, Running
from service.schemas import ONE_FAULT, Quote, WireAnswer, WireRequest

PATH = "/v1/moderations"

FLAGGED_LEVEL = "hostile"
"""A text is flagged from the start of this level of hostility on."""

router = APIRouter(route_class=JsonRoute)


class ModerationRequest(WireRequest):
    """One text, or several, each moderated on its own."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"input": "hateful sophistry"}]})

    input: Annotated[
        Quote | Annotated[list[Quote], Field(min_length=1), ONE_FAULT],
        one_of("a text or a list of texts"),
    ] = Field(description="Text only; no images.")
    model: str | None = Field(default=None, description="Not read: there is one model.")


class ModerationResult(WireAnswer):
    """What is known about one text."""

    flagged: bool = Field(description="As `categories.hostility`.")
    categories: dict[str, bool] = Field(
        description="`hostility` is true from the start of the level `hostile` on, 0.675."
    )
    category_scores: dict[str, float] = Field(
        description="`hostility`: a degree from 0 to 1, not a probability."
    )
    category_applied_input_types: dict[str, list[str]]


class ModerationAnswer(WireAnswer):
    """The results in the order sent."""

    id: str
    model: str
    results: list[ModerationResult]


class ModerationErrorDetail(WireAnswer):
    """What was wrong."""

    message: str
    type: str
    param: str | None
    code: str


class ModerationError(WireAnswer):
    """An error in OpenAI's shape."""

    error: ModerationErrorDetail


@router.post(
    PATH,
    operation_id="moderate",
    tags=["adapters"],
    responses=documented_error(ModerationError),
)
async def moderate(
    body: ModerationRequest, request: Request, service: Running, metrics: Counted
) -> ModerationAnswer:
    """Score texts for hostility in the shape of OpenAI's moderations."""
    if isinstance(body.input, str):
        texts, field = [body.input], "input"
    else:
        texts, field = body.input, "input[{}]"
    scores = await score_texts(request, service, metrics, texts, field)
    name = f"{service.model.name}-{service.model.version}"
    return ModerationAnswer(
        id=f"modr-{request.state.request_id}", model=name, results=[_result(s) for s in scores]
    )


def _result(score: ToneScore) -> ModerationResult:
    start = next(lv.start for lv in LEVELS["hostility"] if lv.name == FLAGGED_LEVEL)
    flagged = score.hostility.score >= start
    return ModerationResult(
        flagged=flagged,
        categories={"hostility": flagged},
        category_scores={"hostility": score.hostility.score},
        category_applied_input_types={"hostility": ["text"]},
    )


def _reply(fault: Fault) -> Reply:
    kind = (
        "rate_limit_error"
        if fault.status == 429
        else "server_error"
        if fault.status >= 500
        else "invalid_request_error"
    )
    code = "invalid_api_key" if fault.status == 401 else fault.code
    told = {"message": fault.message, "type": kind, "param": fault.field, "code": code}
    return Reply(fault.plain_status, {"error": told})


ADAPTER = Adapter(lambda path: path == PATH, router, _reply)
