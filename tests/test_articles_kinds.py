"""What sort of quote each is, whose words it holds, and who answers whom."""

import pytest

from service.articles.article import read_article

KINDS = [
    ('"We will not yield," Olsen said.', ["statement"]),
    ('Olsen called it "thin soup".', ["fragment"]),
    ('Olsen said "the time for talks is over".', ["fragment"]),
    ('"We came," said Ann Berg, "and we saw."', ["statement", "continuation"]),
    ('"We came," said Ann Berg. "We saw."', ["statement", "continuation"]),
    ('Olsen called it "thin soup" and "a farce".', ["fragment", "fragment"]),
    ('It was, Olsen said, "a circus".', ["fragment"]),
    ('Olsen remarked, "so it is".', ["statement"]),
    ('He saw the so-called "experts" again.', ["mention"]),
    ('She starred in the film "The Long Night".', ["mention"]),
    ('His memoir, "A Seat Near the Door", is out.', ["mention"]),
    ('The word "regret" is absent.', ["mention"]),
    ('The hashtag "#BiteBack" was new.', ["mention"]),
    ('The match was billed as a "feast of friendship".', ["mention"]),
    ('The house, known as "the icebox", is empty.', ["mention"]),
    ('There were "experts" on television.', ["mention"]),
    ('Premier mocks envoy\'s "friendly advice"', ["mention"]),
    ('Young diplomats call such a posting "an exile".', ["mention"]),
]


@pytest.mark.parametrize(("text", "kinds"), KINDS, ids=lambda x: str(x)[:50])
def test_the_kind(text: str, kinds: list[str]) -> None:
    assert [quote.kind for quote in read_article(text).quotes] == kinds


def test_a_mention_states_nothing_and_has_no_speaker() -> None:
    article = read_article('Ida Holm derided the so-called "experts". "Enough," she said.')
    mention, statement = article.quotes
    assert (mention.states, mention.speaker, mention.cue) == (False, None, None)
    assert statement.states
    assert [speaker.quotes for speaker in article.speakers] == [(1,)]


def test_only_the_speakers_own_words_are_theirs() -> None:
    text = "\"He called us 'a gang of thieves', and we thank him for it,\" Ida Holm said."
    outer, nested = read_article(text).quotes
    assert nested.kind == "nested"
    assert nested.speaker is not None
    assert nested.speaker.text == "He"
    assert outer.words == "He called us … and we thank him for it,"
    assert [text[start:end] for start, end in outer.pieces] == outer.words.split(" … ")
    assert nested.words == "a gang of thieves"


def test_a_word_held_at_a_distance_stays_with_the_speaker() -> None:
    outer, inner = read_article("\"Their so-called 'exercise' is a threat,\" Berg said.").quotes
    assert inner.kind == "mention"
    assert outer.words == "Their so-called 'exercise' is a threat,"


def test_editors_notes_are_nobodys_words_but_brackets_in_a_sentence_stay() -> None:
    (quote,) = read_article('"[The neighbours] is [sic] mad [laughter] at us," Berg said.').quotes
    assert quote.words == "[The neighbours] is … mad … at us,"


def test_a_quote_over_paragraphs_has_one_speaker_wherever_that_is_named() -> None:
    before = read_article('Ida Holm said: "One.\n\n"Two.\n\n"Three."')
    after = read_article('"One.\n\n"Two.\n\n"Three," said Ida Holm.')
    for article in (before, after):
        assert [quote.kind for quote in article.quotes] == ["statement", *2 * ["continuation"]]
        assert [quote.part_of for quote in article.quotes] == [None, 0, 1]
        assert article.speakers[0].quotes == (0, 1, 2)


TRANSCRIPT = """Petra Malm (presenter): Is it a crisis?
Ambassador Jaan Raud: No. [laughs] He said "a bear would knock".
Malm: And did it?
It was a cold winter.
Raud: It did not.
"""


def test_a_transcript_is_read_by_its_labels() -> None:
    article = read_article(TRANSCRIPT)
    said = [(q.speaker.resolved if q.speaker else None, q.kind) for q in article.quotes]
    assert said == [
        ("Petra Malm", "statement"),
        ("Jaan Raud", "statement"),
        (None, "nested"),
        ("Petra Malm", "statement"),
        ("Petra Malm", "continuation"),
        ("Jaan Raud", "statement"),
    ]
    assert article.quotes[1].words == "No. … He said"
    turns = [(t.speaker, t.answers, t.evidence) for t in article.exchange]
    assert turns[1:3] == [("Jaan Raud", 0, "transcript"), ("Petra Malm", 1, "transcript")]


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("Ida Holm spoke to us.\n\nQ: Why?\nA: Because.", ["Q", "Ida Holm"]),
        ("Ida Holm spoke.\n\nXY: Why?\n\nIH: Because.\n\nXY: Oh.", ["XY", "Ida Holm", "XY"]),
        (
            "Mr. Rather. Why?\nThe President. So.\nMr. Rather. Oh.",
            ["Rather", "President", "Rather"],
        ),
        ("OSLO: Ministers met.\n\nNote: All times are local.\n\nPhoto: Ida Holm", []),
        ("The result: nobody won.\n\nThe score: none.", []),
    ],
)
def test_labels_name_people_and_nothing_else(text: str, speakers: list[str]) -> None:
    found = read_article(text).quotes
    assert [q.speaker.resolved if q.speaker else None for q in found] == speakers


def test_bylines_and_datelines_speak_for_nobody() -> None:
    article = read_article(
        "Fish row\n\nBy Sam Holm\n\nOSLO, May 4 (Nordpress) - Ida Berg left early.\n\n"
        '"I was tired," she said. "He was not."'
    )
    assert [speaker.name for speaker in article.speakers] == ["Ida Berg"]


def test_the_exchange_says_who_answers_whom_where_the_article_does() -> None:
    article = read_article(
        'Foreign Minister Ida Holm of Norway called the quota "theft". '
        'Danish minister Lars Berg replied that she was "dreaming".\n\n'
        '"Wake up," Holm told Berg.\n\nA fisherman said it was "all talk".'
    )
    turns = [(turn.speaker, turn.answers, turn.evidence) for turn in article.exchange]
    assert turns == [
        ("Ida Holm", None, None),
        ("Lars Berg", 0, "reply"),
        ("Ida Holm", 1, "addressee"),
        ("fisherman", None, None),
    ]
    assert [speaker.quotes for speaker in article.speakers] == [(0, 2), (1,), (3,)]


def test_the_title_is_kept_and_not_quoted_from() -> None:
    article = read_article("Nothing here.", title='"We lost", says Olsen')
    assert (article.title, article.quotes) == ('"We lost", says Olsen', ())
