"""One connection, before there is a request: how long a head may take, and what is no HTTP.

uvicorn waits for a request head without end, which lets anyone hold connections open for nothing,
takes as many as come, until no more files can be opened and each try is an error in the log, and
answers what it cannot read in plain text.
"""

import asyncio
import json
import sys
import uuid
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from service.middleware import HEADERS, REQUEST_ID

if sys.platform != "win32":
    import resource

MOST_CONNECTIONS = 2000
"""Most connections at a time. Each may hold an unfinished head, so this bounds memory too."""
ACCEPTED_AT_ONCE = 50
"""Most connections that the event loop accepts in one round."""
_ROUNDS = 5  # until one that was accepted is known here, and what makes room for it is closed
_OTHER_FILES = 100  # what the process opens besides: its own files, a model being loaded, a store


def connections_allowed() -> int:
    """Let this process open as many files as it needs and may; return how many are connections."""
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    most, ceiling = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = _ROUNDS * ACCEPTED_AT_ONCE + _OTHER_FILES
    wanted = MOST_CONNECTIONS + spare
    if 0 <= most < wanted:  # a negative number is no limit
        most = min(wanted, ceiling) if ceiling >= 0 else wanted
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, ceiling))
    return min(MOST_CONNECTIONS, max(most - spare, 1)) if most >= 0 else MOST_CONNECTIONS


class Connection(H11Protocol):
    """uvicorn's HTTP/1.1 connection with a limit on waiting, and errors of the contract's form.

    Attributes:
        patience: seconds that a caller may take to send the whole head of a request.
        most: connections at a time.
    """

    patience: ClassVar[float] = 20.0
    most: ClassVar[int] = MOST_CONNECTIONS
    _waiting: asyncio.TimerHandle | None = None
    _since = 0.0

    @classmethod
    def limited(cls, patience: float, most: int) -> type["Connection"]:
        """Return a connection class with other limits; uvicorn makes its objects itself."""
        return type(cls.__name__, (cls,), {"patience": patience, "most": most})

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request; where there is no room, who dawdles makes some."""
        super().connection_made(transport)
        self._wait_for_head()
        if len(self.connections) > self.most:
            self._make_room()

    def _make_room(self) -> None:
        """Close the connection that has dawdled for longest, or this one where none does."""
        every = (one for one in self.connections if isinstance(one, Connection))
        alive = [one for one in every if not one.transport.is_closing()]
        if len(alive) <= self.most:
            return
        dawdling = [one for one in alive if one is not self and one._dawdles]
        if dawdling:
            min(dawdling, key=lambda one: one._since).transport.abort()
        else:
            message = f"There are {self.most:,} connections already; try again in 1 s."
            self._refuse(429, "overloaded", message, {"Retry-After": "1"})

    @property
    def _dawdles(self) -> bool:
        """Whether no request is being answered, or only one of which not all has come."""
        answered = self.cycle is None or self.cycle.response_complete
        return answered or self.conn.their_state is h11.SEND_BODY

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
            self._since = self.loop.time()
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

    def _refuse(
        self, status: int, code: str, message: str, more: dict[str, str] | None = None
    ) -> None:
        """Answer without the app, which never saw the request, and close."""
        request_id = uuid.uuid4().hex
        body = {"error": {"code": code, "message": message}, "request_id": request_id}
        content = json.dumps(body).encode()
        headers = HEADERS | {
            REQUEST_ID: request_id,
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            "Connection": "close",
            **(more or {}),
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
