"""The benchmark's own parts: what it counts, what it keeps, what it writes into the pages.

No figure is checked for being fast; that is for ``make bench``, on a machine that is quiet.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from bench.load import Ask, run_load
from bench.profile import OTHER, PARTS, shares_of
from bench.record import CHART, KEPT, PAGES, keep, publish
from bench.servers import ROOT, Server, own_server, served
from bench.usage import usage_of

QUOTES = ["We regret it.", "They are clowns.", "The talks will go on."]
LOAD = {"per_second": 123.4, "p50": 0.0042, "p95": 0.05, "p99": 1.5, "refused": 7, "answered": 9}
USE = {"cpu": 3.25, "memory": 1234.5, "ready": 0.9}
FOUND: dict[str, Any] = {
    "machine": "2 processors of some kind",
    "model": "tiny 0.0.1",
    "quotes": "one quote a request",
    "servers": [
        {"server": "diplotone", "clients": 1, **LOAD, **USE},
        {"server": "diplotone", "clients": 8, **LOAD, **USE},
        {"server": "quotes of 30 tokens", "clients": 1, **LOAD, **USE},
    ],
    "offline": [{"way": "batch of 7 rows", "per_second": 345.6}],
    "stages": [{"name": "network", "milliseconds": 2.468}],
    "profile": {"1": {part: 0.1 for part in (*PARTS, OTHER)}},
    "shares": {"8": 0.314},
    "batching": [{"name": "alone", "per_second": 99.0, "furthest": 0.0}],
}


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    statuses: Iterator[int]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status = next(self.statuses)
        if not status:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited
        """Say nothing."""


@pytest.fixture
def answering(request: pytest.FixtureRequest) -> Iterator[int]:
    """Port of a server that answers with these statuses in turn; 0 hangs up."""
    handler = type("Handler", (_Answers,), {"statuses": cycle(request.param)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("answering", [(200, 429)], indirect=True)
def test_only_what_was_answered_with_200_counts(answering: int) -> None:
    load = run_load(answering, QUOTES, 1, 0.2, Ask("/score", "quote"))
    assert load.answered > 0
    assert abs(load.answered - load.refused) <= 1
    assert 0 < load.p50 <= load.p95 <= load.p99
    # One client never has two requests under way, so the times add up to no more than the load's.
    assert load.per_second * load.p50 <= 2


@pytest.mark.parametrize(
    ("answering", "error"),
    [((500,), RuntimeError), ((0,), EOFError)],
    indirect=["answering"],
)
def test_a_server_that_scores_nothing_is_an_error(answering: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        run_load(answering, QUOTES, 1, 0.1, Ask("/score", "quote"))


@pytest.mark.parametrize(
    ("ask", "body"),
    [
        (Ask("/v1/score", "quote"), {"quote": "caf\u00e9"}),
        (Ask("/classify", "input", listed=True), {"input": ["caf\u00e9"], "model": "tone"}),
    ],
)
def test_a_request_holds_the_quote_as_its_server_wants_it(ask: Ask, body: object) -> None:
    head, _, content = ask.request("caf\u00e9").partition(b"\r\n\r\n")
    assert json.loads(content) == body
    assert head.startswith(f"POST {ask.path} HTTP/1.1\r\n".encode())
    assert f"Content-Length: {len(content)}".encode() in head


def test_our_server_is_started_loaded_and_ended(
    artifact: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIPLOTONE_ARTIFACT", str(artifact))
    server = own_server()
    with served(server, artifact) as (port, process, ready):
        load = run_load(port, QUOTES, 2, 0.2, server.ask)
        usage = usage_of(process.pid)
    assert process.returncode == 0
    assert (load.refused, load.clients) == (0, 2)
    assert load.answered > 0
    assert ready > 0
    assert usage.seconds > 0
    assert usage.megabytes > 10


def test_a_server_that_ends_at_once_is_told_by_name() -> None:
    broken = Server("broken one", [sys.executable, "-c", "1/0"], Ask("/", "quote"), "/")
    with (
        pytest.raises(RuntimeError, match="broken one did not become ready"),
        served(broken, Path()),
    ):
        pass


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells")
def test_usage_counts_children_and_those_that_have_ended() -> None:
    burn = "import time\nwhile time.process_time() < .3: pass"
    parent = (
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])\n"
        "print(flush=True)\nsys.stdin.read()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", parent], stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        process.stdout.readline()
        alone = usage_of(process.pid)
        whole = usage_of(os.getpid())
        process.communicate()
    # The kernel counts in ticks of .01 s, for parent and child apart; process_time is finer.
    assert alone.seconds >= 0.25
    assert whole.seconds >= alone.seconds
    assert whole.megabytes > alone.megabytes > 1


@pytest.mark.parametrize(
    ("frames", "part"),
    [
        (f"run ({ROOT}/model/scorer.py);run (/x/onnxruntime/capi/x.py)", "network (ONNX Runtime)"),
        (f"go (/x/fastapi/routing.py);score ({ROOT}/model/scorer.py)", "rest of the scorer"),
        (f"x ({ROOT}/model/encoder.py);y (/x/numpy/y.py)", "tokenizer and its name rules"),
        ("x (/x/asyncio/events.py);y (/x/h11/y.py)", "HTTP (uvicorn, h11)"),
        ("x (/x/other.py)", OTHER),
    ],
)
def test_a_look_counts_for_the_innermost_known_part(frames: str, part: str) -> None:
    waiting = f"x ({ROOT}/service/gate.py);Condition.wait (threading.py)"
    shares = shares_of([f"{frames} 3", "x (/x/other.py) 1", f"{waiting} 50"])
    assert shares[part] == (1 if part == OTHER else 0.75)
    assert sum(shares.values()) == pytest.approx(1)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A root with the real pages."""
    for page in PAGES.values():
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / page, tmp_path / page)
    keep(FOUND, tmp_path / "found.json")
    return tmp_path


def test_every_figure_of_the_pages_comes_from_what_was_measured(pages: Path) -> None:
    publish(pages / "found.json", pages)
    short, full = ((pages / PAGES[kind]).read_text("utf-8") for kind in ("short", "full"))
    row = "| diplotone | 8 | 123 | 4.2 | 50 | 1,500 | 7 | 3.2 | 1,234 | 0.9 |"
    assert row in full
    assert "| diplotone | 8 | 123 | 4.2 | 1,500 | 3.2 | 1,234 | 0.9 |" in short
    for page in (short, full):
        assert "| batch of 7 rows | 346 |" in page
        assert "2 processors of some kind; tiny 0.0.1; one quote a request." in page
    for cells in ("| network | 2.47 |", "| 8 | 31% |", "| alone | 99 | 0.0000 |", "| 10.0% |"):
        assert cells in full
    assert json.loads((pages / KEPT).read_text("utf-8")) == FOUND
    assert b"<svg" in (pages / CHART).with_suffix(".svg").read_bytes()
    assert (pages / CHART).with_suffix(".png").read_bytes()[1:4] == b"PNG"


def test_writing_again_changes_nothing_and_nothing_around_the_tables(pages: Path) -> None:
    before = (pages / "README.md").read_text("utf-8")
    publish(pages / "found.json", pages)
    once = {path: path.read_bytes() for path in pages.rglob("*") if path.is_file()}
    publish(pages / "found.json", pages)
    assert {path: path.read_bytes() for path in once} == once
    after = (pages / "README.md").read_text("utf-8")
    for mark, side in (("<!-- bench -->", 0), ("<!-- /bench -->", 1)):
        assert after.split(mark)[side] == before.split(mark)[side]


def test_a_page_without_a_place_for_the_tables_leaves_everything_as_it_was(pages: Path) -> None:
    (pages / PAGES["full"]).write_text("# bench\n", "utf-8")
    before = (pages / "README.md").read_bytes()
    with pytest.raises(ValueError, match=r"bench/README\.md has no lines <!-- bench -->"):
        publish(pages / "found.json", pages)
    assert (pages / "README.md").read_bytes() == before
    assert not (pages / KEPT).exists()


def test_writing_before_measuring_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="run python -m bench first"):
        publish(tmp_path / "found.json", tmp_path)


def test_a_run_that_was_cut_short_can_still_be_written(pages: Path) -> None:
    some = {name: FOUND[name] for name in ("machine", "model", "quotes", "servers")}
    keep(some, pages / "found.json")
    publish(pages / "found.json", pages)
    full = (pages / PAGES["full"]).read_text("utf-8")
    assert "| diplotone | 1 |" in full
    assert "### One request" not in full
