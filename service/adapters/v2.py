"""The Open Inference Protocol v2 (KServe, Triton): health, metadata and inference, in JSON.

One input, ``text`` of BYTES; two outputs, ``hostility`` and ``formality`` of FP32. Tensors as raw
bytes after the JSON, an extension of the protocol, are not offered.
"""

import math
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import Headers
from starlette.types import Scope

from model.scores import SCALES
from service.adapters.scoring import score_texts
from service.adapters.shape import Adapter, Fault, Reply
from service.adapters.v2_schemas import (
    INPUT,
    InferAnswer,
    InferError,
    InferRequest,
    Live,
    ModelMetadata,
    Ready,
    ServerMetadata,
    Tensor,
    TensorMetadata,
    TensorSent,
)
from service.adapters.wire import documented_error
from service.errors import NotReady, RequestError
from service.reading import JsonRoute
from service.routes import Counted, Running
from service.serving import Service

SERVER = "/v2"
MODEL = "/v2/models/{name}"
VERSION = MODEL + "/versions/{version}"
MOST_AXES = 2

router = APIRouter(route_class=JsonRoute)


ERRORS = documented_error(InferError)


async def named(name: str, request: Request, service: Running) -> Service:
    """Return the model that a path names, the first of that name unless it names a version too.

    Raises:
        RequestError: (404) no such model is loaded; names those that are.
    """
    version = request.path_params.get("version")
    for one in service.every:
        if one.model.name == name and version in (None, one.model.version):
            return one
    loaded = ", ".join(f"{one.model.name} {one.model.version}" for one in service.every)
    raise RequestError(404, "not_found", f"No such model is loaded; there is {loaded}.", "name")


Named = Annotated[Service, Depends(named)]


@router.get(SERVER, operation_id="v2_server", tags=["adapters"], responses=ERRORS)
async def server(request: Request) -> ServerMetadata:
    """Say what this server is."""
    version = request.app.version
    return ServerMetadata(name="diplotone", version=version, extensions=[])


@router.get("/v2/health/live", operation_id="v2_live", tags=["adapters"], responses=ERRORS)
async def live() -> Live:
    """Say that the process is alive."""
    return Live(live=True)


@router.get("/v2/health/ready", operation_id="v2_ready", tags=["adapters"], responses=ERRORS)
async def ready(service: Running) -> Ready:
    """Say whether more work should be sent here."""
    return _ready(service.problem())


# The addresses with a version are left out of the description: they are these ones again.
@router.get(f"{VERSION}/ready", include_in_schema=False)
@router.get(f"{MODEL}/ready", operation_id="v2_model_ready", tags=["adapters"], responses=ERRORS)
async def model_ready(model: Named) -> Ready:
    """Say whether the model can be asked."""
    return _ready(model.gate.problem())


def _ready(problem: str | None) -> Ready:
    if problem:
        raise NotReady(problem)
    return Ready(ready=True)


@router.get(VERSION, include_in_schema=False)
@router.get(MODEL, operation_id="v2_model", tags=["adapters"], responses=ERRORS)
async def metadata(model: Named, service: Running) -> ModelMetadata:
    """Say what the model takes and gives."""
    name = model.model.name
    return ModelMetadata(
        name=name,
        versions=[one.model.version for one in service.every if one.model.name == name],
        platform="onnxruntime_onnx",
        inputs=[TensorMetadata(name=INPUT, datatype="BYTES", shape=[-1])],
        outputs=[TensorMetadata(name=scale, datatype="FP32", shape=[-1]) for scale in SCALES],
    )


@router.post(f"{VERSION}/infer", include_in_schema=False, response_model_exclude_none=True)
@router.post(
    f"{MODEL}/infer",
    operation_id="v2_infer",
    tags=["adapters"],
    response_model_exclude_none=True,
    responses=ERRORS,
)
async def infer(
    body: InferRequest, request: Request, model: Named, metrics: Counted
) -> InferAnswer:
    """Score texts in the shape of the Open Inference Protocol."""
    (tensor,) = body.inputs
    texts = _texts(tensor)
    scores = await score_texts(request, model, metrics, texts, "inputs[0].data[{}]")
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
    return InferAnswer(
        model_name=model.model.name,
        model_version=model.model.version,
        id=body.id,
        outputs=outputs,
    )


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


def _owns(path: str) -> bool:
    return path == SERVER or path.startswith(f"{SERVER}/")


ADAPTER = Adapter(_owns, router, _reply, _declare_json)
