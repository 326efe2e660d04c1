"""Sentences, clauses and words as code point offsets, and windows of long texts."""

from pathlib import Path

import pytest

from model.artifact import TOKENIZER
from model.encoder import TextEncoder
from model.plan import Plan
from model.spans import clauses, sentences, words


@pytest.fixture(scope="module")
def encoder(artifact: Path) -> TextEncoder:
    return TextEncoder.load(artifact / TOKENIZER, window=64)


def test_sentences_know_abbreviations_and_count_code_points() -> None:
    text = "😀 Mr. Lavrov met the U.S. envoy.  He left! مرحبا. Why?"
    found = [text[s.start : s.end] for s in sentences(text)]
    assert found == ["😀 Mr. Lavrov met the U.S. envoy.", "He left!", "مرحبا.", "Why?"]


def test_words_leave_out_the_punctuation_around_them() -> None:
    text = "“Don't,” they said — twice!"
    assert [text[w.start : w.end] for w in words(text)] == ["Don't", "they", "said", "twice"]


def test_clauses_cover_every_word_once() -> None:
    text = "We regret this, deeply; they lied. And we (all of us) know it - so do they."
    covered = [
        w for w in words(text) for c in clauses(text) if c.start <= w.start and w.end <= c.end
    ]
    assert covered == words(text)


@pytest.mark.parametrize(
    "text",
    [
        "They lied to us again. " * 80,
        "word " * 1_000,
        "x" * 5_000,
        "한국어 문장입니다 " * 200,
        "https://example.org/" + "a/" * 900,
    ],
)
def test_windows_fit_and_leave_nothing_but_space_out(encoder: TextEncoder, text: str) -> None:
    windows = encoder.windows(text)
    assert len(windows) > 1 or len(encoder.encode([text])[0]) <= 64
    assert all(len(encoder.encode([text[w.start : w.end]])[0]) <= 64 for w in windows)
    covered = "".join(text[w.start : w.end].replace(" ", "") for w in windows)
    assert covered == text.replace(" ", "")


def test_a_text_that_just_fits_is_one_window(encoder: TextEncoder) -> None:
    assert Plan("word " * 62, encoder).windows == 1
    assert Plan("word " * 63, encoder).windows > 1


@pytest.mark.parametrize("text", ["a " * 31, "x" * 62, "!" * 62, "한" * 20, "é" * 20])
def test_what_surely_fits_has_few_enough_tokens(encoder: TextEncoder, text: str) -> None:
    assert encoder.surely_fits(text)
    assert len(encoder.encode([text])[0]) <= encoder.window
    assert not encoder.surely_fits(text * 4)


def test_tokens_that_were_needed_to_cut_are_kept(encoder: TextEncoder) -> None:
    for text in ("word " * 30, "They lied to us again. " * 80):
        plan = Plan(text, encoder, by_sentence=True)
        assert len(plan.known) == len(plan.texts)
        again = encoder.encode(plan.texts)
        kept = [(ids, new) for ids, new in zip(plan.known, again, strict=True) if ids is not None]
        assert len(kept) >= plan.windows
        assert all((ids == new).all() for ids, new in kept)
