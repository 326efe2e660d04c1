"""Gives every error at an adapter's address the shape that its clients read.

Plain ASGI, around whatever may refuse a request: limits, keys, quota, gate. Our error is made as
always, counted as always, and translated on its way out.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CLIENT_FAULTS = frozenset({413, 415, 422})
"""Statuses of ours for a request that others answer with a plain 400."""


class Fault(NamedTuple):
    """An error of ours, as it would be answered.

    Attributes:
        status: HTTP status.
        code: stable reason.
        message: a sentence.
        field: what is at fault, or None.
        request_id: as in the log.
    """

    status: int
    code: str
    message: str
    field: str | None
    request_id: str

    @property
    def plain_status(self) -> int:
        """The status, but 400 for whatever is wrong with the request itself."""
        return 400 if self.status in CLIENT_FAULTS else self.status


class Reply(NamedTuple):
    """How the client is told: a status and a JSON body."""

    status: int
    body: Mapping[str, Any]


def _as_sent(scope: Scope) -> None:
    """Leave a request as it came."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """One door.

    Attributes:
        owns: tells whether a path is this adapter's.
        router: its routes.
        reply: translates an error.
        prepare: changes a request, before anything looks at it, into what we understand.
    """

    owns: Callable[[str], bool]
    router: APIRouter
    reply: Callable[[Fault], Reply]
    prepare: Callable[[Scope], None] = _as_sent


class Shape:
    """Translates the errors of the adapters that are open, and leaves all else alone.

    Args:
        app: what comes next.
        adapters: those that are open.
    """

    def __init__(self, app: ASGIApp, adapters: Sequence[Adapter]) -> None:
        self._app = app
        self._adapters = adapters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; an error is held back until it is whole, and then translated."""
        adapter = self._owner(scope)
        if adapter is None:
            return await self._app(scope, receive, send)
        adapter.prepare(scope)
        start: Message | None = None
        body = b""

        async def translated(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_error(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    body = _translate(adapter, start, body)
                    await send(start)
                    await send({"type": "http.response.body", "body": body})

        return await self._app(scope, receive, translated)

    def _owner(self, scope: Scope) -> Adapter | None:
        if scope["type"] != "http" or scope["method"] == "HEAD":  # whose answers have no body
            return None
        return next((one for one in self._adapters if one.owns(scope["path"])), None)


def _is_error(start: Message) -> bool:
    media = MutableHeaders(scope=start).get("content-type", "")
    return start["status"] >= 400 and media.startswith("application/json")


def _translate(adapter: Adapter, start: Message, body: bytes) -> bytes:
    """Return the translated body, and change status and length in the start of the answer."""
    ours = json.loads(body)
    error = ours["error"]
    told = Fault(
        start["status"], error["code"], error["message"], error.get("field"), ours["request_id"]
    )
    start["status"], theirs = adapter.reply(told)
    content = json.dumps(theirs).encode()
    MutableHeaders(scope=start)["content-length"] = str(len(content))
    return content
