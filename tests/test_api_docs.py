"""The documentation: valid, complete, and readable without a network."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi.testclient import TestClient

from model.levels import LEVELS
from model.scorer import ToneScorer
from service.app import create_app
from service.press.schemas import ArticleAnswer
from service.schemas import BatchRequest, ScoreAnswer, ScoreRequest
from service.settings import Settings


@pytest.fixture(scope="module")
def client(scorer: ToneScorer) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), scorer)) as client:
        yield client


@pytest.fixture(scope="module")
def openapi(client: TestClient) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/openapi.json").json()
    return document


def test_every_status_is_documented_with_the_error_body_and_an_example(
    openapi: dict[str, Any],
) -> None:
    expected = {
        ("post", "/v1/score"): {200, 400, 404, 408, 413, 415, 422, 429, 500, 503, 504},
        ("post", "/v1/score/batch"): {200, 400, 404, 408, 413, 415, 422, 429, 500, 503, 504},
        ("post", "/v1/articles"): {200, 400, 404, 408, 413, 415, 422, 429, 500, 503, 504},
        ("get", "/v1/model"): {200, 500, 503},
        ("get", "/healthz"): {200, 500},
        ("get", "/readyz"): {200, 500, 503},
        ("get", "/metrics"): {200, 500},
    }
    found = {
        (method, path): {int(status) for status in operation["responses"]}
        for path, operations in openapi["paths"].items()
        for method, operation in operations.items()
    }
    assert found == expected
    for operations in openapi["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    content = response["content"]["application/json"]
                    assert content["schema"]["$ref"].endswith("/ErrorBody")
                    assert set(content["example"]) == {"error", "request_id"}
    retry = openapi["paths"]["/v1/score"]["post"]["responses"]["429"]["headers"]
    assert "Retry-After" in retry


def test_operations_have_short_stable_names(openapi: dict[str, Any]) -> None:
    names = [op["operationId"] for ops in openapi["paths"].values() for op in ops.values()]
    expected = ["score", "score_batch", "model", "healthz", "readyz", "metrics", "score_article"]
    assert names == expected


def test_every_reference_resolves(openapi: dict[str, Any]) -> None:
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(openapi)))
    assert references
    assert references <= set(openapi["components"]["schemas"])
    assert "HTTPValidationError" not in openapi["components"]["schemas"]


def test_both_scales_are_explained_with_every_level(openapi: dict[str, Any]) -> None:
    text = openapi["info"]["description"]
    assert "not a\nprobability" in text or "not a probability" in text
    for levels in LEVELS.values():
        for level in levels:
            assert f"| {level.name} |" in text
            assert level.meaning in text
            assert (
                level.name
                in openapi["components"]["schemas"]["Degree"]["properties"]["level"]["description"]
            )


def test_the_examples_are_valid(client: TestClient, openapi: dict[str, Any]) -> None:
    schemas = openapi["components"]["schemas"]
    one, many = (schemas[m.__name__]["examples"][0] for m in (ScoreRequest, BatchRequest))
    assert client.post("/v1/score", json=one).status_code == 200
    assert client.post("/v1/score/batch", json=many).status_code == 200
    ScoreAnswer.model_validate(schemas["ScoreAnswer"]["examples"][0])
    article = schemas["ArticleRequest"]["examples"][0]
    assert client.post("/v1/articles", json=article).status_code == 200
    # The document leaves nulls out of its examples, so this one is taken from where it is written.
    (example,) = ArticleAnswer.model_json_schema()["examples"]
    ArticleAnswer.model_validate(example)


class _Addresses(HTMLParser):
    """Collects every address that a page would load or link to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href", "action")]


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_loads_nothing_from_another_host(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.headers["Content-Type"].startswith("text/html")
    page = _Addresses()
    page.feed(response.text)
    assert page.found
    assert not [address for address in page.found if "//" in address]
    assert not re.search(r"""["'(]\s*(https?:)?//""", response.text)
    policy = response.headers["Content-Security-Policy"]
    assert "http" not in policy
    for address in page.found:
        if address.startswith("/"):
            assert client.get(address).status_code == 200


def test_the_documentations_own_script_may_run_and_no_other(client: TestClient) -> None:
    policy = client.get("/docs").headers["Content-Security-Policy"]
    scripts = policy.partition("script-src ")[2].partition(";")[0]
    assert "'sha256-" in scripts
    assert "unsafe" not in scripts


def test_the_documentation_can_be_switched_off(scorer: ToneScorer) -> None:
    with TestClient(create_app(Settings(docs=False), scorer)) as client:
        for path in ("/docs", "/openapi.json", "/docs/assets/swagger-ui.css", "/redoc"):
            assert client.get(path).status_code == 404
        assert client.get("/").status_code == 200
