"""``POST /v1/feedback`` through the real app, on SQLite and PostgreSQL."""

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
from tests.databases import contents, records_in
from tests.server_process import ServerProcess, environment

QUOTE = "We condemn this attack."


@pytest.fixture
def open_client(database: str, scorer: ToneScorer) -> Iterator[Callable[..., TestClient]]:
    clients: list[TestClient] = []

    def open_client(served: object = scorer, **settings: object) -> TestClient:
        given: dict[str, Any] = {"feedback": database, **settings}
        app = create_app(Settings(**given), served)  # type: ignore[arg-type]
        clients.append(TestClient(app, raise_server_exceptions=False))
        clients[-1].__enter__()
        return clients[-1]

    yield open_client
    for client in clients:
        client.__exit__(None, None, None)


Open = Callable[..., TestClient]


def test_without_a_store_there_is_no_such_address(scorer: ToneScorer) -> None:
    with TestClient(create_app(Settings(), scorer)) as client:
        assert client.post("/v1/feedback", json={}).status_code == 404
        assert "/v1/feedback" not in client.get("/openapi.json").json()["paths"]


def test_a_correction_is_kept_with_what_the_model_gave(
    open_client: Open, database: str, scorer: ToneScorer
) -> None:
    client = open_client()
    body = {"quote": QUOTE, "hostility": 0.25, "formality": "higher", "rater": "a", "note": "b"}
    answer = client.post("/v1/feedback", json=body)
    assert answer.status_code == 201, answer.text
    (record,) = records_in(database)
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
    open_client: Open, database: str, keep: bool, found: str | None
) -> None:
    client = open_client(feedback_text=keep)
    client.post("/v1/feedback", json={"quote": QUOTE, "hostility": 0.5})
    (record,) = records_in(database)
    assert record.quote == found
    assert record.quote_sha256 == sha256_of(QUOTE)
    assert (QUOTE in contents(database)) == keep


def test_scores_that_were_shown_are_kept_as_sent(open_client: Open, database: str) -> None:
    shown = {"hostility": 0.125, "formality": 0.5}
    client = open_client()
    client.post("/v1/feedback", json={"quote": QUOTE, "hostility": "lower", "scored": shown})
    (record,) = records_in(database)
    assert record.scored is not None
    assert record.scored.model_dump() == shown
    assert record.model is None


def test_a_request_alone_can_be_corrected(open_client: Open, database: str) -> None:
    answer = open_client().post("/v1/feedback", json={"request_id": "r1", "formality": 0})
    assert answer.status_code == 201
    (record,) = records_in(database)
    assert (record.request_id, record.quote_sha256, record.formality) == ("r1", None, 0)


def test_each_item_is_kept_or_refused_alone(open_client: Open, database: str) -> None:
    items = [
        {"quote": QUOTE, "hostility": 0.5},
        {"quote": QUOTE, "hostility": 2},
        {"quote": " ", "hostility": 0.5},
        {"quote": QUOTE},
        {"hostility": 0.5},
        {"quote": QUOTE, "hostility": "lower", "colour": "red"},
        {"quote": "a\x00b", "hostility": 0.5},
        "lies",
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
        (7, "items[7]"),
    ]
    assert results[2]["error"]["code"] == "quote_blank"
    assert {r["id"] for r in results} - {None} == {record.id for record in records_in(database)}


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
    open_client: Open, database: str, body: dict[str, object], status: int, field: str
) -> None:
    answer = open_client(max_quotes=3).post("/v1/feedback", json=body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)
    assert records_in(database) == []


def test_a_request_sent_again_is_answered_as_the_first(open_client: Open, database: str) -> None:
    client = open_client()
    body, key = {"quote": QUOTE, "hostility": 0.5}, {"Idempotency-Key": "k1"}
    first = client.post("/v1/feedback", json=body, headers=key)
    again = client.post("/v1/feedback", json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.headers.get("Idempotency-Replayed"), len(records_in(database))) == (None, 1)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = client.post("/v1/feedback", json=body | {"hostility": 0.6}, headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "key_reused")
    client.post("/v1/feedback", json=body)
    assert len(records_in(database)) == 2


def test_what_was_deleted_does_not_come_back_with_a_repeated_request(
    open_client: Open, database: str
) -> None:
    client = open_client(feedback_text=True)
    items = [{"quote": QUOTE, "hostility": 0.5, "rater": rater} for rater in ("ada", "bo")]
    sent = {"json": {"items": items}, "headers": {"Idempotency-Key": "k1"}}
    assert client.post("/v1/feedback", **sent).status_code == 201
    store = FeedbackStore(database)
    store.delete(rater="ada")
    store.close()
    again = client.post("/v1/feedback", **sent)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "feedback_deleted")
    assert [record.rater for record in records_in(database)] == ["bo"]


def test_feedback_is_kept_where_nothing_can_be_scored(
    open_client: Open, database: str, scorer: ToneScorer
) -> None:
    class Failing:
        artifact = scorer.artifact

        def score(self, *_: object, **__: object) -> None:
            raise ScoringError("broken")

    answer = open_client(Failing()).post("/v1/feedback", json={"quote": QUOTE, "hostility": 0.5})
    assert answer.status_code == 201
    (record,) = records_in(database)
    assert record.scored is None


def test_a_store_that_fails_acknowledges_nothing_and_stays_ready(
    open_client: Open, database: str
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
    open_client: Open, database: str, scorer: ToneScorer
) -> None:
    store = FeedbackStore(database)
    old = {"quote": QUOTE, "hostility": 0.5, "created": "2020-01-01T00:00:00Z"}
    store.add([FeedbackRecord(**old), FeedbackRecord(quote=QUOTE, hostility=0.25)])  # type: ignore[arg-type]
    store.close()
    client = open_client(feedback_days=30)
    for _ in range(100):  # the deletion runs beside the requests
        client.get("/healthz")
        if len(found := records_in(database)) == 1:
            break
    assert [record.hostility for record in found] == [0.25]


def test_a_store_that_cannot_be_used_stops_the_start(tmp_path: Path, artifact: Path) -> None:
    variables = environment(artifact, DIPLOTONE_FEEDBACK=str(tmp_path / "absent" / "f.db"))
    with pytest.raises(AssertionError, match="unable to open database file"):
        ServerProcess(tmp_path / "log", variables)
