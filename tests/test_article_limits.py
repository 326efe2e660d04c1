"""Articles that ask for too much, and quotes that are too long: refused, or scored in parts."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from model.long import parts_of
from model.scorer import ToneScorer
from model.scores import SpanScore, ToneScore
from model.spans import Span
from service.app import create_app
from service.articles.article import read_article
from service.errors import Overloaded
from service.press import desk as desks
from service.press import plan as plans
from service.press.desk import ReadingDesk
from service.press.limits import ArticleError
from service.press.offsets import in_article
from service.press.routes import in_turns
from service.press.scoring import score_article
from service.settings import Settings
from service.turns import MOST_TOGETHER

PATH = "/v1/articles"
QUOTE = "“We regret this,” said Ida Solberg. "


@pytest.fixture(scope="module")
def client(scorer: ToneScorer) -> Iterator[TestClient]:
    settings = Settings(
        deadline_seconds=600, max_characters=60, max_article_characters=9_000, max_article_quotes=70
    )
    with TestClient(create_app(settings, scorer)) as client:
        yield client


def ask(client: TestClient, body: object) -> Response:
    headers = {"Content-Type": "application/json"}
    return client.post(PATH, content=json.dumps(body), headers=headers)


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"text": ""}, 422, "text_blank", "text"),
        ({"text": " \n\u2003"}, 422, "text_blank", "text"),
        ({"text": "\x00\x01"}, 422, "text_blank", "text"),
        ({"text": "“a\ud800”"}, 422, "text_not_unicode", "text"),
        ({"text": "x" * 9_001}, 422, "text_too_long", "text"),
        ({"text": QUOTE * 71}, 413, "too_many_quotes", "text"),
        ({}, 422, "invalid_field", "text"),
        ({"text": None}, 422, "invalid_field", "text"),
        ({"text": ["a"]}, 422, "invalid_field", "text"),
        ({"text": "a", "title": "x" * 1_001}, 422, "invalid_field", "title"),
        ({"text": "a", "title": "\ud800"}, 422, "invalid_field", "title"),
        ({"text": "a", "id": 3}, 422, "invalid_field", "id"),
        ({"text": "a", "sentences": 1}, 422, "invalid_field", "sentences"),
        ({"text": "a", "explain": None}, 422, "invalid_field", "explain"),
        ({"text": "a", "quote": "b"}, 422, "invalid_field", "quote"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(
    client: TestClient, body: object, status: int, code: str, field: str
) -> None:
    response = ask(client, body)
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert (error["code"], error["field"]) == (code, field)
    assert error["message"].endswith(".")
    assert "\ud800" not in error["message"]
    assert response.json()["request_id"] == response.headers["X-Request-ID"]


def test_python_refuses_the_same(scorer: ToneScorer) -> None:
    for text, title, code in (
        (" ", None, "text_blank"),
        ("\ud800", None, "text_not_unicode"),
        ("a", "\udfff", "invalid_field"),
        ("a", "x" * 1_001, "invalid_field"),
    ):
        with pytest.raises(ArticleError) as refused:
            score_article(scorer, text, title)
        assert refused.value.code == code
    with pytest.raises(ArticleError, match="2 quotes to score and the limit is 1"):
        score_article(scorer, QUOTE * 2, max_quotes=1)
    with pytest.raises(ArticleError, match="72 characters and the limit is 71"):
        score_article(scorer, QUOTE * 2, max_characters=71)


def test_the_model_route_states_the_limits(client: TestClient) -> None:
    limits = client.get("/v1/model").json()["limits"]
    assert (limits["max_article_characters"], limits["max_article_quotes"]) == (9_000, 70)


def test_a_quote_longer_than_the_scorer_takes_is_scored_in_parts(
    client: TestClient, scorer: ToneScorer
) -> None:
    parts = ["We are appalled by this attack.", "They will pay for it.", "x" * 50 + " is a code."]
    text = f"“{' '.join(parts)}” said Ida Solberg."
    response = ask(client, {"text": text, "sentences": True, "explain": True})
    quote = response.json()["quotes"][0]
    cut = [" ".join(parts[:2]), parts[2][:-6], parts[2][-6:]]
    assert [len(part) <= 60 for part in cut] == [True, True, True]
    scores = scorer.score(cut)
    weights = [len(part) / sum(map(len, cut)) for part in cut]
    for end in ("score", "low", "high"):
        mean = sum(w * getattr(s.hostility, end) for w, s in zip(weights, scores, strict=True))
        assert quote["hostility"][end] == pytest.approx(mean, abs=0.0001)
    (warning,) = [w for w in quote["warnings"] if w["code"] == "windows"]
    assert "3 parts" in warning["message"]
    assert [text[s["start"] : s["end"]] for s in quote["sentences"][:2]] == parts[:2]
    assert text[quote["highlights"][0]["start"] : quote["highlights"][0]["end"]] == "We"


def test_words_are_cut_at_sentences_then_between_words_then_anywhere() -> None:
    text = "One two. Three. Word " + "word " * 6 + "y" * 45
    parts = parts_of(text, 20)
    first = [text[start:end] for start, end in parts[:2]]
    assert first == [
        "One two. Three.",
        "Word word word word",
    ]
    assert all(end - start <= 20 for start, end in parts)
    assert "".join(text[start:end] for start, end in parts).count("y") == 45
    assert parts_of(text, len(text)) == [Span(0, len(text))]
    assert parts_of("?! " * 20 + "\x00", 20) == []


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        (0, 5, (10, 15)),  # the whole first piece
        (1, 3, (11, 13)),
        (8, 12, (20, 24)),  # the second piece, after the ellipsis
        (0, 12, (10, 24)),  # across the gap
        (5, 12, (20, 24)),  # begins in the gap
        (2, 7, (12, 15)),  # ends in the gap
        (5, 8, None),  # nothing but the gap
    ],
)
def test_ranges_of_the_words_lead_to_the_article(
    start: int, end: int, wanted: tuple[int, int] | None
) -> None:
    moved = in_article([SpanScore(start, end, 0.5, 0.25)], [Span(10, 15), Span(20, 24)])
    assert moved == ((SpanScore(*wanted, 0.5, 0.25),) if wanted else ())


class _BusyGate:
    """Scores with a real scorer, but says twice that it is full: at the calls named."""

    def __init__(self, score: Callable[..., list[ToneScore]], full: Sequence[int]) -> None:
        self.sizes: list[int] = []
        self._score = score
        self._full = full

    async def score(self, quotes: Sequence[str], **asked: bool) -> list[ToneScore]:
        self.sizes.append(len(quotes))
        if len(self.sizes) - 1 in self._full:
            raise Overloaded("full.", 0)
        return self._score(quotes, **asked)


def test_a_long_article_is_scored_in_turns_and_waits_once_it_was_admitted(
    scorer: ToneScorer,
) -> None:
    gate: Any = _BusyGate(scorer.score, full=(1, 2))
    texts = [f"We regret note {i}." for i in range(MOST_TOGETHER + 6)]
    scores = asyncio.run(in_turns(gate, texts, sentences=False, explain=False))
    assert gate.sizes == [MOST_TOGETHER, 6, 6, 6]
    assert scores == scorer.score(texts)
    gate = _BusyGate(scorer.score, full=(0,))
    with pytest.raises(Overloaded):
        asyncio.run(in_turns(gate, texts, sentences=False, explain=False))


def test_an_article_counts_its_reading_and_its_quotes(scorer: ToneScorer) -> None:
    settings = Settings(rate_limit=100, max_article_quotes=20, deadline_seconds=600)
    with TestClient(create_app(settings, scorer)) as client:
        response = ask(client, {"text": QUOTE * 10, "sentences": True})
        assert response.status_code == 200, response.text
        assert response.headers["RateLimit-Remaining"] == str(100 - 1 - 4 * 10)
        response = ask(client, {"text": QUOTE * 21})
        assert response.status_code == 413
        assert int(response.headers["RateLimit-Remaining"]) >= 100 - 1 - 4 * 10


def test_a_caller_who_has_nothing_left_is_not_read(
    scorer: ToneScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TestClient(create_app(Settings(rate_limit=1), scorer)) as client:
        client.post("/v1/score/batch", json={"quotes": ["deep regret"] * 200})
        monkeypatch.setattr(plans, "read_article", lambda *_: pytest.fail("was read"))
        response = ask(client, {"text": QUOTE})
    assert response.status_code == 429
    assert response.json()["error"]["code"] == "rate_limited"
    assert int(response.headers["Retry-After"]) > 0


def test_reading_leaves_the_event_loop_free_and_ends_at_the_deadline(
    scorer: ToneScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, names = threading.Event(), []

    def slow(text: str, title: str | None, syntax: None) -> object:
        names.append(threading.current_thread().name)
        go_on.wait(60)
        return read_article(text, title, syntax)

    monkeypatch.setattr(plans, "read_article", slow)
    with TestClient(create_app(Settings(deadline_seconds=0.2), scorer)) as client:
        response = ask(client, {"text": QUOTE})
        assert client.get("/healthz").status_code == 200
        go_on.set()
    assert response.status_code == 504
    assert response.json()["error"]["code"] == "deadline_exceeded"
    assert names[0].startswith("reading")


def test_the_desk_refuses_when_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "MOST_WAITING", 10)
    free = threading.Event()

    async def visit() -> list[object]:
        desk = ReadingDesk()
        first = asyncio.create_task(desk.run(20, lambda: free.wait(60)))  # alone, it may be longer
        await asyncio.sleep(0)
        refused = await asyncio.gather(desk.run(1, lambda: 1), return_exceptions=True)
        free.set()
        done = [await first, await desk.run(5, lambda: 5)]
        desk.close()
        return [*refused, *done]

    refused, *done = asyncio.run(visit())
    assert isinstance(refused, Overloaded)
    assert refused.retry_after == 1
    assert done == [True, 5]
