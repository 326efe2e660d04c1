"""The adapters for OpenAI's moderations, text-embeddings-inference and Open Inference."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from model.levels import LEVELS
from model.scorer import ToneScorer
from model.scores import Degree, ToneScore
from service.adapters import moderations, tei
from tests.adapter_requests import OTHER, QUOTE, TENSOR, all_open, answer


@pytest.fixture(scope="module")
def client(scorer: ToneScorer) -> Iterator[TestClient]:
    with all_open(scorer) as client:
        yield client


@pytest.fixture(scope="module")
def degrees(scorer: ToneScorer) -> dict[str, float]:
    (score,) = scorer.score([QUOTE])
    return {"hostility": score.hostility.score, "formality": score.formality.score}


@pytest.fixture(scope="module")
def model(client: TestClient) -> str:
    return str(client.get("/v1/model").json()["name"])


# OpenAI


def test_moderations_flag_from_the_level_hostile_on(client: TestClient, scorer: ToneScorer) -> None:
    body = {"input": [QUOTE, OTHER], "model": "omni-moderation-latest"}
    found = answer(client, moderations.PATH, body)
    assert set(found) == {"id", "model", "results"}
    assert found["model"] == f"{scorer.artifact.manifest.name}-0.0.1"
    start = next(lv.start for lv in LEVELS["hostility"] if lv.name == "hostile")
    for result, score in zip(found["results"], scorer.score([QUOTE, OTHER]), strict=True):
        degree = score.hostility.score
        assert result["category_scores"] == {"hostility": degree}
        assert result["categories"] == {"hostility": degree >= start}
        assert result["flagged"] == (degree >= start)


def test_moderations_flag_at_the_bound_and_not_below_it(
    client: TestClient, scorer: ToneScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def score(quotes: list[str], **asked: bool) -> list[ToneScore]:
        degrees = [Degree(value, value, value, "made up") for value in (0.675, 0.6749)]
        return [ToneScore(degree, degree) for degree in degrees]

    monkeypatch.setattr(scorer, "score", score)
    found = answer(client, moderations.PATH, {"input": [QUOTE, OTHER]})
    assert [result["flagged"] for result in found["results"]] == [True, False]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": []}, "input"),
        ({"input": [QUOTE, " "]}, "input[1]"),
        ({"input": [{"type": "image_url", "image_url": {"url": "x"}}]}, "input"),
        ({"input": QUOTE, "user": "me"}, "user"),
        ({"input": [OTHER] * 4}, None),
    ],
)
def test_moderations_name_the_parameter_at_fault(
    client: TestClient, body: dict[str, Any], param: str | None
) -> None:
    error = answer(client, moderations.PATH, body, 400)["error"]
    assert (error["param"], error["type"]) == (param, "invalid_request_error")


# text-embeddings-inference


@pytest.mark.parametrize("inputs", [QUOTE, [QUOTE]])
def test_predict_gives_one_text_a_flat_list_best_first(
    client: TestClient, degrees: dict[str, float], inputs: object
) -> None:
    body = {"inputs": inputs, "raw_scores": True, "truncate": True, "truncation_direction": "Right"}
    found = answer(client, tei.PATH, body)
    best = sorted(degrees.items(), key=lambda one: -one[1])
    assert found == [{"score": score, "label": label} for label, score in best]


def test_predict_gives_a_batch_a_list_of_lists(client: TestClient) -> None:
    alone = [answer(client, tei.PATH, {"inputs": text}) for text in (QUOTE, OTHER)]
    assert answer(client, tei.PATH, {"inputs": [[QUOTE], [OTHER]]}) == alone


def test_predict_answers_a_pipelines_request_as_a_pipeline(client: TestClient) -> None:
    (found,) = answer(client, tei.PATH, {"inputs": QUOTE, "parameters": {"top_k": 1}})
    assert found == answer(client, tei.PATH, {"inputs": QUOTE})[:1]


@pytest.mark.parametrize(
    ("body", "words", "status"),
    [
        ({"inputs": [QUOTE, OTHER]}, "pair", 422),
        ({"inputs": [[QUOTE], [QUOTE, OTHER]]}, "inputs[1]", 422),
        ({"inputs": [[QUOTE], [" "]]}, "inputs[1][0]", 422),
        ({"inputs": []}, "pair", 422),
        ({"inputs": 5}, "a text or a batch", 422),
        ({"inputs": QUOTE, "parameters": {"function_to_apply": "softmax"}}, "sigmoid", 422),
        ({"inputs": [[OTHER]] * 4}, "limit is 3", 413),
    ],
)
def test_predict_refuses_what_has_no_tone(
    client: TestClient, body: dict[str, Any], words: str, status: int
) -> None:
    error = answer(client, tei.PATH, body, status)
    assert words in error["error"]
    assert error["error_type"] == "Validation"


# Open Inference Protocol


def infer(client: TestClient, model: str, status: int = 200, **fields: object) -> dict[str, Any]:
    outer: dict[str, Any] = {k: fields.pop(k) for k in ("id", "outputs") if k in fields}
    body: dict[str, Any] = {
        "inputs": [{**TENSOR, **fields}],
        "parameters": {"binary_data_output": True},
        **outer,
    }
    found: dict[str, Any] = answer(client, f"/v2/models/{model}/infer", body, status)
    return found


def test_v2_says_what_it_is(client: TestClient, model: str) -> None:
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    assert client.get(f"/v2/models/{model}/ready").json() == {"ready": True}
    found = client.get(f"/v2/models/{model}").json()
    assert (found["name"], found["versions"]) == (model, ["0.0.1"])
    assert found["inputs"] == [{"name": "text", "datatype": "BYTES", "shape": [-1]}]
    assert [(o["name"], o["datatype"]) for o in found["outputs"]] == [
        ("hostility", "FP32"),
        ("formality", "FP32"),
    ]
    assert client.get("/v2").json() == {"name": "diplotone", "version": "1", "extensions": []}
    for path in ("other", f"{model}/versions/1.9.9", f"{model}/versions/1.9.9/ready"):
        refused = client.get(f"/v2/models/{path}")
        said = f"name: No such model is loaded; there is {model} 0.0.1."
        assert (refused.status_code, refused.json()) == (404, {"error": said})


@pytest.mark.parametrize(
    ("shape", "data"),
    [([2], [QUOTE, OTHER]), ([2, 1], [QUOTE, OTHER]), ([2, 1], [[QUOTE], [OTHER]])],
)
def test_v2_scores_a_tensor_of_texts(
    client: TestClient, model: str, scorer: ToneScorer, shape: list[int], data: list[Any]
) -> None:
    found = infer(client, model, shape=shape, data=data, id="r1")
    assert (found["model_name"], found["model_version"], found["id"]) == (model, "0.0.1", "r1")
    scores = scorer.score([QUOTE, OTHER])
    for output, scale in zip(found["outputs"], ("hostility", "formality"), strict=True):
        assert (output["name"], output["shape"], output["datatype"]) == (scale, shape, "FP32")
        assert output["data"] == [getattr(score, scale).score for score in scores]


def test_v2_gives_the_outputs_that_are_asked_for(client: TestClient, model: str) -> None:
    found = infer(client, model, outputs=[{"name": "formality"}])
    assert [output["name"] for output in found["outputs"]] == ["formality"]
    assert "id" not in found


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "input_ids"}, "inputs[0].name"),
        ({"datatype": "FP32"}, "inputs[0].datatype"),
        ({"shape": [2]}, "The shape is for 2 texts and the data holds 1."),
        ({"shape": [1, 1, 1]}, "[N, 1]"),
        ({"shape": [-1]}, "[N, 1]"),
        ({"shape": []}, "[N, 1]"),
        ({"shape": [0], "data": []}, "[N, 1]"),
        ({"data": [5]}, "inputs[0].data[0]"),
        ({"data": [[[QUOTE]]]}, "inputs[0].data[0]"),
        ({"data": [[]]}, "holds 0"),
        ({"outputs": [{"name": "toxicity"}]}, "outputs[0].name"),
        ({"shape": [4], "data": [OTHER] * 4}, "limit is 3"),
    ],
)
def test_v2_refuses_in_a_sentence(
    client: TestClient, model: str, fields: dict[str, Any], words: str
) -> None:
    assert words in infer(client, model, 400, **fields)["error"]


def test_v2_takes_json_that_is_not_declared_and_no_raw_tensors(
    client: TestClient, model: str
) -> None:
    path = f"/v2/models/{model}/infer"
    content = json.dumps({"inputs": [TENSOR]}).encode()
    assert client.post(path, content=content).status_code == 200
    raw = client.post(path, content=content, headers={"Inference-Header-Content-Length": "9"})
    assert raw.status_code == 400
    assert "Send JSON" in raw.json()["error"]
