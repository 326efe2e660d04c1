"""The queue behind the gate: gives out what waits in turns, so that nobody small is held up.

A call of the scorer takes a bounded number of items. A request gets at most a quarter of them while
others wait, and goes to the end of the queue if it is not finished: a batch of hundreds delays a
single quote by a part of a call, and not by the whole batch. Small requests are finished at once,
in order, since to share calls among all of them would make each one late.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import NamedTuple

from model.scores import ToneScore
from service.items import items_of

MOST_TOGETHER = 64
"""Most items of one call of the scorer, unless a single quote counts more; bounds how long one
waits for the call under way."""


@dataclass(slots=True, eq=False)
class Job:
    """A request: what is wanted of its quotes, and how far it has come.

    Attributes:
        quotes: what to score.
        sentences: score each sentence too.
        explain: give contributions too.
        future: gets all scores, or an error.
        given: how many quotes were given to the scorer.
        scores: of the quotes that came back.
    """

    quotes: Sequence[str]
    sentences: bool
    explain: bool
    future: "Future[list[ToneScore]]" = field(default_factory=Future)
    given: int = 0
    scores: list[ToneScore] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Quotes that wait."""
        return len(self.quotes) - self.given

    @property
    def weight(self) -> int:
        """Items that wait."""
        return items_of(self.left, self.sentences, self.explain)

    def wants_as(self, other: "Job") -> bool:
        """Tell whether both can be scored in one call."""
        return (self.sentences, self.explain) == (other.sentences, other.explain)


class Turn(NamedTuple):
    """Some quotes of a request, to be scored now."""

    job: Job
    quotes: Sequence[str]


class Turns:
    """Requests in the order of their turn. Not safe between threads; the gate holds a lock."""

    def __init__(self) -> None:
        self._queue: deque[Job] = deque()

    def __bool__(self) -> bool:
        return bool(self._queue)

    @property
    def weight(self) -> int:
        """Items that wait, those given to the scorer not counted."""
        return sum(job.weight for job in self._queue)

    def add(self, job: Job) -> None:
        """Put a request at the end."""
        self._queue.append(job)

    def remove(self, job: Job) -> None:
        """Take out a request, if it is still there."""
        if job in self._queue:
            self._queue.remove(job)

    def clear(self) -> list[Job]:
        """Take out all."""
        jobs = list(self._queue)
        self._queue.clear()
        return jobs

    def take(self) -> list[Turn]:
        """Give out what is scored in the next call; nothing when nothing waits."""
        if not self._queue:
            return []
        first = self._queue[0]
        room = max(1, MOST_TOGETHER // items_of(1, first.sentences, first.explain))
        fair = max(1, room // 4)
        jobs = [job for job in self._queue if job.wants_as(first)][:room]
        shares = _shares([job.left for job in jobs], room, fair)
        turns = []
        for job, count in zip(jobs, shares, strict=True):
            if count:
                turns.append(Turn(job, job.quotes[job.given : job.given + count]))
                job.given += count
        self._line_up(turns, fair)
        return turns

    def _line_up(self, turns: Sequence[Turn], fair: int) -> None:
        """Let who is done leave, who had a fair share go to the end, and the rest stay in front."""
        for job, quotes in reversed(turns):
            self._queue.remove(job)
            if job.left and len(quotes) < fair:
                self._queue.appendleft(job)
        self._queue.extend(job for job, quotes in turns if job.left and len(quotes) >= fair)


def _shares(wanted: Sequence[int], room: int, fair: int) -> list[int]:
    """Share out some room in order, to each a fair share at most as long as others want some."""
    shares = [0] * len(wanted)
    while room and shares != list(wanted):
        for i, want in enumerate(wanted):
            more = min(want - shares[i], fair, room)
            shares[i] += more
            room -= more
    return shares
