"""What surrounds every request: other origins, HEAD, headers, sizes, slow bodies, deep JSON."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from model.scorer import ToneScorer
from model.scores import ToneScore
from service.app import create_app
from service.errors import Overloaded
from service.intake import MAX_HEADER_BYTES, MAX_URL_BYTES, SMALL_BYTES, Intake
from service.settings import Settings

PATIENCE = 30.0  # seconds; only a failing test waits so long
QUOTE = {"quote": "We condemn this attack."}
SCORE = "/v1/score"
JSON = {"Content-Type": "application/json"}
GETS = ["/", "/docs", "/openapi.json", "/metrics", "/healthz", "/readyz", "/v1/model"]
GETS += ["/docs/assets/swagger-ui.css", "/nowhere", "/docs/assets/nothing"]
ORIGIN = "https://desk.example.org"
PREFLIGHT = {"Access-Control-Request-Method": "POST"}


@pytest.fixture(scope="module")
def client(scorer: ToneScorer) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), scorer)) as client:
        yield client


@pytest.fixture(scope="module")
def shared(scorer: ToneScorer) -> Iterator[TestClient]:
    """An app that pages of one other origin may call."""
    app = create_app(Settings(cors_origins=(ORIGIN,)), scorer)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("path", GETS)
def test_head_is_answered_like_get_without_a_body(client: TestClient, path: str) -> None:
    got, asked = client.get(path), client.head(path)
    assert asked.status_code == got.status_code
    assert asked.content == b""
    kept = {"content-type", "content-security-policy", "x-content-type-options", "cache-control"}
    for name in kept & set(got.headers):
        assert asked.headers[name] == got.headers[name]
    assert set(got.headers) - {"date"} == set(asked.headers) - {"date"}


def test_head_is_counted_as_head_under_its_route(client: TestClient) -> None:
    client.head("/readyz")
    assert 'method="HEAD",route="/readyz",status="200"' in client.get("/metrics").text


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("HEAD", SCORE, "POST"), ("POST", "/healthz", "GET, HEAD"), ("PUT", "/", "GET, HEAD")],
)
def test_the_methods_allowed_are_named(
    client: TestClient, method: str, path: str, allowed: str
) -> None:
    response = client.request(method, path)
    assert response.status_code == 405
    assert response.headers["Allow"] == allowed


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_other_origins_are_told_nothing_by_default(client: TestClient, method: str) -> None:
    headers = {"Origin": ORIGIN} | (PREFLIGHT if method == "OPTIONS" else {})
    response = client.request(method, SCORE, headers=headers)
    assert response.status_code in (405, 415)
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_an_origin_that_is_set_may_call(shared: TestClient) -> None:
    asked = {"Access-Control-Request-Headers": "authorization, content-type, x-api-key"}
    leave = shared.options(SCORE, headers={"Origin": ORIGIN} | PREFLIGHT | asked)
    assert leave.status_code == 200
    assert leave.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in leave.headers["Access-Control-Allow-Methods"]
    assert leave.headers["X-Content-Type-Options"] == "nosniff"
    answer = shared.post(SCORE, json=QUOTE, headers={"Origin": ORIGIN})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in answer.headers["Vary"]
    assert "RateLimit-Remaining" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", f"{ORIGIN}.evil.example", "null"])
def test_another_origin_may_not(shared: TestClient, origin: str) -> None:
    for response in (
        shared.options(SCORE, headers={"Origin": origin} | PREFLIGHT),
        shared.post(SCORE, json=QUOTE, headers={"Origin": origin}),
    ):
        assert "Access-Control-Allow-Origin" not in response.headers


def test_a_page_can_read_errors_too(shared: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    origin = {"Origin": ORIGIN}
    gate = shared.app.state.service.gate  # type: ignore[attr-defined]
    monkeypatch.setattr(gate, "score", None)
    for response, status in (
        (shared.get("/nowhere", headers=origin), 404),
        (shared.post(SCORE, json={}, headers=origin), 422),
        (shared.get("/" + "x" * MAX_URL_BYTES, headers=origin), 414),
        (shared.post(SCORE, json=QUOTE, headers=origin), 500),
    ):
        assert response.status_code == status
        assert response.headers["Access-Control-Allow-Origin"] == ORIGIN


def refused(response: Any, status: int, code: str) -> None:  # noqa: ANN401
    """Check the body and the headers of an error."""
    assert response.status_code == status, response.text
    body = response.json()
    assert body["error"]["code"] == code
    assert body["request_id"] == response.headers["X-Request-ID"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def test_an_address_has_a_greatest_length(client: TestClient) -> None:
    path = "/healthz?" + "x" * (MAX_URL_BYTES - len("/healthz"))
    assert client.get(path).status_code == 200
    refused(client.get(path + "x"), 414, "url_too_long")


def test_headers_have_a_greatest_size(client: TestClient) -> None:
    fitting = {f"X-{i}": "x" * 1000 for i in range(MAX_HEADER_BYTES // 1000 - 1)}
    assert client.get("/healthz", headers=fitting).status_code == 200
    refused(
        client.get("/healthz", headers=fitting | {"X-More": "x" * 2000}), 431, "headers_too_large"
    )


def test_scores_are_not_stored_by_anyone(client: TestClient) -> None:
    assert client.post(SCORE, json=QUOTE).headers["Cache-Control"] == "no-store"


async def ask(settings: Settings, scorer: Any, parts: list[bytes]) -> list[Message]:  # noqa: ANN401
    """Send the parts of a body and then nothing more; return what is answered."""
    app = create_app(settings, scorer)
    answered: list[Message] = []

    async def receive() -> Message:
        if not parts:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": parts.pop(0), "more_body": True}

    async def send(message: Message) -> None:
        answered.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": SCORE, "headers": headers}
    scope["query_string"] = b""
    async with app.router.lifespan_context(app):
        await asyncio.wait_for(app(scope, receive, send), PATIENCE)
    return answered


@pytest.mark.parametrize("parts", [[], [b"{"], [b'{"quote": ', b'"a"}']])
def test_a_body_that_never_ends_is_refused_and_the_connection_closed(
    scorer: ToneScorer, parts: list[bytes]
) -> None:
    settings = Settings(receive_seconds=0.2)
    start, *body = asyncio.run(ask(settings, scorer, list(parts)))
    assert start["status"] == 408
    headers = {name.lower(): value for name, value in start["headers"]}
    assert headers[b"connection"] == b"close"
    error = json.loads(b"".join(message["body"] for message in body))["error"]
    assert error["code"] == "body_timeout"
    assert "0.2 seconds" in error["message"]


def test_a_body_that_came_in_time_may_be_scored_at_leisure(scorer: ToneScorer) -> None:
    class Slow:
        artifact = scorer.artifact

        def score(self, quotes: Sequence[str], **options: bool) -> list[ToneScore]:
            time.sleep(0.3)
            return scorer.score(quotes)

    settings = Settings(receive_seconds=0.1)
    with TestClient(create_app(settings, Slow())) as client:
        assert client.post(SCORE, json=QUOTE).status_code == 200


async def read_all(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["more_body"]:
        pass


async def bring(intake: Intake, size: int, *, ends: bool = True) -> None:
    """Send a body of some size, which ends or is waited for."""
    parts: list[Message] = [{"type": "http.request", "body": b"x" * size, "more_body": not ends}]

    async def receive() -> Message:
        if not parts:
            await asyncio.Event().wait()
        return parts.pop()

    async def send(message: Message) -> None: ...

    scope = {"type": "http", "path": "/", "query_string": b"", "headers": []}
    await intake(scope, receive, send)


def test_large_bodies_that_never_end_do_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.intake.MOST_HELD_BYTES", 2 * SMALL_BYTES)

    async def play() -> None:
        intake = Intake(read_all, max_bytes=2 * SMALL_BYTES, seconds=PATIENCE)
        hanging = asyncio.create_task(bring(intake, 2 * SMALL_BYTES, ends=False))
        await asyncio.sleep(0)
        await bring(intake, SMALL_BYTES)
        with pytest.raises(Overloaded):
            await bring(intake, SMALL_BYTES + 1)
        hanging.cancel()
        await asyncio.wait({hanging})
        await bring(intake, SMALL_BYTES + 1)

    asyncio.run(play())


@pytest.mark.parametrize("depth", [1, 10, 400, 5_000, 200_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"quote":', "}"), ('[{"a":', "}]")])
@pytest.mark.parametrize("where", ["{}", '{{"quote": {}}}', '{{"quote": "a", "more": {}}}'])
def test_deep_json_is_refused_and_never_a_fault(
    client: TestClient, depth: int, opening: str, closing: str, where: str
) -> None:
    for body in (opening * depth + "0" + closing * depth, opening * depth):
        response = client.post(SCORE, content=where.format(body), headers=JSON)
        assert response.status_code in (400, 422)
        assert response.json()["error"]["code"] in ("not_json", "invalid_field")
        assert len(response.content) < 1000
