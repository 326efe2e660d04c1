"""The pages on reports and on corpora are run: commands, options, figures, and what they say."""

import csv
import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.main import get_command

from model.artifact import RELEASED
from service.cli import app
from service.report.dates import MOST_BINS
from service.report.extremes import SHOWN
from service.report.grouping import MOST_GROUPS
from service.report.means import FEWEST_ROWS
from service.report.timeline import SHORTEST
from tests.html_page import Page
from tests.scored_files import run

DOCS = Path(__file__).parent.parent / "docs"
STATEMENTS = DOCS / "examples" / "statements.csv"
REPORT, CORPORA = ((DOCS / name).read_text("utf-8") for name in ("report.md", "corpora.md"))
WORDS = {5: "five", 12: "twelve"}


def commands_of(page: str) -> list[list[str]]:
    """The commands of a page but for the installation."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    assert [line for line in lines if line[0] != "diplotone"] == [["pip", "install", ".[report]"]]
    return [line[1:] for line in lines if line[0] == "diplotone"]


def run_all(page: str, folder: Path) -> Page:
    """Run the commands of a page on the released model and return the report."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPLOTONE_ARTIFACT", str(RELEASED))
        for command in commands_of(page):
            done = run(folder, *command)
            assert done.exit_code == 0, (command, done.stderr)
    return Page((folder / "report.html").read_text("utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpora")
    (folder / STATEMENTS.name).write_bytes(STATEMENTS.read_bytes())
    shutil.copytree(STATEMENTS.parent / "articles", folder / "articles")
    return folder


@pytest.fixture(scope="module")
def corpora(folder: Path) -> Page:
    """The report that the page on corpora makes."""
    return run_all(CORPORA, folder)


def test_the_commands_on_reports_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.report.page.inline", lambda picture: picture.alt)
    header, rest = STATEMENTS.read_text("utf-8").split("\n", 1)
    text = header.replace("quote", "text") + "\n" + rest
    (tmp_path / "quotes.csv").write_text(text, "utf-8")
    page = run_all(REPORT, tmp_path)
    assert "Rows 72" in page.text and "Tone over time" in page.text
    assert len(page.quotes) == 3 * 2 * SHOWN


def test_every_option_stands_on_the_page() -> None:
    known = get_command(app).commands["report"].params  # type: ignore[attr-defined]
    options = {max(param.opts, key=len) for param in known if param.opts[0][:1] == "-"}
    stated = set(re.findall(r"^\| `(-[-\w]+)", REPORT, re.MULTILINE))
    assert {"--output" if option == "-o" else option for option in stated} == options - {"--help"}


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    text = " ".join(REPORT.split())
    for said in (
        f"at most {MOST_BINS} stretches and {WORDS[FEWEST_ROWS]} rows each on average",
        f"the {WORDS[MOST_GROUPS]} groups with the most rows",
        f"the {WORDS[SHOWN]} most hostile and the {WORDS[SHOWN]} most formal",
        f"from {WORDS[FEWEST_ROWS]} rows on",
        f"at least {WORDS[SHORTEST]} stretches between two changes",
    ):
        assert said in text


def test_the_corpus_shows_what_the_page_on_corpora_says(corpora: Page) -> None:
    changes = corpora.tables["Changes of level"][1:]
    assert [row[:2] for row in changes] == [["hostility", "Jul 2023"]]
    assert "Formality: no change of level was detected." in corpora.text
    hostility = corpora.rows("In order of hostility")
    assert next(iter(hostility)) == "Varda Herald"
    assert {cells[0] for cells in hostility.values()} == {"24"}
    assert "Hostility: none of the 3 pairs of groups differs beyond noise." in corpora.text
    assert corpora.rows("In order of formality")["Varda Herald"][3] == "3"
    assert {cells[0] for cells in corpora.rows("Means by month").values()} == {"6"}


def test_the_figures_of_the_page_on_corpora_are_there(corpora: Page, folder: Path) -> None:
    named = set(re.findall(r"`(figures/[^`]*\.\w+)`", CORPORA))
    assert len(named) >= 3 and all((folder / name).is_file() for name in named)
    assert len(list((folder / "figures").iterdir())) == 2 * corpora.tags.count("svg")


def test_the_scored_table_has_the_columns_that_the_page_counts(corpora: Page, folder: Path) -> None:
    before, after = (
        next(csv.reader(path.read_text("utf-8").splitlines()))
        for path in (STATEMENTS, folder / "scored.csv")
    )
    assert corpora.tags and after[: len(before)] == before
    assert len(after) == len(before) + 8 and after[-1] == "tone_model"
    shown = re.search(r"^```\n(.*?)^```$", CORPORA, re.MULTILINE | re.DOTALL)
    assert shown and shown[1].splitlines()[0] == ",".join(before)


@pytest.mark.parametrize("page", [REPORT, CORPORA])
def test_every_link_leads_somewhere(page: str) -> None:
    assert all((DOCS / target).exists() for target in re.findall(r"\]\((?!http)([^)#]+)\)", page))
