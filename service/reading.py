"""Reads a request body: media type, size, JSON, each refused with a sentence of its own.

FastAPI's own reader takes the last of two equal keys, accepts NaN and answers deep nesting with a
plain 400, so ``JsonRoute`` reads first and hands FastAPI the finished value.
"""

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute

from service.errors import RequestError

MOST_FIELDS = 100
"""Most fields of one object of a body, far above what any of ours has: each unknown one is a fault
of its own, and to collect a hundred thousand of them would hold up everyone."""

_MEDIA_TYPE = "Send JSON with the header Content-Type: application/json"


class JsonRequest(Request):
    """A request whose body has been read and parsed."""

    def __init__(self, request: Request, body: bytes, value: object) -> None:
        super().__init__(request.scope, request.receive)
        self._content = body
        self._value = value

    async def body(self) -> bytes:
        """Return the bytes as sent."""
        return self._content

    async def json(self) -> Any:  # noqa: ANN401 - starlette's signature
        """Return the parsed value."""
        return self._value


class JsonRoute(APIRoute):
    """A route that takes a JSON body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler with our reader before it."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def read_and_handle(request: Request) -> Response:
            check_media_type(request)
            body = await request.body()
            return await handle(JsonRequest(request, body, parse(body)))

        return read_and_handle


def check_media_type(request: Request) -> None:
    """Raise RequestError (415) unless the body is declared to be plain UTF-8 JSON."""
    declared = request.headers.get("content-type", "")
    media, *parameters = (part.strip().lower() for part in declared.split(";"))
    if media != "application/json" and not (
        media.startswith("application/") and media.endswith("+json")
    ):
        raise RequestError(415, "unsupported_media_type", f"{_MEDIA_TYPE}.")
    charsets = [p.partition("=")[2].strip('" ') for p in parameters if p.startswith("charset")]
    if any(charset not in ("utf-8", "utf8", "us-ascii") for charset in charsets):
        raise RequestError(415, "unsupported_media_type", f"{_MEDIA_TYPE}, encoded as UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestError(415, "unsupported_media_type", f"{_MEDIA_TYPE}, not compressed.")


def parse(body: bytes) -> object:
    """Return the value of a JSON text.

    Raises:
        RequestError: not JSON (400, says where), or an object with a key twice or with
            more keys than any has (422).
    """
    if not body.strip():
        raise _not_json("The body is empty; send a JSON object.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise _not_json(f"The body is not UTF-8 (byte {cause.start}).") from None
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as cause:
        where = f"line {cause.lineno}, column {cause.colno}"
        raise _not_json(f"The body is not JSON: {cause.msg} at {where}.") from None
    except RecursionError:
        raise _not_json("The body is nested too deeply; send a plain object.") from None
    except ValueError:  # Python refuses to read integers of thousands of digits
        raise _not_json("The body holds a number of too many digits.") from None


def _not_json(message: str) -> RequestError:
    return RequestError(400, "not_json", message)


def _refuse_constant(name: str) -> NoReturn:
    raise _not_json(f"The body is not JSON: it has no {name}.")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(pairs) > MOST_FIELDS:
        message = f"An object of the body has {len(pairs):,} fields; the limit is {MOST_FIELDS}."
        raise RequestError(422, "invalid_field", message)
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            field = printable(name)
            raise RequestError(422, "invalid_field", f"The field {field} is given twice.", field)
        found[name] = value
    return found


def printable(name: str, most: int = 80) -> str:
    """Return a name that a caller made up, short and in characters that any answer can hold."""
    short = name if len(name) <= most else name[:most] + "..."
    return short.encode("utf-8", "backslashreplace").decode()
