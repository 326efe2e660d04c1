"""What feedback acknowledges is there: after kills, crashes and a full disk, and among writers."""

import functools
import http.client
import json
import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from model.scorer import ToneScorer
from service.app import create_app
from service.errors import StoreUnavailable
from service.feedback.store import FeedbackStore
from service.settings import Settings
from tests.databases import a_record, emptied, end_disk, records_in
from tests.server_process import ServerProcess, environment

QUOTE = "We condemn this attack."


def test_what_was_acknowledged_survives_a_kill_at_any_moment(
    tmp_path: Path, database: str, artifact: Path
) -> None:
    acknowledged: set[str] = set()
    for turn in range(2):
        variables = environment(artifact, DIPLOTONE_FEEDBACK=database)
        server = ServerProcess(tmp_path / f"log{turn}", variables)
        acknowledged |= set(_posted(server, 10 + 7 * turn))
    found = {record.id for record in records_in(database)}
    assert len(acknowledged) == 2 * 10 + 7
    assert acknowledged <= found
    assert len(found) <= len(acknowledged) + 2  # a kill may come between the disk and the answer


def _posted(server: ServerProcess, count: int) -> Iterator[str]:
    """Post until so many were answered, then kill the server with one more under way."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Content-Type": "application/json"}
    for n in range(count + 1):
        body = json.dumps({"quote": f"{QUOTE} {n}", "hostility": 0.5})
        line.request("POST", "/v1/feedback", body, headers)
        if n == count:
            server.kill()
            break
        answer = line.getresponse()
        assert answer.status == 201
        yield json.loads(answer.read())["results"][0]["id"]
    line.close()


def test_equal_requests_at_once_are_one(scorer: ToneScorer, database: str) -> None:
    body, key = {"quote": QUOTE, "hostility": 0.5}, {"Idempotency-Key": "k1"}
    app = create_app(Settings(feedback=database), scorer)
    with TestClient(app) as client, ThreadPoolExecutor(6) as pool:
        post = functools.partial(client.post, "/v1/feedback", json=body, headers=key)
        answers = [one.result() for one in [pool.submit(post) for _ in range(6)]]
    assert {answer.status_code for answer in answers} == {201}
    (record,) = records_in(database)
    assert {answer.json()["results"][0]["id"] for answer in answers} == {record.id}


def test_writers_at_the_same_time_lose_nothing(database: str) -> None:
    stores = [FeedbackStore(database) for _ in range(4)]

    def write(place: int) -> list[str]:
        mine: list[str] = []
        for n in range(10):
            numbers = (100 * place + n, 100 * place + n + 50)
            mine += stores[place % 4].add(map(a_record, numbers))
        return mine

    with ThreadPoolExecutor(8) as pool:
        added = [record for some in pool.map(write, range(8)) for record in some]
    assert len(added) == len(set(added)) == 160
    assert {record.id for record in stores[0].records()} == set(added)
    for store in stores:
        store.close()


def test_a_full_disk_keeps_nothing_of_what_it_refuses(database: str) -> None:
    store = FeedbackStore(database)
    with store._engine.connect() as connection:  # noqa: SLF001 - its disk ends soon
        end_disk(connection)
    kept: list[str] = []
    with pytest.raises(StoreUnavailable, match=r"(is full|could not extend).*nothing was kept"):
        for n in range(100):  # a text that no database makes smaller
            kept += store.add([a_record(n, quote=random.randbytes(50_000).hex())])
    store.close()
    again = FeedbackStore(database)
    assert [record.id for record in again.records()] == sorted(kept) != []
    again.close()


def test_a_killed_postgresql_has_all_that_was_acknowledged(postgresql_server: str) -> None:
    hasty = f"{emptied(postgresql_server)}&options=-csynchronous_commit%3Doff"
    store = FeedbackStore(hasty)
    with store._engine.connect() as connection:  # noqa: SLF001 - one of its processes
        process = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    kept = store.add([a_record(1), a_record(2)])
    os.kill(process, signal.SIGKILL)  # upon which the server drops its memory and reads its log
    for _ in range(600):
        try:
            found = [record.id for record in store.records()]
            break
        except StoreUnavailable:  # still reading
            time.sleep(0.05)
    store.close()
    assert found == kept == ["fb_0001", "fb_0002"]


def test_sqlite_writes_ahead_and_reaches_the_disk_at_each_commit(tmp_path: Path) -> None:
    store = FeedbackStore(str(tmp_path / "f.db"))
    with store._engine.connect() as connection:  # noqa: SLF001 - what the file was opened with
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS]
    assert found == list(PRAGMAS.values())
    store.close()


PRAGMAS = {"journal_mode": "wal", "synchronous": 2}
