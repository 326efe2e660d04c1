"""The gate's answers: each caller's own scores or failure, in order, and no score that is none."""

import asyncio
import concurrent.futures
from collections.abc import Callable, Sequence

import pytest

from model.errors import QuoteError, ScoringError
from model.scores import Degree, ToneScore
from service.gate import ScoringGate

Answer = list[ToneScore] | BaseException


class Stub:
    """A scorer that gives each quote the number that the test says."""

    def __init__(self, act: Callable[[str], float] = lambda quote: 0.5) -> None:
        self.seen: list[str] = []
        self.given: list[ToneScore] = []
        self._act = act

    def score(
        self, quotes: Sequence[str], *, sentences: bool = False, explain: bool = False
    ) -> list[ToneScore]:
        self.seen.extend(quotes)
        degrees = [Degree(number, number, number, "some") for number in map(self._act, quotes)]
        scores = [ToneScore(degree, degree) for degree in degrees]
        self.given.extend(scores)
        return scores


def ask(scorer: Stub, *requests: list[str], queue_items: int = 100) -> list[Answer]:
    """Put requests to a gate, all at once; return what each got once the gate is found well."""

    async def put() -> list[Answer]:
        gate = ScoringGate(scorer, queue_items, deadline_seconds=20)
        gate.start()
        try:
            answers = await asyncio.gather(*map(gate.score, requests), return_exceptions=True)
            assert gate.problem() is None
        finally:
            await gate.close()
        return answers

    return asyncio.run(put())


def test_requests_are_scored_in_order() -> None:
    scorer = Stub(lambda quote: int(quote) / 10)
    answers = ask(scorer, *([str(i), str(i + 1)] for i in range(5)))
    for i, answer in enumerate(answers):
        assert [score.hostility.score for score in answer] == [i / 10, (i + 1) / 10]
    assert scorer.seen == ["0", "1", "1", "2", "2", "3", "3", "4", "4", "5"]


def test_a_request_larger_than_the_queue_is_served_when_nothing_waits() -> None:
    (answer,) = ask(Stub(), ["a", "b", "c"], queue_items=2)
    assert len(answer) == 3


@pytest.mark.parametrize(
    "error",
    [ScoringError("no"), QuoteError("quote_blank", "no"), RuntimeError("no"), TimeoutError()],
)
def test_a_failure_reaches_its_caller_and_the_next_is_served(error: Exception) -> None:
    def act(quote: str) -> float:
        if quote == "bad":
            raise error
        return 0.5

    scorer = Stub(act)
    bad, good = ask(scorer, ["bad"], ["good"])
    assert type(bad) is type(error)
    assert len(good) == 1
    assert good == scorer.given


def test_a_scorer_closed_under_work_is_a_failure_not_a_cancellation() -> None:
    def act(quote: str) -> float:
        raise concurrent.futures.CancelledError

    (answer,) = ask(Stub(act), ["quote"])
    assert isinstance(answer, ScoringError)
    assert "closed" in str(answer)


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -0.1, 1.1])
def test_a_score_that_is_no_degree_never_leaves(score: float) -> None:
    (answer,) = ask(Stub(lambda quote: score), ["quote"])
    assert isinstance(answer, ScoringError)


def test_a_missing_score_is_an_error() -> None:
    class Forgetful(Stub):
        def score(
            self, quotes: Sequence[str], *, sentences: bool = False, explain: bool = False
        ) -> list[ToneScore]:
            return super().score(quotes)[:-1]

    (answer,) = ask(Forgetful(), ["a", "b"])
    assert isinstance(answer, ScoringError)
    assert "1 scores for 2 quotes" in str(answer)
