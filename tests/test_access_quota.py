"""The rate limit: items a minute for each caller, said on every answer, in bounded memory."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from model.scorer import ToneScorer
from service import quota
from service.app import create_app
from service.errors import Overloaded
from service.items import EXPLAIN_WEIGHT, SENTENCES_WEIGHT
from service.keys import make_key
from service.quota import Quota, caller_of
from service.settings import Settings

QUOTE = {"quote": "We condemn this attack."}
SCORE = "/v1/score"
BATCH = "/v1/score/batch"


class Clock:
    """Time that goes on when the test says so."""

    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_full_bucket_is_spent_and_fills_again_evenly(clock: Clock) -> None:
    bucket = Quota(60, clock)
    assert bucket.take("a", 50) == (60, 10, 50, False)
    assert bucket.take("a", 11) == (60, 10, 1, True)
    clock.now += 1
    assert bucket.take("a", 11) == (60, 0, 60, False)
    assert bucket.take("a", 1).refused
    clock.now += 30
    assert bucket.take("a", 30) == (60, 0, 60, False)
    clock.now += 3600
    assert bucket.take("a", 1) == (60, 59, 1, False)  # never fuller than full


@pytest.mark.parametrize("limit", [1, 7, 59, 60, 61, 599, 100_000])
@pytest.mark.parametrize("items", [1, 3, 64, 6400])
def test_who_waits_as_told_is_admitted(clock: Clock, limit: int, items: int) -> None:
    bucket = Quota(limit, clock)
    for _ in range(50):
        standing = bucket.take("a", items)
        if standing.refused:
            assert standing.reset >= 1
            clock.now += standing.reset
            assert not bucket.take("a", items).refused


@pytest.mark.parametrize("items", [1, 10, 300])
def test_over_a_long_time_no_one_gets_more_than_the_limit(clock: Clock, items: int) -> None:
    bucket = Quota(60, clock)
    granted = 0
    for _ in range(3000):
        granted += items * (not bucket.take("a", items).refused)
        clock.now += 1
    assert 3000 - 300 <= granted <= 3000 + 60 + 300


def test_more_than_a_minutes_items_are_admitted_when_all_is_paid(clock: Clock) -> None:
    bucket = Quota(10, clock)
    assert bucket.take("a", 25) == (10, 0, 150, False)
    assert bucket.take("a", 1) == (10, 0, 96, True)
    clock.now += 96
    assert bucket.take("a", 1).remaining == 0


def test_callers_do_not_share_and_what_is_given_back_is_there(clock: Clock) -> None:
    bucket = Quota(10, clock)
    bucket.take("a", 10)
    assert bucket.take("b", 1).remaining == 9
    assert bucket.take("a", -4).remaining == 4
    assert bucket.take("b", -100).remaining == 10


def test_memory_is_bounded_and_the_one_not_seen_for_longest_goes(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "MOST_CALLERS", 3)
    bucket = Quota(10, clock)
    for caller in ("a", "b", "c", "a", "d"):
        bucket.take(caller, 5)
    assert len(bucket._buckets) == 3
    assert bucket.take("a", 1).refused  # 10 were spent
    assert bucket.take("b", 1).remaining == 9  # forgotten


@pytest.mark.parametrize(
    ("client", "caller"),
    [
        (("192.0.2.7", 1), "192.0.2.7"),
        (("::ffff:192.0.2.7", 1), "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
        (("2001:db8:1:2::9", 1), "2001:db8:1:2::/64"),
        (("testclient", 1), "unknown"),
        (("x" * 30_000, 1), "unknown"),
        (None, "unknown"),
    ],
)
def test_without_a_key_the_address_is_the_caller(client: Any, caller: str) -> None:  # noqa: ANN401
    assert caller_of({"client": client, "state": {}}) == caller
    assert caller_of({"client": client, "state": {"key": "desk"}}) == "key desk"


@contextmanager
def serving(scorer: ToneScorer, settings: Settings) -> Iterator[TestClient]:
    """The app while the quota's clock stands still."""
    with TestClient(create_app(settings, scorer)) as client:
        client.app.state.service.quota._clock = lambda: 0.0  # type: ignore[attr-defined]
        yield client


@pytest.fixture
def client(scorer: ToneScorer) -> Iterator[TestClient]:
    with serving(scorer, Settings(rate_limit=100)) as client:
        yield client


def remaining(client: TestClient, path: str, body: dict[str, object], **headers: str) -> int:
    response = client.post(path, json=body, headers=headers)
    assert response.status_code == 200, response.text
    assert response.headers["RateLimit-Limit"] == "100"
    assert response.headers["RateLimit-Policy"] == "100;w=60"
    left = int(response.headers["RateLimit-Remaining"])
    assert int(response.headers["RateLimit-Reset"]) == math.ceil((100 - left) * 0.6)
    return left


def test_a_batch_costs_its_quotes_and_more_is_asked_for_more(client: TestClient) -> None:
    assert remaining(client, SCORE, QUOTE) == 99
    assert remaining(client, BATCH, {"quotes": ["a b c"] * 50}) == 49
    left = 49 - 1 - EXPLAIN_WEIGHT
    assert remaining(client, SCORE, QUOTE | {"explain": True}) == left
    assert remaining(client, SCORE, QUOTE | {"sentences": True}) == left - 1 - SENTENCES_WEIGHT


def test_too_much_is_refused_with_its_own_code(client: TestClient) -> None:
    assert client.post(BATCH, json={"quotes": ["a"] * 90}).status_code == 200
    response = client.post(BATCH, json={"quotes": ["a"] * 60})
    assert response.status_code == 429
    error = response.json()["error"]
    assert error["code"] == "rate_limited"
    assert "100 items a minute" in error["message"]
    assert response.headers["Retry-After"] == "30"
    assert response.headers["RateLimit-Reset"] == "30"
    assert response.headers["RateLimit-Limit"] == "100"
    assert response.headers["RateLimit-Remaining"] == "10"
    assert response.headers["Cache-Control"] == "no-store"
    assert client.post(SCORE, json=QUOTE).status_code == 200  # what fits is served
    assert 'rejected_total{reason="rate_limited"} 1.0' in client.get("/metrics").text


def test_what_cannot_be_scored_costs_nothing(client: TestClient) -> None:
    for body in ({"quote": ""}, {"quote": 3}, {}):
        assert client.post(SCORE, json=body).status_code == 422
    client.get("/v1/model")
    assert remaining(client, SCORE, QUOTE) == 99


def test_what_was_turned_away_at_the_gate_is_given_back(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(quotes: Sequence[str], **options: bool) -> None:
        raise Overloaded("Full.", 3)

    with monkeypatch.context() as patch:
        patch.setattr(client.app.state.service.gate, "score", full)  # type: ignore[attr-defined]
        response = client.post(BATCH, json={"quotes": ["a"] * 80})
    assert response.status_code == 429
    assert response.json()["error"]["code"] == "overloaded"
    assert response.headers["Retry-After"] == "3"
    assert response.headers["RateLimit-Remaining"] == "100"
    assert remaining(client, SCORE, QUOTE) == 99


def test_each_key_has_an_allowance_of_its_own(scorer: ToneScorer, tmp_path: Path) -> None:
    desk, renewed, agency = make_key("desk"), make_key("desk"), make_key("agency")
    file = tmp_path / "api-keys"
    file.write_text("\n".join(one.line for one in (desk, renewed, agency)), encoding="utf-8")
    settings = Settings(api_keys_file=file, rate_limit=100)
    with serving(scorer, settings) as client:
        one, two, other = ({"X-API-Key": made.key} for made in (desk, renewed, agency))
        assert remaining(client, BATCH, {"quotes": ["a"] * 40}, **one) == 60
        assert remaining(client, BATCH, {"quotes": ["a"] * 40}, **two) == 20
        assert remaining(client, SCORE, QUOTE, **other) == 99
        assert client.post(SCORE, json=QUOTE).status_code == 401


def test_without_the_setting_there_is_no_limit_and_no_header(scorer: ToneScorer) -> None:
    with TestClient(create_app(Settings(), scorer)) as client:
        for _ in range(5):
            response = client.post(BATCH, json={"quotes": ["a"] * 256})
            assert response.status_code == 200
            assert not [name for name in response.headers if name.startswith("ratelimit")]
