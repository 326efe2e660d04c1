"""Near-duplicates: what counts as one, and that hashing finds what a full search finds."""

import random

import pytest

from data.duplicates import jaccard, near_duplicate_pairs


@pytest.mark.parametrize(
    ("left", "right", "duplicates"),
    [
        ("Deep regret", "\u201cdeep regret!\u201d", True),
        ("Deep regret", "deep regrets", False),
        ("?!", "?!", True),
        ("?!", "!!", False),
        ("we will never accept this plan of theirs", "We will never accept this plan of", True),
        ("we will not accept this plan of theirs", "they gladly accept this plan of ours", False),
        ("\u041c\u044b \u0437\u0430", "\u043c\u044b \u0417\u0410.", True),
    ],
)  # fmt: skip
def test_near_duplicates(left: str, right: str, duplicates: bool) -> None:
    assert near_duplicate_pairs([left, "quite another thing altogether, sir", right]) == (
        [(0, 2)] if duplicates else []
    )


def test_hashing_overlooks_no_pair_that_an_exhaustive_search_finds() -> None:
    rng = random.Random(0)
    texts = []
    for _ in range(150):
        words = [f"word{rng.randrange(3000)}" for _ in range(20)]
        texts.append(" ".join(words))
        words[rng.randrange(20)] = "changed"
        texts.append(" ".join(words))
    shingles = [frozenset(zip(text.split(), text.split()[1:], strict=False)) for text in texts]
    exact = [
        (left, right)
        for left in range(len(texts))
        for right in range(left + 1, len(texts))
        if jaccard(shingles[left], shingles[right]) >= 0.7  # type: ignore[arg-type]
    ]
    assert len(exact) == 150
    assert near_duplicate_pairs(texts) == exact


def test_no_rows_have_no_duplicates() -> None:
    assert near_duplicate_pairs([]) == []
