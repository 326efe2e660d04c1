"""``python -m bench.soak``: mixed requests at four fifths of capacity, and what grows meanwhile.

Quotes of every length, sentences, highlights, batches, articles, bad requests and callers who hang
up go to one server for twenty minutes. Memory, descriptors and threads are read before and after.
"""

import asyncio
import http.client
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from bench.load import HOST, run_load
from bench.servers import own_server, served
from bench.usage import usage_of
from data.readers import read_corpus

SHARE = 0.8
CLIENTS = 8


class Held(NamedTuple):
    """What a process holds.

    Attributes:
        megabytes: resident.
        descriptors: open files and sockets.
        threads: of the process.
    """

    megabytes: float
    descriptors: int
    threads: int


def held_by(pid: int) -> Held:
    """Read what a process holds (Linux)."""
    there = Path("/proc") / str(pid)
    threads = len(list((there / "task").iterdir()))
    return Held(usage_of(pid).megabytes, len(os.listdir(there / "fd")), threads)  # noqa: PTH208


def main(
    minutes: Annotated[float, typer.Option(help="Length of the soak.")] = 20,
) -> None:
    """Soak a server and print what grew.

    Example: python -m bench.soak --minutes 1
    """
    quotes = [row.text for row in read_corpus()]
    server = own_server()
    with served(server, Path()) as (port, process, _):
        capacity = run_load(port, quotes, 32, 3, server.ask).per_second
        seconds = minutes * 60
        asyncio.run(soak(port, quotes, min(30.0, seconds / 10), capacity))  # until it is warm
        time.sleep(1)
        before = held_by(process.pid)
        statuses = asyncio.run(soak(port, quotes, seconds, capacity))
        time.sleep(1)
        after = held_by(process.pid)
    table = Table("held", "before", "after", title=f"{minutes:g} minutes, {dict(statuses)}")
    for name, old, new in zip(Held._fields, before, after, strict=True):
        table.add_row(name, f"{old:.0f}", f"{new:.0f}")
    table.add_row("memory grew by", "", f"{after.megabytes / before.megabytes - 1:+.1%}")
    Console().print(table)


async def soak(port: int, quotes: Sequence[str], seconds: float, capacity: float) -> Counter[int]:
    """Ask in every way at a share of the capacity (quotes a second); return answers by status.

    Callers who hung up count as status 0.
    """
    until = time.perf_counter() + seconds
    statuses: Counter[int] = Counter()
    clients = [
        asyncio.to_thread(_client, port, quotes, until, SHARE * capacity / CLIENTS, seed, statuses)
        for seed in range(CLIENTS)
    ]
    await asyncio.gather(*clients)
    return statuses


def _client(
    port: int, quotes: Sequence[str], until: float, rate: float, seed: int, statuses: Counter[int]
) -> None:
    chance = random.Random(seed)  # noqa: S311 - made-up load
    line = http.client.HTTPConnection(HOST, port, timeout=60)
    while time.perf_counter() < until:
        path, body, items = chance.choices(KINDS, WEIGHTS)[0](chance, quotes)
        start = time.perf_counter()
        line.request("POST", path, body, {"Content-Type": "application/json"})
        if chance.random() < 0.02:  # somebody hangs up before the answer
            line.close()
            statuses[0] += 1
        else:
            answer = line.getresponse()
            answer.read()
            statuses[answer.status] += 1
        time.sleep(max(0, items / rate - (time.perf_counter() - start)))
    line.close()


Made = tuple[str, str, float]
"""Path, body, and about how many quotes' work it is."""


def _one(chance: random.Random, quotes: Sequence[str]) -> Made:
    options: dict[str, Any] = {"sentences": chance.random() < 0.2}
    return "/v1/score", json.dumps({"quote": chance.choice(quotes), **options}), 1


def _explained(chance: random.Random, quotes: Sequence[str]) -> Made:
    return "/v1/score", json.dumps({"quote": chance.choice(quotes), "explain": True}), 25


def _long(chance: random.Random, quotes: Sequence[str]) -> Made:
    text = " ".join(chance.choices(quotes, k=40))[:9_000]
    return "/v1/score", json.dumps({"quote": text}), 40


def _batch(chance: random.Random, quotes: Sequence[str]) -> Made:
    some = chance.choices(quotes, k=chance.randint(2, 64))
    return "/v1/score/batch", json.dumps({"quotes": some}), len(some)


def _article(chance: random.Random, quotes: Sequence[str]) -> Made:
    said = [f'"{quote}" the minister said.\n' for quote in chance.choices(quotes, k=10)]
    return "/v1/articles", json.dumps({"text": "".join(said)}), 12


def _bad(chance: random.Random, quotes: Sequence[str]) -> Made:
    bodies = ['{"quote": 3}', "{", '{"quote": " "}', json.dumps({"quote": "x" * 20_000})]
    return "/v1/score", chance.choice(bodies), 0.2


KINDS: tuple[Callable[[random.Random, Sequence[str]], Made], ...] = (
    *(_one, _explained, _long, _batch, _article, _bad),
)
WEIGHTS = (80, 2, 2, 6, 4, 6)

if __name__ == "__main__":
    typer.run(main)
