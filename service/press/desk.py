"""The desk where articles are read: one at a time, off the event loop, and not too many waiting.

Reading is pure Python and takes about a second for the longest article, so that a second thread
would gain nothing and the loop must not do it.
"""

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from service.articles.syntax import Syntax
from service.errors import Overloaded

MOST_WAITING = 2_000_000
"""Most characters that wait to be read, ten of the longest articles; bounds how long one waits."""
CHARACTERS_A_SECOND = 200_000
"""What is read in a second, about; only for Retry-After."""

T = TypeVar("T")


class ReadingDesk:
    """Runs what reads articles on a thread of its own, in the order of asking.

    Args:
        syntax: the parser that it reads with beside the rules, or None; only this thread uses it.
    """

    def __init__(self, syntax: Syntax | None = None) -> None:
        self.syntax = syntax
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reading")
        self._waiting = 0

    async def run(self, characters: int, work: Callable[[], T]) -> T:
        """Return what some work returns; a caller that is cancelled takes waiting work with it.

        Args:
            characters: length of the article that the work reads.
            work: what to run.

        Raises:
            Overloaded: too much waits already.
        """
        if self._waiting and self._waiting + characters > MOST_WAITING:
            seconds = math.ceil(self._waiting / CHARACTERS_A_SECOND)
            raise Overloaded(
                f"Articles of {self._waiting:,} characters wait already and the limit is "
                f"{MOST_WAITING:,}; try again in {seconds} s.",
                seconds,
            )
        self._waiting += characters
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._waiting -= characters

    def close(self) -> None:
        """Drop what waits and let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)
