"""The real server, under more than it can do and for longer than a moment: it does not bend.

The long forms are ``python -m bench.overload`` and ``python -m bench.soak``.
"""

import asyncio
import json
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.overload import overload
from bench.soak import Held, held_by, soak
from bench.usage import PROC
from model.scorer import ToneScorer
from service.app import create_app
from service.items import EXPLAIN_WEIGHT
from service.settings import Settings
from tests.server_process import PATIENCE, ServerProcess, environment
from tests.test_api_failures import ask
from tests.test_api_server import UNHURRIED, accepted, get, post

QUOTES = [f"We {'strongly ' * (i % 30)}regret the remarks, number {i}." for i in range(100)]
QUEUE_ITEMS = 60


@pytest.fixture
def server(artifact: Path, tmp_path: Path) -> Iterator[ServerProcess]:
    variables = environment(artifact, DIPLOTONE_QUEUE_ITEMS=str(QUEUE_ITEMS), DIPLOTONE_THREADS="2")
    server = ServerProcess(tmp_path / "log", variables)
    yield server
    server.kill()


def test_too_much_is_refused_with_a_time_and_what_was_accepted_is_answered(
    server: ServerProcess,
) -> None:
    seen = asyncio.run(overload(server.port, QUOTES, 40, 4, 0))  # 400 quotes at any moment
    assert set(seen.statuses) == {200, 429}
    assert seen.silent == seen.unhealthy == 0
    address = f"http://127.0.0.1:{server.port}"
    assert json.loads(get(address, "/readyz")) == {"status": "ok"}
    assert post(address, "/v1/score", {"quote": QUOTES[0]})["truncated"] is False
    lines = [line for line in server.stop().splitlines() if line.startswith("{")]
    assert {json.loads(line)["level"] for line in lines} <= {"info", "warning"}


def settled(server: ServerProcess, most: Held) -> Held:
    """Return what the server holds once its connections are closed, or after a long wait."""
    end = time.monotonic() + PATIENCE / 4
    while (held := held_by(server.process.pid)).descriptors > most.descriptors:
        if time.monotonic() > end:
            break
        time.sleep(0.1)
    return held


@pytest.mark.skipif(not PROC.exists(), reason="needs /proc")
def test_hundreds_of_requests_of_every_kind_leave_nothing_behind(server: ServerProcess) -> None:
    asyncio.run(soak(server.port, QUOTES, 2, 800))  # until every thread and cache is there
    time.sleep(1)
    before = held_by(server.process.pid)
    statuses = asyncio.run(soak(server.port, QUOTES, 5, 800))
    after = settled(server, before)
    assert {200, 422} <= set(statuses) <= {0, 200, 400, 422, 429}  # 0: the caller hung up
    assert sum(statuses.values()) > 100
    assert after.descriptors <= before.descriptors
    assert after.threads <= before.threads + 2  # of pools that start a thread when one is needed
    assert after.megabytes < 1.3 * before.megabytes
    assert "Traceback" not in server.stop()


def test_no_task_outlives_its_request(scorer: ToneScorer) -> None:
    async def play() -> tuple[int, int, set[int]]:
        app = create_app(Settings(), scorer)
        chance = random.Random(1)
        async with app.router.lifespan_context(app):
            await ask(app, "We regret this.")
            before = len(asyncio.all_tasks())
            asked = [ask(app, chance.choice(QUOTES), hang_up=i % 3 == 0) for i in range(300)]
            statuses = set(await asyncio.gather(*asked))
            await asyncio.sleep(0)
            return before, len(asyncio.all_tasks()), statuses

    before, after, statuses = asyncio.run(play())
    assert {200, 499} <= statuses <= {200, 429, 499}
    assert after <= before


def test_a_second_stop_loses_nothing_that_was_accepted(artifact: Path, tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "log", environment(artifact, **UNHURRIED))
    address = f"http://127.0.0.1:{server.port}"
    body = {"quotes": (3 * QUOTES)[:256], "explain": True}
    try:
        with ThreadPoolExecutor(4) as pool:
            running = [pool.submit(post, address, "/v1/score/batch", body) for _ in range(4)]
            end = time.monotonic() + PATIENCE
            while accepted(address, 256 * (1 + EXPLAIN_WEIGHT)) < 4:
                assert time.monotonic() < end
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.1)
            assert not running[-1].done()
            while server.process.poll() is None:  # up to the last moment
                server.process.send_signal(signal.SIGTERM)
                time.sleep(0.02)
                assert time.monotonic() < end
            assert [len(one.result(PATIENCE)["results"]) for one in running] == [256] * 4
        assert server.process.wait(PATIENCE) == 0
    finally:
        server.kill()
