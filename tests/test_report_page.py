"""The page of `diplotone report`: it stands alone, escapes, and reads in a browser."""

import os
import re
import subprocess
import sys
from html import escape
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest
from PIL import Image

from model.scores import WarningCode
from service.report.page import CAUTIONS
from tests.html_page import Page
from tests.page_visit import BROWSER, NO_BROWSER
from tests.scored_files import Row, page_in, report, row, write

ROOT = Path(__file__).parent.parent
NASTY = "</td><script>alert('x')</script> & \"they\" are <b>vermin</b>"
LONG = "We " + "solemnly " * 100 + "protest."
FENWICK = "<b>Grand</b> $Fenwick_{1}$"
ASKED = ("--time", "day", "--group", "who")
WIDTHS = (400, 1200)


def made_up() -> list[Row]:
    """Rows as batch writes them: three speakers, a year, some of them nasty."""
    found = [
        row(
            f"We note case {i}.",
            (i * 37 % 100) / 100,
            (i * 53 % 100) / 100,
            who=("Östland", FENWICK, "Ruritania")[i % 3],
            day=f"2023-{i % 12 + 1:02d}-{i % 28 + 1:02d}",
        )
        for i in range(180)
    ]
    found[0] |= {"quote": NASTY, "hostility": 1.0}
    found[3] |= {"quote": NASTY, "hostility": 0.9999}  # the same words of the same speaker again
    found[1] |= {"quote": LONG, "formality": 0.9999}
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    """One page with everything on it, and its pictures beside it, made by the real program."""
    write(folder / "scored.jsonl", made_up())
    env = {k: v for k, v in os.environ.items() if not k.startswith("DIPLOTONE_")}
    asked = ["scored.jsonl", "-o", "page.html", *ASKED, "--figures", "figures/new"]
    done = subprocess.run(
        [sys.executable, "-m", "service", "report", *asked],
        env=env | {"PYTHONPATH": str(ROOT)}, cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Report on 180 scored rows written to page.html; 12 pictures in" in done.stderr
    return page_in(folder)


def test_the_page_stands_alone_and_everything_is_escaped(page: Page) -> None:
    assert not {"script", "b", "img", "iframe", "object", "embed"} & set(page.tags)
    assert NASTY in page.quotes and FENWICK in page.text
    assert all(address[:1] == "#" or address == "data:," for address in page.addresses)
    assert not re.search(r"https?:|//\w|@import", page.html)
    assert all(target[:1] == "#" for target in re.findall(r"url\(([^)]*)\)", page.html))
    ids = re.findall(r'\bid="([^"]*)"', page.html)
    assert len(ids) == len(set(ids))
    wanted = {address[1:] for address in page.addresses if address[:1] == "#"}
    assert wanted and wanted <= set(ids)


def test_the_quotes_are_the_highest_each_once_and_shortened(page: Page) -> None:
    own = [row for row in made_up() if row["who"] == "Östland"]
    highest = sorted(own, key=lambda row: -row["hostility"])
    once = list(dict.fromkeys(row["quote"] for row in highest))[:5]
    assert once[0] == NASTY
    order = sorted(["Östland", FENWICK, "Ruritania"])  # as many rows each, so by name
    start = 10 * order.index("Östland")
    assert page.quotes[start : start + 5] == once
    assert "hostility 1.00 (" in page.text and "; 2 times" in page.text
    assert LONG[:399].rstrip() + "…" in page.quotes
    assert len(page.quotes) == 30


def test_the_page_says_in_plain_words_how_to_read_it(page: Page) -> None:
    for said in (
        "Degrees, not probabilities",
        "nine of ten quotes",
        "When a difference is noise",
        "The model knows only English",
        "Nothing here says who is right",
        "Cliff's delta: how much more often a random row of",
        "the variance of DeLong et al. (1988)",
        "with at least 5 months between two changes and a penalty of 7.5 for each",
    ):
        assert said in page.text


def test_each_picture_is_written_as_png_and_svg(page: Page, folder: Path) -> None:
    files = sorted((folder / "figures" / "new").iterdir())
    assert len(files) == 2 * page.tags.count("svg") == 24
    assert {path.stem for path in files} >= {"plane", "means", "hostility-over-time"}
    for path in files:
        if path.suffix == ".png":
            assert path.read_bytes().startswith(b"\x89PNG")
        else:
            tree = ElementTree.fromstring(path.read_text("utf-8"))  # noqa: S314
            assert tree.tag.endswith("svg") and "script" not in {e.tag for e in tree.iter()}


@pytest.mark.parametrize("name", ["scored.parquet", "scored.jsonl.gz", "scored.tsv", "wide.csv"])
def test_every_format_gives_the_same_page(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    drawn = iter(re.findall(r"<svg.*?</svg>", page.html, re.DOTALL))
    monkeypatch.setattr("service.report.page.inline", lambda picture: Page(next(drawn)).text)
    write(tmp_path / name, made_up(), "\t")
    if name == "wide.csv":
        text = (tmp_path / name).read_bytes().decode()
        (tmp_path / name).write_bytes(("\ufeff" + text).encode("utf-16-le"))
    done = report(tmp_path, name, *ASKED)
    assert done.exit_code == 0, done.stderr
    other = page_in(tmp_path)
    assert other.text.split("Rows 180")[1].split("Made ")[0] in page.text
    assert other.text.split("Scores are")[1] == page.text.split("Scores are")[1]


def test_every_warning_of_the_scorer_is_put_in_words() -> None:
    assert set(CAUTIONS) == set(get_args(WarningCode))


@pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER)
def test_in_a_browser_the_page_fits_is_drawn_and_complains_of_nothing(
    page: Page, tmp_path: Path
) -> None:
    """The page stands in frames as wide as a phone and as a screen; they tell how wide it got."""
    assert BROWSER
    frame = f'height=2000 srcdoc="{escape(page.html)}"></iframe>'
    frames = "".join(f"<iframe width={width} {frame}" for width in WIDTHS)
    measure = (
        "console.error('heard'); document.title = Array.from(frames, "
        "f => f.innerWidth + ' ' + f.document.documentElement.scrollWidth)"
    )
    probe, shot = tmp_path / "probe.html", tmp_path / "page.png"
    probe.write_text(
        f"<!doctype html><meta charset=utf-8>{frames}<script>onload = () => {{{measure}}}</script>",
        "utf-8",
    )
    done = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--enable-logging=stderr", f"--user-data-dir={tmp_path / 'profile'}",
            "--window-size=1700,2100", f"--screenshot={shot}", "--dump-dom", probe.as_uri(),
        ],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    found = re.search(r"<title>([\d ,]+)</title>", done.stdout)
    assert found, done.stderr
    widths = [[int(number) for number in pair.split()] for pair in found[1].split(",")]
    # Nothing to scroll sideways but what scrolls by itself.
    assert widths == [[width, width] for width in WIDTHS]
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert len(complaints) == 1 and "heard" in complaints[0]
    with Image.open(shot) as picture:
        colours = picture.convert("RGB").getcolors(maxcolors=2**24) or []
    assert len(colours) > 200  # text, pictures, both bands
