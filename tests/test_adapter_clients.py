"""The adapters with the clients that others wrote for them, against a real server."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from model.scorer import ToneScorer
from service.keys import make_key

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0  # seconds; only a failing test waits so long
QUOTE = "We condemn this cowardly attack. Those responsible will be held to account."
OTHER = "deep regret"
PAGE = (ROOT / "docs" / "migrating.md").read_text("utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
HERE, THE_KEY = "http://127.0.0.1:8000", "YOUR_KEY"
CODE = "import sys; from service.server import serve; from service.settings import Settings; "
CODE += "sys.exit(serve(Settings.load(port=0)))"


class Served(NamedTuple):
    """A running server.

    Attributes:
        address: without a slash at the end.
        key: an API key that it knows.
    """

    address: str
    key: str


@pytest.fixture(scope="module")
def served(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("adapters")
    key, log = make_key("desk"), folder / "log"
    (folder / "keys").write_text(key.line, encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if "DIPLOTONE" not in name}
    settings = {
        "DIPLOTONE_ARTIFACT": str(artifact),
        "DIPLOTONE_ADAPTERS": "perspective, moderations, tei, v2",
        "DIPLOTONE_API_KEYS_FILE": str(folder / "keys"),
    }
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", CODE], cwd=ROOT, env=clean | settings, stderr=stream
        )
    try:
        end = time.monotonic() + PATIENCE
        while not (said := re.search(r"on (http://\S+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end
            time.sleep(0.02)
        yield Served(said[1].rstrip("/"), key.key)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def degrees(scorer: ToneScorer) -> dict[str, float]:
    (score,) = scorer.score([QUOTE])
    return {"hostility": score.hostility.score, "formality": score.formality.score}


@pytest.fixture
def discovery() -> ModuleType:
    module: ModuleType = pytest.importorskip("googleapiclient.discovery")
    return module


def perspective(discovery: ModuleType, served: Served, key: str) -> Any:  # noqa: ANN401
    return discovery.build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=key,
        discoveryServiceUrl=f"{served.address}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
        cache_discovery=False,
    )


def test_googles_client_works_with_another_address_and_attribute(
    discovery: ModuleType, served: Served, degrees: dict[str, float]
) -> None:
    with perspective(discovery, served, served.key) as client:
        body = {
            "comment": {"text": QUOTE},
            "requestedAttributes": {"HOSTILITY": {}, "FORMALITY": {}},
            "spanAnnotations": True,
            "clientToken": "mine",
        }
        found = client.comments().analyze(body=body).execute()
    assert found["clientToken"] == "mine"
    for scale, degree in degrees.items():
        scores = found["attributeScores"][scale.upper()]
        assert scores["summaryScore"]["value"] == degree
        assert len(scores["spanScores"]) == 2


def test_googles_client_reads_our_errors(discovery: ModuleType, served: Served) -> None:
    error = pytest.importorskip("googleapiclient.errors").HttpError
    body = {"comment": {"text": QUOTE}, "requestedAttributes": {"TOXICITY": {}}}
    with perspective(discovery, served, served.key) as client, pytest.raises(error) as refused:
        client.comments().analyze(body=body).execute()
    assert refused.value.status_code == 400
    assert refused.value.reason.startswith("Unknown requested attribute: TOXICITY")
    assert refused.value.error_details[0]["fieldViolations"][0]["field"] == "requestedAttributes"
    with pytest.raises(error) as stranger:
        perspective(discovery, served, "wrong")
    assert stranger.value.status_code == 401


@pytest.fixture
def openai() -> ModuleType:
    module: ModuleType = pytest.importorskip("openai")
    return module


def test_openais_client_moderates(
    openai: ModuleType, served: Served, degrees: dict[str, float]
) -> None:
    with openai.OpenAI(base_url=f"{served.address}/v1", api_key=served.key) as client:
        found = client.moderations.create(input=[QUOTE, OTHER])
    assert len(found.results) == 2
    assert found.results[0].category_scores.hostility == degrees["hostility"]
    assert found.results[0].flagged is found.results[0].categories.hostility


def test_openais_client_reads_our_errors(openai: ModuleType, served: Served) -> None:
    base = f"{served.address}/v1"
    with (
        openai.OpenAI(base_url=base, api_key=served.key) as client,
        pytest.raises(openai.BadRequestError, match="blank") as refused,
    ):
        client.moderations.create(input=[QUOTE, " "])
    assert (refused.value.param, refused.value.code) == ("input[1]", "quote_blank")
    with (
        openai.OpenAI(base_url=base, api_key="wrong") as client,
        pytest.raises(openai.AuthenticationError, match="not known"),
    ):
        client.moderations.create(input=QUOTE)


def test_hugging_faces_client_classifies(served: Served, degrees: dict[str, float]) -> None:
    hub = pytest.importorskip("huggingface_hub")
    client = hub.InferenceClient(f"{served.address}/predict", token=served.key)
    found = client.text_classification(QUOTE)
    assert {one.label: one.score for one in found} == degrees
    assert found[0].score >= found[1].score
    assert len(client.text_classification(QUOTE, top_k=1)) == 1


def test_hugging_faces_client_reads_our_errors(served: Served) -> None:
    hub = pytest.importorskip("huggingface_hub")
    client = hub.InferenceClient(f"{served.address}/predict", token=served.key)
    with pytest.raises(hub.errors.HfHubHTTPError, match="blank"):
        client.text_classification(" ")


def test_tritons_client_infers(served: Served, degrees: dict[str, float]) -> None:
    triton = pytest.importorskip("tritonclient.http")
    numpy = pytest.importorskip("numpy")
    keyed = {"X-API-Key": served.key}
    with triton.InferenceServerClient(served.address.removeprefix("http://")) as client:
        assert client.is_server_live(keyed)
        assert client.is_server_ready(keyed)
        assert client.is_model_ready("tiny", "0.0.1", headers=keyed)
        assert client.get_server_metadata(keyed)["name"] == "diplotone"
        assert client.get_model_metadata("tiny", headers=keyed)["versions"] == ["0.0.1"]
        text = triton.InferInput("text", [2], "BYTES")
        text.set_data_from_numpy(numpy.array([QUOTE, OTHER], dtype=object), binary_data=False)
        found = client.infer("tiny", [text], "0.0.1", headers=keyed)
    for scale, degree in degrees.items():
        assert found.as_numpy(scale)[0] == pytest.approx(degree)


@pytest.mark.parametrize("code", [code for code in PYTHON if HERE in code])
def test_the_code_of_the_guide_runs(code: str, served: Served) -> None:
    for module in re.findall(r"^(?:from|import) (\w+)", code, re.MULTILINE):
        pytest.importorskip(module)
    code = code.replace(HERE, served.address).replace(THE_KEY, served.key)
    found: dict[str, Any] = {}
    exec(code, found)  # noqa: S102 - our own page
    assert 0 <= found["hostility"] <= 1
