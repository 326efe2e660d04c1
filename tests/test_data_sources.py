"""Resolving real labels: a mirror, a cache and a loopback server that serves well and badly."""

import csv
import hashlib
import io
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote

import pytest

from data.errors import SourceError
from data.records import RealLabel
from data.resolve import Resolution, resolve_real
from data.slices import normalise, slice_hash
from data.sources import Source

SPEECH = "Mr. President,\n\twe regret &amp; deplore this.  Thank you."
WESTERN = "The caf\u00e9 talks failed. Nobody is to blame."


def make_csv(rows: list[dict[str, str]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


FILES: dict[str, dict[str, bytes]] = {
    "speeches": {
        "Session 1 - 1946/a b.txt": SPEECH.encode(),
        "Session 1 - 1946/old.txt": WESTERN.encode("cp1252"),
    },
    "council": {
        "base.csv": make_csv(
            [
                {"Speech": "s1", "Sentence": "First line\r\nof the first, with a comma."},
                {"Speech": "s1", "Sentence": "Second."},
                # Longer than the csv module reads by default.
                {"Speech": "s2", "Sentence": "x" * 140_000 + " End of it."},
            ]
        )
    },
    "posts": {"2014.json": json.dumps([{"text": "Hello \U0001f600 world"}, {"text": 5}]).encode()},
}
FORMATS = {"speeches": "text", "council": "csv", "posts": "json"}


def label(
    source: str, file: str, content: str, part: str, record: int | None, field: str | None
) -> RealLabel:
    start = content.index(part)
    return RealLabel(
        source=source,
        file=file,
        record=record,
        field=field,
        start=start,
        end=start + len(part),
        sha256=slice_hash(normalise(part)),
        hostility=0.4,
        formality=0.7,
    )


LABELS = [
    label("speeches", "Session 1 - 1946/a b.txt", SPEECH, SPEECH[:46], None, None),
    label("speeches", "Session 1 - 1946/old.txt", WESTERN, WESTERN[:23], None, None),
    label("council", "base.csv", "First line\r\nof the", "First line\r\nof", 0, "Sentence"),
    label("council", "base.csv", "Second.", "Second.", 1, "Sentence"),
    label("council", "base.csv", "x" * 140_000 + " End of it.", "End of it.", 2, "Sentence"),
    label("posts", "2014.json", "Hello \U0001f600 world", "world", 0, "text"),
]


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
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with RawServer() as running:
        running.bodies = {name: body for files in FILES.values() for name, body in files.items()}
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def make_sources(address: str) -> dict[str, Source]:
    return {
        name: Source(
            name=name,
            description="made up",
            repository="some/where",
            commit="a" * 40,
            address=address,
            licence="none",
            format=FORMATS[name],  # type: ignore[arg-type]
            document_field="Speech" if name == "council" else None,
            files={file: hashlib.sha256(raw).hexdigest() for file, raw in files.items()},
        )
        for name, files in FILES.items()
    }


def fill(folder: Path, files: Mapping[str, Mapping[str, bytes]] = FILES) -> Path:
    for source, contents in files.items():
        for file, raw in contents.items():
            path = folder / source / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
    return folder


def statuses(resolution: Resolution) -> dict[str, tuple[str, int]]:
    return {report.source: (report.status, report.rows_had) for report in resolution.reports}


WHOLE = {"speeches": 2, "council": 3, "posts": 1}


def test_a_mirror_gives_normalised_slices_grouped_by_document(tmp_path: Path) -> None:
    found = resolve_real(
        LABELS, make_sources("http://x.invalid/{file}"), mirror=fill(tmp_path), cache=tmp_path / "c"
    )
    assert statuses(found) == {name: ("mirror", rows) for name, rows in WHOLE.items()}
    assert [quote.text for quote in found.quotes] == [
        "Mr. President, we regret & deplore this.",
        "The caf\u00e9 talks failed.",
        "First line of",
        "Second.",
        "End of it.",
        "world",
    ]
    assert [quote.group for quote in found.quotes] == [
        "real/speeches/Session 1 - 1946/a b.txt",
        "real/speeches/Session 1 - 1946/old.txt",
        "real/council/s1",
        "real/council/s1",
        "real/council/s2",
        "real/posts/2014.json#0",
    ]
    assert not (tmp_path / "c").exists()


def test_downloads_fill_the_cache_and_the_next_run_asks_nothing(
    server: RawServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    sources = make_sources(server.address)
    first = resolve_real(LABELS, sources, mirror=None, cache=tmp_path, timeout=5)
    assert statuses(first) == {name: ("downloaded", rows) for name, rows in WHOLE.items()}
    assert "/some/where/" + "a" * 40 + "/Session%201%20-%201946/a%20b.txt" in server.asked
    shown = capfd.readouterr()
    assert all(name in shown.err for name in WHOLE), "one bar per source on standard error"
    assert "Downloading" not in shown.err
    assert not shown.out
    server.asked.clear()
    again = resolve_real(LABELS, sources, mirror=None, cache=tmp_path, offline=True)
    assert statuses(again) == {name: ("cache", rows) for name, rows in WHOLE.items()}
    assert again.quotes == first.quotes
    assert server.asked == []
    assert {path.name for path in (tmp_path / "raw").rglob("*") if path.is_file()} == {
        "a b.txt", "old.txt", "base.csv", "2014.json"
    }  # fmt: skip


def test_a_missing_file_makes_its_source_unavailable_whole(
    server: RawServer, tmp_path: Path
) -> None:
    del server.bodies["Session 1 - 1946/old.txt"]
    found = resolve_real(
        LABELS, make_sources(server.address), mirror=None, cache=tmp_path, progress=False
    )
    assert statuses(found) == {
        "speeches": ("unavailable", 0), "council": ("downloaded", 3), "posts": ("downloaded", 1)
    }  # fmt: skip
    assert "answered 404" in found.reports[0].reason
    assert "\n" not in str(found.reports[0])
    assert not any(quote.source == "real/speeches" for quote in found.quotes)


def test_a_file_with_a_wrong_checksum_never_reaches_the_cache(
    server: RawServer, tmp_path: Path
) -> None:
    server.bodies["2014.json"] = b"[]"
    found = resolve_real(
        LABELS, make_sources(server.address), mirror=None, cache=tmp_path, progress=False
    )
    assert statuses(found)["posts"] == ("unavailable", 0)
    assert "SHA-256 differs" in found.reports[2].reason
    assert not list((tmp_path / "raw" / "posts").iterdir())


def test_a_passing_refusal_is_tried_again(server: RawServer, tmp_path: Path) -> None:
    server.statuses["2014.json"] = [429, 503, 200]
    found = resolve_real(
        LABELS, make_sources(server.address), mirror=None, cache=tmp_path, progress=False
    )
    assert statuses(found)["posts"] == ("downloaded", 1)


def test_a_lasting_refusal_ends_the_source(server: RawServer, tmp_path: Path) -> None:
    server.statuses["2014.json"] = [500]
    found = resolve_real(
        LABELS, make_sources(server.address), mirror=None, cache=tmp_path, progress=False
    )
    assert "answered 500" in found.reports[2].reason


def test_an_altered_mirror_file_is_passed_over_for_the_address(
    server: RawServer, tmp_path: Path
) -> None:
    mirror = fill(tmp_path / "mirror")
    (mirror / "posts" / "2014.json").write_bytes(b"[]")
    found = resolve_real(
        LABELS, make_sources(server.address), mirror=mirror, cache=tmp_path, progress=False
    )
    assert statuses(found)["posts"] == ("downloaded", 1)
    assert "wrong checksum passed over: 1" in found.reports[2].reason
    assert [path.rpartition("/")[2] for path in server.asked] == ["2014.json"]


def test_a_dead_port_fails_at_once_for_all_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/{{file}}"
    start = time.monotonic()
    found = resolve_real(
        LABELS, make_sources(address), mirror=None, cache=tmp_path, progress=False, timeout=20
    )
    assert time.monotonic() - start < 5
    assert found.quotes == []
    for report in found.reports:
        assert report.status == "unavailable"
        assert "could not be reached" in report.reason


def test_a_host_that_never_answers_costs_one_timeout_in_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and says nothing
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/{{file}}"
        start = time.monotonic()
        found = resolve_real(
            LABELS, make_sources(address), mirror=None, cache=tmp_path, progress=False, timeout=0.5
        )
        assert time.monotonic() - start < 2
    assert {report.status for report in found.reports} == {"unavailable"}
    assert all("did not answer within 0.5 s" in report.reason for report in found.reports)


def test_a_slow_server_trips_the_timeout(server: RawServer, tmp_path: Path) -> None:
    server.delay = 1.5
    start = time.monotonic()
    found = resolve_real(
        LABELS, make_sources(server.address), mirror=None, cache=tmp_path, progress=False,
        timeout=0.3,
    )  # fmt: skip
    assert time.monotonic() - start < 3
    assert found.quotes == []
    assert all("did not answer within 0.3 s" in report.reason for report in found.reports)
    server.delay = 0
    time.sleep(1.5)  # let the abandoned answers end
    again = resolve_real(
        LABELS, make_sources(server.address), mirror=None, cache=tmp_path, progress=False
    )
    assert len(again.quotes) == len(LABELS)


def test_a_slice_that_fails_its_check_is_dropped_and_counted(tmp_path: Path) -> None:
    moved = LABELS[3].model_copy(update={"sha256": "0" * 16})
    beyond = LABELS[4].model_copy(update={"record": 99, "sha256": "1" * 16})
    found = resolve_real(
        [*LABELS[:3], moved, beyond],
        make_sources("http://x.invalid/{file}"),
        mirror=fill(tmp_path),
        cache=tmp_path,
    )
    assert statuses(found) == {"speeches": ("mirror", 2), "council": ("partial", 1)}
    assert "failed their check: 2" in found.reports[1].reason
    assert [quote.id for quote in found.quotes] == [label.id for label in LABELS[:3]]


def test_a_label_of_an_unregistered_source_or_file_is_refused(tmp_path: Path) -> None:
    sources = make_sources("http://x.invalid/{file}")
    for change in ({"source": "else"}, {"file": "other.txt"}):
        with pytest.raises(SourceError, match="source "):
            resolve_real(
                [LABELS[0].model_copy(update=change)], sources, mirror=None, cache=tmp_path
            )
