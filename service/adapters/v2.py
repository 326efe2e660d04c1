"""The Open Inference Protocol v2 (KServe, Triton): health, metadata and inference, in JSON.

One input, ``text`` of BYTES; two outputs, ``hostility`` and ``formality`` of FP32. Tensors as raw
bytes after the JSON, an extension of the protocol, are not offered.
"""

import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field
from starlette.datastructures import Headers
from starlette.types import Scope

from model.scores import SCALES
from service.adapters.scoring import score_texts
from service.adapters.shape import Adapter, Fault, Reply
from service.adapters.wire import documented_error
from service.errors import NotReady, RequestError
from service.reading import JsonRoute
from service.routes import Counted, Running
from service.schemas import ONE_FAULT, WireAnswer, WireRequest
from service.serving import Service

INPUT = "text"
MODEL = "/v2/models/{name}"
MOST_AXES = 2

router = APIRouter(route_class=JsonRoute)


class TensorSent(WireRequest):
    """The texts, as a tensor."""

    name: str
    shape: Annotated[list[int], ONE_FAULT] = Field(description="[N], or [N, 1].")
    datatype: Literal["BYTES"]
    data: list[Any] = Field(description="Texts, flat or nested as the shape is.")
    parameters: dict[str, Any] = Field(default={}, description="Not read.")


class OutputWanted(WireRequest):
    """An output that is asked for."""

    name: Literal["hostility", "formality"]
    parameters: dict[str, Any] = Field(default={}, description="Not read: data is always JSON.")


class InferRequest(WireRequest):
    """An inference request."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "inputs": [
                        {
                            "name": INPUT,
                            "shape": [1],
                            "datatype": "BYTES",
                            "data": ["hateful sophistry"],
                        }
                    ]
                }
            ]
        }
    )

    id: str | None = Field(default=None, max_length=200, description="Yours; comes back unchanged.")
    parameters: dict[str, Any] = Field(default={}, description="Not read.")
    inputs: list[TensorSent] = Field(min_length=1, max_length=1)
    outputs: Annotated[list[OutputWanted], ONE_FAULT] | None = Field(
        default=None, description="Both when nothing is asked for."
    )


class Tensor(WireAnswer):
    """The degrees on one scale, from 0 to 1; no probabilities."""

    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class InferAnswer(WireAnswer):
    """An inference response."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[Tensor]


class TensorMetadata(WireAnswer):
    """What a tensor is like; -1 is any length."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(WireAnswer):
    """What the model takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class Live(WireAnswer):
    """The process is alive."""

    live: bool


class Ready(WireAnswer):
    """The model can be asked."""

    ready: bool


class InferError(WireAnswer):
    """An error in the shape of the protocol."""

    error: str


ERRORS = documented_error(InferError)


@router.get("/v2/health/live", operation_id="v2_live", tags=["adapters"], responses=ERRORS)
async def live() -> Live:
    """Say that the process is alive."""
    return Live(live=True)


@router.get("/v2/health/ready", operation_id="v2_ready", tags=["adapters"], responses=ERRORS)
async def ready(service: Running) -> Ready:
    """Say whether more work should be sent here."""
    if problem := service.gate.problem():
        raise NotReady(problem)
    return Ready(ready=True)


@router.get(f"{MODEL}/ready", operation_id="v2_model_ready", tags=["adapters"], responses=ERRORS)
async def model_ready(name: str, service: Running) -> Ready:
    """Say whether the model can be asked."""
    _check_name(name, service)
    return await ready(service)


@router.get(MODEL, operation_id="v2_model", tags=["adapters"], responses=ERRORS)
async def metadata(name: str, service: Running) -> ModelMetadata:
    """Say what the model takes and gives."""
    _check_name(name, service)
    return ModelMetadata(
        name=service.model.name,
        versions=[service.model.version],
        platform="onnxruntime_onnx",
        inputs=[TensorMetadata(name=INPUT, datatype="BYTES", shape=[-1])],
        outputs=[TensorMetadata(name=scale, datatype="FP32", shape=[-1]) for scale in SCALES],
    )


@router.post(
    f"{MODEL}/infer",
    operation_id="v2_infer",
    tags=["adapters"],
    response_model_exclude_none=True,
    responses=ERRORS,
)
async def infer(
    name: str, body: InferRequest, request: Request, service: Running, metrics: Counted
) -> InferAnswer:
    """Score texts in the shape of the Open Inference Protocol."""
    _check_name(name, service)
    (tensor,) = body.inputs
    texts = _texts(tensor)
    scores = await score_texts(request, service, metrics, texts, "inputs[0].data[{}]")
    wanted = [one.name for one in body.outputs or []] or SCALES
    outputs = [
        Tensor(
            name=scale,
            shape=tensor.shape,
            datatype="FP32",
            data=[getattr(score, scale).score for score in scores],
        )
        for scale in wanted
    ]
    model = service.model
    return InferAnswer(
        model_name=model.name, model_version=model.version, id=body.id, outputs=outputs
    )


def _check_name(name: str, service: Service) -> None:
    if name != service.model.name:
        raise RequestError(404, "not_found", f"The one model here is {service.model.name}.", "name")


def _texts(tensor: TensorSent) -> list[str]:
    """Return the texts of the input; RequestError (422) where it is not what its head says."""
    if tensor.name != INPUT:
        message = f"The one input is {INPUT}, of datatype BYTES."
        raise RequestError(422, "invalid_field", message, "inputs[0].name")
    texts = list(_flat(tensor.data))
    axes = tensor.shape
    if not 1 <= len(axes) <= MOST_AXES or axes[1:] not in ([], [1]) or axes[0] < 1:
        message = "The shape is [N] or [N, 1], of at least one text."
        raise RequestError(422, "invalid_field", message, "inputs[0].shape")
    if math.prod(axes) != len(texts):
        message = f"The shape is for {math.prod(axes):,} texts and the data holds {len(texts):,}."
        raise RequestError(422, "invalid_field", message, "inputs[0].shape")
    return texts


def _flat(data: list[Any]) -> Iterator[Any]:
    """Yield what a tensor holds; nested lists one level deep, as its shapes are."""
    for part in data:
        if isinstance(part, list):
            yield from part
        else:
            yield part


def _reply(fault: Fault) -> Reply:
    where = f"{fault.field}: " if fault.field and fault.field not in fault.message else ""
    return Reply(fault.plain_status, {"error": where + fault.message})


def _declare_json(scope: Scope) -> None:
    """Take a body that is not declared as JSON, as tritonclient sends it."""
    headers = Headers(scope=scope)
    if "content-type" not in headers and "inference-header-content-length" not in headers:
        scope["headers"] = [*scope["headers"], (b"content-type", b"application/json")]


ADAPTER = Adapter(lambda path: path.startswith("/v2/"), router, _reply, _declare_json)
