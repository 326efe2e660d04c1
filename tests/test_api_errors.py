"""Every refusal of the contract, with its body; bad input is never a 500."""

import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import ValidationError

from model.scorer import ToneScorer
from service.adapters.v2 import InferRequest
from service.app import create_app
from service.reading import MOST_FIELDS
from service.schemas import BatchRequest, WireRequest
from service.settings import Settings

ONE = "/v1/score"
MANY = "/v1/score/batch"
JSON = {"Content-Type": "application/json"}
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def client(scorer: ToneScorer) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), scorer)) as client:
        yield client


def refused(response: Response, status: int, code: str, field: str | None = None) -> str:
    """Check the whole body of an error and return its sentence."""
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"error", "request_id"}
    assert set(body["error"]) == {"code", "message", *(["field"] if field else [])}
    assert body["error"]["code"] == code
    assert body["error"].get("field") == field
    assert body["request_id"] == response.headers["X-Request-ID"]
    message: str = body["error"]["message"]
    assert message.endswith(".")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("quote", "code"),
    [
        ("", "quote_blank"),
        (" \t\r\n\u00a0\u2003", "quote_blank"),
        ("\x00\x01", "quote_blank"),
        ("x" * 10_001, "quote_too_long"),
        ("a\ud800", "quote_not_unicode"),
        ("\udc00\ud800", "quote_not_unicode"),
    ],
)
def test_a_quote_that_cannot_be_scored_is_named(client: TestClient, quote: str, code: str) -> None:
    body = json.dumps({"quote": quote})
    refused(client.post(ONE, content=body, headers=JSON), 422, code, "quote")
    body = json.dumps({"quotes": ["fine", "fine", quote]})
    refused(client.post(MANY, content=body, headers=JSON), 422, code, "quotes[2]")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (ONE, {}, "quote"),
        (ONE, {"quote": None}, "quote"),
        (ONE, {"quote": 3}, "quote"),
        (ONE, {"quote": ["a"]}, "quote"),
        (ONE, {"quote": "a", "sentences": 1}, "sentences"),
        (ONE, {"quote": "a", "explain": "true"}, "explain"),
        (ONE, {"quote": "a", "explain": None}, "explain"),
        (ONE, {"quote": "a", "id": 7}, "id"),
        (ONE, {"quote": "a", "id": "x" * 201}, "id"),
        (ONE, {"quote": "a", "id": "\ud800"}, "id"),
        (ONE, {"quote": "a", "temperature": 1}, "temperature"),
        (ONE, {"quote": "a", "ids": ["b"]}, "ids"),
        (ONE, {"quote": "a", "x" * 500: 1}, "x" * 80 + "..."),
        (MANY, {"quotes": []}, "quotes"),
        (MANY, {"quotes": "a"}, "quotes"),
        (MANY, {"quotes": {"0": "a"}}, "quotes"),
        (MANY, {"quotes": ["a", None]}, "quotes[1]"),
        (MANY, {"quotes": ["a"], "ids": []}, "ids"),
        (MANY, {"quotes": ["a"], "ids": ["b", "c"]}, "ids"),
        (MANY, {"quotes": ["a", "b"], "ids": ["b", 2]}, "ids[1]"),
        (MANY, {"quotes": ["a", "b"], "ids": ["b", "\udfff"]}, "ids[1]"),
        (MANY, {"quotes": ["a"], "id": "b"}, "id"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(
    client: TestClient, path: str, body: object, field: str
) -> None:
    response = client.post(path, content=json.dumps(body), headers=JSON)
    assert field in refused(response, 422, "invalid_field", field)


@pytest.mark.parametrize("body", ["null", "[]", '["a"]', '"quote"', "3", "true", '{"\\ud800": 1}'])
def test_a_body_that_is_no_object_is_refused(client: TestClient, body: str) -> None:
    refused(client.post(ONE, content=body, headers=JSON), 422, "invalid_field")


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (BatchRequest, {"quotes": [1] * 1000}),
        (BatchRequest, {"quotes": ["a"], "ids": [1] * 1000}),
        (InferRequest, {"inputs": [], "outputs": [1] * 1000}),
    ],
)
def test_faults_are_not_collected_by_the_thousand(model: type[WireRequest], body: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        model.model_validate(body)
    assert refusal.value.error_count() <= 2


def test_an_object_has_a_greatest_number_of_fields(client: TestClient) -> None:
    body = json.dumps({"quote": "a", **{f"x{i}": 1 for i in range(MOST_FIELDS)}})
    message = refused(client.post(ONE, content=body, headers=JSON), 422, "invalid_field")
    assert str(MOST_FIELDS + 1) in message


def test_a_key_given_twice_is_refused(client: TestClient) -> None:
    body = '{"quote": "a", "quote": "b"}'
    refused(client.post(ONE, content=body, headers=JSON), 422, "invalid_field", "quote")
    body = '{"\\ud800": "a", "\\ud800": "b"}'
    refused(client.post(ONE, content=body, headers=JSON), 422, "invalid_field", "\\ud800")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"quote=a", "line 1, column 1"),
        (b'{"quote":\n "a" "b"}', "line 2, column 6"),
        (b'{"quote": "a"', "column 14"),
        (b"{'quote': 'a'}", "column 2"),
        (b'{"quote": "a\nb"}', "column 13"),
        (b'{"quote": NaN}', "NaN"),
        (b'{"quote": -Infinity}', "-Infinity"),
        (b'{"quote": ' + b"9" * 5000 + b"}", "digits"),
        (b"[" * 10_000, "deeply"),
        (b'{"quote": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "deeply"),
        (b'{"quote": "caf\xe9"}', "byte 14"),
        ('{"quote": "a"}'.encode("utf-16"), "UTF-8"),
    ],
)
def test_a_body_that_is_not_json_is_refused_with_its_place(
    client: TestClient, body: bytes, where: str
) -> None:
    message = refused(client.post(ONE, content=body, headers=JSON), 400, "not_json")
    assert where in message


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_another_media_type_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    response = client.post(ONE, content=b'{"quote": "a"}', headers=headers)
    assert "application/json" in refused(response, 415, "unsupported_media_type")


def test_too_many_quotes_are_refused(client: TestClient) -> None:
    message = refused(
        client.post(MANY, json={"quotes": ["a"] * 257}), 413, "too_many_quotes", "quotes"
    )
    assert "257" in message
    assert "256" in message


def test_a_body_declared_too_large_is_refused_before_it_is_read(client: TestClient) -> None:
    headers = {**JSON, "Content-Length": str(2 * MEBIBYTE + 1)}
    response = client.post(ONE, content=b"{}", headers=headers)
    assert "2,097,152" in refused(response, 413, "body_too_large")


def test_a_body_that_turns_out_too_large_is_refused(client: TestClient) -> None:
    sent = 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(40):
            sent += 1
            yield b" " * (MEBIBYTE // 8)

    refused(client.post(ONE, content=chunks(), headers=JSON), 413, "body_too_large")
    assert sent >= 16


def test_a_body_of_just_the_greatest_size_is_read(client: TestClient) -> None:
    body = b'{"quote": "a"}'
    body += b" " * (2 * MEBIBYTE - len(body))
    assert client.post(ONE, content=body, headers=JSON).status_code == 200


@pytest.mark.parametrize("path", ["/v2/score", "/v1/score/", "/v1/%00", "/docs/assets/..%2Fx"])
def test_an_unknown_path_is_not_found(client: TestClient, path: str) -> None:
    refused(client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", ONE, "POST"),
        ("DELETE", MANY, "POST"),
        ("POST", "/healthz", "GET, HEAD"),
        ("BREW", ONE, "POST"),
    ],
)
def test_another_method_is_refused_and_the_right_one_named(
    client: TestClient, method: str, path: str, allowed: str
) -> None:
    response = client.request(method, path)
    refused(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == allowed


def test_limits_follow_the_settings(scorer: ToneScorer) -> None:
    settings = Settings(max_characters=5, max_quotes=2, max_body_bytes=1024)
    with TestClient(create_app(settings, scorer)) as client:
        refused(client.post(ONE, json={"quote": "abcdef"}), 422, "quote_too_long", "quote")
        refused(client.post(MANY, json={"quotes": ["a"] * 3}), 413, "too_many_quotes", "quotes")
        refused(client.post(ONE, json={"quote": "a" * 1100}), 413, "body_too_large")
