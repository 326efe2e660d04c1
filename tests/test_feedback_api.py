"""``POST /v1/feedback`` through the real app, and through a real server that is killed."""

import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from model.errors import ScoringError
from model.scorer import ToneScorer
from service.app import create_app
from service.feedback.records import FeedbackRecord, sha256_of
from service.feedback.store import FeedbackStore
from service.settings import Settings
from tests.server_process import ServerProcess, environment

QUOTE = "We condemn this attack."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feedback.db"


@pytest.fixture
def open_client(path: Path, scorer: ToneScorer) -> Iterator[Callable[..., TestClient]]:
    clients: list[TestClient] = []

    def open_client(served: object = scorer, **settings: object) -> TestClient:
        given: dict[str, Any] = {"feedback": str(path), **settings}
        app = create_app(Settings(**given), served)  # type: ignore[arg-type]
        clients.append(TestClient(app, raise_server_exceptions=False))
        clients[-1].__enter__()
        return clients[-1]

    yield open_client
    for client in clients:
        client.__exit__(None, None, None)


Open = Callable[..., TestClient]


def kept(path: Path) -> list[FeedbackRecord]:
    store = FeedbackStore(str(path))
    found = list(store.records())
    store.close()
    return found


def test_without_a_store_there_is_no_such_address(scorer: ToneScorer) -> None:
    with TestClient(create_app(Settings(), scorer)) as client:
        assert client.post("/v1/feedback", json={}).status_code == 404
        assert "/v1/feedback" not in client.get("/openapi.json").json()["paths"]


def test_a_correction_is_kept_with_what_the_model_gave(
    open_client: Open, path: Path, scorer: ToneScorer
) -> None:
    client = open_client()
    body = {"quote": QUOTE, "hostility": 0.25, "formality": "higher", "rater": "a", "note": "b"}
    answer = client.post("/v1/feedback", json=body)
    assert answer.status_code == 201, answer.text
    (record,) = kept(path)
    assert answer.json() == {"results": [{"id": record.id}]}
    (score,) = scorer.score([QUOTE])
    assert record.scored is not None
    assert record.scored.hostility == score.hostility.score
    assert record.model is not None
    assert record.model.sha256 == scorer.artifact.sha256
    assert (record.hostility, record.formality) == (0.25, "higher")
    assert (record.rater, record.note, record.source) == ("a", "b", "api")


@pytest.mark.parametrize(("keep", "found"), [(False, None), (True, QUOTE)])
def test_the_text_is_kept_only_where_the_setting_says_so(
    open_client: Open, path: Path, keep: bool, found: str | None
) -> None:
    client = open_client(feedback_text=keep)
    client.post("/v1/feedback", json={"quote": QUOTE, "hostility": 0.5})
    (record,) = kept(path)
    assert record.quote == found
    assert record.quote_sha256 == sha256_of(QUOTE)
    assert keep or QUOTE.encode() not in b"".join(f.read_bytes() for f in path.parent.iterdir())


def test_scores_that_were_shown_are_kept_as_sent(open_client: Open, path: Path) -> None:
    shown = {"hostility": 0.125, "formality": 0.5}
    client = open_client()
    client.post("/v1/feedback", json={"quote": QUOTE, "hostility": "lower", "scored": shown})
    (record,) = kept(path)
    assert record.scored is not None
    assert record.scored.model_dump() == shown
    assert record.model is None


def test_a_request_alone_can_be_corrected(open_client: Open, path: Path) -> None:
    answer = open_client().post("/v1/feedback", json={"request_id": "r1", "formality": 0})
    assert answer.status_code == 201
    (record,) = kept(path)
    assert (record.request_id, record.quote_sha256, record.formality) == ("r1", None, 0)


def test_each_item_is_kept_or_refused_alone(open_client: Open, path: Path) -> None:
    items = [
        {"quote": QUOTE, "hostility": 0.5},
        {"quote": QUOTE, "hostility": 2},
        {"quote": " ", "hostility": 0.5},
        {"quote": QUOTE},
        {"hostility": 0.5},
        {"quote": QUOTE, "hostility": "lower", "colour": "red"},
        {"quote": "a\x00b", "hostility": 0.5},
        {"request_id": "r1", "hostility": "lower"},
    ]
    answer = open_client().post("/v1/feedback", json={"items": items})
    assert answer.status_code == 201, answer.text
    results = answer.json()["results"]
    errors = [(i, r["error"]["field"]) for i, r in enumerate(results) if r["id"] is None]
    assert errors == [
        (1, "items[1].hostility"),
        (2, "items[2].quote"),
        (3, "items[3]"),
        (4, "items[4]"),
        (5, "items[5].colour"),
        (6, "items[6].quote"),
    ]
    assert results[2]["error"]["code"] == "quote_blank"
    assert {r["id"] for r in results} - {None} == {record.id for record in kept(path)}


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "quote"),
        ({"quote": QUOTE}, 422, "hostility"),
        ({"quote": QUOTE, "hostility": "more"}, 422, "hostility"),
        ({"quote": QUOTE, "hostility": 0.5, "rater": ""}, 422, "rater"),
        ({"items": []}, 422, "items"),
        ({"items": [{"quote": QUOTE, "hostility": 0.5}], "rater": "a"}, 422, "items"),
        ({"items": [{"quote": QUOTE}]}, 422, "items[0]"),
        ({"items": [{"quote": QUOTE, "hostility": 0.5}] * 4}, 413, "items"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field(
    open_client: Open, path: Path, body: dict[str, object], status: int, field: str
) -> None:
    answer = open_client(max_quotes=3).post("/v1/feedback", json=body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)
    assert kept(path) == []


def test_a_request_sent_again_is_answered_as_the_first(open_client: Open, path: Path) -> None:
    client = open_client()
    body, key = {"quote": QUOTE, "hostility": 0.5}, {"Idempotency-Key": "k1"}
    first = client.post("/v1/feedback", json=body, headers=key)
    again = client.post("/v1/feedback", json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.headers.get("Idempotency-Replayed"), len(kept(path))) == (None, 1)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = client.post("/v1/feedback", json=body | {"hostility": 0.6}, headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "key_reused")
    client.post("/v1/feedback", json=body)
    assert len(kept(path)) == 2


def test_feedback_is_kept_where_nothing_can_be_scored(
    open_client: Open, path: Path, scorer: ToneScorer
) -> None:
    class Failing:
        artifact = scorer.artifact

        def score(self, *_: object, **__: object) -> None:
            raise ScoringError("broken")

    answer = open_client(Failing()).post("/v1/feedback", json={"quote": QUOTE, "hostility": 0.5})
    assert answer.status_code == 201
    (record,) = kept(path)
    assert record.scored is None


def test_a_store_that_fails_acknowledges_nothing_and_stays_ready(
    open_client: Open, path: Path
) -> None:
    client = open_client()
    store: FeedbackStore = client.app.state.feedback  # type: ignore[attr-defined]
    with store._engine.begin() as connection:  # noqa: SLF001 - someone broke the database
        connection.exec_driver_sql("ALTER TABLE feedback RENAME TO elsewhere")
    answer = client.post("/v1/feedback", json={"quote": QUOTE, "hostility": 0.5})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert client.get("/readyz").status_code == 200
    assert client.post("/v1/score", json={"quote": QUOTE}).status_code == 200


def test_what_is_too_old_goes_when_the_service_starts(
    open_client: Open, path: Path, scorer: ToneScorer
) -> None:
    store = FeedbackStore(str(path))
    old = {"quote": QUOTE, "hostility": 0.5, "created": "2020-01-01T00:00:00Z"}
    store.add([FeedbackRecord(**old), FeedbackRecord(quote=QUOTE, hostility=0.25)])  # type: ignore[arg-type]
    store.close()
    client = open_client(feedback_days=30)
    for _ in range(100):  # the deletion runs beside the requests
        client.get("/healthz")
        if len(found := kept(path)) == 1:
            break
    assert [record.hostility for record in found] == [0.25]


def test_a_store_that_cannot_be_used_stops_the_start(tmp_path: Path, artifact: Path) -> None:
    variables = environment(artifact, DIPLOTONE_FEEDBACK=str(tmp_path / "absent" / "f.db"))
    with pytest.raises(AssertionError, match="unable to open database file"):
        ServerProcess(tmp_path / "log", variables)


def test_what_was_acknowledged_survives_a_kill_at_any_moment(
    tmp_path: Path, path: Path, artifact: Path
) -> None:
    acknowledged: set[str] = set()
    for turn in range(3):
        variables = environment(artifact, DIPLOTONE_FEEDBACK=str(path))
        server = ServerProcess(tmp_path / f"log{turn}", variables)
        acknowledged |= set(_posted(server, 10 + 7 * turn))
    found = {record.id for record in kept(path)}
    assert len(acknowledged) == 3 * 10 + 7 * 3
    assert acknowledged <= found
    assert len(found) <= len(acknowledged) + 3  # a kill may come between the disk and the answer


def _posted(server: ServerProcess, count: int) -> Iterator[str]:
    """Post until so many were answered, then kill the server with one more under way."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Content-Type": "application/json"}
    for n in range(count + 1):
        body = json.dumps({"quote": f"{QUOTE} {n}", "hostility": 0.5})
        line.request("POST", "/v1/feedback", body, headers)
        if n == count:
            server.kill()
            break
        answer = line.getresponse()
        assert answer.status == 201
        yield json.loads(answer.read())["results"][0]["id"]
    line.close()
