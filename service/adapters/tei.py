"""``POST /predict`` in the shape of text-embeddings-inference, and of ``InferenceClient``.

Whoever sends ``parameters``, as huggingface_hub does, gets the answer of a hosted pipeline, which
is one list deeper than that of text-embeddings-inference for a single text.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from model.scores import SCALES, ToneScore
from service.adapters.scoring import score_texts
from service.adapters.shape import Adapter, Fault, Reply
from service.adapters.wire import documented_error, one_of
from service.errors import RequestError
from service.reading import JsonRoute
from service.routes import Counted, Running
from service.schemas import ONE_FAULT, Quote, WireAnswer, WireRequest

PATH = "/predict"

router = APIRouter(route_class=JsonRoute)

_Texts = Annotated[list[Quote], ONE_FAULT]


class PipelineParameters(WireRequest):
    """What huggingface_hub sends beside the text."""

    top_k: int | None = Field(default=None, ge=1, description="Most labels in the answer.")
    function_to_apply: Literal["sigmoid"] | None = Field(
        default=None, description="Two degrees, each on its own; no softmax over them."
    )


class PredictRequest(WireRequest):
    """One text or a batch."""

    # text-embeddings-inference skips what it does not know, and its clients rely on that.
    model_config = ConfigDict(
        extra="ignore", json_schema_extra={"examples": [{"inputs": "hateful sophistry"}]}
    )

    inputs: Annotated[
        Quote | _Texts | Annotated[list[_Texts], ONE_FAULT],
        one_of("a text or a batch, as [[text], [text]]"),
    ] = Field(
        description="A text, or a batch as lists of one text each: `[[text], [text]]`. A flat list "
        "of two is a pair in this API, which has no tone, and is refused."
    )
    truncate: bool = Field(default=False, description="Without effect: no word is ever cut away.")
    raw_scores: bool = Field(default=False, description="Without effect: always degrees, 0 to 1.")
    parameters: PipelineParameters | None = None


class Prediction(WireAnswer):
    """One label and its degree."""

    score: float = Field(ge=0, le=1, description="A degree, not a probability; they do not add up.")
    label: str = Field(description="`hostility` or `formality`.")


class PredictError(WireAnswer):
    """An error in the shape of text-embeddings-inference."""

    error: str
    error_type: str


@router.post(
    PATH,
    operation_id="predict",
    tags=["adapters"],
    responses=documented_error(PredictError),
)
async def predict(
    body: PredictRequest, request: Request, service: Running, metrics: Counted
) -> list[Prediction] | list[list[Prediction]]:
    """Score a text, or a batch, in the shape of text-embeddings-inference; best label first."""
    texts, field, nested = _texts(body)
    scores = await score_texts(request, service, metrics, texts, field)
    most = body.parameters.top_k if body.parameters else None
    answers = [_predictions(score)[:most] for score in scores]
    return answers if nested else answers[0]


def _texts(body: PredictRequest) -> tuple[list[str], str, bool]:
    """Return the texts, their path in the request, and whether the answer is a list of lists."""
    inputs, hosted = body.inputs, body.parameters is not None
    if isinstance(inputs, str):
        return [inputs], "inputs", hosted
    alone = all(isinstance(one, str) for one in inputs)
    rows: list[Any] = [inputs] if alone else inputs
    for i, row in enumerate(rows):
        if len(row) != 1:
            message = (
                "A list is one text here, and two would be a pair, which has no tone; send a batch "
                "as [[text], [text]]."
            )
            raise RequestError(422, "invalid_field", message, "inputs" if alone else f"inputs[{i}]")
    field = "inputs[{}]" if alone else "inputs[{}][0]"
    return [row[0] for row in rows], field, hosted or not alone


def _predictions(score: ToneScore) -> list[Prediction]:
    found = [Prediction(score=getattr(score, scale).score, label=scale) for scale in SCALES]
    return sorted(found, key=lambda one: -one.score)


def _reply(fault: Fault) -> Reply:
    kinds = {429: "Overloaded", 503: "Unhealthy", 500: "Backend", 504: "Backend"}
    where = f"{fault.field}: " if fault.field and fault.field not in fault.message else ""
    kind = kinds.get(fault.status, "Validation")
    return Reply(fault.status, {"error": where + fault.message, "error_type": kind})


ADAPTER = Adapter(lambda path: path == PATH, router, _reply)
