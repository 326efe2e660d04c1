"""The gate before the scorer: admits a bounded amount of work, one worker does it in order.

The scorer blocks, so it runs on a thread of its own. What waits is scored together, in turns (see
``service.turns``), so that every processor has work; no quote's numbers depend on another's.
Whatever happens to the worker, each caller that waits gets an answer: scores, or an error.
"""

import asyncio
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError

from model.errors import ScoringError
from model.scores import ToneScore
from service.errors import DeadlineExceeded, NotReady, Overloaded
from service.items import items_of
from service.logs import SERVICE
from service.scoring import Scorer, check_scores
from service.turns import Job, Turn, Turns

FULLEST_READY = 0.8
"""Share of the queue from which on the service asks, by not being ready, for no more work."""
RETRY_SECONDS = (1, 30)  # bounds of Retry-After

_FIRST_RATE = 100.0  # items a second, until the first is measured
_STOPPED = "The scoring worker has stopped; try again in a few seconds."
_CLOSING = "The service is shutting down; send the request to another one."

_log = logging.getLogger(SERVICE)


class ScoringGate:
    """Admits requests, or refuses them at once, and scores them one after the other.

    Args:
        scorer: does the work, on the gate's own thread.
        queue_items: most weight that waits. A request that alone weighs more is admitted when
            nothing waits, since it could never be served otherwise.
        deadline_seconds: longest that a caller waits.
        queue_seconds: longest that what waits may be expected to take; more is not admitted.
        observe: told the seconds of each call of the scorer.
    """

    def __init__(
        self,
        scorer: Scorer,
        queue_items: int,
        deadline_seconds: float,
        queue_seconds: float = math.inf,
        observe: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self._scorer = scorer
        self._limit = queue_items
        self._deadline = deadline_seconds
        self._patience = queue_seconds
        self._observe = observe
        self._changed = threading.Condition()
        self._turns = Turns()
        self._waiting = 0
        self._rate = _FIRST_RATE
        self._busy_since: float | None = None
        self._closing = False
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="scoring", daemon=True)

    def start(self) -> None:
        """Start the worker."""
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Weight of what waits, the quotes being scored not counted."""
        return self._waiting

    @property
    def is_lost(self) -> bool:
        """Whether the worker has died, or is busy with what nobody waits for any more."""
        return self._has_died or self._busy_seconds > self._deadline

    @property
    def _has_died(self) -> bool:
        return not self._closing and (self._stopped or not self._thread.is_alive())

    @property
    def _busy_seconds(self) -> float:
        busy = self._busy_since
        return time.monotonic() - busy if busy else 0

    def problem(self) -> str | None:
        """Return why no more work should be sent here, or None when all is well."""
        if self._closing:
            return _CLOSING
        if self._has_died:
            return _STOPPED
        if (seconds := self._busy_seconds) > self._deadline:
            return f"The scoring worker has been busy with one request for {seconds:.0f} s."
        if self._waiting >= FULLEST_READY * self._limit:
            return f"The queue holds {self._waiting:,} of at most {self._limit:,} texts."
        return None

    async def score(
        self, quotes: Sequence[str], *, sentences: bool = False, explain: bool = False
    ) -> list[ToneScore]:
        """Score quotes as ``Scorer.score`` does, off the event loop.

        A caller that is cancelled, or passes its deadline, takes its waiting work with it.

        Raises:
            Overloaded: too much waits already.
            NotReady: the worker has stopped, or the gate is closing.
            DeadlineExceeded: the scores did not come in time.
            ToneError: as the scorer raised it.
        """
        job = Job(quotes, sentences, explain)
        self._admit(job)
        answer = asyncio.wrap_future(job.future)
        try:
            await asyncio.wait({answer}, timeout=self._deadline)
            if answer.done():
                return answer.result()
            raise DeadlineExceeded(
                f"The scores did not come within {self._deadline:g} seconds; "
                "send fewer quotes at once, or try again later."
            )
        finally:
            answer.cancel()  # so that a late failure finds nobody, rather than an unread future
            self._withdraw(job)

    def _admit(self, job: Job) -> None:
        with self._changed:
            if self._closing or self._stopped:
                raise NotReady(_CLOSING if self._closing else _STOPPED)
            self._refuse_beyond(job)
            self._turns.add(job)
            self._waiting += job.weight
            self._changed.notify()

    def _refuse_beyond(self, job: Job) -> None:
        """Raise Overloaded where too much waits, in items or in the seconds they will take."""
        expected = self._waiting / self._rate
        if self._waiting and self._waiting + job.weight > self._limit:
            limit = f"{self._limit:,}"
        elif expected > self._patience:
            limit = f"what takes {self._patience:g} s"
        else:
            return
        least, most = RETRY_SECONDS
        wait = max(least, min(most, math.ceil(expected)))
        message = f"{self._waiting:,} texts wait already and the limit is {limit}; "
        raise Overloaded(f"{message}try again in {wait} s.", wait)

    def _withdraw(self, job: Job) -> None:
        """Take a job that nobody waits for any more out of the queue, if it is still there."""
        with self._changed:
            job.future.cancel()
            self._turns.remove(job)
            self._waiting = self._turns.weight

    def _next(self) -> list[Turn]:
        """Wait for work and take what is scored in one call; nothing when all is done."""
        with self._changed:
            self._changed.wait_for(lambda: self._turns or self._closing)
            taken = self._turns.take()
            self._waiting = self._turns.weight
            return taken

    def _work(self) -> None:
        turns: list[Turn] = []
        try:
            while turns := self._next():
                if live := [turn for turn in turns if not turn.job.future.done()]:
                    self._run(live)
        except BaseException:  # even what no one should raise must not leave callers waiting
            _log.critical("The scoring worker has died.", exc_info=True)
        finally:
            for turn in turns:
                _answer(turn.job, NotReady(_STOPPED))
            self._fail_all()

    def _run(self, turns: Sequence[Turn]) -> None:
        outcome = self._attempt(turns)
        if not isinstance(outcome, Exception):
            for job, quotes in turns:
                job.scores += outcome[: len(quotes)]
                outcome = outcome[len(quotes) :]
                if len(job.scores) == len(job.quotes):
                    _answer(job, job.scores)
        elif len(turns) == 1:
            job = turns[0].job
            with self._changed:  # what is left of it would be scored in vain
                self._turns.remove(job)
                self._waiting = self._turns.weight
            _answer(job, outcome)
        else:  # a quote on which the scorer fails must not take other callers with it
            for turn in turns:
                self._run([turn])

    def _attempt(self, turns: Sequence[Turn]) -> list[ToneScore] | Exception:
        """Score the quotes of several requests in one call; return the scores or the failure."""
        quotes = [quote for turn in turns for quote in turn.quotes]
        sentences, explain = turns[0].job.sentences, turns[0].job.explain
        start = self._busy_since = time.monotonic()
        try:
            scores = self._scorer.score(quotes, sentences=sentences, explain=explain)
            check_scores(scores, len(quotes))
        except CancelledError:  # to asyncio it would look as if the caller had been cancelled
            return ScoringError("The scorer was closed while it worked.")
        except Exception as error:
            return error
        finally:
            seconds = time.monotonic() - start
            self._busy_since = None
            weight = items_of(len(quotes), sentences, explain)
            self._rate += 0.2 * (weight / max(seconds, 1e-6) - self._rate)
            self._observe(seconds)
        return scores

    def _fail_all(self) -> None:
        """Answer whoever still waits, and admit nobody any more."""
        with self._changed:
            self._stopped = True
            jobs, self._waiting = self._turns.clear(), 0
        for job in jobs:
            _answer(job, NotReady(_CLOSING if self._closing else _STOPPED))

    async def close(self) -> None:
        """Admit nobody any more, finish what was admitted, leave a hung scorer at the deadline."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join, self._deadline)
        self._fail_all()


def _answer(job: Job, answer: list[ToneScore] | Exception) -> None:
    """Give a caller its scores or an error, unless it has left or has its answer."""
    if job.future.done() or not job.future.set_running_or_notify_cancel():
        return
    if isinstance(answer, Exception):
        job.future.set_exception(answer)
    else:
        job.future.set_result(answer)
