"""Where the time of one request goes, stage by stage, each measured on its own.

Each stage contains the one before it, so the difference is what the stage adds.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.artifact import NETWORK, TOKENIZER
from model.encoder import TextEncoder
from model.runtime import OnnxNetwork
from model.scorer import ToneScorer
from service.app import create_app
from service.gate import ScoringGate
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Stage:
    """One way down to the network.

    Attributes:
        name: what runs.
        milliseconds: median of a quote.
    """

    name: str
    milliseconds: float


def measure_stages(quotes: Sequence[str]) -> list[Stage]:
    """Score quotes one after the other, from the bare network up to the whole app."""
    scorer = ToneScorer.load()
    artifact = scorer.artifact
    encoder = TextEncoder.load(artifact.folder / TOKENIZER, artifact.manifest.window_tokens)
    network = OnnxNetwork(artifact.folder / NETWORK)
    encoded = [encoder.encode([quote]) for quote in quotes]
    stages = [
        _timed("network", lambda i: network.logits(encoded[i]), len(quotes)),
        _timed("+ tokenizer", lambda i: network.logits(encoder.encode([quotes[i]])), len(quotes)),
        _timed("+ scorer (intervals, warnings)", lambda i: scorer.score([quotes[i]]), len(quotes)),
    ]
    network.close()
    stages += asyncio.run(_served(scorer, quotes))
    scorer.close()
    return stages


def _timed(name: str, run: Callable[[int], object], count: int) -> Stage:
    run(0)
    times = []
    for i in range(count):
        start = time.perf_counter()
        run(i)
        times.append(time.perf_counter() - start)
    return Stage(name, float(np.median(times)) * 1e3)


async def _timed_async(name: str, run: Callable[[int], Awaitable[object]], count: int) -> Stage:
    await run(0)
    times = []
    for i in range(count):
        start = time.perf_counter()
        await run(i)
        times.append(time.perf_counter() - start)
    return Stage(name, float(np.median(times)) * 1e3)


async def _served(scorer: ToneScorer, quotes: Sequence[str]) -> list[Stage]:
    gate = ScoringGate(scorer, 100, 30)
    gate.start()
    stages = [
        await _timed_async(
            "+ gate (a thread of its own)", lambda i: gate.score([quotes[i]]), len(quotes)
        )
    ]
    await gate.close()
    app = create_app(Settings(log_level="warning"), scorer)
    async with app.router.lifespan_context(app):
        ask = _Asking(app)
        stages.append(
            await _timed_async("+ app (checks, JSON, log)", lambda i: ask(quotes[i]), len(quotes))
        )
    return stages


class _Asking:
    """Calls the app as a server would, without sockets."""

    def __init__(self, app: Any) -> None:  # noqa: ANN401 - any ASGI app
        self._app = app

    async def __call__(self, quote: str) -> None:
        body = json.dumps({"quote": quote}).encode()
        messages = iter([{"type": "http.request", "body": body, "more_body": False}])
        ended = asyncio.Event()

        async def receive() -> dict[str, Any]:
            message = next(messages, None)
            if message is None:
                await ended.wait()
                return {"type": "http.disconnect"}
            return message

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] != 200:
                raise RuntimeError(f"The app answered {message['status']}.")

        headers = [(b"content-type", b"application/json")]
        headers.append((b"content-length", str(len(body)).encode()))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/v1/score",
            "raw_path": b"/v1/score",
            "root_path": "",
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "state": {},
        }
        await self._app(scope, receive, send)
        ended.set()
