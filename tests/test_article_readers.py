"""Readers: a parser beside the rules adds and does not overrule; spaCy is one, where installed."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.articles import HALVES, read_gold, tally
from service import installed
from service.articles.article import read_article
from service.articles.records import Quote
from service.articles.syntax import Parsed, Saying
from service.articles.tokens import Token
from service.errors import SettingsError
from service.press.readers import PIPELINES, syntax_of

ROOT = Path(__file__).parent.parent
LINE = "“We lost the whole pier in one night,” was the line that Ida Holm let slip to the board."
LATE = "Holm came late on Monday. He called the plan “a farce for the cameras”."


class Words:
    """Parses by word: what is written so is a person; a quote hangs on one verb of one subject."""

    def __init__(self, people: str = "", subject: str = "", verb: str = "") -> None:
        self.people, self.subject, self.verb = people.split(), subject, verb

    def parse(self, text: str, sentences: Sequence[Sequence[Token]]) -> list[Parsed]:
        return [self._one(list(tokens)) for tokens in sentences]

    def _one(self, tokens: list[Token]) -> Parsed:
        words = [token.text for token in tokens]
        sayings = {}
        if self.verb in words and self.subject in words:
            saying = Saying(words.index(self.verb), self.verb, words.index(self.subject))
            sayings = {i: saying for i, token in enumerate(tokens) if token.quoted}
        return Parsed({i for i, word in enumerate(words) if word in self.people}, sayings)


def only(quotes: Sequence[Quote]) -> Quote:
    (quote,) = quotes
    return quote


def resolved(quote: Quote) -> str | None:
    return quote.speaker.resolved if quote.speaker else None


def test_a_parser_gives_a_speaker_where_the_rules_have_none() -> None:
    assert only(read_article(LINE).quotes).speaker is None
    quote = only(read_article(LINE, syntax=Words(subject="Holm", verb="let")).quotes)
    assert (resolved(quote), quote.cue, quote.kind) == ("Ida Holm", "let", "statement")


def test_a_parser_overrules_neither_a_speaker_nor_a_mention_nor_a_denial() -> None:
    said = "“We lost the pier,” Ida Holm said, and Lars Berg let it be."
    berg = Words(subject="Berg", verb="let")
    assert read_article(said, syntax=berg) == read_article(said)
    mention = "Boats crossed the so-called “green line”, and Lars Berg let it be."
    assert read_article(mention, syntax=berg) == read_article(mention)
    assert (
        only(read_article(LINE, syntax=Words(subject="Holm", verb="deny")).quotes).speaker is None
    )


def test_a_parser_says_that_a_lone_name_is_a_person_whom_he_may_mean() -> None:
    assert resolved(only(read_article(LATE).quotes)) is None
    assert resolved(only(read_article(LATE, syntax=Words(people="Holm")).quotes)) == "Holm"


@pytest.mark.parametrize("reader", ["", "stanza", "spacy:"])
def test_an_unknown_reader_is_refused_with_those_known(reader: str) -> None:
    with pytest.raises(SettingsError, match="known are rules, spacy and spacy:PIPELINE"):
        syntax_of(reader)


def test_a_server_with_an_unknown_reader_does_not_start(artifact: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "service", "serve", "--port", "0", "--artifact", str(artifact)],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**os.environ, "DIPLOTONE_ARTICLE_READER": "stanza"},
    )  # fmt: skip
    assert done.returncode == 2
    assert "'stanza' is no reader of articles" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_extra_the_reader_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(installed.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"needs spacy.*pip install '\.\[spacy\]'"):
        syntax_of("spacy:anything")


def pipeline(folder: Path, language: str = "en") -> str:
    """Make a pipeline without weights that knows one person; return the reader's name."""
    spacy = pytest.importorskip("spacy")
    made = spacy.blank(language)
    made.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Holm"}])
    made.to_disk(folder)
    return f"spacy:{folder}"


def test_any_pipeline_of_spacy_can_be_named(tmp_path: Path) -> None:
    syntax = syntax_of(pipeline(tmp_path / "made"))
    assert resolved(only(read_article(LATE, syntax=syntax).quotes)) == "Holm"
    with pytest.raises(SettingsError, match="reads 'de', and articles are English"):
        syntax_of(pipeline(tmp_path / "german", "de"))
    with pytest.raises(SettingsError, match="'nowhere' of spaCy cannot be loaded: "):
        syntax_of("spacy:nowhere")


def test_the_command_reads_with_it(tmp_path: Path, artifact: Path) -> None:
    reader = pipeline(tmp_path / "made")
    command = [sys.executable, "-m", "service", "article", "-", "--json", "--reader", reader]
    command += ["--artifact", str(artifact)]
    done = subprocess.run(
        command, cwd=ROOT, input=LATE, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert '"resolved": "Holm"' in done.stdout


def test_the_small_english_pipeline_adds_and_is_no_less_precise() -> None:
    pytest.importorskip(PIPELINES[0])
    syntax = syntax_of("spacy")
    began = "“We will not sit with them again,” Ida Holm began after a long pause."
    assert only(read_article(began).quotes).speaker is None
    assert resolved(only(read_article(began, syntax=syntax).quotes)) == "Ida Holm"
    for half in HALVES:
        some = [article for article in read_gold() if article.half == half]
        rules, parsed = tally(some), tally(some, syntax=syntax)
        assert parsed.right >= rules.right
        assert parsed.precision >= rules.precision
        assert parsed.kinds == rules.kinds
