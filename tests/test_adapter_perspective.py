"""The adapter for Perspective: attributes, spans, thresholds, languages, errors, keys."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from model.scorer import ToneScorer
from service.adapters import perspective
from service.app import create_app
from service.keys import make_key
from service.settings import Settings
from tests.adapter_requests import ASKED, BOTH, QUOTE, all_open, answer

GERMAN = (
    "Wir bedauern diese Entscheidung der Regierung sehr und hoffen auf eine baldige L\u00f6sung."
)


@pytest.fixture(scope="module")
def client(scorer: ToneScorer) -> Iterator[TestClient]:
    with all_open(scorer) as client:
        yield client


@pytest.fixture(scope="module")
def degrees(scorer: ToneScorer) -> dict[str, float]:
    (score,) = scorer.score([QUOTE])
    return {"hostility": score.hostility.score, "formality": score.formality.score}


def analyze(client: TestClient, status: int = 200, **fields: object) -> dict[str, Any]:
    body = {"comment": {"text": QUOTE}, "requestedAttributes": BOTH} | fields
    found: dict[str, Any] = answer(client, perspective.PATH, body, status)
    return found


def test_perspective_gives_both_attributes(client: TestClient, degrees: dict[str, float]) -> None:
    found = analyze(
        client,
        doNotStore=True,
        clientToken="t1",
        sessionId="s",
        communityId="c",
        context={"entries": [{"text": "before"}]},
        languages=["en"],
    )
    assert set(found) == {"attributeScores", "languages", "detectedLanguages", "clientToken"}
    assert found["clientToken"] == "t1"
    assert found["languages"] == found["detectedLanguages"] == ["en"]
    for name, scores in found["attributeScores"].items():
        value = {"value": degrees[name.lower()], "type": "PROBABILITY"}
        assert scores["summaryScore"] == value
        assert scores["spanScores"] == [{"begin": 0, "end": len(QUOTE), "score": value}]
    assert set(found["attributeScores"]) == set(BOTH)


def test_perspective_scores_sentences_when_spans_are_asked_for(
    client: TestClient, scorer: ToneScorer
) -> None:
    found = analyze(client, spanAnnotations=True, requestedAttributes={"HOSTILITY": {}})
    (score,) = scorer.score([QUOTE], sentences=True)
    spans = found["attributeScores"]["HOSTILITY"]["spanScores"]
    assert [(s["begin"], s["end"], s["score"]["value"]) for s in spans] == [
        (s.start, s.end, s.hostility) for s in score.sentences or ()
    ]
    assert QUOTE[spans[0]["begin"] : spans[0]["end"]] == "We condemn this cowardly attack."
    assert "clientToken" not in found


def test_perspective_leaves_out_what_is_below_a_threshold(
    client: TestClient, degrees: dict[str, float]
) -> None:
    least = {"HOSTILITY": {"scoreThreshold": 1}, "FORMALITY": {"scoreThreshold": 0}}
    assert degrees["hostility"] < 1
    assert set(analyze(client, requestedAttributes=least)["attributeScores"]) == {"FORMALITY"}
    exact = {"HOSTILITY": {"scoreThreshold": degrees["hostility"]}}
    assert set(analyze(client, requestedAttributes=exact)["attributeScores"]) == {"HOSTILITY"}


def test_perspective_says_und_for_what_does_not_look_english(client: TestClient) -> None:
    found = analyze(client, comment={"text": GERMAN})
    assert found["detectedLanguages"] == ["und"]
    assert found["languages"] == ["en"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"requestedAttributes": {"TOXICITY": {}}}, "Unknown requested attribute: TOXICITY"),
        ({"requestedAttributes": {**BOTH, "INSULT": {}}}, "HOSTILITY and FORMALITY"),
        ({"requestedAttributes": {}}, "Missing requested_attributes"),
        ({"requestedAttributes": {"HOSTILITY": {"scoreThreshold": 2}}}, "scoreThreshold"),
        ({"requestedAttributes": {"HOSTILITY": {"scoreType": "STD_DEV"}}}, "scoreType"),
        ({"languages": ["en", "de"]}, "does not support request languages: en, de"),
        ({"comment": {"text": QUOTE, "type": "HTML"}}, "comment.type"),
        ({"spanAnnotation": True}, "spanAnnotation is unknown"),
        ({"doNotStore": "yes"}, "doNotStore"),
    ],
)
def test_perspective_refuses_as_google_does(
    client: TestClient, fields: dict[str, Any], words: str
) -> None:
    error = analyze(client, 400, **fields)["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert words in error["message"]
    assert {d["@type"].rpartition(".")[2] for d in error["details"]} >= {"BadRequest"}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"comment": {"text": " "}}, "COMMENT_EMPTY"),
        ({"comment": {"text": "x" * 201}}, "COMMENT_TOO_LONG"),
        ({"languages": ["fr"]}, "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"),
    ],
)
def test_perspective_names_the_error_type(
    client: TestClient, fields: dict[str, Any], kind: str
) -> None:
    details = analyze(client, 400, **fields)["error"]["details"]
    assert details[0]["@type"].endswith("commentanalyzer.v1alpha1.Error")
    assert details[0]["errorType"] == kind


def test_perspective_drops_attributes_rather_than_refuse_where_asked(client: TestClient) -> None:
    found = analyze(client, languages=["fr"], dropUnsupportedAttributes=True)
    assert found["attributeScores"] == {}


@pytest.mark.parametrize("way", ["query", "header"])
def test_perspective_takes_the_key_where_google_does(
    scorer: ToneScorer, tmp_path: Path, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    key = make_key("desk")
    (tmp_path / "keys").write_text(key.line, encoding="utf-8")
    settings = Settings(adapters=("perspective", "tei"), api_keys_file=tmp_path / "keys")
    path, body = ASKED["perspective"]

    def post(client: TestClient, path: str, secret: str) -> int:
        address = f"{path}?{urlencode({'alt': 'json', 'key': secret})}" if way == "query" else path
        headers = {"X-Goog-Api-Key": secret} if way == "header" else {}
        status: int = client.post(address, json=body, headers=headers).status_code
        return status

    with TestClient(create_app(settings, scorer)) as client, caplog.at_level(logging.DEBUG):
        assert post(client, path, key.key) == 200
        assert post(client, path, "caf\u00e9" if way == "query" else "wrong") == 401
        assert post(client, "/predict", key.key) == 401
        assert post(client, "/v1/score", key.key) == 401
    named = [getattr(record, "fields", {}).get("key") for record in caplog.records]
    assert "desk" in named
    ours = [record for record in caplog.records if record.name.startswith("diplotone")]
    assert key.key not in "".join(str(vars(record)) for record in ours)
