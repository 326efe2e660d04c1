"""docs/migrating.md: its requests, answers, thresholds and addresses are those of the service."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from model.levels import LEVELS
from model.scorer import ToneScorer
from service.adapters.moderations import FLAGGED_LEVEL
from service.adapters.names import NAMES
from service.app import create_app
from service.items import items_of
from service.settings import Settings

PAGE = (Path(__file__).parent.parent / "docs" / "migrating.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
REQUESTS = [
    (body, BLOCKS[i + 1][1])
    for i, (kind, body) in enumerate(BLOCKS)
    if kind == "sh" and body.startswith("curl")
]
STARTS = {level.name: level.start for level in LEVELS["hostility"]}


@pytest.fixture(scope="module")
def client(scorer: ToneScorer) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(adapters=NAMES), scorer)) as client:
        yield client


def outline(value: object) -> object:
    """The same value with every number that a model gives, and its name, made equal."""
    if isinstance(value, dict):
        names = {"model_name", "model_version"}
        return {k: "" if k in names else outline(v) for k, v in value.items()}
    if isinstance(value, list):
        return [outline(one) for one in value]
    return "a degree" if isinstance(value, float) else value


@pytest.mark.parametrize(("command", "answer"), REQUESTS)
def test_a_request_gives_an_answer_like_the_one_shown(
    client: TestClient, command: str, answer: str
) -> None:
    words = shlex.split(command)
    body = words[words.index("-d") + 1]
    path = words[2].removeprefix("http://127.0.0.1:8000")
    path = path.replace("diplotone", client.get("/v1/model").json()["name"])
    response = client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 200, response.text
    assert outline(response.json()) == outline(json.loads(answer))


def test_there_are_such_requests() -> None:
    assert len(REQUESTS) == 2


def test_the_table_names_every_adapter_and_every_address(client: TestClient) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \| .+\|$", PAGE, re.MULTILINE))
    assert tuple(rows) == NAMES
    named = set(re.findall(r"`(GET|POST) (\S+)`", " ".join(rows.values())))
    found = {
        (method.upper(), path)
        for path, operations in client.get("/openapi.json").json()["paths"].items()
        for method, operation in operations.items()
        if operation["tags"] == ["adapters"]
    }
    assert named == found | {("GET", "/$discovery/rest")}


def test_its_thresholds_are_those_of_the_levels() -> None:
    named = re.findall(r"`(\w+)` (?:starts )?at (0\.\d+)", PAGE)
    assert [(name, float(start)) for name, start in named] == [
        (name, STARTS[name]) for name in ("critical", "accusing", "hostile", "vilifying")
    ]
    flagged = re.search(r"true from (0\.\d+) on,\s+where the level `(\w+)` starts", PAGE)
    assert flagged is not None
    assert (float(flagged[1]), flagged[2]) == (STARTS[FLAGGED_LEVEL], FLAGGED_LEVEL)


def test_before_and_after_stand_beside_each_other_for_each_python_client() -> None:
    codes = [body for kind, body in BLOCKS if kind == "python"]
    here = ["127.0.0.1:8000" in code for code in codes]
    assert here == [False, True] * 3
    for before, after in zip(codes[::2], codes[1::2], strict=True):
        assert before.splitlines()[0] == after.splitlines()[0]


def test_it_says_what_sentences_count() -> None:
    assert f"counts as {items_of(1, sentences=True, explain=False)} items" in PAGE
