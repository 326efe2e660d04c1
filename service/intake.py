"""What a request may bring: the length of its address, its headers and body, and its time.

Plain ASGI, before anything is parsed. The connection itself (a head that never ends, bytes that are
no HTTP) is ``service.connection``'s.
"""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import CallerGone, Overloaded, RequestError

MAX_URL_BYTES = 8 * 1024
"""Longest path and query together; what RFC 9110 asks every server to support."""
MAX_HEADER_BYTES = 32 * 1024
"""Most bytes of all headers together."""
MOST_HELD_BYTES = 64 * 1024 * 1024
"""Most bytes of all bodies that are being received or answered; more is not taken in, so that many
callers who never finish a large body cannot fill the memory."""
SMALL_BYTES = 64 * 1024
"""A body up to here is taken in nevertheless."""


class Intake:
    """Refuses a request whose address, headers or body are too large, or whose body is too slow.

    Args:
        app: what comes next.
        max_bytes: most bytes of a body, declared or turned out.
        seconds: longest that the whole body may take to arrive.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, seconds: float) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, watching what it sends."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        _check_head(scope)
        declared = Headers(scope=scope).get("content-length", "")
        deadline = asyncio.get_running_loop().time() + self._seconds
        seen, complete = 0, False

        async def watched() -> Message:
            nonlocal seen, complete
            if complete:  # what comes now is the end of the connection, which may take its time
                return await receive()
            if seen == 0 and declared.isdecimal() and int(declared[:20]) > self._max_bytes:
                raise self._too_large()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise self._too_slow() from None
            if message["type"] == "http.disconnect":  # or what came was no body, and was refused
                raise CallerGone("The caller hung up before the whole body had come.")
            complete = not message.get("more_body", False)
            came = len(message.get("body", b""))
            seen += came
            self._hold(came, seen)
            return message

        try:
            return await self._app(scope, watched, send)
        finally:
            self._held -= seen

    def _hold(self, came: int, seen: int) -> None:
        """Count what came; raise RequestError or Overloaded where it is too much to be held."""
        self._held += came
        if seen > self._max_bytes:
            raise self._too_large()
        if self._held > max(MOST_HELD_BYTES, self._max_bytes) and seen > SMALL_BYTES:
            raise Overloaded("Too many large bodies are coming in; try again in 1 s.", 1)

    def _too_large(self) -> RequestError:
        limit = f"The body is larger than the limit of {self._max_bytes:,} bytes"
        return RequestError(413, "body_too_large", f"{limit}; send fewer quotes at once.")

    def _too_slow(self) -> RequestError:
        limit = f"The body did not arrive within {self._seconds:g} seconds"
        # What is still to come of it could not be told from the next request.
        close = {"Connection": "close"}
        return RequestError(
            408, "body_timeout", f"{limit}; send it faster, or in parts.", headers=close
        )


def _check_head(scope: Scope) -> None:
    """Raise RequestError when the head is too long (414, 431), or two bodies could follow (400)."""
    path = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    if len(path) + len(scope["query_string"]) > MAX_URL_BYTES:
        limit = f"The address is longer than the limit of {MAX_URL_BYTES:,} bytes"
        raise RequestError(414, "url_too_long", f"{limit}; quotes go into the body.")
    size = sum(len(name) + len(value) for name, value in scope["headers"])
    if size > MAX_HEADER_BYTES:
        limit = f"The headers are larger than the limit of {MAX_HEADER_BYTES:,} bytes"
        raise RequestError(431, "headers_too_large", f"{limit}; send fewer, or shorter ones.")
    if {b"content-length", b"transfer-encoding"} <= {name for name, _ in scope["headers"]}:
        # A proxy that believes the other one would take a part of the body for the next request.
        close = {"Connection": "close"}
        message = "The head has both Content-Length and Transfer-Encoding; send one of them."
        raise RequestError(400, "bad_request", message, headers=close)
