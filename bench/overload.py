"""``python -m bench.overload``: ten times as many quotes as can be scored, for a minute.

The server is first asked alone and at capacity, then by many clients at ten times that rate while
its health is watched, then alone again. Printed is what became of the answered and the refused.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from bench.load import HOST, run_load
from bench.servers import own_server, served
from data.readers import read_corpus

TIMES = 10
QUOTES = 10
"""Quotes of a request, so that few connections fill the queue."""
MOST_SECONDS = 60
"""Longest that the end waits for the server to be as quick as before."""


@dataclass(slots=True)
class Seen:
    """What the clients saw.

    Attributes:
        statuses: answers by status.
        seconds: to each answer, by status.
        silent: refusals that did not say when to come back.
        unhealthy: answers of ``/healthz`` other than 200.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: dict[int, list[float]] = field(default_factory=dict)
    silent: int = 0
    unhealthy: int = 0


def main(
    seconds: Annotated[float, typer.Option(help="Length of the overload.")] = 60,
    clients: Annotated[int, typer.Option(help="Connections that ask.")] = 400,
) -> None:
    """Overload a server and print what became of the requests.

    Example: python -m bench.overload --seconds 10
    """
    quotes = [row.text for row in read_corpus()]
    server = own_server()
    with served(server, Path()) as (port, _, _):
        alone = run_load(port, quotes, 1, 3, server.ask)
        unloaded = asyncio.run(overload(port, quotes, 1, 3, 0))
        capacity = run_load(port, quotes, 32, 3, server.ask).per_second
        pause = clients * QUOTES / (TIMES * capacity)
        seen = asyncio.run(overload(port, quotes, clients, seconds, pause))
        start = time.perf_counter()
        while (after := run_load(port, quotes, 1, 0.25, server.ask)).p50 > 2 * alone.p50:
            if time.perf_counter() - start > MOST_SECONDS:
                break
        back = time.perf_counter() - start - 0.25  # less the warm-up of the look that was well
    table = Table("figure", "value", title=f"{seconds:g} s, {TIMES} x {capacity:.0f} quotes/s")
    for name, value in _figures(seen).items():
        table.add_row(name, value)
    ten = float(np.median(unloaded.seconds[200]))
    table.add_row(f"a request of {QUOTES} quotes alone, median", f"{ten * 1e3:.1f} ms")
    table.add_row("alone before, median", f"{alone.p50 * 1e3:.1f} ms")
    table.add_row("alone after, median", f"{after.p50 * 1e3:.1f} ms")
    table.add_row("back to normal within", f"{back:.1f} s")
    Console().print(table)


def _figures(seen: Seen) -> dict[str, str]:
    def p99(status: int) -> str:
        times = seen.seconds.get(status, [])
        return f"{np.quantile(times, 0.99) * 1e3:,.0f} ms" if times else "none"

    counts = ", ".join(f"{status}: {count:,}" for status, count in sorted(seen.statuses.items()))
    failed = sum(count for status, count in seen.statuses.items() if status >= 500)
    return {
        "answers by status": counts,
        "5xx": str(failed),
        "p99 of the answered": p99(200),
        "p99 of the refused (429)": p99(429),
        "429 without Retry-After": str(seen.silent),
        "/healthz not 200": str(seen.unhealthy),
    }


async def overload(
    port: int, quotes: Sequence[str], clients: int, seconds: float, pause: float
) -> Seen:
    """Ask from many connections, whatever is answered, and watch the health meanwhile.

    Args:
        port: of the server, on loopback.
        quotes: what is asked, ``QUOTES`` a request; at least as many as clients.
        clients: connections.
        seconds: length.
        pause: seconds from one request of a connection to its next.
    """
    seen = Seen()
    until = time.perf_counter() + seconds
    body = [json.dumps({"quotes": quotes[i : i + QUOTES]}).encode() for i in range(clients)]
    jobs = [_client(port, body[i], until, pause, i / clients, seen) for i in range(clients)]
    await asyncio.gather(*jobs, _watch(port, until, seen))
    return seen


async def _client(
    port: int, body: bytes, until: float, pause: float, phase: float, seen: Seen
) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    head = "POST /v1/score/batch HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    due = time.perf_counter() + phase * pause
    while due < until:
        await asyncio.sleep(due - time.perf_counter())
        start = time.perf_counter()
        status, headers = await _asked(reader, writer, request)
        seen.statuses[status] += 1
        seen.seconds.setdefault(status, []).append(time.perf_counter() - start)
        seen.silent += status == 429 and b"retry-after" not in headers
        due = max(due + pause, time.perf_counter())
    writer.close()


async def _watch(port: int, until: float, seen: Seen) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    while time.perf_counter() < until:
        status, _ = await _asked(reader, writer, b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n")
        seen.unhealthy += status != 200
        await asyncio.sleep(0.1)
    writer.close()


async def _asked(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[int, bytes]:
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
    return int(head.split()[1]), head


if __name__ == "__main__":
    typer.run(main)
