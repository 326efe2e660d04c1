"""The scoring routes, through the real app and a tiny real model: shapes, numbers, text."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from model.levels import LEVELS
from model.scorer import ToneScorer
from service.app import create_app
from service.settings import Settings

QUOTE = "We condemn this attack. Those responsible will answer for it!"
RESULT_KEYS = ["id", "hostility", "formality", "truncated", "warnings"]
DEGREE_KEYS = ["score", "low", "high", "level"]
SPAN_KEYS = ["start", "end", "hostility", "formality"]


@pytest.fixture(scope="module")
def client(scorer: ToneScorer) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), scorer)) as client:
        yield client


def score(client: TestClient, **body: object) -> dict[str, Any]:
    response = client.post("/v1/score", json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def batch(client: TestClient, **body: object) -> dict[str, Any]:
    response = client.post("/v1/score/batch", json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_one_quote_has_exactly_the_fields_of_the_contract(
    client: TestClient, scorer: ToneScorer
) -> None:
    answer = score(client, quote=QUOTE)
    assert list(answer) == [*RESULT_KEYS, "model"]
    assert list(answer["hostility"]) == list(answer["formality"]) == DEGREE_KEYS
    assert (answer["id"], answer["truncated"], answer["warnings"]) == (None, False, [])
    assert answer["model"] == {
        "name": scorer.manifest.name,
        "version": scorer.manifest.version,
        "sha256": scorer.artifact.sha256,
    }
    for scale in ("hostility", "formality"):
        degree = answer[scale]
        assert 0 <= degree["low"] <= degree["score"] <= degree["high"] <= 1
        assert degree["level"] in {level.name for level in LEVELS[scale]}


def test_sentences_and_highlights_come_when_asked_for(client: TestClient) -> None:
    answer = score(client, quote=QUOTE, sentences=True, explain=True)
    assert set(answer) == {*RESULT_KEYS, "sentences", "highlights", "model"}
    assert [QUOTE[s["start"] : s["end"]] for s in answer["sentences"]] == [
        "We condemn this attack.",
        "Those responsible will answer for it!",
    ]
    assert [QUOTE[s["start"] : s["end"]] for s in answer["highlights"]][:3] == [
        "We",
        "condemn",
        "this",
    ]
    assert all(list(s) == SPAN_KEYS for s in [*answer["sentences"], *answer["highlights"]])


def test_a_batch_has_exactly_the_fields_of_the_contract_in_the_order_sent(
    client: TestClient,
) -> None:
    answer = batch(client, quotes=[QUOTE, "deep regret"], ids=["a", None])
    assert list(answer) == ["results", "model"]
    assert [list(result) for result in answer["results"]] == [RESULT_KEYS, RESULT_KEYS]
    assert [result["id"] for result in answer["results"]] == ["a", None]
    assert answer["results"][0]["hostility"] == score(client, quote=QUOTE)["hostility"]
    assert [w["code"] for w in answer["results"][1]["warnings"]] == ["short"]


def test_a_quote_gets_one_number_alone_in_a_batch_and_concurrently(
    client: TestClient, scorer: ToneScorer
) -> None:
    quotes = [
        f"{QUOTE} For the {i}th time, we {'regret' if i % 2 else 'welcome'} it." for i in range(256)
    ]
    expected = [(s.hostility.score, s.formality.score) for s in scorer.score(quotes)]

    def pair(result: dict[str, Any]) -> tuple[float, float]:
        return result["hostility"]["score"], result["formality"]["score"]

    assert [pair(result) for result in batch(client, quotes=quotes)["results"]] == expected
    with ThreadPoolExecutor(8) as pool:
        alone = list(pool.map(lambda quote: pair(score(client, quote=quote)), quotes[:64]))
    assert alone == expected[:64]
    assert len(set(expected)) > 200  # else the comparison would say little


@pytest.mark.parametrize(
    ("quote", "code"),
    [("?!...", "no_words"), ("12:30", "no_words"), ("deep regret", "short"), ("a\x00b", "short")],
)
def test_a_doubtful_quote_is_scored_with_a_warning(
    client: TestClient, quote: str, code: str
) -> None:
    warnings = score(client, quote=quote)["warnings"]
    assert code in [warning["code"] for warning in warnings]
    assert all(set(warning) == {"code", "message"} for warning in warnings)


@pytest.mark.parametrize(
    "quote",
    [
        "نحن ندين هذا الهجوم بشدة.",
        "אנו מגנים את ההתקפה.",
        "我们强烈谴责这次袭击。",
        "\x00\x01 so",
        "a\u202eb",
    ],
)
def test_any_script_and_control_character_is_scored(client: TestClient, quote: str) -> None:
    assert 0 <= score(client, quote=quote, sentences=True, explain=True)["hostility"]["score"] <= 1


def test_offsets_count_code_points(client: TestClient) -> None:
    quote = "👩‍🚀 We 𝒸ondemn it. 🇺🇳 Enough!"
    answer = score(client, quote=quote, sentences=True, explain=True)
    assert quote[answer["sentences"][-1]["start"] :].endswith("Enough!")
    words = [quote[h["start"] : h["end"]] for h in answer["highlights"]]
    assert words == ["We", "𝒸ondemn", "it", "Enough"]


def test_a_long_quote_is_scored_in_windows_and_says_so(client: TestClient) -> None:
    quote = "We do not. " * 900
    answer = score(client, quote=quote.strip())
    assert "windows" in [warning["code"] for warning in answer["warnings"]]
    assert answer["truncated"] is False


def test_five_thousand_words_are_scored_where_the_limit_allows(scorer: ToneScorer) -> None:
    roomy = ToneScorer(scorer.artifact, scorer._encoder, scorer._network, 100_000)
    quote = " ".join(["We regret what was said."] * 1000)
    with TestClient(create_app(Settings(max_characters=100_000), roomy)) as client:
        answer = score(client, quote=quote)
    assert "windows" in [warning["code"] for warning in answer["warnings"]]


def test_a_quote_of_the_greatest_length_is_scored(client: TestClient) -> None:
    assert score(client, quote="no " * 3333 + "!")["truncated"] is False


@pytest.mark.parametrize("given", ["a1", "", "é", "x" * 200, "\x00", "🇺🇳", '"><script>'])
def test_an_id_comes_back_unchanged(client: TestClient, given: str) -> None:
    assert score(client, quote=QUOTE, id=given)["id"] == given


def test_a_byte_order_mark_and_a_charset_do_no_harm(client: TestClient) -> None:
    response = client.post(
        "/v1/score",
        content=b'\xef\xbb\xbf{"quote": "deep regret"}',
        headers={"Content-Type": "application/json; charset=UTF-8"},
    )
    assert response.status_code == 200


def test_the_model_route_says_what_is_served(client: TestClient, scorer: ToneScorer) -> None:
    card = client.get("/v1/model").json()
    assert set(card) == {
        *(
            "name",
            "version",
            "sha256",
            "limits",
            "levels",
            "interval",
            "metrics",
            "languages",
            "also",
        )
    }
    assert card["sha256"] == scorer.artifact.sha256
    assert card["limits"] == {
        "max_characters": 10_000,
        "max_quotes": 256,
        "max_article_characters": 200_000,
        "max_article_quotes": 2_000,
        "max_body_bytes": 2 * 1024 * 1024,
        "window_tokens": 64,
    }
    assert card["interval"]["coverage"] == 0.9
    assert card["languages"] == ["en"]
    for levels in card["levels"].values():
        assert (levels[0]["low"], levels[-1]["high"]) == (0, 1)
        assert all(a["high"] == b["low"] for a, b in zip(levels, levels[1:], strict=False))
        assert all(level["meaning"] for level in levels)
