"""One connection, before there is a request: how long a head may take, and what is no HTTP.

uvicorn waits for a request head without end, which lets anyone hold connections open for nothing,
and answers what it cannot read in plain text.
"""

import asyncio
import json
import uuid
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from service.middleware import HEADERS, REQUEST_ID


class Connection(H11Protocol):
    """uvicorn's HTTP/1.1 connection with a limit on waiting, and errors of the contract's form.

    Attributes:
        patience: seconds that a caller may take to send the whole head of a request.
    """

    patience: ClassVar[float] = 20.0
    _waiting: asyncio.TimerHandle | None = None

    @classmethod
    def with_patience(cls, seconds: float) -> type["Connection"]:
        """Return a connection class with another limit; uvicorn makes its objects itself."""
        return type(cls.__name__, (cls,), {"patience": seconds})

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Read; what comes while no request is being answered is the head of the next one."""
        super().data_received(data)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._waiting is None:
            self._waiting = self.loop.call_later(self.patience, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if self.transport.is_closing():
            return
        begun, _ = self.conn.trailing_data
        if begun and self.conn.their_state is h11.IDLE:
            limit = f"The head of the request did not arrive within {self.patience:g} seconds."
            self._refuse(408, "head_timeout", limit)
        else:  # nothing was asked, or the rest of a body that was already answered is dawdling
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP/1.1, in the contract's form."""
        reason = "This is no HTTP/1.1 request, or its head is too large."
        self._refuse(400, "bad_request", reason)

    def _refuse(self, status: int, code: str, message: str) -> None:
        """Answer without the app, which never saw the request, and close."""
        request_id = uuid.uuid4().hex
        body = {"error": {"code": code, "message": message}, "request_id": request_id}
        content = json.dumps(body).encode()
        headers = HEADERS | {
            REQUEST_ID: request_id,
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            "Connection": "close",
        }
        answer = (
            h11.Response(
                status_code=status, headers=list(headers.items()), reason=STATUS_PHRASES[status]
            ),
            h11.Data(data=content),
            h11.EndOfMessage(),
        )
        try:
            for event in answer:
                self.transport.write(self.conn.send(event) or b"")
        except h11.LocalProtocolError:  # an answer to an earlier request is under way
            pass
        self.transport.close()
