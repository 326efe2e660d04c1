"""Who says a quote: the patterns of English reporting, one short text each."""

import pytest

from service.articles.article import read_article

BEHIND = [
    ('"We will not yield," Olsen said.', "Olsen"),
    ('"We will not yield," said Olsen.', "Olsen"),
    ('"We lost," harrumphed Lars Berg.', "Lars Berg"),
    ('"We lost," Berg harrumphed.', "Berg"),
    ('"We will not yield", Foreign Minister Ida Olsen said on Monday.', "Ida Olsen"),
    ('"We are ready," the Prime Minister of India, Arun Rao, told parliament.', "Arun Rao"),
    ('"I\'ll manage," Dinah, 52, raged.', "Dinah"),
    ('"It stays," Ida Lee (D-Ohio), a panel member, said in an interview.', "Ida Lee"),
    ('"Is that all?" asked Lars Berg, the Danish envoy.', "Lars Berg"),
    ('"Never!" Olsen shouted.', "Olsen"),
    ('"Never!" shouted the crowd.', "crowd"),
    ('"We wait," said the beekeeper.', "beekeeper"),
    ('"Nobody won," as Olsen put it.', "Olsen"),
    ('"A joke," Berg was quoted as saying.', "Berg"),
    ('The offer was "an insult", according to the Danish ministry.', "Danish ministry"),
    ('"A farce," was the verdict of Lars Berg.', "Lars Berg"),
    ('"No," came the reply from the Danish embassy.', "Danish embassy"),
    ('"We regret nothing," read a statement from the Iranian embassy.', "Iranian embassy"),
    ('"It is over." — Ida Olsen, foreign minister', "Ida Olsen"),
    ('"Unhelpful," was how Canadian minister Elodie Roy described it.', "Elodie Roy"),
    ('The deal was "dead" and "buried", Olsen said.', "Olsen", "Olsen"),
    ('The minister was called "a coward" by Lars Berg.', "Lars Berg"),
    ('The plan was branded "bonkers" by furious Danish farmers.', "Danish farmers"),
]
BEFORE = [
    ('Ida Olsen told reporters: "It is over."', "Ida Olsen"),
    ('Ida Olsen, the foreign minister, said it was "an insult".', "Ida Olsen"),
    ('The spokesman for the Kremlin, Dmitri Volkov, called it "a lie".', "Dmitri Volkov"),
    ('Secretary of State John Kay said it was "fine".', "John Kay"),
    ('Germany\'s Ute Brandt said the tone was "wrong".', "Ute Brandt"),
    ('According to Ida Olsen, the offer was "an insult".', "Ida Olsen"),
    ('In the words of one diplomat, it was "a circus".', "one diplomat"),
    ('For Berg, it was "a stunt".', "Berg"),
    ('In a statement, the Danish ministry called it "void".', "Danish ministry"),
    ('A statement from the Iranian embassy read: "We regret nothing."', "Iranian embassy"),
    ('Rao\'s statement said that India was "ready".', "Rao"),
    ('Olsen: "It is over."', "Olsen"),
    ('Berg was blunt: "Never."', "Berg"),
    ('The embassy\'s answer was short: "No."', "embassy"),
    ('Asked about the offer, Olsen replied: "What offer?"', "Olsen"),
    ('Olsen, speaking in Oslo, warned of "grave consequences".', "Olsen"),
    ('Berg, for his part, called it "a joke".', "Berg"),
    ('It was, Olsen said, "a circus".', "Olsen"),
    ('TASS quoted Berg as saying the plan was "a joke".', "Berg"),
    ('China urged Japan to stop what it called "bullying".', "China"),
    ('Sweden accused Norway of "piracy", which Oslo called "absurd".', "Sweden", "Oslo"),
    (
        'The ministry called it "hateful" and summoned him to express "regret".',
        "ministry",
        "ministry",
    ),
    ('The ministry rejected the minister\'s claim that Seoul was "a den".', "minister"),
    ('Berg said the plan was "a joke", while Lind called him "a clown".', "Berg", "Lind"),
    ('Berg said it shows that he is "unfit", adding that "all know".', "Berg", "Berg"),
]
NOBODY = [
    'The minister was accused of "cowardice in office and worse".',
    'Olsen declined to say whether the deal was "dead as can be".',
    'Olsen denied that the deal was "dead as can be".',
    'Berg and Lind issued a joint statement calling it "a historic vote".',
    'The report said the minister had shown "remarkably poor judgment here".',
    '"Nonsense and more nonsense!" The minister left the room.',
    'I told them it was "a waste of everybody\'s time".',
]
LATER = [
    ('Ida Olsen resigned. "It is over," she said.', "Ida Olsen"),
    ('Ida Olsen met Lars Berg in Oslo. Berg left early. "It is over," he said.', "Lars Berg"),
    ('Lars Berg fell ill. "I am fine," the 52-year-old said.', "Lars Berg"),
    ('The Danish foreign ministry spoke. "No," the ministry said.', "Danish foreign ministry"),
    ('A spokesman, Lars Berg, left. The spokesman was later "baffled", he said.', "Lars Berg"),
    ('The minister smiled. "Nonsense."', "minister"),
    ('The embassy said it was "calm". The statement added: "Very."', "embassy", "embassy"),
    ('"I came," said Ann Berg. Later, Berg added: "I saw."', "Ann Berg", "Ann Berg"),
    ('Ann Lee said it was "a mess". "A big one."', "Ann Lee", "Ann Lee"),
    ('Diplomats met. One of them, asked for his view, called it "thin soup".', "Diplomats"),
    ('Oslo protested. "A mistake," said Ida Lind.\n\n"An old one."', "Ida Lind", "Ida Lind"),
    ('Two ministers met. The Danish minister, Lars Berg, and the Swedish minister, Eva Lind, '
     'differed. The Swedish minister called it "soup".', "Eva Lind"),
]  # fmt: skip


@pytest.mark.parametrize("row", [*BEHIND, *BEFORE, *LATER], ids=lambda row: row[0][:60])
def test_the_speaker_is_found_and_resolved(row: tuple[str, ...]) -> None:
    text, *speakers = row
    quotes = [q for q in read_article(text).quotes if q.kind != "mention"]
    assert [q.speaker and q.speaker.resolved for q in quotes] == speakers


@pytest.mark.parametrize("text", NOBODY)
def test_nobody_is_given_where_the_text_names_nobody(text: str) -> None:
    (quote,) = read_article(text).quotes
    assert quote.speaker is None


def test_a_pronoun_that_fits_two_is_a_speaker_without_a_name() -> None:
    (quote,) = read_article('Lars Berg told Jan Lind at noon that he was "tired of it".').quotes
    assert quote.speaker is not None
    assert (quote.speaker.text, quote.cue) == ("Lars Berg", "told")
    (quote,) = read_article('Lars Berg met Jan Lind and he said he was "tired of it".').quotes
    assert quote.speaker is not None
    assert (quote.speaker.text, quote.speaker.resolved) == ("he", None)


def test_mr_and_mrs_are_two() -> None:
    article = read_article('Mr Rao agreed. "Fine," he said. Mrs Rao did not. "Nonsense," she said.')
    assert [speaker.name for speaker in article.speakers] == ["Rao", "Mrs Rao"]


def test_two_ministries_are_kept_apart_by_their_nation() -> None:
    article = read_article(
        "The Polish foreign ministry protested. Lithuania's foreign ministry did not. "
        'The Polish ministry called it "vandalism".'
    )
    (quote,) = article.quotes
    assert quote.speaker is not None
    assert quote.speaker.resolved == "Polish foreign ministry"


@pytest.mark.parametrize(
    ("text", "cue", "addressee"),
    [
        ('Berg told reporters it was "over".', "told", "reporters"),
        ('Berg said to Ida Lind: "It is over."', "said", "Ida Lind"),
        ('Japan urged China to "stop".', "urged", "China"),
        ('Berg called on Norway to "stop".', "called", "Norway"),
        ('Berg hit back: "It is over."', "hit back", None),
        ('"It is over," Berg said.', "said", None),
        ('Berg called it "over and done".', "called", None),
        ('Berg mocked Lind as "a loser".', "mocked", None),
        ('"It is over," Berg told her.', "told", "her"),
        ('Berg told her dog that it was "over".', "told", None),
    ],
)
def test_the_cue_and_who_is_addressed(text: str, cue: str, addressee: str | None) -> None:
    (quote,) = read_article(text).quotes
    assert quote.cue == cue
    assert (quote.addressee and quote.addressee.text) == addressee


def test_a_pronoun_that_is_addressed_is_not_the_speaker() -> None:
    article = read_article('Ida Lind met Lars Berg on Monday. "Come home," she told him.')
    (quote,) = article.quotes
    assert quote.speaker and quote.addressee
    assert (quote.speaker.resolved, quote.addressee.text) == ("Ida Lind", "him")
    assert quote.addressee.resolved == "Lars Berg"
