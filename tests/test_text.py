"""Text preparation and the check that decides what can be scored."""

import pytest

from model.errors import QuoteError
from model.text import MAX_CHARACTERS, check, has_words, prepare


@pytest.mark.parametrize(
    ("raw", "prepared"),
    [
        ("  deep\t\n regret ", "deep regret"),
        ("cafe\u0301", "caf\u00e9"),
        ("“hateful sophistry”", "hateful sophistry"),
        ("«hateful sophistry»", "hateful sophistry"),
        ("'deep regret'", "deep regret"),
        ('"deep regret', "deep regret"),
        ("it’s the partners’ fault", "it's the partners' fault"),
        ('"No," he said, "never"', '"No," he said, "never"'),
        ('They call it "peace"', 'They call it "peace"'),
        ("a\x00b\x07c", "a b c"),
        ('"', '"'),
        ("DEEP Regret", "DEEP Regret"),
    ],
)
def test_prepare_settles_marks_and_space_and_keeps_the_rest(raw: str, prepared: str) -> None:
    assert prepare(raw) == prepared


@pytest.mark.parametrize("raw", ["“a ‘b’ c”", '""x""', "  'x' ", "«a» and «b»", "x" * 50])
def test_prepare_twice_is_prepare_once(raw: str) -> None:
    assert prepare(prepare(raw)) == prepare(raw)


@pytest.mark.parametrize(
    ("quote", "code"),
    [
        ("", "quote_blank"),
        (" \t\n\u2003", "quote_blank"),
        ("\x00\x01", "quote_blank"),
        ("x" * (MAX_CHARACTERS + 1), "quote_too_long"),
        ("half \ud83d pair", "quote_not_unicode"),
        (None, "quote_not_text"),
        (7, "quote_not_text"),
    ],
)
def test_check_refuses_what_cannot_be_scored(quote: object, code: str) -> None:
    with pytest.raises(QuoteError) as refusal:
        check(quote, index=3)
    assert (refusal.value.code, refusal.value.index) == (code, 3)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("quote", ["!!!", "مرحبا", "🕊️", "a", "x" * MAX_CHARACTERS])
def test_check_returns_what_can_be_scored_unchanged(quote: str) -> None:
    assert check(quote) == quote


def test_words_are_letters_of_any_script_and_not_digits() -> None:
    assert [has_words(t) for t in ("мир", "42 %", "_", "— !", "x1")] == [
        True, False, False, False, True,
    ]  # fmt: skip
