"""Slips of the keyboard: few, in longer words, and the same for the same seed."""

import random

import pytest

from training.slips import LEAST_LETTERS, with_slips

SENTENCE = "We strongly condemn the occupation of our neighbours and demand that it should end."


def slipped(text: str, seed: int) -> str:
    return with_slips(text, random.Random(seed))


@pytest.mark.parametrize("seed", range(20))
def test_a_sentence_gets_a_slip_or_two_and_keeps_its_words(seed: int) -> None:
    found = slipped(SENTENCE, seed)
    pairs = list(zip(SENTENCE.split(), found.split(), strict=True))
    changed = [old for old, new in pairs if old.lower() != new.lower()]
    # Swapping two equal letters changes nothing.
    assert len(changed) <= 2
    assert all(len(word.strip(".")) >= LEAST_LETTERS for word in changed)
    assert found == slipped(SENTENCE, seed)


def test_slips_differ_and_most_sentences_get_one() -> None:
    found = {slipped(SENTENCE, seed) for seed in range(50)}
    assert len(found) > 40
    assert sum(text.lower() != SENTENCE.lower() for text in found) > 40


def test_some_texts_lose_capitals_and_apostrophes_as_posts_do() -> None:
    found = [slipped("We won't go to UN", seed) for seed in range(40)]
    assert 4 <= found.count("we wont go to un") <= 16


@pytest.mark.parametrize("text", ["", "lol", "?!", "12 34", "no"])
def test_a_text_of_short_words_has_no_letter_changed(text: str) -> None:
    assert slipped(text, 3).lower() == text
