"""``POST /v1alpha1/comments:analyze`` in Perspective's shape, for the two attributes we have."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, QueryParams
from starlette.types import Scope

from model.scores import SCALES, Scale, SpanScore, ToneScore
from service.access import API_KEY, sent_key
from service.adapters.discovery import discovery_document
from service.adapters.perspective_schemas import (
    AnalyzeAnswer,
    AnalyzeError,
    AnalyzeRequest,
    AttributeParameters,
)
from service.adapters.scoring import score_texts
from service.adapters.shape import Adapter, Fault, Reply
from service.adapters.wire import documented_error
from service.errors import RequestError
from service.reading import JsonRoute, printable
from service.routes import Counted, Running

PATH = "/v1alpha1/comments:analyze"
DISCOVERY = "/$discovery/rest"
LANGUAGE = "en"
UNDETERMINED = "und"
"""Language of a text that does not look English; the tag of BCP 47."""

ATTRIBUTES: dict[str, Scale] = {scale.upper(): scale for scale in SCALES}

_TYPES = "type.googleapis.com/"
_COMMENT_ERRORS = {
    "quote_blank": "COMMENT_EMPTY",
    "quote_too_long": "COMMENT_TOO_LONG",
    "language_not_supported": "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
}
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}

router = APIRouter(route_class=JsonRoute)


@router.post(
    PATH,
    operation_id="analyze_comment",
    tags=["adapters"],
    response_model_exclude_unset=True,
    responses=documented_error(AnalyzeError),
)
async def analyze(
    body: AnalyzeRequest, request: Request, service: Running, metrics: Counted
) -> AnalyzeAnswer:
    """Score a comment in the shape of Perspective: attributes HOSTILITY and FORMALITY."""
    wanted = body.requested_attributes
    _check_attributes(wanted)
    text = body.comment.text
    if all(tag.lower().partition("-")[0] == LANGUAGE for tag in body.languages):
        asked = {"sentences": body.span_annotations}
        (score,) = await score_texts(request, service, metrics, [text], "comment.text", **asked)
        found = {name: _scores(ATTRIBUTES[name], score, text, wanted[name]) for name in wanted}
    elif body.drop_unsupported_attributes:
        score, found = None, {}
    else:
        name, sent = next(iter(wanted)), printable(", ".join(body.languages))
        message = f"Attribute {name} does not support request languages: {sent}. English only: en."
        raise RequestError(422, "language_not_supported", message, "languages")
    answer = {
        "attributeScores": {name: scores for name, scores in found.items() if scores},
        "languages": body.languages or [LANGUAGE],
        "detectedLanguages": [_detected(score)],
    }
    if body.client_token is not None:
        answer["clientToken"] = body.client_token
    return AnalyzeAnswer.model_validate(answer)


@router.get(DISCOVERY, include_in_schema=False)
async def discovery(request: Request) -> JSONResponse:
    """Describe the API to Google's client libraries, at the address that they ask."""
    return JSONResponse(discovery_document(str(request.base_url), PATH.lstrip("/")))


def _check_attributes(wanted: dict[str, AttributeParameters]) -> None:
    """Raise RequestError (422) for no attribute, or one that does not exist."""
    known = " and ".join(ATTRIBUTES)
    field = "requestedAttributes"
    if not wanted:
        message = f"Missing requested_attributes: the attributes here are {known}."
        raise RequestError(422, "attribute_missing", message, field)
    for name in wanted:
        if name not in ATTRIBUTES:
            message = f"Unknown requested attribute: {printable(name)}. There are {known}."
            raise RequestError(422, "attribute_unknown", message, field)


def _scores(
    scale: Scale, score: ToneScore, text: str, parameters: AttributeParameters
) -> dict[str, object]:
    """Return what of an attribute's scores reaches the threshold; nothing, where none does.

    The whole comment is the one span unless sentences were asked for, as with Perspective.
    """
    whole = getattr(score, scale).score
    spans = [SpanScore(0, len(text), score.hostility.score, score.formality.score)]
    least = parameters.score_threshold
    found: dict[str, object] = {}
    if reached := [s for s in score.sentences or spans if getattr(s, scale) >= least]:
        found["spanScores"] = [
            {"begin": s.start, "end": s.end, "score": _value(getattr(s, scale))} for s in reached
        ]
    if whole >= least:
        found["summaryScore"] = _value(whole)
    return found


def _value(degree: float) -> dict[str, object]:
    return {"value": degree, "type": "PROBABILITY"}


def _detected(score: ToneScore | None) -> str:
    foreign = score is None or any(warning.code == "language" for warning in score.warnings)
    return UNDETERMINED if foreign else LANGUAGE


def _reply(fault: Fault) -> Reply:
    """Answer as Google's APIs do: a status by name, and details by type."""
    details: list[dict[str, object]] = []
    if kind := _COMMENT_ERRORS.get(fault.code):
        details.append(
            {"@type": f"{_TYPES}google.commentanalyzer.v1alpha1.Error", "errorType": kind}
        )
    if fault.field:
        violations = [{"field": fault.field, "description": fault.message}]
        details.append({"@type": f"{_TYPES}google.rpc.BadRequest", "fieldViolations": violations})
    # The id that leads into our log, where Google has its own.
    details.append({"@type": f"{_TYPES}google.rpc.RequestInfo", "requestId": fault.request_id})
    status = fault.plain_status
    named = _STATUSES.get(status, "INVALID_ARGUMENT" if status < 500 else "INTERNAL")
    told = {"code": status, "message": fault.message, "status": named, "details": details}
    return Reply(status, {"error": told})


def _take_key(scope: Scope) -> None:
    """Read the API key where Google's clients put it: ``?key=`` or ``X-Goog-Api-Key``."""
    headers = Headers(scope=scope)
    if sent_key(headers) is None:
        key = QueryParams(scope["query_string"]).get("key") or headers.get("X-Goog-Api-Key")
        if key:
            added = (API_KEY.lower().encode(), key.encode("utf-8", "replace"))
            scope["headers"] = [added, *scope["headers"]]


def _owns(path: str) -> bool:
    return path == DISCOVERY or path.startswith("/v1alpha1/")


ADAPTER = Adapter(_owns, router, _reply, _take_key)
