"""`diplotone compare` with tiny artifacts: the map of scores, its page, and the changelog entry."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from data.errors import DataError
from data.tables import read_table
from model.scores import SCALES
from tests.html_page import Page
from training.changes import changes_entry
from training.config import TrainConfig
from training.evaluate import Figures
from training.promote import promote
from training.score_map import Moved, movers, score_map

ROOT = Path(__file__).parent.parent
TEXTS = [
    f"We {verb} note {i}." for i in range(12) for verb in ("thank them for", "deplore", "mock")
]


@pytest.fixture(scope="module")
def later(make_artifact: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_artifact(tmp_path_factory.mktemp("later") / "tiny", "0.1.0", seed=2)


def _compare(artifact: Path, *args: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("DIPLOTONE_")}
    env |= {"DIPLOTONE_ARTIFACT": str(artifact), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "service", "compare", *map(str, args)]
    return subprocess.run(command, env=env, capture_output=True, text=True, cwd=cwd, timeout=240)


def _moved(old: list[float], new: list[float]) -> Moved:
    """One scale moves as given, formality stays."""
    points = [np.stack([side, old], axis=1) for side in (old, new)]
    texts = [f"row {i}" for i in range(len(old))]
    return Moved(("a 1", "a 2"), texts, *points, thresholds=(0.05, 0.35, 0.5, 0.95))


def test_a_mapped_threshold_keeps_the_same_share_above() -> None:
    rng = np.random.default_rng(1)
    old = rng.random(500)
    new = old**2 * rng.uniform(0.7, 1, 500)
    found = score_map(
        Moved(("a", "b"), [""] * 500, np.stack([old, old], 1), np.stack([new, old], 1))
    )
    for place in found["scales"]["hostility"]["thresholds"]:
        assert place["rows"] == (np.round(old, 4) >= place["old"]).sum()
        assert abs((new >= place["new"]).sum() - place["rows"]) <= 3  # scores alike to 4 digits
    still = found["scales"]["formality"]
    assert (still["median_shift"], still["mean_move"], still["levels_changed"]) == (0, 0, 0)
    assert still["pearson"] == pytest.approx(1)


def test_the_map_counts_shifts_and_levels_and_names_the_rows_that_move_most() -> None:
    moved = _moved([0.1, 0.2, 0.4, 0.6], [0.1, 0.3, 0.4, 0.9])
    row = score_map(moved)["scales"]["hostility"]
    assert row["median_old"] == pytest.approx(0.3)
    assert row["median_shift"] == pytest.approx(0.05)
    assert row["mean_shift"] == pytest.approx(0.1)
    assert row["levels_changed"] == 0.5
    by_old = {place["old"]: place["new"] for place in row["thresholds"]}
    assert by_old == {0.05: None, 0.35: 0.35, 0.5: 0.65, 0.95: None}
    assert movers(moved, 0, 2) == [3, 1]


def test_constant_scores_have_no_correlation() -> None:
    row = score_map(_moved([0.5, 0.5], [0.2, 0.9]))["scales"]["hostility"]
    assert row["pearson"] is None
    assert row["spearman"] is None


def test_compare_prints_the_map_and_draws_a_page_of_its_own(
    artifact: Path, later: Path, tmp_path: Path
) -> None:
    lines = ["id,quote", *(f'{i},"{text}"' for i, text in enumerate(TEXTS))]
    (tmp_path / "own.csv").write_text("\n".join(lines), encoding="utf-8")
    done = _compare(artifact, "released", later, "own.csv", "--threshold", "0.42", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "From tiny 0.0.1 to tiny 0.1.0, 36 rows" in done.stdout
    assert "0.42" in done.stdout
    assert "nearer" not in done.stdout
    page = Page((tmp_path / "runs" / "comparison.html").read_text("utf-8"))
    assert "From tiny 0.0.1 to tiny 0.1.0: how do the scores move?" in page.text
    assert "0.42" in page.text
    assert "the worst rows" not in page.text.lower()
    assert all(address.startswith(("#", "data:")) for address in page.addresses)
    assert "script" not in page.tags


def test_with_labels_compare_says_which_artifact_is_nearer(
    artifact: Path, later: Path, tmp_path: Path
) -> None:
    target = tmp_path / "rows.jsonl"
    target.write_text("".join(json.dumps({"quote": t}) + "\n" for t in TEXTS), encoding="utf-8")
    found = json.loads(_compare(artifact, artifact, later, target, "--json", cwd=tmp_path).stdout)
    assert "nearer" not in found
    moves = {scale: {row["line"]: row["new"] for row in found["movers"][scale]} for scale in SCALES}
    rows = [  # labelled as the later one scores them, so it must be the nearer
        {"text": TEXTS[line - 1], **{scale: moves[scale].get(line, 0.5) for scale in SCALES}}
        for line in moves["hostility"]
        if line in moves["formality"]
    ]
    target.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    options = ("--json", "--page", "page.html")
    done = _compare(artifact, artifact, later, target, *options, cwd=tmp_path)
    found = json.loads(done.stdout)
    assert found["nearer"] == dict.fromkeys(SCALES, "tiny 0.1.0")
    assert found["labelled"]["systems"]["tiny 0.1.0"]["hostility"]["mae"] == pytest.approx(0)
    page = Page((tmp_path / "page.html").read_text("utf-8"))
    assert "How the scores moved" in page.text
    assert "Every system on the same rows" in page.text
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("quote\n", "holds no row"),
        ("other\nx\n", "line 2, field text: no text there; the line has other, and --column"),
        ('quote\n"x\n', ": not a record (unexpected end of data)"),
        ("quote,a\nx\n", "line 2: not as many fields as the header (2)"),
        ("quote,hostility,formality\nx,0.1,0.2\ny,,\n", "line 3: no labels"),
        ("quote,hostility,formality\nx,10,0.2\n", "line 2, field hostility"),
        ("quote\nx\n" + "x" * 10_001, "line 3: cannot be scored. "),
    ],
)
def test_a_file_that_cannot_be_compared_is_one_sentence(
    artifact: Path, later: Path, tmp_path: Path, content: str, sentence: str
) -> None:
    (tmp_path / "own.csv").write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        table = read_table(tmp_path / "own.csv")
        from training.compare import compare_artifacts

        compare_artifacts(artifact, later, table)
    assert sentence in str(caught.value)


def test_scores_of_an_earlier_batch_are_no_labels(tmp_path: Path) -> None:
    scored = "quote,hostility,formality,tone_model\nx,0.1,0.2,diplotone 1.0.0 0123\n"
    (tmp_path / "own.csv").write_text(scored, encoding="utf-8")
    assert read_table(tmp_path / "own.csv").quotes is None
    (tmp_path / "own.csv").write_text("text,hostility,formality\nx,0.1,0.2\n", encoding="utf-8")
    quotes = read_table(tmp_path / "own.csv").quotes
    assert quotes
    assert (quotes[0].hostility, quotes[0].formality, quotes[0].id) == (0.1, 0.2, "own:2")


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("nowhere", "released", "own.csv"), "No artifact at nowhere"),
        (("released", "released", "own.csv"), "is the same artifact as the old one"),
        (("released", "LATER", "own.txt"), "none of .csv, .tsv, .jsonl, .ndjson"),
        (("released", "LATER", "gone.csv"), "gone.csv: cannot be read"),
    ],
)
def test_what_cannot_be_compared_ends_with_2_and_no_page(
    artifact: Path, later: Path, tmp_path: Path, args: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "own.csv").write_text("quote\nx\n", encoding="utf-8")
    given = [str(later) if one == "LATER" else one for one in args]
    done = _compare(artifact, *given, "--page", "page.html", cwd=tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "page.html").exists()


def _found(moved: Moved | None) -> Figures:
    row = dict.fromkeys(SCALES, {"pearson": 0.8, "mae": 0.1})
    systems = {"diplotone 1.3.0": row} | ({"released diplotone 1.2.0": row} if moved else {})
    rival = "released diplotone 1.2.0" if moved else None
    return {
        "splits": {"test": {"rows": 4, "rival": rival, "systems": systems}},
        "behaviour": {"passed": 8, "cases": 10},
    } | ({"moved": score_map(moved)} if moved else {})


def test_the_entry_has_the_figures_of_both() -> None:
    config = TrainConfig(version="1.3.0")
    moved = _moved([0.1, 0.2, 0.4, 0.6], [0.1, 0.3, 0.4, 0.9])
    entry = changes_entry(config, _found(moved), {"behaviour": {"passed": 7, "cases": 10}})
    assert entry.startswith("## 1.3.0 (20")
    assert "| test (4) | hostility | 0.800 to 0.800 | 0.100 to 0.100 |" in entry
    assert "Of 10 behaviour cases hold: 70.0% to 80.0%." in entry
    assert "median 0.300 to 0.350, mean +0.100, 50.0% of rows change their level" in entry
    assert "a threshold of 0.5 becomes 0.65" in entry
    first = changes_entry(config, _found(None), None)
    assert "| test (4) | hostility | 0.800 | 0.100 |" in first
    assert " to " not in first


def test_entries_travel_with_the_promoted_artifacts_newest_first(
    make_artifact: Callable[..., Path], tmp_path: Path
) -> None:
    released = tmp_path / "released"
    for version in ("1.0.0", "1.1.0", "1.1.0"):
        run = tmp_path / version
        if not run.exists():
            make_artifact(run, version)
            (run / "CHANGES.md").write_text(f"## {version}\n\nBetter.\n", encoding="utf-8")
        promote(run, released)
    changes = (released / "CHANGES.md").read_text("utf-8")
    assert changes == "## 1.1.0\n\nBetter.\n\n## 1.0.0\n\nBetter.\n"
