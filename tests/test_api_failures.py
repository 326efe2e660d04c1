"""What callers see when the scorer fails, hangs, dies or is swamped, through the real app."""

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import Message

from model.artifact import Artifact
from model.errors import ArtifactError, ScoringError
from model.scorer import ToneScorer
from model.scores import Degree, ToneScore
from service.app import create_app
from service.settings import Settings

PATIENCE = 20.0  # seconds; only a failing test waits so long
WORDS = "the words of the quote"


class Stub:
    """A scorer that does what the test says; the artifact is a real one."""

    def __init__(self, artifact: Artifact, act: Callable[[Sequence[str]], list[ToneScore]]) -> None:
        self.artifact = artifact
        self._act = act

    def score(
        self, quotes: Sequence[str], *, sentences: bool = False, explain: bool = False
    ) -> list[ToneScore]:
        return self._act(quotes)


@contextmanager
def serving(stub: Stub, **settings: float) -> Iterator[TestClient]:
    with TestClient(create_app(Settings.load(**settings), stub)) as client:
        yield client


def score(client: TestClient, quote: str = WORDS) -> tuple[int, str]:
    """Return status and error code (or an empty text) of one request."""
    response = client.post("/v1/score", json={"quote": quote})
    body = response.json()
    assert body.get("request_id", response.headers["X-Request-ID"])
    return response.status_code, body.get("error", {}).get("code", "")


@pytest.mark.parametrize(
    "error", [RuntimeError(WORDS), ScoringError(WORDS), KeyError(WORDS), MemoryError(WORDS)]
)
def test_a_failing_scorer_gives_500_without_internals_and_the_next_caller_is_served(
    scorer: ToneScorer, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def act(quotes: Sequence[str]) -> list[ToneScore]:
        if quotes[0] == WORDS:
            raise error
        return scorer.score(quotes)

    with serving(Stub(scorer.artifact, act)) as client, caplog.at_level(logging.ERROR):
        response = client.post("/v1/score", json={"quote": WORDS})
        assert response.status_code == 500
        body = response.json()
        assert body["error"]["code"] == "internal_error"
        assert set(body["error"]) == {"code", "message"}
        assert WORDS not in response.text
        assert type(error).__name__ not in response.text
        assert score(client, "another quote") == (200, "")
        assert client.get("/readyz").status_code == 200
    logged = [record for record in caplog.records if record.exc_info]
    assert [record.exc_info[1] for record in logged if record.exc_info] == [error]
    assert logged[0].__dict__["fields"]["request_id"] == body["request_id"]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1.5])
def test_a_number_that_is_no_degree_is_an_error_not_an_answer(
    scorer: ToneScorer, number: float
) -> None:
    def act(quotes: Sequence[str]) -> list[ToneScore]:
        return [replace(s, formality=Degree(number, 0, 1, "x")) for s in scorer.score(quotes)]

    with serving(Stub(scorer.artifact, act)) as client:
        assert score(client) == (500, "internal_error")


def test_a_hung_scorer_gives_504_while_health_answers(scorer: ToneScorer) -> None:
    released = threading.Event()

    def act(quotes: Sequence[str]) -> list[ToneScore]:
        released.wait(PATIENCE)
        return scorer.score(quotes)

    stub = Stub(scorer.artifact, act)
    with serving(stub, deadline_seconds=0.4) as client, ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(score, client)
        assert client.get("/healthz").json() == {"status": "ok"}
        assert waiting.result(PATIENCE) == (504, "deadline_exceeded")
        not_ready = client.get("/readyz")
        assert not_ready.status_code == 503
        assert "busy" in not_ready.json()["error"]["message"]
        assert client.get("/healthz").status_code == 200
        released.set()
        assert score(client) == (200, "")


def test_the_death_of_the_worker_gives_503_and_shows(scorer: ToneScorer) -> None:
    def act(quotes: Sequence[str]) -> list[ToneScore]:
        raise SystemExit

    with serving(Stub(scorer.artifact, act)) as client:
        assert client.get("/readyz").status_code == 200
        assert score(client) == (503, "not_ready")
        assert score(client) == (503, "not_ready")
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["error"]["code"]) == (503, "not_ready")
        assert "stopped" in ready.json()["error"]["message"]
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/model").status_code == 200


def test_a_full_queue_gives_429_and_a_time_to_come_back(scorer: ToneScorer) -> None:
    started, released = threading.Event(), threading.Event()

    def act(quotes: Sequence[str]) -> list[ToneScore]:
        started.set()
        released.wait(PATIENCE)
        return scorer.score(quotes)

    stub = Stub(scorer.artifact, act)
    with serving(stub, queue_items=1) as client, ThreadPoolExecutor(2) as pool:
        first = pool.submit(score, client)
        started.wait(PATIENCE)
        second = pool.submit(score, client)
        end = time.monotonic() + PATIENCE
        while "diplotone_queue_items 1.0" not in client.get("/metrics").text:
            assert time.monotonic() < end
        refused = client.post("/v1/score", json={"quote": "one too many"})
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "overloaded"
        assert 1 <= int(refused.headers["Retry-After"]) <= 30
        assert client.get("/readyz").status_code == 503
        released.set()
        assert [first.result(PATIENCE), second.result(PATIENCE)] == [(200, "")] * 2
        assert 'diplotone_rejected_total{reason="overloaded"} 1.0' in client.get("/metrics").text


async def ask(app: FastAPI, quote: str, hang_up: bool = False) -> int:
    """Send a request over bare ASGI, perhaps hang up at once, return the status answered."""
    request: Message = {"type": "http.request", "body": json.dumps({"quote": quote}).encode()}
    incoming = [request]
    statuses: list[int] = []

    async def receive() -> Message:
        if not incoming and not hang_up:
            await asyncio.Event().wait()  # the caller stays, and has nothing more to say
        return incoming.pop() if incoming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/score",
        "headers": [(b"content-type", b"application/json")],
        "query_string": b"",
    }
    await asyncio.wait_for(app(scope, receive, send), PATIENCE)
    return statuses[0]


def test_the_work_of_a_caller_who_hung_up_is_dropped(scorer: ToneScorer) -> None:
    seen: list[str] = []
    started, released = threading.Event(), threading.Event()

    def act(quotes: Sequence[str]) -> list[ToneScore]:
        started.set()
        released.wait(PATIENCE)
        seen.extend(quotes)
        return scorer.score(quotes)

    app = create_app(Settings(), Stub(scorer.artifact, act))
    with TestClient(app) as client, ThreadPoolExecutor(1) as pool:
        first = pool.submit(score, client, "first")
        started.wait(PATIENCE)
        assert asyncio.run(ask(app, "second", hang_up=True)) == 499
        released.set()
        assert first.result(PATIENCE) == (200, "")
        assert score(client, "third") == (200, "")
        assert 'route="/v1/score",status="499"} 1.0' in client.get("/metrics").text
    assert seen == ["first", "third"]


def test_a_large_explained_batch_does_not_block_health(scorer: ToneScorer) -> None:
    quotes = [f"We condemn this cowardly attack, number {i}, in strong terms." for i in range(256)]
    body = {"quotes": quotes, "explain": True, "sentences": True}
    with TestClient(create_app(Settings(), scorer)) as client, ThreadPoolExecutor(1) as pool:
        large = pool.submit(client.post, "/v1/score/batch", json=body)
        answered = 0
        while not large.done():
            answered += client.get("/healthz").status_code == 200
        assert large.result().status_code == 200
        assert len(large.result().json()["results"]) == 256
        assert answered >= 3


def test_stopping_finishes_what_was_accepted(scorer: ToneScorer) -> None:
    started, released = threading.Event(), threading.Event()

    def act(quotes: Sequence[str]) -> list[ToneScore]:
        started.set()
        released.wait(PATIENCE)
        return scorer.score(quotes)

    app = create_app(Settings(), Stub(scorer.artifact, act))

    async def play() -> list[int]:
        async with app.router.lifespan_context(app):
            asked = [asyncio.create_task(ask(app, quote)) for quote in ("first", "second")]
            await asyncio.to_thread(started.wait, PATIENCE)
            threading.Timer(0.2, released.set).start()
        return [await one for one in asked]

    assert asyncio.run(play()) == [200, 200]


def test_before_the_start_nothing_is_ready_but_the_process_lives(scorer: ToneScorer) -> None:
    client = TestClient(create_app(Settings(), scorer))  # not entered: no lifespan yet
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert score(client) == (503, "not_ready")


def test_an_unusable_artifact_stops_the_start(tmp_path: Path) -> None:
    app = create_app(Settings(artifact=tmp_path / "nothing"))
    with pytest.raises(ArtifactError, match="No artifact at"), TestClient(app):
        pass
