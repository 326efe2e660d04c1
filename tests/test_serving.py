"""The model is replaced while requests go on: on request, and when its worker is lost."""

import shutil
import signal
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from model.artifact import FILES, MANIFEST, Artifact
from model.errors import ArtifactError
from model.scorer import ToneScorer
from model.scores import ToneScore
from service.app import create_app
from service.scoring import ServedScorer
from service.settings import Settings
from tests.server_process import ServerProcess, environment

PATIENCE = 30.0  # seconds; only a failing test waits so long
QUOTE = {"quote": "We regret this decision."}


@pytest.fixture(scope="module")
def newer(make_artifact: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_artifact(tmp_path_factory.mktemp("newer") / "tiny", "0.0.2", 2)


class Held:
    """The real scorer, held up while the test says so."""

    def __init__(self, scorer: ToneScorer) -> None:
        self.begun, self.free = threading.Event(), threading.Event()
        self.free.set()
        self._scorer = scorer

    @property
    def artifact(self) -> Artifact:
        return self._scorer.artifact

    def score(
        self, quotes: Sequence[str], *, sentences: bool = False, explain: bool = False
    ) -> list[ToneScore]:
        self.begun.set()
        self.free.wait(PATIENCE)
        return self._scorer.score(quotes, sentences=sentences, explain=explain)

    def close(self) -> None:
        self._scorer.close()


@pytest.fixture
def start(scorer: ToneScorer) -> Iterator[Callable[..., TestClient]]:
    """Starts the app with the held scorer and a way to load the next one."""
    clients: list[TestClient] = []

    def start(held: Held, load: Callable[[Settings], ServedScorer], **more: float) -> TestClient:
        settings = Settings.model_validate(more)
        client = TestClient(create_app(settings, held, load))
        clients.append(client.__enter__())
        return client

    yield start
    for client in clients:
        client.__exit__(None, None, None)


def reload(client: TestClient) -> bool:
    assert client.portal is not None
    done: bool = client.portal.call(client.app.state.serving.reload)  # type: ignore[attr-defined]
    return done


def version(client: TestClient) -> str:
    found: str = client.get("/v1/model").json()["version"]
    return found


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_new_requests_get_the_new_model_and_old_ones_the_old(
    start: Callable[..., TestClient], scorer: ToneScorer, newer: Path
) -> None:
    held = Held(scorer)
    client = start(held, lambda settings: ToneScorer.load(newer, threads=1))
    old = client.post("/v1/score", json=QUOTE).json()
    held.begun.clear()
    held.free.clear()
    answers: list[Any] = []
    waiting = threading.Thread(
        target=lambda: answers.append(client.post("/v1/score", json=QUOTE).json())
    )
    waiting.start()
    assert held.begun.wait(PATIENCE)
    assert reload(client)
    new = client.post("/v1/score", json=QUOTE).json()
    held.free.set()
    waiting.join(PATIENCE)
    assert new["model"]["version"] == version(client) == "0.0.2"
    assert new["hostility"] != old["hostility"]
    assert answers == [old]
    assert old["model"]["version"] == "0.0.1"
    assert 'version="0.0.2"' in client.get("/metrics").text


def test_a_model_that_cannot_be_loaded_leaves_the_old_one(
    start: Callable[..., TestClient], scorer: ToneScorer, caplog: pytest.LogCaptureFixture
) -> None:
    def load(settings: Settings) -> ServedScorer:
        raise ArtifactError("model.onnx was altered")

    client = start(Held(scorer), load)
    assert not reload(client)
    assert version(client) == "0.0.1"
    assert client.get("/readyz").status_code == 200
    (line,) = [r for r in caplog.records if "the old one stays" in r.message]
    assert line.fields["reason"] == "model.onnx was altered"  # type: ignore[attr-defined]


def test_a_hung_worker_is_replaced_and_the_service_is_not_ready_meanwhile(
    start: Callable[..., TestClient], scorer: ToneScorer, newer: Path
) -> None:
    held, may_load = Held(scorer), threading.Event()

    def load(settings: Settings) -> ServedScorer:
        may_load.wait(PATIENCE)
        return ToneScorer.load(newer, threads=1)

    client = start(held, load, deadline_seconds=0.3)
    held.free.clear()
    assert client.post("/v1/score", json=QUOTE).status_code == 504
    until(lambda: client.get("/readyz").status_code == 503)
    may_load.set()
    until(lambda: client.get("/readyz").status_code == 200)
    assert client.post("/v1/score", json=QUOTE).json()["model"]["version"] == "0.0.2"
    held.free.set()


def test_a_worker_that_died_is_replaced(
    start: Callable[..., TestClient], scorer: ToneScorer, newer: Path
) -> None:
    class Dying(Held):
        def score(self, quotes: Sequence[str], **asked: bool) -> list[ToneScore]:
            raise SystemExit

    client = start(Dying(scorer), lambda settings: ToneScorer.load(newer, threads=1))
    assert client.post("/v1/score", json=QUOTE).status_code == 503
    until(lambda: client.post("/v1/score", json=QUOTE).status_code == 200)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
def test_a_hangup_signal_loads_what_now_lies_in_the_folder(
    artifact: Path, newer: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "artifact"
    folder.mkdir()
    put(artifact, folder)
    server = ServerProcess(tmp_path / "log", environment(folder))
    address = f"http://127.0.0.1:{server.port}/v1/model"

    def names(expected: str) -> bool:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return expected in answer.read().decode()

    try:
        assert names("0.0.1")
        (folder / MANIFEST).write_text("{", encoding="utf-8")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: "the old one stays" in server.log())
        assert names("0.0.1")
        put(newer, folder)
        server.process.send_signal(signal.SIGHUP)
        until(lambda: names("0.0.2"))
        server.stop()
    finally:
        server.kill()


def put(artifact: Path, folder: Path) -> None:
    for name in (*FILES, MANIFEST):
        shutil.copyfile(artifact / name, folder / name)
