"""Fetching raw files into the cache from a loopback server that serves well and badly."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote

import pytest

from data.records import RealLabel
from data.resolve import Resolution, resolve_real
from data.sources import Source

WHOLE = {"speeches": 2, "council": 3, "posts": 1}

Resolve = Callable[..., Resolution]


class RawServer(ThreadingHTTPServer):
    """Serves made-up raw files; faults are set per path."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), RawHandler)
        self.bodies: dict[str, bytes] = {}
        self.statuses: dict[str, list[int]] = {}
        self.asked: list[str] = []
        self.delay = 0.0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/{{repository}}/{{commit}}/{{file}}"


class RawHandler(BaseHTTPRequestHandler):
    """Answers one request as the server's tables say."""

    server: RawServer
    protocol_version: ClassVar[str] = "HTTP/1.0"

    def do_HEAD(self) -> None:
        self.send_response(405)
        self.end_headers()

    def do_GET(self) -> None:
        path = unquote(self.path).split("/", 4)[4]
        self.server.asked.append(self.path)
        if self.server.delay:
            time.sleep(self.server.delay)
        status = self.server.statuses.get(path, [200])
        code = status.pop(0) if len(status) > 1 else status[0]
        body = self.server.bodies.get(path)
        self.send_response(404 if body is None else code)
        self.send_header("Retry-After", "0")
        self.end_headers()
        if body is not None and code == 200:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server(raw_files: dict[str, dict[str, bytes]]) -> Iterator[RawServer]:
    with RawServer() as running:
        running.bodies = {name: raw for files in raw_files.values() for name, raw in files.items()}
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def resolve(
    raw_labels: list[RealLabel],
    make_sources: Callable[[str], dict[str, Source]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Resolve:
    """Resolve all labels with sources at an address, without a mirror unless it is named."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def run(address: str, **options: object) -> Resolution:
        options = {"mirror": None, "cache": tmp_path, "progress": False, **options}
        return resolve_real(raw_labels, make_sources(address), **options)  # type: ignore[arg-type]

    return run


def statuses(resolution: Resolution) -> dict[str, tuple[str, int]]:
    return {report.source: (report.status, report.rows_had) for report in resolution.reports}


def test_downloads_fill_the_cache_and_the_next_run_asks_nothing(
    server: RawServer, resolve: Resolve, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    first = resolve(server.address, timeout=5, progress=True)
    assert statuses(first) == {name: ("downloaded", rows) for name, rows in WHOLE.items()}
    assert "/some/where/" + "a" * 40 + "/Session%201%20-%201946/a%20b.txt" in server.asked
    shown = capfd.readouterr()
    assert all(name in shown.err for name in WHOLE), "one bar per source on standard error"
    assert "Downloading" not in shown.err
    assert not shown.out
    server.asked.clear()
    again = resolve(server.address, offline=True, progress=True)
    assert statuses(again) == {name: ("cache", rows) for name, rows in WHOLE.items()}
    assert again.quotes == first.quotes
    assert server.asked == []
    assert {path.name for path in (tmp_path / "raw").rglob("*") if path.is_file()} == {
        "a b.txt", "old.txt", "base.csv", "2014.json"
    }  # fmt: skip


def test_a_missing_file_makes_its_source_unavailable_whole(
    server: RawServer, resolve: Resolve
) -> None:
    del server.bodies["Session 1 - 1946/old.txt"]
    found = resolve(server.address)
    assert statuses(found) == {
        "speeches": ("unavailable", 0), "council": ("downloaded", 3), "posts": ("downloaded", 1)
    }  # fmt: skip
    assert "answered 404" in found.reports[0].reason
    assert "\n" not in str(found.reports[0])
    assert not any(quote.source == "real/speeches" for quote in found.quotes)


def test_a_file_with_a_wrong_checksum_never_reaches_the_cache(
    server: RawServer, resolve: Resolve, tmp_path: Path
) -> None:
    server.bodies["2014.json"] = b"[]"
    found = resolve(server.address)
    assert statuses(found)["posts"] == ("unavailable", 0)
    assert "SHA-256 differs" in found.reports[2].reason
    assert not list((tmp_path / "raw" / "posts").iterdir())


def test_a_passing_refusal_is_tried_again(server: RawServer, resolve: Resolve) -> None:
    server.statuses["2014.json"] = [429, 503, 200]
    assert statuses(resolve(server.address))["posts"] == ("downloaded", 1)


def test_a_lasting_refusal_ends_the_source(server: RawServer, resolve: Resolve) -> None:
    server.statuses["2014.json"] = [500]
    assert "answered 500" in resolve(server.address).reports[2].reason


def test_an_altered_mirror_file_is_passed_over_for_the_address(
    server: RawServer, resolve: Resolve, mirror: Path
) -> None:
    (mirror / "posts" / "2014.json").write_bytes(b"[]")
    found = resolve(server.address, mirror=mirror)
    assert statuses(found)["posts"] == ("downloaded", 1)
    assert "wrong checksum passed over: 1" in found.reports[2].reason
    assert [path.rpartition("/")[2] for path in server.asked] == ["2014.json"]


def test_a_dead_port_makes_all_sources_unavailable(resolve: Resolve) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/{{file}}"
    found = resolve(address)
    assert found.quotes == []
    for report in found.reports:
        assert report.status == "unavailable"
        assert "could not be reached" in report.reason


def test_a_host_that_never_answers_is_asked_once_for_all_sources(resolve: Resolve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and says nothing
        found = resolve(f"http://127.0.0.1:{silent.getsockname()[1]}/{{file}}", timeout=0.5)
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
    assert {report.status for report in found.reports} == {"unavailable"}
    assert all("did not answer within 0.5 s" in report.reason for report in found.reports)


def test_a_slow_server_trips_the_timeout(
    server: RawServer, resolve: Resolve, raw_labels: list[RealLabel]
) -> None:
    server.delay = 1.5
    found = resolve(server.address, timeout=0.3)
    assert found.quotes == []
    assert all("did not answer within 0.3 s" in report.reason for report in found.reports)
    server.delay = 0
    time.sleep(1.5)  # let the abandoned answers end
    assert len(resolve(server.address).quotes) == len(raw_labels)
