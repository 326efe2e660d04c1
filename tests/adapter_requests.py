"""Requests to the adapters, and an app in which all of them are open."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi.testclient import TestClient

from model.scorer import ToneScorer
from service.adapters import moderations, perspective, tei
from service.adapters.names import NAMES
from service.app import create_app
from service.settings import Settings

QUOTE = (
    "We condemn this cowardly attack. Those responsible will be held to account. \u00a9 \U0001f54a"
)
OTHER = "deep regret"
TENSOR: dict[str, Any] = {"name": "text", "shape": [1], "datatype": "BYTES", "data": [QUOTE]}
BOTH: dict[str, Any] = {"HOSTILITY": {}, "FORMALITY": {}}
INFER = "/v2/models/diplotone/infer"
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "perspective": (
        perspective.PATH,
        {"comment": {"text": QUOTE}, "requestedAttributes": BOTH},
    ),
    "moderations": (moderations.PATH, {"input": QUOTE}),
    "tei": (tei.PATH, {"inputs": QUOTE}),
    "v2": (INFER, {"inputs": [TENSOR]}),
}


@contextmanager
def all_open(scorer: ToneScorer) -> Iterator[TestClient]:
    """Open every adapter, with limits of 3 texts and of 200 characters."""
    settings = Settings(adapters=NAMES, max_quotes=3, max_characters=200)
    with TestClient(create_app(settings, scorer)) as client:
        yield client


def answer(client: TestClient, path: str, body: object, status: int = 200) -> Any:  # noqa: ANN401
    response = client.post(path, json=body)
    assert response.status_code == status, response.text
    return response.json()
