"""Finds quotes that say nearly the same, so that they never stand on both sides of a split.

Candidates come from MinHash signatures (Broder, "On the resemblance and containment of
documents", 1997) gathered by locality-sensitive hashing; each candidate pair is then decided by
the exact Jaccard similarity, so chance can cost a pair but never invent one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from datasketch import MinHash, MinHashLSH

SIMILARITY = 0.7
"""Two texts are near-duplicates from this share of common shingles on (Jaccard, 0 to 1)."""

_PERMUTATIONS = 128
# 32 bands of 4 rows: a pair at .7 is overlooked with probability (1 - .7^4)^32, about 1 in 6,000.
_BANDS = (32, 4)
_SHINGLE = 2
# Below this many words a single changed word decides the similarity, so only equality counts.
_SHORT = 5


def near_duplicate_pairs(texts: Sequence[str]) -> list[tuple[int, int]]:
    """All pairs (i, j), i < j, of positions whose texts are near-duplicates, sorted.

    Compares pairs of neighbouring words, regardless of case, punctuation and Unicode width;
    texts under five words are duplicates only if their words are the same.
    """
    words = [_words(text) for text in texts]
    pairs = set(_equal_pairs(words))
    long = [place for place, found in enumerate(words) if len(found) >= _SHORT]
    shingles = {place: _shingles(words[place]) for place in long}
    index = MinHashLSH(num_perm=_PERMUTATIONS, params=_BANDS)
    signatures = MinHash.generator(
        ([shingle.encode() for shingle in sorted(shingles[place])] for place in long),
        num_perm=_PERMUTATIONS,
    )
    for place, signature in zip(long, signatures, strict=True):
        for other in index.query(signature):
            if jaccard(shingles[place], shingles[other]) >= SIMILARITY:
                pairs.add((other, place))
        index.insert(place, signature, check_duplication=False)
    return sorted(pairs)


def jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    """Size of the intersection over size of the union, 0 to 1; two empty sets give 1."""
    union = len(left | right)
    return len(left & right) / union if union else 1.0


class DisjointSets:
    """Union-find over positions (Tarjan 1975; path halving): which belong together in the end."""

    def __init__(self, size: int) -> None:
        """Start with each of `size` positions alone."""
        self._parent = list(range(size))

    def root(self, place: int) -> int:
        """The position that stands for the set of this one."""
        while self._parent[place] != place:
            self._parent[place] = self._parent[self._parent[place]]
            place = self._parent[place]
        return place

    def join(self, left: int, right: int) -> None:
        """Put two positions, and all that hangs on them, into one set."""
        self._parent[self.root(left)] = self.root(right)


def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    # A text of punctuation alone ("?!") is compared as it stands.
    return tuple(re.findall(r"\w+", plain)) or (plain,)


def _shingles(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(
        " ".join(words[start : start + _SHINGLE]) for start in range(len(words) - _SHINGLE + 1)
    )


def _equal_pairs(words: Sequence[tuple[str, ...]]) -> list[tuple[int, int]]:
    """Chain the places of equal texts: (1st, 2nd), (1st, 3rd), ..."""
    first: dict[tuple[str, ...], int] = {}
    pairs = []
    for place, found in enumerate(words):
        earlier = first.setdefault(found, place)
        if earlier != place:
            pairs.append((earlier, place))
    return pairs
