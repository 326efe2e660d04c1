"""Nothing leaves the machine: every address is asked while connections elsewhere are refused."""

import ipaddress
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.settings import Settings

ROOT = Path(__file__).parent.parent
ARTICLE = '"We deeply regret this," said the minister. "They lied," replied her colleague Ann Lee.'
GETS = [
    *("/", "/docs", "/openapi.json", "/v1/model", "/healthz", "/readyz", "/metrics"),
    *(f"/docs/assets/{name}" for name in ("swagger-ui.css", "swagger-ui-bundle.js", "favicon.png")),
]
POSTS: list[tuple[str, dict[str, Any]]] = [
    ("/v1/score", {"quote": "deep regret", "sentences": True, "explain": True}),
    ("/v1/score", {"quote": "Wir bedauern das sehr."}),
    ("/v1/score/batch", {"quotes": ["hateful sophistry", "thank you"]}),
    ("/v1/articles", {"text": ARTICLE, "sentences": True, "explain": True}),
]
UNSHARE = ["unshare", "--map-root-user", "--net"]


def ask_everything() -> None:
    """Start the app with the released model and ask every address once."""
    with TestClient(create_app(Settings())) as client:
        for path in GETS:
            assert client.get(path).status_code == 200, path
        for path, body in POSTS:
            assert client.post(path, json=body).status_code == 200, path


def is_here(address: Any) -> bool:  # noqa: ANN401 - what socket.connect takes
    host = address[0] if isinstance(address, tuple) else None
    try:
        return host is None or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Lists every attempt to reach another machine, each of which fails."""
    found: list[object] = []

    def watched(name: str) -> None:
        genuine = getattr(socket.socket, name)

        def guarded(self: socket.socket, *arguments: Any) -> object:  # noqa: ANN401
            if is_here(arguments[-1]):
                result: object = genuine(self, *arguments)
                return result
            found.append(arguments[-1])
            raise OSError("no network in this test")

        monkeypatch.setattr(socket.socket, name, guarded)

    for name in ("connect", "connect_ex", "sendto"):
        watched(name)
    asked = socket.getaddrinfo

    def known(host: Any, *arguments: Any, **more: Any) -> object:  # noqa: ANN401
        if is_here((host or "localhost",)):
            return asked(host, *arguments, **more)
        found.append(host)
        raise socket.gaierror("no network in this test")

    monkeypatch.setattr(socket, "getaddrinfo", known)
    yield found


def test_no_address_of_the_service_reaches_for_another_machine(
    tried: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIPLOTONE_ARTIFACT", raising=False)
    with pytest.raises(OSError, match="no network"):  # the guard works
        socket.create_connection(("192.0.2.1", 9), timeout=1)
    assert tried == ["192.0.2.1"]
    ask_everything()
    assert tried == ["192.0.2.1"]


def test_everything_is_served_in_a_process_without_any_network() -> None:
    """The compiled libraries do not go through Python's sockets, so the kernel refuses here."""
    if not shutil.which("unshare") or subprocess.run([*UNSHARE, "true"], check=False).returncode:
        pytest.skip("this system lets no one make a network namespace")
    code = "import sys; sys.path.insert(0, 'tests'); import test_offline as t; t.ask_everything()"
    done = subprocess.run(
        [*UNSHARE, sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
