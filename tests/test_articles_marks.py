"""Which words stand between quotation marks, in every style and however badly balanced."""

import pytest

from service.articles.article import read_article

PAIRS = [
    ('He said "no".', ["no"]),
    ("He said “no”.", ["no"]),
    ("He said ‘no’.", ["no"]),
    ("He said 'no'.", ["no"]),
    ("He said «no».", ["no"]),
    ("He said « no », then left.", ["no"]),
    ("He said »no«, then left.", ["no"]),
    ("He said „no“ and „never”.", ["no", "never"]),
    ("He said ”no”.", ["no"]),
    ("He said ``no'' today.", ["no"]),
    ("He said ''no'' today.", ["no"]),
    ("He said ‹no›.", ["no"]),
    ("He said 「no」.", ["no"]),
    ('He said “no".', ["no"]),
    ('He said "no"—and "never"—twice.', ["no", "never"]),
    ('("No," he said.)', ["No,"]),
    ('He called it a "plan"; then a "plot"!', ["plan", "plot"]),
    ('"[They] will regret it … deeply," he said.', ["[They] will regret it … deeply,"]),
    ('A 12" pipe and a 5\'10" man.', []),
    ('"" and "…" hold no words.', []),
]
APOSTROPHES = [
    ("The ministers' plan didn't please '90s fans of rock 'n' roll.", []),
    ("He called it 'the hauliers' nightmare' again.", ["the hauliers' nightmare"]),
    ("'It's the islanders' lifeline they're taxing,' he said.",
     ["It's the islanders' lifeline they're taxing,"]),
    ("It was ‘our farmers’ work’ and the union’s ‘pride’.", ["our farmers’ work", "pride"]),
    ("'Tis said that 'the dogs' barked.", ["the dogs"]),
    ("The dogs' owner said 'no'.", ["no"]),
    ("Qur'an, O'Neill, N'Djamena and Hawai'i.", []),
]  # fmt: skip
UNBALANCED = [
    ('He said it was "at its last inch.\n\nShe left.', ["at its last inch"]),
    ('"We lost, Olsen said.\n\n"We won," Lind said.', ["We lost", "We won,"]),
    ('"We lost," Olsen said. "We tried. "We failed," he added.',
     ["We lost,", "We tried.", "We failed,"]),
    ('We lost," Olsen said.\n\n"We won," Lind said.', ["We won,"]),
    ("He said 'never and left.\n\nShe said 'no'.", ["no"]),
    ('He "said "no".', ["said", "no"]),
]  # fmt: skip
PARAGRAPHS = [
    ('"One.\n\n"Two.\n\n"Three," she said.', ["One.", "Two.", "Three,"]),
    ("“One.\n\n“Two.”\n\nShe left.", ["One.", "Two."]),
    ("«One.\n\n«Two.»", ["One.", "Two."]),
    ("'One.\n\n'Two,' she said.", ["One.", "Two,"]),
    ('"One.\n\nTwo," she said. "Three."', ["One.", "Two,", "Three."]),
    ("She said: “One.\n\nTwo.\n\nThree.”", ["One.", "Two.", "Three."]),
]


@pytest.mark.parametrize(
    ("text", "quotes"), [*PAIRS, *APOSTROPHES, *UNBALANCED, *PARAGRAPHS], ids=lambda x: str(x)[:50]
)
def test_the_quoted_words_are_found(text: str, quotes: list[str]) -> None:
    found = read_article(text).quotes
    assert [quote.text for quote in found] == quotes
    assert all(text[quote.start : quote.end] == quote.text for quote in found)


@pytest.mark.parametrize(
    ("text", "outer", "inner"),
    [
        ("\"He told me 'go away' twice,\" she said.", "He told me 'go away' twice,", "go away"),
        ("'He said \"go away\" to me,' she said.", 'He said "go away" to me,', "go away"),
        ("“He said ‘go away’ to me,” she said.", "He said ‘go away’ to me,", "go away"),
        ("«He said “go away” to me», she said.", "He said “go away” to me", "go away"),
        ('"My father said, "Go away.""', 'My father said, "Go away."', "Go away."),
    ],
)
def test_marks_nest(text: str, outer: str, inner: str) -> None:
    quotes = read_article(text).quotes
    assert [quote.text for quote in quotes] == [outer, inner]
    assert (quotes[0].part_of, quotes[1].part_of) == (None, 0)


def test_a_missing_mark_spoils_no_other_paragraph() -> None:
    good = 'Ida Holm said it was "fine". Lars Berg called it "good".'
    text = f'{good}\n\n"We lost, said Olsen.\n\n{good}\n\nIt was "over.\n\n{good}'
    quotes = [quote.text for quote in read_article(text).quotes]
    assert [quotes.count("fine"), quotes.count("good")] == [3, 3]


def test_a_hard_wrapped_text_is_read_by_its_paragraphs() -> None:
    text = (
        "The foreign minister of Norway, Ida Holm, told a crowd of reporters who had\n"
        'waited since noon that the offer was "beneath a friend and unworthy of a\n'
        'neighbour", and that her government would answer it in its own good time\n'
        "and in its own good words, after it had read them with care and with the\n"
        "help of its lawyers, who had asked for a week, and of its fishermen, who\n"
        "had asked for nothing at all.\n\nThe embassy was silent."
    )
    (quote,) = read_article(text).quotes
    assert quote.text == "beneath a friend and unworthy of a\nneighbour"
    assert quote.speaker is not None
    assert quote.speaker.resolved == "Ida Holm"
