"""The adapters: other services' shapes over the one scorer, off by default, with our limits."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from model.scorer import ToneScorer
from service.adapters.names import NAMES
from service.app import create_app
from service.errors import SettingsError
from service.keys import make_key
from service.settings import Settings
from tests.adapter_requests import ASKED, QUOTE, all_open, answer


@pytest.fixture(scope="module")
def client(scorer: ToneScorer) -> Iterator[TestClient]:
    with all_open(scorer) as client:
        yield client


@pytest.mark.parametrize("name", NAMES)
def test_each_is_open_only_where_it_is_named(scorer: ToneScorer, name: str) -> None:
    with TestClient(create_app(Settings(adapters=(name,)), scorer)) as client:
        found = {other: client.post(path, json=body) for other, (path, body) in ASKED.items()}
        paths = client.get("/openapi.json").json()["paths"]
    assert found[name].status_code == (404 if name == "v2" else 200)  # the model is called tiny
    for other in set(NAMES) - {name}:
        assert found[other].status_code == 404
        assert found[other].json()["error"]["code"] == "not_found"
    assert (ASKED[name][0] in paths) == (name != "v2")


def test_none_is_open_by_default(scorer: ToneScorer) -> None:
    with TestClient(create_app(Settings(), scorer)) as client:
        for path, body in ASKED.values():
            assert client.post(path, json=body).json()["error"]["code"] == "not_found"
        assert client.get("/v2/health/live").status_code == 404


def test_an_unknown_name_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPLOTONE_ADAPTERS", "perspective,bard")
    with pytest.raises(SettingsError, match=f"DIPLOTONE_ADAPTERS .*one of {', '.join(NAMES)}"):
        Settings.load()


def test_a_list_of_names_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPLOTONE_ADAPTERS", " tei, v2")
    assert Settings.load().adapters == ("tei", "v2")


def said(name: str, body: dict[str, Any]) -> str:
    """The sentence of an error, after a check of the shape that this adapter's clients read."""
    if name == "tei":
        assert set(body) == {"error", "error_type"}
        return str(body["error"])
    if name == "v2":
        assert set(body) == {"error"}
        return str(body["error"])
    keys = {
        "perspective": {"code", "message", "status", "details"},
        "moderations": {"message", "type", "param", "code"},
    }
    assert set(body) == {"error"}
    assert set(body["error"]) == keys[name]
    return str(body["error"]["message"])


@pytest.fixture(scope="module")
def model(client: TestClient) -> str:
    return str(client.get("/v1/model").json()["name"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("text", "told"),
    [("", "is blank"), (" \n", "is blank"), ("x" * 201, "limit is 200"), ("\ud800", "surrogate")],
)
def test_a_text_that_cannot_be_scored_is_refused_in_their_shape(
    client: TestClient, model: str, name: str, text: str, told: str
) -> None:
    path, body = ASKED[name]
    content = json.dumps(body).replace(json.dumps(QUOTE), json.dumps(text))
    response = client.post(
        path.replace("diplotone", model),
        content=content,
        headers={"Content-Type": "application/json", "X-Request-ID": "mine"},
    )
    assert response.status_code == (422 if name == "tei" else 400)
    assert told in said(name, response.json())
    assert response.headers["X-Request-ID"] == "mine"
    assert int(response.headers["Content-Length"]) == len(response.content)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b"[]", "application/json", 422),
        (b"{}", "application/json", 422),
        (b"null", "application/json", 422),
        (b"{}", "text/plain", 415),
        (b'"' + b"x" * 3_000_000 + b'"', "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_their_shape(
    client: TestClient, model: str, name: str, content: bytes, media: str, status: int
) -> None:
    path = ASKED[name][0].replace("diplotone", model)
    response = client.post(path, content=content, headers={"Content-Type": media})
    assert response.status_code == (status if name == "tei" else 400)
    assert said(name, response.json()).rstrip(".")


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_method_is_refused_in_their_shape(
    client: TestClient, model: str, name: str
) -> None:
    response = client.delete(ASKED[name][0].replace("diplotone", model))
    assert response.status_code == 405
    assert "not allowed" in said(name, response.json())
    assert client.head(ASKED[name][0].replace("diplotone", model)).status_code == 405


@pytest.mark.parametrize("name", NAMES)
def test_a_key_is_asked_for_and_the_allowance_is_shared(
    scorer: ToneScorer, tmp_path: Path, name: str
) -> None:
    key = make_key("desk")
    (tmp_path / "keys").write_text(key.line, encoding="utf-8")
    settings = Settings(adapters=NAMES, api_keys_file=tmp_path / "keys", rate_limit=2)
    path, body = ASKED[name]
    path = path.replace("diplotone", scorer.artifact.manifest.name)
    with TestClient(create_app(settings, scorer)) as client:
        for headers in ({}, {"X-API-Key": "wrong"}):
            refused = client.post(path, json=body, headers=headers)
            assert refused.status_code == 401
            assert "API key" in said(name, refused.json())
            assert "WWW-Authenticate" in refused.headers
        headers = {"Authorization": f"Bearer {key.key}"}
        assert client.post(path, json=body, headers=headers).status_code == 200
        ours = client.post("/v1/score", json={"quote": QUOTE}, headers=headers)
        assert ours.headers["RateLimit-Remaining"] == "0"
        busy = client.post(path, json=body, headers=headers)
        assert busy.status_code == 429
        assert "items a minute" in said(name, busy.json())
        assert int(busy.headers["Retry-After"]) > 0


@pytest.mark.parametrize("name", NAMES)
def test_scores_and_refusals_are_counted_and_logged(
    scorer: ToneScorer, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    path, body = ASKED[name]
    path = path.replace("diplotone", scorer.artifact.manifest.name)
    with TestClient(create_app(Settings(adapters=NAMES, log_text=True), scorer)) as client:
        with caplog.at_level(logging.INFO, "diplotone.access"):
            client.post(path, json=body)
            client.post(path, json=["wrong"])
        counts = client.get("/metrics").text
    fields = [vars(record)["fields"] for record in caplog.records]
    assert [f["status"] for f in fields] == [200, 422 if name == "tei" else 400]
    assert list(fields[0]["quotes"]) == [QUOTE]
    assert "diplotone_scored_quotes_total 1.0" in counts
    assert 'diplotone_rejected_total{reason="invalid_field"} 1.0' in counts


def test_a_failure_inside_is_told_in_their_shape_and_without_internals(
    scorer: ToneScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(adapters=NAMES)
    with TestClient(create_app(settings, scorer), raise_server_exceptions=False) as client:

        def fail(*arguments: object, **options: object) -> None:
            raise ValueError(QUOTE)

        monkeypatch.setattr(scorer, "score", fail)
        for name, (path, body) in ASKED.items():
            path = path.replace("diplotone", scorer.artifact.manifest.name)
            response = client.post(path, json=body)
            assert response.status_code == 500
            assert "failed inside" in said(name, response.json())
            assert QUOTE[:10] not in response.text


def test_the_documentation_has_their_errors_and_examples_that_work(
    client: TestClient, model: str
) -> None:
    document = client.get("/openapi.json").json()
    operations = [op for ops in document["paths"].values() for op in ops.values()]
    names = [op["operationId"] for op in operations]
    assert len(names) == len(set(names))
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for path, ops in document["paths"].items():
        for operation in ops.values():
            if operation["tags"] == ["adapters"] and "requestBody" in operation:
                assert set(operation["responses"]) == {"200", "default"}
                reference = operation["requestBody"]["content"]["application/json"]["schema"]
                schema = document["components"]["schemas"][reference["$ref"].rpartition("/")[2]]
                (example,) = schema["examples"]
                answer(client, path.replace("{name}", model), example)
