"""The real server against callers that are slow, silent, rude or speak no HTTP."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from service.alive import alive
from service.server import MAX_HEAD_BYTES
from tests.server_process import PATIENCE, ROOT, ServerProcess, environment

RECEIVE_SECONDS = 1.0
JSON = "Content-Type: application/json\r\n"
CHUNKED = f"POST /v1/score HTTP/1.1\r\nHost: x\r\n{JSON}Transfer-Encoding: chunked\r\n"


@pytest.fixture(scope="module")
def server(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that waits for no one longer than a second."""
    variables = environment(artifact, DIPLOTONE_RECEIVE_SECONDS=str(RECEIVE_SECONDS))
    server = ServerProcess(tmp_path_factory.mktemp("server") / "log", variables)
    assert f"on http://127.0.0.1:{server.port}" in server.log()
    yield server
    server.kill()


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str


def connect(server: ServerProcess) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)


def read(connection: socket.socket) -> Answer | None:
    """Read until the server closes; None when it closes without a word."""
    raw = b""
    while part := connection.recv(65536):
        raw += part
    if not raw:
        return None
    head, _, body = raw.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    return Answer(int(first.split()[1]), {n.lower(): v for n, _, v in pairs}, body)


def ask(server: ServerProcess, raw: str) -> Answer | None:
    with closing(connect(server)) as connection:
        connection.sendall(raw.encode())
        return read(connection)


def get(server: ServerProcess, path: str, *headers: str) -> Answer:
    lines = "".join(f"{header}\r\n" for header in headers)
    answer = ask(server, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n")
    assert answer is not None
    return answer


def score(server: ServerProcess) -> Answer:
    body = json.dumps({"quote": "We condemn this."})
    head = f"POST /v1/score HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{JSON}"
    answer = ask(server, f"{head}Content-Length: {len(body)}\r\n\r\n{body}")
    assert answer is not None
    return answer


def refused(answer: Answer | None, status: int, code: str) -> None:
    assert answer is not None
    assert answer.status == status
    assert json.loads(answer.body)["error"]["code"] == code
    assert json.loads(answer.body)["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("head", ["G", "GET /healthz HTTP/1.1\r\nHost: x\r\n", "POST /v1/score"])
def test_a_head_that_never_ends_is_refused_and_closed(server: ServerProcess, head: str) -> None:
    refused(ask(server, head), 408, "head_timeout")


def test_a_head_that_trickles_is_refused_however_often_a_byte_comes(server: ServerProcess) -> None:
    with closing(connect(server)) as connection:
        end = time.monotonic() + PATIENCE
        connection.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
        connection.settimeout(RECEIVE_SECONDS / 10)
        answer = b""
        while b"\r\n\r\n" not in answer:
            assert time.monotonic() < end
            try:
                connection.sendall(b"x")
                answer += connection.recv(65536)
            except TimeoutError:
                continue
            except ConnectionError:
                break
    assert b" 408 " in answer


def test_who_says_nothing_is_left(server: ServerProcess) -> None:
    assert ask(server, "") is None


def test_a_body_that_never_ends_is_refused_and_closed(server: ServerProcess) -> None:
    head = f"POST /v1/score HTTP/1.1\r\nHost: x\r\n{JSON}Content-Length: 50\r\n\r\n"
    refused(ask(server, head + '{"quote"'), 408, "body_timeout")


def test_who_hangs_up_within_a_body_is_no_fault_of_the_server(server: ServerProcess) -> None:
    with closing(connect(server)) as connection:
        head = f"POST /v1/score HTTP/1.1\r\nHost: x\r\n{JSON}Content-Length: 50\r\n\r\n"
        connection.sendall(head.encode() + b"{")
    end = time.monotonic() + PATIENCE
    while '"status": 499' not in server.log():
        assert time.monotonic() < end


def test_the_rest_of_a_body_that_was_refused_is_not_waited_for(server: ServerProcess) -> None:
    head = "POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    with closing(connect(server)) as connection:
        connection.sendall(head.encode() + b"x")
        answer = connection.recv(65536)
        assert b" 404 " in answer
        connection.sendall(b"x")
        while connection.recv(65536):  # until the server closes, since nobody closes here
            pass


def test_a_connection_may_rest_between_requests_longer_than_a_head_may_take(
    server: ServerProcess,
) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with closing(connect(server)) as connection:
        for _ in range(2):
            connection.sendall(request)
            answer = b""
            while not answer.endswith(b"}"):  # head and body may come apart
                answer += connection.recv(65536)
            assert b" 200 " in answer
            time.sleep(RECEIVE_SECONDS * 1.5)


@pytest.mark.parametrize(
    "raw",
    [
        "rubbish\r\n\r\n",
        "\x16\x03\x01 is TLS\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",  # without Host
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        f"{CHUNKED}Content-Length: 5\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        f"{CHUNKED}\r\nno length\r\n",
    ],
)
def test_what_is_no_http_is_refused_in_the_contracts_form(server: ServerProcess, raw: str) -> None:
    refused(ask(server, raw), 400, "bad_request")


def test_a_head_without_end_is_refused_by_its_size(server: ServerProcess) -> None:
    with closing(connect(server)) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nX: ".ljust(MAX_HEAD_BYTES, b"x"))
        time.sleep(RECEIVE_SECONDS / 5)  # until all is read: what is unread at the end is a reset
        connection.sendall(b"x" * 100)
        refused(read(connection), 400, "bad_request")


def test_a_long_address_and_large_headers_are_refused_by_name(server: ServerProcess) -> None:
    assert get(server, "/" + "x" * 10_000).status == 414
    assert get(server, "/healthz", "X: " + "x" * 40_000).status == 431
    assert get(server, "/healthz").status == 200


def test_head_has_no_body_on_the_wire(server: ServerProcess) -> None:
    request = "{} /v1/model HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    got, asked = (ask(server, request.format(method)) for method in ("GET", "HEAD"))
    assert got is not None and asked is not None
    assert (asked.status, asked.body) == (200, "")
    assert asked.headers["content-length"] == got.headers["content-length"]


def test_the_health_check_of_the_container_tells_life_from_death(server: ServerProcess) -> None:
    assert alive("127.0.0.1", server.port)
    assert alive("0.0.0.0", server.port)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not alive("127.0.0.1", silent.getsockname()[1])
    assert not alive("no.such.invalid", server.port)
    command = [sys.executable, "-m", "service.alive"]
    for port, code in ((server.port, 0), (1, 1)):
        env = {"PATH": "/usr/bin", "DIPLOTONE_HOST": "0.0.0.0", "DIPLOTONE_PORT": str(port)}
        assert subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == code


def test_after_all_that_it_serves_and_had_no_fault(server: ServerProcess) -> None:
    assert score(server).status == 200
    assert get(server, "/readyz").status == 200
    assert '"level": "error"' not in server.log()
    assert '"status": 5' not in server.log()
