"""The real server as a process: starts, answers, drains, stops, and says why when it cannot."""

import json
import math
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from service.items import EXPLAIN_WEIGHT
from tests.server_process import PATIENCE, ROOT, environment

UNHURRIED = {
    "DIPLOTONE_QUEUE_ITEMS": "1000000",
    "DIPLOTONE_QUEUE_SECONDS": "3600",
    "DIPLOTONE_DEADLINE_SECONDS": "3600",
}
"""A server that refuses nothing for being long, on a machine that has much else to do."""
SERVE = "import sys; from service.server import serve; from service.settings import Settings; "
SERVE += "sys.exit(serve(Settings.load(port=int(sys.argv[1]))))"


def command(port: int = 0) -> list[str]:
    return [sys.executable, "-c", SERVE, str(port)]


class Server:
    """A server process on a free port.

    Attributes:
        address: as it printed it.
    """

    def __init__(self, artifact: Path, log: Path, **variables: str) -> None:
        self._log = log
        with log.open("w") as stream:  # a file, since a pipe that nobody empties would block it
            self.process = subprocess.Popen(
                command(), cwd=ROOT, env=environment(artifact, **variables), stderr=stream
            )
        end = time.monotonic() + PATIENCE
        while not (said := re.search(r"on (http://\S+)", log.read_text())):
            assert self.process.poll() is None, log.read_text()
            assert time.monotonic() < end
            time.sleep(0.02)
        self.address = said[1]

    def stop(self, number: int = signal.SIGTERM) -> str:
        """Stop it, check that it left well, return what it wrote after its first line."""
        self.process.send_signal(number)
        assert self.process.wait(PATIENCE) == 0
        return self._log.read_text().partition("\n")[2]


Start = Callable[..., Server]


@pytest.fixture
def start(artifact: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts servers and leaves none behind."""
    started: list[Server] = []

    def start(**variables: str) -> Server:
        started.append(Server(artifact, tmp_path / "log", **variables))
        return started[-1]

    yield start
    for server in started:
        server.process.kill()
        server.process.wait()


def post(address: str, path: str, body: object) -> dict[str, Any]:
    request = urllib.request.Request(
        address + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        answer: dict[str, Any] = json.load(response)
        return answer


def get(address: str, path: str) -> str:
    with urllib.request.urlopen(address + path, timeout=PATIENCE) as response:
        text: str = response.read().decode()
        return text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_answers_and_stops_with_exit_code_0(start: Start, number: int) -> None:
    server = start()
    assert server.address.startswith("http://127.0.0.1:")
    assert json.loads(get(server.address, "/readyz")) == {"status": "ok"}
    answer = post(server.address, "/v1/score", {"quote": "We condemn this.", "id": "a"})
    assert answer["id"] == "a"
    lines = [json.loads(line) for line in server.stop(number).splitlines()]
    assert [line["route"] for line in lines] == ["/readyz", "/v1/score"]
    assert {line["logger"] for line in lines} == {"diplotone.access"}


def accepted(address: str, weight: float) -> int:
    """Return how many requests of a weight wait, those that have begun among them."""
    counts = dict(line.rsplit(" ", 1) for line in get(address, "/metrics").splitlines())
    return math.ceil(float(counts["diplotone_queue_items"]) / weight)


def test_a_stop_answers_what_was_accepted(start: Start) -> None:
    quotes = [f"We condemn this cowardly attack, number {i}, in strong terms." for i in range(256)]
    body = {"quotes": quotes, "explain": True}
    server = start(**UNHURRIED)
    with ThreadPoolExecutor(8) as pool:
        running = [pool.submit(post, server.address, "/v1/score/batch", body) for _ in range(8)]
        end = time.monotonic() + PATIENCE
        while accepted(server.address, 256 * (1 + EXPLAIN_WEIGHT)) < 8:
            assert time.monotonic() < end
        server.process.terminate()
        assert [len(one.result(PATIENCE)["results"]) for one in running] == [256] * 8
    assert server.process.wait(PATIENCE) == 0


def test_it_does_not_say_what_it_is_built_with(start: Start) -> None:
    with urllib.request.urlopen(start().address + "/healthz", timeout=PATIENCE) as response:
        assert "server" not in response.headers


def test_it_warns_when_open_to_every_network(start: Start) -> None:
    assert "Warning: open to every network" in start(DIPLOTONE_HOST="0.0.0.0").stop()


def fail(artifact: Path, port: int = 0, **variables: str) -> str:
    """Start a server that cannot run; returns the one sentence it must leave with."""
    done = subprocess.run(
        command(port),
        cwd=ROOT,
        env=environment(artifact, **variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    return done.stderr


def test_a_missing_artifact_is_said_in_one_sentence(tmp_path: Path) -> None:
    assert "No artifact at" in fail(tmp_path / "nothing")


def test_a_further_artifact_that_is_missing_is_said_in_one_sentence(
    artifact: Path, tmp_path: Path
) -> None:
    assert "No artifact at" in fail(artifact, DIPLOTONE_ALSO=str(tmp_path / "nothing"))


def test_a_port_in_use_is_said_in_one_sentence(artifact: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = fail(artifact, port)
    assert f"port {port}" in sentence
    assert "in use" in sentence


def test_an_unknown_host_is_said_in_one_sentence(artifact: Path) -> None:
    assert "no.such.invalid" in fail(artifact, DIPLOTONE_HOST="no.such.invalid")


WITHOUT_TRAINING = """
import importlib.abc, json, sys

FORBIDDEN = ("torch", "transformers", "datasets", "sklearn", "pyarrow", "pandas", "scipy")

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in (*FORBIDDEN, "training", "data"):
            raise ImportError(name)

sys.meta_path.insert(0, Refuse())
from fastapi.testclient import TestClient
from service.app import create_app
from service.settings import Settings
with TestClient(create_app(Settings.load())) as client:
    body = {"quote": "We condemn this.", "explain": True, "sentences": True}
    status = client.post("/v1/score", json=body).status_code
print(json.dumps({"status": status, "loaded": sorted(set(FORBIDDEN) & set(sys.modules))}))
"""


def test_a_request_is_served_where_the_training_libraries_cannot_be_imported(
    artifact: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TRAINING],
        cwd=ROOT,
        env=environment(artifact),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"status": 200, "loaded": []}
