"""Any text at all: nothing is raised, the records fit the text, and the work grows with length."""

import gc
import random
import sys
from types import FrameType

import pytest

from bench.articles import read_gold
from bench.nasty import SOUPS
from service.articles.article import read_article

PIECES = [
    *"\"'“”‘’«»„‹›`()[]—–-:;,.!?…\n\t\r\0\u2028\u00a0\u200f ",
    *[
        "``",
        "''",
        "\n\n",
        " said ",
        " told ",
        " who ",
        " by ",
        " and ",
        "'s ",
        "s' ",
        "according to ",
    ],
    *["Olsen", "the minister", "He", "They", "one of", "Mr. ", "U.S. ", "Q: ", "A: ", "OSLO - "],
    *["Norway", "al-Nuaimi", "[sic]", "12.30", "é", "日本", "🙂", "\ud800", "ß", "İ", "so-called "],
]


def made_up(seed: int, length: int) -> str:
    """Return a text of random pieces."""
    chance = random.Random(seed)
    return "".join(chance.choice(PIECES) for _ in range(length))


def check(text: str) -> None:
    """Assert that the records of a text fit it and one another."""
    quotes = read_article(text, title=text[:20]).quotes
    starts = [quote.start for quote in quotes]
    assert starts == sorted(starts)
    for index, quote in enumerate(quotes):
        assert text[quote.start : quote.end] == quote.text
        assert quote.text.strip()
        ends = [quote.start, *(at for piece in quote.pieces for at in piece), quote.end]
        assert ends == sorted(ends)
        assert quote.part_of is None or 0 <= quote.part_of < index
        for mention in (quote.speaker, quote.addressee):
            assert mention is None or text[mention.start : mention.end] == mention.text
        assert (quote.kind == "mention") <= (quote.speaker is None)


@pytest.mark.parametrize("seed", range(40))
def test_any_mixture_of_marks_and_words_is_read(seed: int) -> None:
    check(made_up(seed, 300))


@pytest.mark.parametrize("seed", range(12))
def test_an_article_with_pieces_lost_and_added_is_read(seed: int) -> None:
    chance = random.Random(seed)
    articles = read_gold()
    text = articles[seed % len(articles)].text
    for _ in range(30):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(PIECES) + text[at + chance.randrange(3) :]
    check(text)


@pytest.mark.parametrize(
    "text", ["", " ", "\n", '"', "'", "“", "a", '"a', 'a"', "Q:", ":", "\ud800"]
)
def test_next_to_nothing_is_read(text: str) -> None:
    check(text)


def test_the_same_text_is_always_read_the_same() -> None:
    text = "\n\n".join(article.text for article in read_gold()[:6])
    assert read_article(text) == read_article(text)


def calls(text: str) -> int:
    """Count the function calls, ours and built-in ones, that reading a text takes."""
    count = 0

    def hear(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(hear)
    try:
        read_article(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", SOUPS)
def test_the_work_grows_with_the_length(name: str) -> None:
    read_article('Olsen said "no".')  # fill the caches
    short, long = (calls(SOUPS[name](length)) for length in (1_000, 8_000))
    assert long < 10 * short


def test_quotes_nested_as_deep_as_the_text_is_long_are_read() -> None:
    text = "“a ‘b " * 2_000 + "c’ d” " * 2_000 + "“We lost,” said Olsen."
    *nested, last = read_article(text).quotes
    assert 5 < len(nested) < 50
    assert [quote.part_of for quote in nested] == [None, *range(len(nested) - 1)]
    assert (last.text, last.speaker and last.speaker.text) == ("We lost,", "Olsen")


def test_the_garbage_collector_is_left_as_it_was() -> None:
    seen = [gc.isenabled()]
    read_article('Olsen said "no".')
    seen.append(gc.isenabled())
    gc.disable()
    read_article('Olsen said "no".')
    seen.append(gc.isenabled())
    gc.enable()
    assert seen == [True, True, False]
