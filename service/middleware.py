"""Around every request: its id, its size limit, its headers, its log line and its count.

Plain ASGI: nothing is buffered and no task is started.
"""

import logging
import re
import time
import uuid
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import RequestError
from service.handlers import answer_error
from service.logs import ACCESS
from service.metrics import UNMATCHED, Metrics

REQUEST_ID = "X-Request-ID"
CSP = "Content-Security-Policy"

_SAFE_ID = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,128}")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    CSP: "default-src 'none'; frame-ancestors 'none'",
}
"""Of every answer, unless the route has set one itself."""

_log = logging.getLogger(ACCESS)


class BodyLimit:
    """Refuses a body that is, or turns out to be, larger than allowed, before it is parsed.

    Args:
        app: what comes next.
        max_bytes: most bytes allowed.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what it sends."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        declared = Headers(scope=scope).get("content-length", "")
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            if seen == 0 and declared.isdecimal() and int(declared[:20]) > self._max_bytes:
                raise self._too_large()
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max_bytes:
                raise self._too_large()
            return message

        return await self._app(scope, counted, send)

    def _too_large(self) -> RequestError:
        limit = f"The body is larger than the limit of {self._max_bytes:,} bytes"
        return RequestError(413, "body_too_large", f"{limit}; send fewer quotes at once.")


class Envelope:
    """Gives each request an id, each answer its headers, and leaves one log line and one count.

    The outermost of ours, so what nobody caught ends here and is answered like any other error.
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
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, sealed)
        except Exception as error:
            response = answer_error(scope, error)
            if status == 0:  # else the answer is under way and can only be cut off
                await response(scope, receive, sealed)
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
            if self._log_text:
                fields["path"] = scope["path"]
                fields["quotes"] = scope["state"].get("quotes", [])
            _log.info("request", extra={"fields": fields})


def _request_id(sent: str | None) -> str:
    """Return the caller's id if it is safe to repeat, else a new one."""
    return sent if sent and _SAFE_ID.fullmatch(sent) else uuid.uuid4().hex
