"""A small load generator: so many clients on loopback, each sending its next quote at once.

Plain sockets keep its own share of the processors small; it is the same for every server.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

HOST = "127.0.0.1"
WARM_UP_SECONDS = 2.0
"""Longest time that a load runs before it is counted."""
PATIENCE_SECONDS = 60.0
"""How long the last answers may take before the server counts as hung."""


@dataclass(frozen=True, slots=True)
class Ask:
    """How a server is asked for a score.

    Attributes:
        path: where the quote is posted.
        field: of the JSON body, which holds the quote.
        listed: the field is a list of quotes, beside the name of a model.
    """

    path: str
    field: str
    listed: bool = False

    def request(self, quote: str) -> bytes:
        """Return the bytes of a request."""
        content: dict[str, object] = {self.field: [quote] if self.listed else quote}
        body = json.dumps(content | ({"model": "tone"} if self.listed else {})).encode()
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass(frozen=True, slots=True)
class Load:
    """What one server did under one load.

    Attributes:
        clients: connections that each had one request under way.
        per_second: requests a second that were answered with 200.
        p50: median seconds from request to answer, of these.
        p95: 95th percentile of the same.
        p99: 99th percentile of the same.
        refused: answers other than 200.
        answered: answers of 200.
    """

    clients: int
    per_second: float
    p50: float
    p95: float
    p99: float
    refused: int
    answered: int


def run_load(port: int, quotes: Sequence[str], clients: int, seconds: float, ask: Ask) -> Load:
    """Load a server on loopback for some seconds after a short warm-up.

    Raises:
        OSError, EOFError: the server hung, or ended a connection.
        RuntimeError: it answered nothing with 200.
    """
    warm_up(port, quotes, clients, seconds, ask)
    return run_warm(port, quotes, clients, seconds, ask)


def warm_up(port: int, quotes: Sequence[str], clients: int, seconds: float, ask: Ask) -> None:
    """Load a server for as long as that counts as warming up; raises as ``run_load`` does."""
    asyncio.run(_all(port, quotes, clients, min(WARM_UP_SECONDS, seconds), ask))


def run_warm(port: int, quotes: Sequence[str], clients: int, seconds: float, ask: Ask) -> Load:
    """Load a server that is warm; raises as ``run_load`` does."""
    start = time.perf_counter()
    times, refused = asyncio.run(_all(port, quotes, clients, seconds, ask))
    took = time.perf_counter() - start
    if not times:
        raise RuntimeError(f"Nothing was answered with 200, and {refused} with something else.")
    p50, p95, p99 = map(float, np.quantile(times, [0.5, 0.95, 0.99]))
    return Load(clients, len(times) / took, p50, p95, p99, refused, len(times))


async def _all(
    port: int, quotes: Sequence[str], clients: int, seconds: float, ask: Ask
) -> tuple[list[float], int]:
    requests = [ask.request(quote) for quote in quotes]
    until = time.perf_counter() + seconds
    loop = asyncio.get_running_loop()
    every = [_Client(requests[i::clients], until, loop.create_future()) for i in range(clients)]
    for client in every:
        await loop.create_connection(lambda one=client: one, HOST, port)  # type: ignore[misc]
    async with asyncio.timeout(seconds + PATIENCE_SECONDS):
        await asyncio.gather(*(client.done for client in every))
    times = [took for client in every for took in client.times]
    return times, sum(client.refused for client in every)


class _Client(asyncio.Protocol):
    """One connection. A protocol and no streams: they take several times its processor time.

    Args:
        requests: the bytes of each, sent in turn.
        until: when to send no more.
        done: is finished when the last answer has come, or fails.
    """

    _transport: asyncio.Transport

    def __init__(
        self, requests: Sequence[bytes], until: float, done: "asyncio.Future[None]"
    ) -> None:
        self.times: list[float] = []
        self.refused = 0
        self.done = done
        self._requests, self._until = requests, until
        self._buffer, self._turn, self._start = b"", 0, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._start = time.perf_counter()
        if self._start >= self._until:
            self.done.set_result(None)
            self._transport.close()
            return
        self._transport.write(self._requests[self._turn % len(self._requests)])
        self._turn += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        self._buffer = body[length:]
        if b" 200 " in head[:16]:
            self.times.append(time.perf_counter() - self._start)
        else:
            self.refused += 1
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or EOFError("The server ended a connection."))
