"""Around every request: its id, its headers, its errors, its log line and its count.

Plain ASGI: nothing is buffered and no task is started.
"""

import logging
import re
import time
import uuid
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.handlers import answer_error
from service.logs import ACCESS
from service.metrics import UNMATCHED, Metrics

REQUEST_ID = "X-Request-ID"
CSP = "Content-Security-Policy"

_SAFE_ID = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,128}")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    CSP: "default-src 'none'; frame-ancestors 'none'",
}
"""Of every answer, unless the route has set one itself."""

_log = logging.getLogger(ACCESS)


class Envelope:
    """Gives each request an id, each answer its headers, and leaves one log line and one count.

    The outermost of ours.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, log_text: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._log_text = log_text

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and see it through."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        start = time.perf_counter()
        status = 0
        request_id = _request_id(Headers(scope=scope).get(REQUEST_ID))
        scope.setdefault("state", {})["request_id"] = request_id

        async def sealed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                headers.update(scope["state"].get("headers", {}))
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, sealed)
        finally:
            self._record(scope, status or 499, time.perf_counter() - start)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", UNMATCHED)
        self._metrics.count_request(route, scope["method"], status, seconds)
        if _log.isEnabledFor(logging.INFO):
            fields: dict[str, Any] = {
                "request_id": scope["state"]["request_id"],
                "method": scope["method"],
                "route": route,
                "status": status,
                "seconds": round(seconds, 6),
            }
            if key := scope["state"].get("key"):
                fields["key"] = key  # its name
            if self._log_text:
                fields["path"] = scope["path"]
                fields["quotes"] = scope["state"].get("quotes", [])
            _log.info("request", extra={"fields": fields})


class Errors:
    """Answers what was raised and not caught: by the parts around the routes, or by surprise."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and catch what comes back."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            response = answer_error(scope, error)
            if not started:  # else the answer is under way and can only be cut off
                await response(scope, receive, send)


class HeadAsGet:
    """Answers HEAD like GET but for the body, and names it wherever GET is named as allowed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, perhaps under the other name."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        head = scope["method"] == "HEAD"

        async def bodiless(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("allow") == "GET":
                    headers["allow"] = "GET, HEAD"
            elif head:
                message = {**message, "body": b""}
            await send(message)

        # In place: the router leaves the route in this scope for log and metrics.
        scope["method"] = "GET" if head else scope["method"]
        try:
            await self._app(scope, receive, bodiless)
        finally:
            scope["method"] = "HEAD" if head else scope["method"]


def _request_id(sent: str | None) -> str:
    """Return the caller's id if it is safe to repeat, else a new one."""
    return sent if sent and _SAFE_ID.fullmatch(sent) else uuid.uuid4().hex
