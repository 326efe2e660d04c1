"""Turns: a large request neither holds up small ones nor is it held up for good."""

import asyncio
import random
from collections.abc import Sequence

import pytest

from model.scores import Degree, ToneScore
from service.gate import ScoringGate
from service.items import EXPLAIN_WEIGHT
from service.turns import MOST_TOGETHER, Job, Turns


def job(count: int, name: str = "q", *, explain: bool = False) -> Job:
    return Job([f"{name}{i}" for i in range(count)], False, explain)


def drained(turns: Turns) -> list[list[tuple[Job, Sequence[str]]]]:
    calls = []
    while call := turns.take():
        calls.append([tuple(turn) for turn in call])
    return calls


def queue(*jobs: Job) -> Turns:
    turns = Turns()
    for each in jobs:
        turns.add(each)
    return turns


def test_a_single_quote_behind_large_batches_is_in_the_first_call() -> None:
    large, other, small = job(300), job(300), job(1, "s")
    calls = drained(queue(large, other, small))
    counts = [{id(j): len(quotes) for j, quotes in call} for call in calls]
    assert counts[0] == {id(large): 32, id(other): 31, id(small): 1}
    assert counts[1] == {id(large): 32, id(other): 32}
    assert all(sum(call.values()) <= MOST_TOGETHER for call in counts)


def test_a_request_alone_has_the_whole_call() -> None:
    assert [len(call[0][1]) for call in drained(queue(job(2 * MOST_TOGETHER + 3)))] == [64, 64, 3]


@pytest.mark.parametrize("seed", range(5))
def test_every_quote_is_given_once_and_in_its_order(seed: int) -> None:
    chance = random.Random(seed)
    jobs = [job(chance.randint(1, 150), f"{n}-") for n in range(12)]
    turns = queue(*jobs)
    assert turns.weight == sum(len(j.quotes) for j in jobs)
    calls = drained(turns)
    for each in jobs:
        found = [quote for call in calls for j, quotes in call if j is each for quote in quotes]
        assert found == list(each.quotes)
    assert turns.weight == 0


def test_explaining_takes_few_quotes_a_call_and_is_never_mixed() -> None:
    calls = drained(queue(job(5, "e", explain=True), job(1, "s"), job(2, "f", explain=True)))
    assert all(len({j.explain for j, _ in call}) == 1 for call in calls)
    explained = [sum(len(quotes) for _, quotes in call) for call in calls if call[0][0].explain]
    assert max(explained) == MOST_TOGETHER // (1 + EXPLAIN_WEIGHT)
    assert sum(explained) == 7
    assert [call[0][0].explain for call in calls[:2]] == [True, False]


def test_small_requests_are_finished_in_order() -> None:
    jobs = [job(10, f"{n}-") for n in range(20)]
    given = [(j, len(quotes)) for call in drained(queue(*jobs)) for j, quotes in call]
    finished = [j for i, (j, _) in enumerate(given) if j not in [k for k, _ in given[i + 1 :]]]
    assert len(given) <= 24  # at most one is cut at the end of each call
    assert [jobs.index(j) for j in finished] == list(range(20))


def test_what_was_taken_out_is_not_given_any_more() -> None:
    first, second = job(100), job(100, "s")
    turns = queue(first, second)
    turns.take()
    turns.remove(first)
    turns.remove(first)
    assert all(j is second for call in drained(turns) for j, _ in call)


def test_through_the_gate_a_quote_overtakes_a_batch_that_is_under_way() -> None:
    class Recorder:
        seen: list[str] = []  # noqa: RUF012 - of this one test

        def score(
            self, quotes: Sequence[str], *, sentences: bool = False, explain: bool = False
        ) -> list[ToneScore]:
            self.seen.extend(quotes)
            degree = Degree(0.5, 0.5, 0.5, "some")
            return [ToneScore(degree, degree)] * len(quotes)

    async def play() -> list[str]:
        gate = ScoringGate(scorer, 2048, 20)
        done: list[str] = []

        async def ask(name: str, count: int) -> None:
            scores = await gate.score([f"{name}{i}" for i in range(count)])
            assert len(scores) == count
            done.append(name)

        tasks = [asyncio.create_task(ask("large", 500)), asyncio.create_task(ask("small", 1))]
        await asyncio.sleep(0)
        gate.start()
        await asyncio.gather(*tasks)
        await gate.close()
        return done

    scorer = Recorder()
    assert asyncio.run(play()) == ["small", "large"]
    assert [q for q in scorer.seen if q != "small0"] == [f"large{i}" for i in range(500)]
    assert scorer.seen.index("small0") < MOST_TOGETHER
