"""The evaluation page: what it holds, that it stands alone, and comes whole or not at all."""

import re
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from model.scorer import ToneScorer
from model.scores import SCALES
from tests.html_page import Page
from tests.made_up import some_bands, some_figures, some_quotes, some_scored
from training.errors import TrainingError
from training.evaluate import Figures, Scored, labels_of, own_figures, score_split
from training.metrics import ranged
from training.page import check_place, write_page
from training.report import print_figures

HOSTILE = "</td><script>alert('x')</script> & \"quoted\" $x_$ 中文"


def _rungs(scores: list[float]) -> Scored:
    labels = [0.0, 0.3, 0.6, 0.9]
    quotes = [
        quote.model_copy(update={"group": "contrast-set/7", "hostility": label, "formality": 0.5})
        for quote, label in zip(some_quotes(4), labels, strict=True)
    ]
    return Scored(quotes, labels_of(quotes), np.stack([scores, [0.5] * 4], axis=1))


def _page(path: Path, sets: Mapping[str, Scored], figures: Figures, **more: Figures) -> Page:
    write_page(path, sets, figures, some_bands(), "ours 1.0.0", **more)
    return Page(path.read_text("utf-8"))


def test_the_page_holds_the_figures_that_the_tables_print(
    scorer: ToneScorer, tmp_path: Path
) -> None:
    scored = score_split(scorer, some_quotes(60))
    figures = {"mine.jsonl": some_figures(scored)}
    stream = StringIO()
    print_figures(figures, Console(file=stream, width=160))
    page = _page(tmp_path / "new" / "page.html", {"mine.jsonl": scored}, figures)
    for row in own_figures(figures["mine.jsonl"]).values():
        for name in ("pearson", "mae"):
            assert re.fullmatch(r"-?\d\.\d{3} \(.+ to .+\)", ranged(row, name))
            assert ranged(row, name) in stream.getvalue()
            assert ranged(row, name) in page.text
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"page.html"}


def test_the_page_refers_to_nothing_outside_itself(tmp_path: Path) -> None:
    many = some_scored(1_600)  # so many that the scatter holds pixels
    page = _page(tmp_path / "page.html", {"many": many}, {"many": some_figures(many)})
    assert page.tags.count("svg") == page.tags.count("figure") > 8
    assert page.addresses
    assert all(address.startswith(("#", "data:")) for address in page.addresses)
    assert "script" not in page.tags
    assert not re.search(r"@import|https?://|url\((?!#)", page.html)


def test_text_from_a_row_or_a_name_stays_text(tmp_path: Path) -> None:
    scored = some_scored(60)
    quotes = [q.model_copy(update={"text": HOSTILE + q.id}) for q in scored.quotes]
    quotes = [q.model_copy(update={"source": f"{i % 2} {HOSTILE}"}) for i, q in enumerate(quotes)]
    sets = {HOSTILE: Scored(quotes, scored.labels, scored.points)}
    figures = {HOSTILE: some_figures(sets[HOSTILE], HOSTILE)}
    page = _page(tmp_path / "page.html", sets, figures)
    assert "script" not in page.tags
    assert "<script" not in page.html
    assert page.text.count(HOSTILE) >= 50
    print_figures({"[/red]": figures[HOSTILE]}, Console(file=StringIO()))


def test_the_worst_rows_come_worst_first_and_at_most_25(tmp_path: Path) -> None:
    scored = some_scored(60)
    page = _page(tmp_path / "page.html", {"x": scored}, {"x": some_figures(scored)})
    html = page.html[page.html.index('<section id="worst">') :]
    rows = re.findall(r'<td class="n">([\d.]+)</td><td class="n">([\d.]+)</td>', html)
    gaps = [abs(float(label) - float(score)) for label, score in rows]
    assert len(gaps) == 50
    for found, i in ((gaps[:25], 0), (gaps[25:], 1)):
        largest = np.sort(np.abs(scored.points[:, i] - scored.labels[:, i]))[::-1][:25]
        assert found == pytest.approx(largest, abs=0.0011)


SWAPS = {
    "templates": 4,
    "kinds": {
        "country": {"templates": 4, "fillers": 9}
        | {s: dict.fromkeys(("mean_range", "p95_range", "p99_range"), 0.031) for s in SCALES}
    },
    "worst": [
        {"template": "{x} & co", "kind": "country", "scale": "hostility", "range": 0.25}
        | {"lowest": "Chad", "lowest_score": 0.1, "highest": "Peru", "highest_score": 0.35}
    ],
}
for _scale in SCALES:
    SWAPS["kinds"]["country"][_scale] |= {"max_range": 0.25, "mean_sd": 0.012}  # type: ignore[index]
BEHAVIOUR = {
    "cases": 8,
    "passed": 7,
    "groups": {"irony": {"cases": 8, "passed": 7, "rate": 0.875}},
    "failed": [{"group": "irony", "text": "Bravo", "wanted": "at least 0.4", "found": 0.1}],
}


def test_swaps_behaviour_and_ladders_are_shown_where_given(tmp_path: Path) -> None:
    scored = some_scored(30)
    figures = {"x": some_figures(scored)}
    plain = _page(tmp_path / "plain.html", {"x": scored}, figures)
    sets = {"x": scored, "validation": _rungs([0.2, 0.3, 0.5, 0.4])}
    full = _page(tmp_path / "full.html", sets, figures, swaps=SWAPS, behaviour=BEHAVIOUR)
    for anchor in ("#ladders", "#swaps", "#behaviour"):
        assert anchor not in plain.addresses
        assert anchor in full.addresses
    assert "83.3% score in the right order" in full.text
    assert "7 of 8 small tests" in full.text
    assert "group: irony; text: Bravo; wanted: at least 0.4; found: 0.1" in full.text
    assert "{x} & co country hostility Chad Peru 0.250 0.100 0.350" in full.text


def test_a_page_of_one_row_is_a_page(tmp_path: Path) -> None:
    scored = some_scored(1)
    page = _page(tmp_path / "page.html", {"x": scored}, {"x": some_figures(scored)})
    assert "x: 1 row " in page.text


@pytest.mark.parametrize("place", ["file.txt/page.html", "folder"])
def test_an_unwritable_place_is_one_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "file.txt").touch()
    (tmp_path / "folder").mkdir()
    scored = some_scored(12)
    for write in (
        check_place,
        lambda path: write_page(
            path, {"x": scored}, {"x": some_figures(scored)}, some_bands(), "x"
        ),
    ):
        with pytest.raises(TrainingError, match=r"cannot be written to .*--page FILE"):
            write(tmp_path / place)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file.txt", "folder"]


def test_a_full_disk_leaves_the_old_page_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.html"
    path.write_text("old", encoding="utf-8")

    def full(draft: Path, content: bytes) -> int:
        with draft.open("wb") as stream:
            stream.write(content[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    scored = some_scored(12)
    with pytest.raises(TrainingError, match="No space left on device"):
        write_page(path, {"x": scored}, {"x": some_figures(scored)}, some_bands(), "x")
    assert [(found.name, found.read_text("utf-8")) for found in tmp_path.iterdir()] == [
        ("page.html", "old")
    ]
