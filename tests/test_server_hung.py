"""What never ends: a call of the runtime at a stop, and callers who connect and say nothing."""

import signal
import socket
import sys
import time
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.server_process import PATIENCE, ROOT, ServerProcess, environment
from tests.test_api_server import post

# The real server, but for a runtime that hangs, where Python cannot interrupt it, on long quotes.
HANGING = """
import sys, threading
from model.runtime import OnnxNetwork
run = OnnxNetwork._run
def hang(self, ids):
    if len(ids) > 20:
        threading.Event().wait()
    return run(self, ids)
OnnxNetwork._run = hang
from service.cli import run as serve
sys.argv = ["diplotone", "serve"]
serve()
"""


HANGS = "We regret this. " * 10


@pytest.mark.parametrize(("quotes", "again"), [([HANGS], False), ([HANGS, "Yes."], True)])
def test_a_stop_ends_a_process_whose_scorer_hangs(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quotes: list[str], again: bool
) -> None:
    monkeypatch.setattr("tests.server_process.COMMAND", [sys.executable, "-c", HANGING])
    server = ServerProcess(
        tmp_path / "log",
        environment(artifact, DIPLOTONE_DEADLINE_SECONDS="1", PYTHONPATH=str(ROOT)),
    )
    address = f"http://127.0.0.1:{server.port}"
    try:
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(post, address, "/v1/score/batch", {"quotes": quotes})
            time.sleep(0.3)  # long enough to be accepted; were it not, it would fail otherwise
            server.process.send_signal(signal.SIGTERM)
            with pytest.raises(urllib.error.HTTPError) as refused:
                asked.result(PATIENCE)
            assert refused.value.code in (503, 504)
            refused.value.close()
        end = time.monotonic() + PATIENCE
        while again and server.process.poll() is None:  # up to the last moment
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.02)
            assert time.monotonic() < end
        assert server.process.wait(PATIENCE) == 1
    finally:
        server.kill()
    assert "never came back" in server.log()


# The real server where few files may be open, however many the developer's machine allows.
FEW = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (400, 400))
from service.cli import run as serve
sys.argv = ["diplotone", "serve"]
serve()
"""


def test_connections_that_say_nothing_make_room_for_those_that_ask(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.server_process.COMMAND", [sys.executable, "-c", FEW])
    server = ServerProcess(tmp_path / "log", environment(artifact, PYTHONPATH=str(ROOT)))
    held = []
    try:
        for _ in range(600):
            held.append(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE))
            held[-1].sendall(b"GET / HTTP/1.1\r\nX: ")
        address = f"http://127.0.0.1:{server.port}"
        assert post(address, "/v1/score", {"quote": "We regret this."})["warnings"] is not None
        assert '"level": "error"' not in server.stop()
    finally:
        server.kill()
        for one in held:
            one.close()


def test_the_same_server_ends_well_when_nothing_hangs(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.server_process.COMMAND", [sys.executable, "-c", HANGING])
    server = ServerProcess(tmp_path / "log", environment(artifact, PYTHONPATH=str(ROOT)))
    try:
        address = f"http://127.0.0.1:{server.port}"
        assert post(address, "/v1/score", {"quote": "We regret this."})["warnings"] is not None
        assert "never came back" not in server.stop()
    finally:
        server.kill()
