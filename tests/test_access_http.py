"""Keys at the door: which paths ask, what is answered, what the log holds, what the docs say."""

import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from model.scorer import ToneScorer
from service.app import create_app
from service.errors import SettingsError
from service.keys import make_key
from service.logs import JsonFormatter
from service.settings import Settings

BODY = {"quote": "We condemn this attack."}
KEY = make_key("desk")
OPEN = ["/", "/docs", "/openapi.json", "/metrics", "/docs/assets/swagger-ui.css", "/web/page.js"]
HEALTH = ["/healthz", "/readyz"]
CLOSED = ["/v1/model", "/v1", "/v1/score/", "/v2/x", "/nowhere", "//v1/model", "/V1/model"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "api-keys"
    path.write_text(KEY.line, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def client(scorer: ToneScorer, file: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(api_keys_file=file), scorer)) as client:
        yield client


def refused(response: Response) -> str:
    """Check an answer of 401 and return its challenge."""
    assert response.status_code == 401, response.text
    body = response.json()
    assert body["error"]["code"] == "unauthorized"
    assert body["error"]["message"].endswith(".")
    assert body["request_id"] == response.headers["X-Request-ID"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    challenge: str = response.headers["WWW-Authenticate"]
    return challenge


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY.key}"},
        {"Authorization": f"bearer  {KEY.key} "},
        {"X-API-Key": KEY.key},
        {"Authorization": "Basic eDp5", "X-API-Key": KEY.key},
    ],
)
def test_a_known_key_opens(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/v1/score", json=BODY, headers=headers).status_code == 200
    assert client.get("/v1/model", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({}, False),
        ({"X-API-Key": ""}, False),
        ({"Authorization": "Bearer "}, True),
        ({"Authorization": "Bearer ", "X-API-Key": KEY.key}, True),
        ({"Authorization": f"Basic {KEY.key}"}, False),
        ({"X-API-Key": "wrong"}, True),
        ({"X-API-Key": KEY.line}, True),
        ({"Authorization": f"Bearer {KEY.key}x"}, True),
        ({"Authorization": "Bearer wrong", "X-API-Key": KEY.key}, True),
        ({"X-API-Key": "caf\u00e9".encode()}, True),
    ],
)
def test_no_key_and_an_unknown_one_are_refused(
    client: TestClient, headers: dict[str, Any], told: bool
) -> None:
    challenge = refused(client.post("/v1/score", json=BODY, headers=headers))
    assert challenge.startswith('Bearer realm="diplotone"')
    assert ("invalid_token" in challenge) == told


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
def test_every_other_path_is_closed(client: TestClient, path: str, method: str) -> None:
    url = f"http://testserver{path}"
    assert client.request(method, url).status_code == 401


@pytest.mark.parametrize("path", [*OPEN, *HEALTH])
def test_pages_metrics_and_health_are_open(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_a_setting_closes_all_but_health(scorer: ToneScorer, file: Path) -> None:
    settings = Settings(api_keys_file=file, api_keys_everywhere=True)
    with TestClient(create_app(settings, scorer)) as client:
        for path in OPEN:
            refused(client.get(path))
            assert client.get(path, headers={"X-API-Key": KEY.key}).status_code == 200
        for path in HEALTH:
            assert client.get(path).status_code == 200
        paths = client.get("/openapi.json", headers={"X-API-Key": KEY.key}).json()["paths"]
        assert "security" in paths["/metrics"]["get"]
        assert "security" not in paths["/healthz"]["get"]


def test_without_the_setting_nobody_is_asked(scorer: ToneScorer) -> None:
    with TestClient(create_app(Settings(), scorer)) as client:
        assert client.post("/v1/score", json=BODY).status_code == 200
        document = client.get("/openapi.json").json()
    assert "securitySchemes" not in document["components"]
    assert "401" not in document["paths"]["/v1/score"]["post"]["responses"]


def test_a_stranger_is_refused_before_the_body_is_read(client: TestClient) -> None:
    not_json = {"Content-Type": "text/plain", "X-API-Key": "wrong"}
    refused(client.post("/v1/score", content=b"{", headers=not_json))
    declared = {"Content-Length": str(10**12)}
    refused(client.post("/v1/score", content=b"{}", headers=declared))


def test_the_log_has_the_name_of_the_key_and_never_the_key(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.post("/v1/score", json=BODY, headers={"X-API-Key": KEY.key})
        client.post("/v1/score", json=BODY, headers={"Authorization": "Bearer wrong-but-mine"})
    lines = [JsonFormatter(log_text=True).format(record) for record in caplog.records]
    asked = [json.loads(line) for line in lines if '"route"' in line]
    assert [(line.get("key"), line["status"]) for line in asked] == [("desk", 200), (None, 401)]
    everything = "\n".join(lines)
    for secret in (KEY.key, hashlib.sha256(KEY.key.encode()).hexdigest(), "wrong-but-mine"):
        assert secret not in everything


def test_refusals_are_counted(client: TestClient) -> None:
    refused(client.get("/v1/model"))
    assert 'diplotone_rejected_total{reason="unauthorized"}' in client.get("/metrics").text


def test_the_documentation_says_how_a_key_is_sent(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document == client.get("/openapi.json").json()
    schemes = document["components"]["securitySchemes"]
    assert schemes["bearer"] == {"type": "http", "scheme": "bearer"}
    assert schemes["header"] == {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    closed = [
        path for path, ops in document["paths"].items() for op in ops.values() if "security" in op
    ]
    assert closed == ["/v1/score", "/v1/score/batch", "/v1/model", "/v1/articles"]
    answer = document["paths"]["/v1/score"]["post"]["responses"]["401"]
    content = answer["content"]["application/json"]
    assert content["schema"]["$ref"].rpartition("/")[2] in document["components"]["schemas"]
    assert content["example"]["error"]["code"] == "unauthorized"


def test_the_page_can_send_a_key(client: TestClient) -> None:
    assert '"X-API-Key"' in client.get("/web/service.js").text
    assert '<input id="key" type="password"' in client.get("/").text


def test_keys_that_cannot_be_used_stop_the_start(scorer: ToneScorer, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Cannot read the API keys"):
        create_app(Settings(api_keys_file=tmp_path / "none"), scorer)
