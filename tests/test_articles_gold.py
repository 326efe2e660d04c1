"""The annotated articles, and how well the rules read them: floors a little under the measure."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.articles import GoldArticle, Tally, read_gold, same_name, tally

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def gold() -> list[GoldArticle]:
    return read_gold()


def of(half: str, gold: list[GoldArticle]) -> list[GoldArticle]:
    return [article for article in gold if article.half == half]


@pytest.mark.parametrize(
    ("half", "recall", "precision", "kinds"),
    [("dev", 0.95, 0.96, 0.93), ("test", 0.82, 0.91, 0.92)],
)
def test_the_rules_keep_their_level(
    gold: list[GoldArticle], half: str, recall: float, precision: float, kinds: float
) -> None:
    figures = tally(of(half, gold))
    assert figures.exactness > 0.98
    assert figures.surplus <= 2
    assert figures.recall > recall
    assert figures.precision > precision
    assert figures.kind_accuracy > kinds


def test_there_are_articles_of_every_style_in_both_halves(gold: list[GoldArticle]) -> None:
    assert len(gold) >= 60
    for half in ("dev", "test"):
        some = of(half, gold)
        assert len(some) >= 30
        assert len({article.style for article in some}) >= 18
        assert sum(len(article.quotes) for article in some) > 200


def test_every_article_is_annotated_as_the_guide_says(gold: list[GoldArticle]) -> None:
    for article in gold:
        assert 80 <= len(article.text.split()) <= 500, article.name
        starts = [quote.start for quote in article.quotes]
        assert starts == sorted(set(starts)), article.name
        for quote in article.quotes:
            assert bool(quote.speaker) == bool(quote.resolved), (article.name, quote.text)
            assert quote.speaker is None or quote.kind != "mention", (article.name, quote.text)
            for words in [*quote.resolved, *([quote.speaker] if quote.speaker else [])]:
                assert words.casefold() in article.text.casefold(), (article.name, words)


@pytest.mark.parametrize(
    ("given", "right", "same"),
    [
        ("Ida Holm", ["Ida Holm"], True),
        ("Foreign Minister Ida Holm", ["Ida Holm"], True),
        ("Holm", ["Ida Holm"], False),
        ("ministry", ["Norwegian ministry"], False),
        ("mayor", ["mayor of Saint-Aubin"], True),
        ("Lars Berg", ["Ida Holm", "Lars Berg"], True),
        (None, ["Ida Holm"], False),
        ("Ida Holm", [], False),
    ],
)
def test_less_than_the_right_name_is_wrong(given: str | None, right: list[str], same: bool) -> None:
    assert same_name(given, right) is same


def test_rates_of_nothing_are_zero() -> None:
    assert (Tally().recall, Tally().precision, Tally().exactness) == (0, 0, 0)


def test_a_wrong_offset_is_named(tmp_path: Path) -> None:
    row = 'name = "a"\nhalf = "dev"\nstyle = "x"\ntext = "He said no."\n'
    row += '[[quotes]]\nstart = 3\nkind = "statement"\ntext = "no"\n'
    (tmp_path / "a.toml").write_text(row, encoding="utf-8")
    with pytest.raises(ValueError, match="'no' is not at 3"):
        read_gold(tmp_path)


def test_the_bench_prints_both_halves_and_the_mistakes_of_dev_only() -> None:
    command = [sys.executable, "-m", "bench.articles", "--errors", "--no-speed"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    listed = {line.split(":")[0] for line in done.stdout.splitlines() if ", got " in line}
    halves = {article.name: article.half for article in read_gold()}
    assert {halves[name] for name in listed if name in halves} == {"dev"}
