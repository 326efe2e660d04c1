"""The gate's queue: bounded, left at the deadline, and no caller ever waits for nothing."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence

import pytest

from model.errors import ScoringError
from model.scores import Degree, ToneScore
from service.errors import DeadlineExceeded, NotReady, Overloaded
from service.gate import RETRY_SECONDS, ScoringGate
from service.items import EXPLAIN_WEIGHT

PATIENCE = 20.0  # seconds; only a failing test waits so long


def tone(score: float = 0.5) -> ToneScore:
    degree = Degree(score, score, score, "some")
    return ToneScore(degree, degree)


class Puppet:
    """A scorer that can be held up, and does to each quote what the test says."""

    def __init__(self, act: Callable[[str], ToneScore] = lambda quote: tone()) -> None:
        self.seen: list[str] = []
        self.started = threading.Event()
        self.released = threading.Event()
        self.released.set()
        self._act = act

    def hold(self) -> None:
        self.started.clear()
        self.released.clear()

    def score(
        self, quotes: Sequence[str], *, sentences: bool = False, explain: bool = False
    ) -> list[ToneScore]:
        self.started.set()
        self.released.wait(PATIENCE)
        self.seen.extend(quotes)
        return [self._act(quote) for quote in quotes]


def drive(
    scorer: Puppet,
    play: Callable[[ScoringGate], Awaitable[None]],
    queue_items: int = 100,
    deadline_seconds: float = PATIENCE,
) -> None:
    """Run a play against a started gate and close it."""

    async def stage() -> None:
        gate = ScoringGate(scorer, queue_items, deadline_seconds)
        gate.start()
        try:
            await asyncio.wait_for(play(gate), PATIENCE)
        finally:
            scorer.released.set()
            await gate.close()

    asyncio.run(stage())


async def hold_up(gate: ScoringGate, scorer: Puppet) -> "asyncio.Task[list[ToneScore]]":
    """Occupy the worker with one quote."""
    scorer.hold()
    task = asyncio.create_task(gate.score(["first"]))
    await asyncio.to_thread(scorer.started.wait, PATIENCE)
    return task


async def queue_up(gate: ScoringGate, *quotes: str) -> "list[asyncio.Task[list[ToneScore]]]":
    """Let each quote wait as a request of its own."""
    before = gate.waiting
    tasks = [asyncio.create_task(gate.score([quote])) for quote in quotes]
    while gate.waiting < before + len(quotes):
        await asyncio.sleep(0)
    return tasks


def test_a_full_queue_refuses_and_says_when_to_come_back() -> None:
    scorer = Puppet()

    async def play(gate: ScoringGate) -> None:
        first = await hold_up(gate, scorer)
        waiting = await queue_up(gate, "second", "third")
        with pytest.raises(Overloaded) as refused:
            await gate.score(["fourth"])
        least, most = RETRY_SECONDS
        assert least <= refused.value.retry_after <= most
        assert gate.problem() is not None
        scorer.released.set()
        assert len(await asyncio.gather(first, *waiting)) == 3
        assert gate.problem() is None

    drive(scorer, play, queue_items=2)
    assert "fourth" not in scorer.seen


def test_what_would_take_too_long_is_refused_however_short_the_queue() -> None:
    scorer = Puppet()

    async def play() -> None:
        gate = ScoringGate(scorer, 100, PATIENCE, queue_seconds=1e-9)
        gate.start()
        first = await hold_up(gate, scorer)
        waiting = await queue_up(gate, "second")  # nothing waited, so it is let in
        with pytest.raises(Overloaded, match="1 texts wait already"):
            await gate.score(["third"])
        scorer.released.set()
        assert len(await asyncio.gather(first, *waiting)) == 2
        await gate.close()

    asyncio.run(asyncio.wait_for(play(), PATIENCE))


def test_explaining_counts_more() -> None:
    scorer = Puppet()

    async def play(gate: ScoringGate) -> None:
        await hold_up(gate, scorer)
        asyncio.create_task(gate.score(["second"], explain=True))  # noqa: RUF006
        while not gate.waiting:
            await asyncio.sleep(0)
        assert gate.waiting == 1 + EXPLAIN_WEIGHT

    drive(scorer, play)


def test_the_death_of_the_worker_reaches_everyone_who_waits() -> None:
    def act(quote: str) -> ToneScore:
        raise SystemExit

    scorer = Puppet(act)

    async def play(gate: ScoringGate) -> None:
        first = await hold_up(gate, scorer)
        waiting = await queue_up(gate, "second", "third")
        scorer.released.set()
        answers = await asyncio.gather(first, *waiting, return_exceptions=True)
        assert [type(answer) for answer in answers] == [NotReady] * 3
        with pytest.raises(NotReady):
            await gate.score(["fourth"])
        assert "stopped" in (gate.problem() or "")

    drive(scorer, play)
    assert scorer.seen == ["first"]


def test_a_hung_scorer_meets_the_deadline_and_waiting_work_is_dropped() -> None:
    scorer = Puppet()

    async def play(gate: ScoringGate) -> None:
        first = await hold_up(gate, scorer)
        second = (await queue_up(gate, "second"))[0]
        answers = await asyncio.gather(first, second, return_exceptions=True)
        assert [type(answer) for answer in answers] == [DeadlineExceeded] * 2
        assert gate.waiting == 0
        assert "busy" in (gate.problem() or "")
        scorer.released.set()
        assert await gate.score(["third"]) == [tone()]

    drive(scorer, play, deadline_seconds=0.3)
    assert scorer.seen == ["first", "third"]


def test_the_work_of_a_caller_who_left_is_dropped() -> None:
    scorer = Puppet()

    async def play(gate: ScoringGate) -> None:
        first = await hold_up(gate, scorer)
        second, third = await queue_up(gate, "second", "third")
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert gate.waiting == 1
        scorer.released.set()
        assert [await first, await third] == [[tone()], [tone()]]

    drive(scorer, play)
    assert scorer.seen == ["first", "third"]


def test_closing_finishes_what_was_admitted_and_admits_no_more() -> None:
    scorer = Puppet()

    async def play(gate: ScoringGate) -> None:
        first = await hold_up(gate, scorer)
        waiting = await queue_up(gate, "second", "third")
        closing = asyncio.create_task(gate.close())
        while gate.problem() is None:
            await asyncio.sleep(0)
        with pytest.raises(NotReady, match="shutting down"):
            await gate.score(["fourth"])
        scorer.released.set()
        await closing
        assert await asyncio.gather(first, *waiting) == [[tone()]] * 3

    drive(scorer, play)
    assert scorer.seen == ["first", "second", "third"]


def test_closing_does_not_wait_for_a_hung_scorer() -> None:
    scorer = Puppet()

    async def play(gate: ScoringGate) -> None:
        first = await hold_up(gate, scorer)
        second = (await queue_up(gate, "second"))[0]
        await gate.close()
        answers = await asyncio.gather(first, second, return_exceptions=True)
        assert {type(answer) for answer in answers} <= {DeadlineExceeded, NotReady}

    drive(scorer, play, deadline_seconds=0.3)


def test_what_waits_is_scored_together_and_each_caller_gets_its_own() -> None:
    calls: list[list[str]] = []

    class Counting(Puppet):
        def score(
            self, quotes: Sequence[str], *, sentences: bool = False, explain: bool = False
        ) -> list[ToneScore]:
            calls.append(list(quotes))
            return super().score(quotes, sentences=sentences, explain=explain)

    scorer = Counting(lambda quote: tone(len(quote) / 10))

    async def play(gate: ScoringGate) -> None:
        first = await hold_up(gate, scorer)
        waiting = await queue_up(gate, "second", "third")
        scorer.released.set()
        answers = await asyncio.gather(first, *waiting)
        assert answers == [[tone(0.5)], [tone(0.6)], [tone(0.5)]]

    drive(scorer, play)
    assert calls == [["first"], ["second", "third"]]


@pytest.mark.parametrize("failure", [ScoringError("no number"), SystemExit()])
def test_a_quote_that_fails_takes_no_other_caller_with_it(failure: BaseException) -> None:
    def act(quote: str) -> ToneScore:
        if quote == "bad":
            raise failure if calls_alone(quote) else ScoringError("together")
        return tone()

    def calls_alone(quote: str) -> bool:
        return scorer.seen[-1:] == [quote]

    scorer = Puppet(act)

    async def play(gate: ScoringGate) -> None:
        first = await hold_up(gate, scorer)
        waiting = await queue_up(gate, "good", "bad", "last")
        scorer.released.set()
        answers = await asyncio.gather(first, *waiting, return_exceptions=True)
        assert answers[:2] == [[tone()], [tone()]]
        if isinstance(failure, ScoringError):
            assert answers[2] is failure
            assert answers[3] == [tone()]
        else:  # the worker died on it: who came after is told, and does not wait for ever
            assert [type(answer) for answer in answers[2:]] == [NotReady] * 2

    drive(scorer, play)
