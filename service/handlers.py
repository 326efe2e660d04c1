"""Answers every error with the contract's body, whoever raised it: we, FastAPI or the router."""

import logging
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from model.errors import QuoteError, ToneError
from service.errors import (
    INTERNAL_MESSAGE,
    Overloaded,
    RateLimited,
    RequestError,
    StoreUnavailable,
    outcome,
)
from service.logs import SERVICE
from service.metrics import Metrics
from service.reading import printable
from service.schemas import ErrorBody

_FRAMEWORK = {
    404: ("not_found", "There is nothing at this address; see GET /openapi.json."),
    405: ("method_not_allowed", "This method is not allowed here; see the header Allow."),
}


class _Documented(NamedTuple):
    when: str
    code: str
    message: str
    field: str | None = None


_DOCUMENTED = {
    400: _Documented(
        "The body is not JSON.",
        "not_json",
        "The body is not JSON: Expecting value at line 1, column 1.",
    ),
    401: _Documented(
        "No API key was sent, or one that is not known.",
        "unauthorized",
        "This address needs an API key; send it as Authorization: Bearer KEY or as X-API-Key: KEY.",
    ),
    404: _Documented(
        "No model that is loaded is called what `model` says.",
        "unknown_model",
        "No model is called that; loaded: diplotone 1.3.0 (0f0f0f0f0f0f).",
        "model",
    ),
    408: _Documented(
        "The body did not arrive in time.",
        "body_timeout",
        "The body did not arrive within 20 seconds; send it faster, or in parts.",
    ),
    409: _Documented(
        "This Idempotency-Key came before, with another body, or what it brought was deleted since "
        "(`feedback_deleted`).",
        "key_reused",
        "The Idempotency-Key of this request came before with another body; send a new key.",
    ),
    413: _Documented(
        "The body, or the number of quotes, is over the limit.",
        "too_many_quotes",
        "There are 257 quotes and the limit is 256; send them in parts.",
        "quotes",
    ),
    415: _Documented(
        "The body is not declared to be JSON.",
        "unsupported_media_type",
        "Send JSON with the header Content-Type: application/json.",
    ),
    422: _Documented(
        "A field is missing, unknown, or has a value that cannot be used; nothing was scored.",
        "quote_blank",
        "The quote is blank; send at least one character.",
        "quotes[3]",
    ),
    429: _Documented(
        "Too much waits already, or your allowance is used up (`rate_limited`); come back after "
        "the seconds in Retry-After.",
        "overloaded",
        "2,048 texts wait already and the limit is 2,048; try again in 4 s.",
    ),
    500: _Documented("Something failed inside.", "internal_error", INTERNAL_MESSAGE),
    503: _Documented(
        "The service cannot score at the moment.",
        "not_ready",
        "The scoring worker has stopped; restart the service.",
    ),
    504: _Documented(
        "The scores did not come in time.",
        "deadline_exceeded",
        "The scores did not come within 30 seconds; send fewer quotes at once, or try again later.",
    ),
}

_log = logging.getLogger(SERVICE)


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(ToneError, _on_tone_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_framework_error)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries of error statuses, each with an example of its body."""
    return {status: _entry(status) for status in statuses}


def _entry(status: int) -> dict[str, Any]:
    when, code, message, field = _DOCUMENTED[status]
    example = _body(code, message, field, request_id="4f7c2c0a9d1e4b6c")
    entry: dict[str, Any] = {
        "model": ErrorBody,
        "description": when,
        "content": {"application/json": {"example": example}},
    }
    if status == 429:
        seconds = {"schema": {"type": "integer"}, "description": "Seconds to wait, at least 1."}
        entry["headers"] = {"Retry-After": seconds}
    return entry


def _body(code: str, message: str, field: str | None, request_id: str) -> dict[str, Any]:
    error = {"code": code, "message": message} | ({"field": field} if field else {})
    return {"error": error, "request_id": request_id}


def refuse(
    scope: Scope,
    status: int,
    code: str,
    message: str,
    field: str | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Count an error and return its answer."""
    metrics: Metrics = scope["app"].state.metrics
    metrics.rejected.labels(code).inc()
    body = _body(code, message, field, scope["state"]["request_id"])
    return JSONResponse(body, status, headers)


def answer_error(scope: Scope, error: Exception) -> JSONResponse:
    """Return the answer to any error; what nobody foresaw is logged and told to no one else."""
    if not isinstance(error, ToneError):
        return _answer_internal(scope, error, "internal_error")
    row = outcome(error)
    if row.status == 500:
        return _answer_internal(scope, error, row.code)
    return refuse(scope, row.status, row.code, str(error), _field(scope, error), _headers(error))


def _answer_internal(scope: Scope, error: Exception, code: str) -> JSONResponse:
    fields = {"request_id": scope["state"]["request_id"]}
    _log.error("A request failed.", exc_info=error, extra={"fields": fields})
    return refuse(scope, 500, code, INTERNAL_MESSAGE)


def _headers(error: ToneError) -> dict[str, str]:
    if isinstance(error, Overloaded | RateLimited | StoreUnavailable):
        return {"Retry-After": str(error.retry_after)}
    return error.headers if isinstance(error, RequestError) else {}


def _field(scope: Scope, error: ToneError) -> str | None:
    if isinstance(error, RequestError):
        return error.field
    if isinstance(error, QuoteError):
        return "quote" if error.index is None else f"quotes[{error.index}]"
    return None


async def _on_tone_error(request: Request, error: Exception) -> JSONResponse:
    return answer_error(request.scope, error)


async def _on_framework_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    code, message = _FRAMEWORK.get(error.status_code, ("http_error", str(error.detail)))
    headers = dict(error.headers) if error.headers else None
    return refuse(request.scope, error.status_code, code, message, headers=headers)


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is registered for
    first = error.errors()[0]
    field = field_path(first["loc"][1:])  # without "body"
    return refuse(request.scope, 422, "invalid_field", _sentence(field, first), field)


def invalid_field(error: ValidationError, *within: int | str) -> RequestError:
    """Return pydantic's complaint as our own error.

    Args:
        error: what a model refused.
        within: where in the body the model's value stands, such as ``"items", 3``.
    """
    first: dict[str, Any] = {**error.errors(include_url=False, include_input=False)[0]}
    field = field_path((*within, *first["loc"]))
    return RequestError(422, "invalid_field", _sentence(field, first), field)


def field_path(location: tuple[int | str, ...]) -> str | None:
    """Return pydantic's location as one writes it: ``quotes[3]``; None for the whole body."""
    path = ""
    for step in location:
        path += (
            f"[{step}]"
            if isinstance(step, int)
            else f".{printable(step)}"
            if path
            else printable(step)
        )
    return path or None


def _sentence(field: str | None, error: dict[str, Any]) -> str:
    """Say what is wrong with a field, without repeating what was in it."""
    if field is None:
        return "The body must be a JSON object whose keys are text."
    if error["type"] == "missing":
        return f"The field {field} is required."
    if error["type"] == "extra_forbidden":
        return f"The field {field} is unknown; GET /openapi.json lists the fields there are."
    if error["type"] == "string_unicode":
        return f"The field {field} cannot be used: it should hold whole characters."
    _, should, reason = error["msg"].partition(" should ")
    return f"The field {field} cannot be used: it {'should ' + reason if should else error['msg']}."
