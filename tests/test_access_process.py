"""The real server with keys that change under it, and behind proxies; what it warns of."""

import http.client
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from service.keys import CHECK_SECONDS, make_key
from tests.server_process import COMMAND, PATIENCE, ROOT, ServerProcess, environment


class Server(ServerProcess):
    """A server that can be asked for a score."""

    def score(self, **headers: str) -> http.client.HTTPResponse:
        """Ask for a score; underscores of header names are dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        body = json.dumps({"quote": "We condemn this."})
        connection.request("POST", "/v1/score", body, {"Content-Type": "application/json", **named})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer


Start = Callable[..., Server]


@pytest.fixture
def start(artifact: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts servers and leaves none behind."""
    started: list[Server] = []

    def start(**variables: str) -> Server:
        started.append(Server(tmp_path / "log", environment(artifact, **variables)))
        return started[-1]

    yield start
    for server in started:
        server.kill()


def test_keys_are_read_again_and_never_logged(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "api-keys"
    one, other = make_key("desk"), make_key("agency")
    file.write_text(one.line, encoding="utf-8")
    server = start(
        DIPLOTONE_API_KEYS_FILE=str(file), DIPLOTONE_HOST="0.0.0.0", DIPLOTONE_LOG_LEVEL="debug"
    )
    assert server.score(Authorization=f"Bearer {one.key}").status == 200
    assert server.score().status == 401
    file.write_text("broken", encoding="utf-8")
    time.sleep(1.1 * CHECK_SECONDS)
    assert server.score(X_API_Key=one.key).status == 200
    file.write_text(other.line, encoding="utf-8")
    time.sleep(1.1 * CHECK_SECONDS)
    assert server.score(X_API_Key=other.key).status == 200
    assert server.score(X_API_Key=one.key).status == 401
    log = server.stop()
    assert "Warning" not in log
    assert '"key": "agency"' in log
    assert "the old stay" in log
    for made in (one, other):
        assert made.key not in log
        assert made.line.partition(":")[2] not in log


def test_keys_that_cannot_be_used_are_said_in_one_sentence(artifact: Path, tmp_path: Path) -> None:
    file = tmp_path / "api-keys"
    file.write_text("rubbish", encoding="utf-8")
    options: dict[str, Any] = {"capture_output": True, "text": True, "timeout": PATIENCE}
    env = environment(artifact, DIPLOTONE_API_KEYS_FILE=str(file))
    done = subprocess.run(COMMAND, cwd=ROOT, env=env, check=False, **options)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "Line 1" in done.stderr


def test_open_to_the_network_without_keys_it_says_how_to_ask_for_them(start: Start) -> None:
    log = start(DIPLOTONE_HOST="0.0.0.0").stop()
    assert "Warning: open to every network" in log
    assert "DIPLOTONE_API_KEYS_FILE" in log


@pytest.mark.parametrize(("trusted", "second"), [("127.0.0.0/8", 200), ("192.0.2.1", 429)])
def test_only_a_trusted_proxy_may_say_who_calls(start: Start, trusted: str, second: int) -> None:
    server = start(DIPLOTONE_TRUSTED_PROXIES=trusted, DIPLOTONE_RATE_LIMIT="1")
    addresses = ("198.51.100.1", "198.51.100.2")
    statuses = [server.score(X_Forwarded_For=address).status for address in addresses]
    assert statuses == [200, second]
    assert server.score(X_Forwarded_For=addresses[0]).status == 429
    assert "Warning" not in server.stop()  # loopback is no network
