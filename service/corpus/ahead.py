"""Scores the next chunks while the last one is written.

A part of scoring keeps one processor busy and a part all of them; two chunks under way fill the
gaps.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Chunk = TypeVar("Chunk")
Found = TypeVar("Found")

AT_ONCE = 2
"""Chunks that are scored side by side."""


def scored_each(
    score: Callable[[Chunk], Found], chunks: Iterator[Chunk]
) -> Iterator[tuple[Chunk, Found]]:
    """Do the same one by one: no chunk is read before the one before it was given out."""
    return ((chunk, score(chunk)) for chunk in chunks)


def scored_ahead(
    score: Callable[[Chunk], Found], chunks: Iterator[Chunk]
) -> Iterator[tuple[Chunk, Found]]:
    """Give each chunk with what ``score`` returns for it, in order.

    Args:
        score: is called from threads.
        chunks: read as they are needed, at most ``AT_ONCE`` beyond the one that was given out.

    Raises:
        Exception: what ``score`` raised, in its turn; what ``chunks`` raised, at once, before
            what is under way is given out.
    """
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="chunk") as pool:
        under_way: deque[tuple[Chunk, Future[Found]]] = deque()
        try:
            for chunk in chunks:
                under_way.append((chunk, pool.submit(score, chunk)))
                if len(under_way) > AT_ONCE:
                    first, future = under_way.popleft()
                    yield first, future.result()
            for chunk, future in under_way:
                yield chunk, future.result()
        finally:
            for _, future in under_way:
                future.cancel()
