"""Two artifacts behind one server: a request names the one whose scores it wants."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from model.scorer import ToneScorer
from service.app import create_app
from service.settings import Settings
from tests.databases import records_in

QUOTE = "They sent note 3 and regret it, clowns."


@pytest.fixture(scope="module")
def later(make_artifact: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_artifact(tmp_path_factory.mktemp("later") / "tiny", "0.1.0", seed=2)


@pytest.fixture(scope="module")
def client(artifact: Path, later: Path) -> Iterator[TestClient]:
    settings = Settings(artifact=artifact, also=(str(later),), adapters=("v2",))
    with TestClient(create_app(settings)) as client:
        yield client


def _of(folder: Path) -> tuple[float, str]:
    scorer = ToneScorer.load(folder)
    found = scorer.score([QUOTE])[0].hostility.score, scorer.artifact.sha256
    scorer.close()
    return found


def test_a_request_gets_the_scores_of_the_model_it_names(
    client: TestClient, artifact: Path, later: Path
) -> None:
    (first, first_hash), (second, second_hash) = _of(artifact), _of(later)
    assert first != second
    for wanted, score, sha256 in (
        (None, first, first_hash),
        ("0.0.1", first, first_hash),
        ("0.1.0", second, second_hash),
        (second_hash, second, second_hash),
        (second_hash[:8], second, second_hash),
    ):
        one = client.post("/v1/score", json={"quote": QUOTE, "model": wanted}).json()
        assert (one["hostility"]["score"], one["model"]["sha256"]) == (score, sha256)
        body = {"quotes": [QUOTE, QUOTE], "model": wanted}
        many = client.post("/v1/score/batch", json=body).json()
        assert {row["hostility"]["score"] for row in many["results"]} == {score}
        assert many["model"]["sha256"] == sha256


@pytest.mark.parametrize("wanted", ["1.1.0", "", "0.0", "f", "tiny"])
def test_a_model_that_is_not_loaded_is_refused_and_those_that_are_get_named(
    client: TestClient, wanted: str
) -> None:
    for path, body in (("/v1/score", {"quote": QUOTE}), ("/v1/score/batch", {"quotes": [QUOTE]})):
        answer = client.post(path, json=body | {"model": wanted})
        assert answer.status_code == 404
        error = answer.json()["error"]
        assert (error["code"], error["field"]) == ("unknown_model", "model")
        assert "tiny 0.0.1 (" in error["message"]
        assert "tiny 0.1.0 (" in error["message"]


def test_articles_and_the_open_inference_protocol_can_be_pinned_too(
    client: TestClient, artifact: Path, later: Path
) -> None:
    tensor = {"name": "text", "shape": [1], "datatype": "BYTES", "data": [QUOTE]}
    both = client.get("/v2/models/tiny").json()
    assert both["versions"] == ["0.0.1", "0.1.0"]
    for version, folder, path in (
        ("0.0.1", artifact, "/v2/models/tiny"),
        ("0.0.1", artifact, "/v2/models/tiny/versions/0.0.1"),
        ("0.1.0", later, "/v2/models/tiny/versions/0.1.0"),
    ):
        score, sha256 = _of(folder)
        assert client.get(f"{path}/ready").json() == {"ready": True}
        assert client.get(path).json() == both
        found = client.post(f"{path}/infer", json={"inputs": [tensor]}).json()
        assert (found["model_version"], found["outputs"][0]["data"]) == (version, [score])
        body = {"text": f"“{QUOTE}” said Ida Solberg.", "model": version}
        article = client.post("/v1/articles", json=body).json()
        assert article["model"]["sha256"] == sha256
        assert article["quotes"][0]["hostility"]["score"] == score
    refused = client.post("/v1/articles", json={"text": "“No,” he said.", "model": "9.9.9"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknown_model")


def test_feedback_is_set_beside_the_scores_of_the_model_that_it_names(
    artifact: Path, later: Path, tmp_path: Path
) -> None:
    store = str(tmp_path / "feedback.db")
    settings = Settings(artifact=artifact, also=(str(later),), feedback=store)
    with TestClient(create_app(settings)) as client:
        given = client.post("/v1/score", json={"quote": QUOTE, "model": "0.1.0"}).json()
        elsewhere = given["model"] | {"sha256": "0f" * 32}
        for model in (given["model"], elsewhere):
            body = {"quote": QUOTE, "hostility": "higher", "model": model}
            assert client.post("/v1/feedback", json=body).status_code == 201
    found = [(r.model.model_dump(), r.scored) for r in records_in(store) if r.model]
    assert [model for model, _ in found] == [given["model"], elsewhere]
    (_, own), (_, unknown) = found
    assert own
    assert own.hostility == given["hostility"]["score"]
    assert unknown is None


def test_the_same_version_twice_is_told_apart_by_its_hash(
    artifact: Path, make_artifact: Callable[..., Path], tmp_path: Path
) -> None:
    twin = make_artifact(tmp_path / "twin", "0.0.1", seed=3)
    with TestClient(create_app(Settings(artifact=artifact, also=(str(twin),)))) as client:
        answer = client.post("/v1/score", json={"quote": QUOTE, "model": "0.0.1"})
        assert "More than one model" in answer.json()["error"]["message"]
        score, sha256 = _of(twin)
        answer = client.post("/v1/score", json={"quote": QUOTE, "model": sha256[:12]})
        assert answer.json()["hostility"]["score"] == score


def test_all_models_are_loaded_anew_together(
    artifact: Path, later: Path, make_artifact: Callable[..., Path], tmp_path: Path
) -> None:
    further = tmp_path / "further"
    further.symlink_to(later)
    app = create_app(Settings(artifact=artifact, also=(str(further),), deadline_seconds=5))
    with TestClient(app) as client:
        assert client.portal
        further.unlink()
        assert client.portal.call(app.state.serving.reload) is False
        answer = client.post("/v1/score", json={"quote": QUOTE, "model": "0.1.0"})
        assert answer.json()["hostility"]["score"] == _of(later)[0]
        further.symlink_to(make_artifact(tmp_path / "newest", "0.2.0", seed=4))
        assert client.portal.call(app.state.serving.reload) is True
        assert client.get("/v1/model").json()["also"][0]["version"] == "0.2.0"
        for version, status in (("0.2.0", 200), ("0.1.0", 404)):
            answer = client.post("/v1/score", json={"quote": QUOTE, "model": version})
            assert answer.status_code == status


def test_the_card_lists_what_is_loaded(client: TestClient, later: Path) -> None:
    card = client.get("/v1/model").json()
    assert card["version"] == "0.0.1"
    assert card["also"] == [{"name": "tiny", "version": "0.1.0", "sha256": _of(later)[1]}]
    assert client.get("/readyz").status_code == 200
    assert 'version="0.0.1"' in client.get("/metrics").text


def test_a_further_artifact_that_is_none_stops_the_start(artifact: Path, tmp_path: Path) -> None:
    from model.errors import ArtifactError

    app = create_app(Settings(artifact=artifact, also=(str(tmp_path / "none"),)))
    with pytest.raises(ArtifactError, match="No artifact at"), TestClient(app):
        pass
