"""`diplotone report` on files that are small, odd or wrong, and without its extra installed."""

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from service.report.command import FRUGAL, LIBRARIES
from tests.scored_files import MODEL, Row, page_in, report, row, write

ROOT = Path(__file__).parent.parent


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pictures out, where a test is not about them and they would take a while."""
    monkeypatch.setattr("service.report.page.inline", lambda picture: picture.alt)


def page_of(folder: Path, rows: list[Row], *args: str) -> str:
    write(folder / "scored.csv", rows)
    done = report(folder, "scored.csv", *args)
    assert done.exit_code == 0, done.stderr
    return page_in(folder).html


def sections(page: str) -> list[str]:
    return re.findall(r'<section id="(\w+)"', page)


@pytest.mark.usefixtures("undrawn")
def test_without_columns_of_time_groups_and_quotes_their_sections_are_left_out(
    tmp_path: Path,
) -> None:
    rows = [row(hostility=i / 40) for i in range(20)]
    for one in rows:
        del one["quote"]
    write(tmp_path / "scored.csv", rows)
    done = report(tmp_path, "scored.csv")
    assert done.exit_code == 0
    assert "no column 'quote': the page shows no quotes" in done.stderr
    page = (tmp_path / "page.html").read_text("utf-8")
    assert sections(page) == ["plane", "levels", "reading"]
    assert "not probabilities" in page


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([row("only one", 0.3, day="2024-01-01", who="a")], "Mean hostility</dt><dd>0.300</dd>"),
        ([row("failed", None, None, day="2024-01-01", who="a")], "No row has a score"),
        ([row("percent", 30, 60, day="2024-01-01", who="a")], "no numbers from 0 to 1"),
        ([], "No row has a score"),
    ],
)
def test_a_page_of_next_to_nothing_is_whole(tmp_path: Path, rows: list[Row], wanted: str) -> None:
    write(tmp_path / "scored.csv", rows or [row(day="", who="")])
    if not rows:
        head = (tmp_path / "scored.csv").read_text("utf-8").splitlines(keepends=True)[0]
        (tmp_path / "scored.csv").write_text(head, "utf-8")
    done = report(
        tmp_path, "scored.csv", "--time", "day", "--group", "who", "--figures", "pictures"
    )
    assert done.exit_code == 0, done.stderr
    page = (tmp_path / "page.html").read_text("utf-8")
    assert wanted in page and page.rstrip().endswith("</html>")
    assert ("plane" in sections(page)) == (wanted.startswith("Mean"))


@pytest.mark.usefixtures("undrawn")
def test_differences_that_are_noise_are_called_so(tmp_path: Path) -> None:
    rows = [
        row(f"case {i}", *[(i * 37 % 50) / 50] * 2, who="abc"[i // 50], day="2024")
        for i in range(150)
    ]
    page = page_of(tmp_path, rows, "--group", "who", "--time", "day")
    assert "Hostility: none of the 3 pairs of groups differs beyond noise." in page
    assert "the interval of the difference holds 0" in page
    assert "no change was looked for, which takes at least 10 years with rows; there are 1" in page
    assert page.count("1 to 3</td>") == 6


@pytest.mark.usefixtures("undrawn")
def test_scores_of_several_models_are_refused_or_marked(tmp_path: Path) -> None:
    rows = [row(f"case {i}", i / 30, i / 30) for i in range(30)]
    for one in rows[:9]:
        one["tone_model"] = "diplotone 0.9.0 aaaaaaaaaaaa"
    write(tmp_path / "scored.csv", rows)
    (tmp_path / "page.html").write_text("before", "utf-8")
    done = report(tmp_path, "scored.csv")
    assert done.exit_code == 2
    assert f"{MODEL} (21 rows) and diplotone 0.9.0 aaaaaaaaaaaa (9 rows)" in done.stderr
    assert (tmp_path / "page.html").read_text("utf-8") == "before"
    done = report(tmp_path, "scored.csv", "--mixed-models")
    assert done.exit_code == 0 and "several models" in done.stderr
    page = (tmp_path / "page.html").read_text("utf-8")
    assert re.search(r'<p class="warn" role="alert">These scores come from several models', page)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "scored.csv"]


@pytest.mark.usefixtures("undrawn")
def test_of_a_quote_cut_into_sentences_the_sentence_is_shown(tmp_path: Path) -> None:
    quote = "Ünser 🕊 wish is peace. You will regret it!"
    spans = [(0, quote.index(" You")), (quote.index("You"), len(quote))]
    rows = [
        row(quote, *[0.2 + 0.6 * i] * 2, tone_row=0, tone_start=a, tone_end=b)
        for i, (a, b) in enumerate(spans)
    ]
    page = page_of(tmp_path, rows)
    assert "a sentence of a quote" in page
    found = re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", page)
    assert found == ["You will regret it!", "Ünser 🕊 wish is peace."] * 2


@pytest.mark.usefixtures("undrawn")
def test_dates_in_another_form_can_be_named(tmp_path: Path) -> None:
    rows = [row(f"case {i}", 0.5, day=f"{i % 28 + 1:02d}/05/2024") for i in range(40)]
    write(tmp_path / "scored.csv", rows)
    done = report(tmp_path, "scored.csv", "--time", "day")
    assert done.exit_code == 2
    assert "no scored row has a date in the column 'day' (for example '01/05/2024')" in done.stderr
    page = page_of(tmp_path, rows, "--time", "day", "--time-format", "%d/%m/%Y")
    assert "1 May 2024 to 28 May 2024" in page


@pytest.mark.usefixtures("undrawn")
def test_ends_of_intervals_that_are_no_numbers_are_left_out(tmp_path: Path) -> None:
    rows = [row(f"case {i}", i / 20, i / 20, who="ab"[i % 2]) for i in range(20)]
    rows[0] |= {"hostility_low": "NaN", "hostility_high": "inf"}
    page_of(tmp_path, rows, "--group", "who")
    page = page_in(tmp_path)
    assert not re.search(r"\b(nan|inf)\b", page.text.lower())
    lows, highs = zip(*((i / 20 - 0.1, min(1, i / 20 + 0.2)) for i in range(2, 20, 2)), strict=True)
    wanted = f"{sum(lows) / 9:.3f} to {sum(highs) / 9:.3f}"
    assert page.rows("In order of hostility")["a"][-1] == wanted


def test_a_link_to_a_page_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "page.html").symlink_to("elsewhere/real.html")
    page_of(tmp_path, [row("failed", None, None)])
    assert (tmp_path / "page.html").is_symlink()
    assert "No row has a score" in (tmp_path / "elsewhere" / "real.html").read_text("utf-8")


WHO = ("--group", "who")
BROKEN = {
    "broken.jsonl": json.dumps(row()) + "\n" + json.dumps(row()) + "\n{oops\n",
    "ragged.csv": ",".join(row()) + "\n" + "1," * 20 + "1\n",
    "ragged.tsv": "\t".join(row()) + "\n" + "1\t" * 20 + "1\n",
    "latin.csv": (",".join(row()) + "\nné" + ",1" * 8 + "\n").encode("latin-1"),
    "ended.csv.gz": gzip.compress(b"quote,hostility\n" * 5_000)[:60],
    "empty.csv": "",
    "cut.parquet": b"PAR1" + bytes(100),
    "table.xlsx": b"PK",
}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["good.csv", "--time", "dat"], "no column 'dat' among .*; did you mean --time 'date'"),
        (["good.csv", "--group", "x"], "no column 'x' among .*holds the groups with --group"),
        (["good.csv", "--column", "text"], "no column 'text' among .*the quotes with --column"),
        (["good.csv", "--group", "whom"], "did you mean --group 'who'?"),
        (["bare.csv"], "has no column 'hostility', .*; it has 'quote', 'date'. Score it first"),
        (["good.csv", "--compare", "a", "b"], "--compare names two groups: name their column"),
        (["good.csv", *WHO, "--compare", "a", "z"], "no group 'z' in .*; there are 'a', 'b'\\."),
        (["good.csv", *WHO, "--compare", "a", "a"], "names 'a' twice"),
        (["good.csv", "--time-format", "%Y"], "name their column with --time"),
        (["good.csv", "-o", "none/page.html"], "The folder .*none does not exist"),
        (["good.csv", "-o", "good.csv"], "good.csv: the page is HTML; name a file that ends in"),
        (["good.csv", "-o", "-"], "-: the page is HTML; name a file that ends in .html"),
        (["good.csv", "-o", "folder.html"], "folder.html is a folder; name a file in it"),
        (["good.csv", "--figures", "bare.csv"], "--figures bare.csv is a file"),
        (["good.csv", "--encoding", "klingon"], "klingon is not a text encoding"),
        (["missing.csv"], "missing.csv cannot be read: no such file or folder"),
        (["broken.jsonl"], "broken.jsonl, line 3: not JSON"),
        (["ragged.csv"], "ragged.csv, line 2: 21 fields, but the header has 9"),
        (["ragged.tsv"], "ragged.tsv, line 2: 21 fields, but the header has 9"),
        (["ragged.csv", "--encoding", "cp1252"], "(?<!/)ragged.csv, line 2: 21 fields"),
        (["latin.csv"], "latin.csv, line 2: byte 0xe9 .* --encoding latin-1"),
        (["ended.csv.gz"], "ended.csv.gz cannot be read: its gzip data are damaged or cut short"),
        (["empty.csv"], "empty.csv is empty"),
        (["cut.parquet"], "cut.parquet cannot be read"),
        (["table.xlsx"], "'.xlsx' is none of .csv, .tsv"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_sentence_and_leaves_no_page(
    tmp_path: Path, args: list[str], said: str
) -> None:
    write(tmp_path / "good.csv", [row(date="2024-01-01", who=who) for who in "ab"])
    write(tmp_path / "bare.csv", [{"quote": "a", "date": "b"}])
    for name, content in BROKEN.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(raw)
    (tmp_path / "folder.html").mkdir()
    before = contents(tmp_path)
    done = report(tmp_path, *args)
    assert done.exit_code == 2
    assert re.search(f"diplotone: error: .*{said}", done.stderr), done.stderr
    assert "Traceback" not in done.stderr and done.stderr.count("\n") == 1
    assert contents(tmp_path) == before


def contents(folder: Path) -> dict[str, bytes | None]:
    return {p.name: p.read_bytes() if p.is_file() else None for p in folder.iterdir()}


@pytest.mark.parametrize("missing", LIBRARIES)
def test_without_the_extra_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    write(tmp_path / "scored.csv", [row()])
    done = report(tmp_path, "scored.csv")
    assert done.exit_code == 2
    assert f"A report needs {missing}, which is not installed here" in done.stderr
    assert (
        "`pip install '.[report]'` in the checkout" in done.stderr and done.stderr.count("\n") == 1
    )
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("given", [None, "9"])
def test_polars_is_given_one_thread_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    for name in FRUGAL:
        monkeypatch.delenv(name, raising=False)
    if given:
        monkeypatch.setenv("POLARS_MAX_THREADS", given)
    write(tmp_path / "scored.csv", [row("failed", None, None)])
    assert report(tmp_path, "scored.csv").exit_code == 0
    assert {name: os.environ[name] for name in FRUGAL} == FRUGAL | (
        {"POLARS_MAX_THREADS": given} if given else {}
    )


def test_command_line_and_server_start_without_the_extra() -> None:
    """All of its libraries are made impossible to import."""
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({LIBRARIES}))\n"
        "import service.app, service.cli\n"
        "service.cli.run()"
    )
    command = [sys.executable, "-c", code, "report", "scored.csv", "-o", "page.html"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    said = f"A report needs {' and '.join(LIBRARIES)}, which are not installed here"
    assert said in done.stderr and done.stderr.count("\n") == 1
