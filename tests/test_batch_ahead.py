"""Chunks are scored side by side, and come out in order with what went wrong in its place."""

import threading
from collections.abc import Iterator

import pytest

from service.corpus.ahead import AT_ONCE, scored_ahead, scored_each


class Watched:
    """Gives numbers and remembers how many it gave."""

    def __init__(self, count: int) -> None:
        self.given = 0
        self._count = count

    def __iter__(self) -> Iterator[int]:
        for number in range(self._count):
            self.given += 1
            yield number


def test_chunks_are_scored_side_by_side_and_given_in_order() -> None:
    together = threading.Barrier(AT_ONCE, timeout=30)

    def score(chunk: int) -> str:
        together.wait()  # comes back only when as many are under way
        return f"scored {chunk}"

    found = list(scored_ahead(score, iter(range(3 * AT_ONCE))))
    assert found == [(number, f"scored {number}") for number in range(3 * AT_ONCE)]


def test_no_more_is_read_than_is_under_way() -> None:
    source = Watched(100)
    scored = scored_ahead(str, iter(source))
    assert [next(scored) for _ in range(3)] == [(0, "0"), (1, "1"), (2, "2")]
    assert source.given == 3 + AT_ONCE
    alone = Watched(100)
    assert next(scored_each(str, iter(alone))) == (0, "0")
    assert alone.given == 1


def test_what_fails_is_raised_after_what_came_before() -> None:
    def score(chunk: int) -> int:
        return 6 // (chunk - 3)

    scored = scored_ahead(score, iter(range(9)))
    assert [next(scored)[1] for _ in range(3)] == [-2, -3, -6]
    with pytest.raises(ZeroDivisionError):
        next(scored)
