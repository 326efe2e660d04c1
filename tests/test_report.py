"""`diplotone report`: every figure on the page against the same figure computed here."""

import random
import re
import statistics
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from scipy import stats

from model.levels import LEVELS, level_of
from model.scores import SCALES, Scale
from tests.html_page import Page
from tests.scored_files import MODEL, Row, page_in, report, row, write

BLANK = "The quote is blank."
GROUPS = ["Östland", "Ruritania", "Grand Fenwick", *(f"Town {i:02d}" for i in range(12))]
OTHERS = "(the other 3)"
FIRST, STEP = date(2021, 1, 4), date(2021, 12, 30)
SIZES = ((0.147, "negligible"), (0.33, "small"), (0.474, "medium"), (2, "large"))


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Fifteen groups over two years; the first is more hostile, and after a year all are."""
    rng = random.Random(5)
    found = []
    for i in range(900):
        group = GROUPS[i % 20] if i % 20 < 15 else GROUPS[i % 3]
        day = rng.randrange(720)
        shift = 0.3 * (group == GROUPS[0]) + 0.2 * (day >= (STEP - FIRST).days)
        h = round(min(1, max(0, rng.betavariate(2, 8) + shift)), 4)
        when = (FIRST + timedelta(days=day)).isoformat()
        f = round(rng.betavariate(6, 4), 4)
        found.append(row(f"We note case {i}.", h, f, speaker=group, date=when))
    found[2]["date"], found[3]["date"], found[4]["speaker"] = "some day", "", ""
    found[5]["tone_warnings"], found[6]["tone_warnings"] = "language;short", "short"
    failed = row(" ", None, None, speaker=GROUPS[0], date="2021-02-01") | {"tone_warnings": BLANK}
    return [*found[:450], failed, *found[450:]]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> Page:
    """One page with everything on it but its pictures."""
    folder = tmp_path_factory.mktemp("report")
    write(folder / "scored.csv", rows)
    asked = ["--time", "date", "--group", "speaker", "--compare", *GROUPS[:2]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.report.page.inline", lambda picture: picture.alt)
        done = report(folder, "scored.csv", *asked)
    assert done.exit_code == 0, done.stderr
    assert "1 of 901 rows have no usable score" in done.stderr
    assert "Report on 900 scored rows written to page.html." in done.stderr
    return page_in(folder)


def of(rows: list[Row], column: str, speaker: str | None = None) -> list[float]:
    """A column's numbers, of all scored rows or of a speaker's."""
    some = [row for row in rows if speaker is None or row["speaker"] == speaker]
    return [row[column] for row in some if row[column] is not None]


def interval(values: list[float]) -> str:
    error = statistics.stdev(values) / len(values) ** 0.5
    low, high = stats.t.interval(0.95, len(values) - 1, statistics.fmean(values), error)
    return f"{max(0, low):.3f} to {min(1, high):.3f}"


def test_the_head_says_what_was_read(page: Page, rows: list[Row]) -> None:
    days = sorted(row["date"] for row in rows if row["date"][:2] == "20")
    first, last = (date.fromisoformat(day) for day in (days[0], days[-1]))
    hostility = of(rows, "hostility")
    for said in (
        "Rows 901",
        "Not scored 1 (0.1%), left out of every figure",
        f"Model {MODEL}",
        f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}",
        "scored rows without one: 1; that could not be read: 1, for example 'some day'",
        "15 groups, of which the 12 with the most rows are shown",
        "Warning: short 2 (0.2%)",
        "Warning: language 1 (0.1%)",
        f"hostility {statistics.fmean(hostility):.3f} (95% interval {interval(hostility)})",
    ):
        assert said in page.text


@pytest.mark.parametrize("scale", SCALES)
def test_the_order_of_groups_has_their_means_and_intervals(
    page: Page, rows: list[Row], scale: Scale
) -> None:
    table = page.rows(f"In order of {scale}")
    assert len(table) == 14  # twelve, the others together, and the row without a speaker
    for name in table.keys() & set(GROUPS):
        values = of(rows, scale, name)
        lows, highs = (statistics.fmean(of(rows, f"{scale}_{e}", name)) for e in ("low", "high"))
        count, mean, ends, _, own = table[name]
        assert [count, mean] == [str(len(values)), f"{statistics.fmean(values):.3f}"]
        assert (ends, own) == (interval(values), f"{lows:.3f} to {highs:.3f}")
    means = [float(cells[1]) for name, cells in table.items() if name in GROUPS]
    assert means == sorted(means, reverse=True) and len(means) == 12
    others = [v for name in GROUPS if name not in table for v in of(rows, scale, name)]
    wanted = [str(len(others)), f"{statistics.fmean(others):.3f}", interval(others), "not ranked"]
    assert table[OTHERS][:4] == wanted
    assert table["(no speaker)"][:4] == ["1", f"{of(rows, scale, '')[0]:.3f}", "–", "not ranked"]


def test_possible_ranks_tell_what_is_sure_from_what_is_not(page: Page) -> None:
    table = page.rows("In order of hostility")
    assert next(iter(table)) == GROUPS[0] and table[GROUPS[0]][3] == "1"
    assert {table[name][3] for name in table.keys() & set(GROUPS[1:])} == {"2 to 12"}
    assert "Hostility: 11 of 66 pairs of groups differ beyond noise." in page.text
    assert "Formality: none of the 66 pairs of groups differs beyond noise." in page.text


@pytest.mark.parametrize("scale", SCALES)
def test_two_groups_are_compared_as_by_the_textbook(
    page: Page, rows: list[Row], scale: Scale
) -> None:
    a, b = (np.array(of(rows, scale, name)) for name in GROUPS[:2])
    delta = float(np.sign(a[:, None] - b).mean())
    cells = page.rows(f"{GROUPS[0]} and {GROUPS[1]}")[scale]
    written = " ".join(cells).replace("\N{MINUS SIGN}", "-")
    numbers = [float(number) for number in re.findall(r"[+-]?\d\.\d+", written)]
    assert numbers[:2] == pytest.approx([a.mean(), b.mean()], abs=6e-4)
    assert numbers[2] == pytest.approx(a.mean() - b.mean(), abs=6e-4)
    assert numbers[5] == pytest.approx(delta, abs=6e-4)
    rng = np.random.default_rng(1)
    draws = [(rng.choice(a, len(a)), rng.choice(b, len(b))) for _ in range(1_500)]
    differences = [x.mean() - y.mean() for x, y in draws]
    deltas = [np.sign(x[:, None] - y).mean() for x, y in draws[:500]]
    assert numbers[3:5] == pytest.approx(np.percentile(differences, [2.5, 97.5]), abs=0.01)
    assert numbers[6:8] == pytest.approx(np.percentile(deltas, [2.5, 97.5]), abs=0.04)
    assert cells[-1] == next(word for top, word in SIZES if abs(delta) < top)


def test_means_over_time_and_the_step_are_found(page: Page, rows: list[Row]) -> None:
    weeks: dict[date, list[float]] = {}
    for one in rows:
        if one["hostility"] is not None and one["date"][:2] == "20":
            day = date.fromisoformat(one["date"])
            weeks.setdefault(day - timedelta(days=day.weekday()), []).append(one["hostility"])
    table = page.rows("Means by week")
    assert len(table) == len(weeks)
    for start, values in weeks.items():
        cells = table[f"week of {start:%d %b %Y}"]
        assert cells[:2] == [str(len(values)), f"{statistics.fmean(values):.3f}"]
        assert cells[2] == (interval(values) if len(values) >= 5 else "–")
    [(scale, start_of, before, after, _)] = page.tables["Changes of level"][1:]
    found = datetime.strptime(start_of, "week of %d %b %Y").date()
    assert scale == "hostility" and abs((found - STEP).days) <= 21
    assert float(after) - float(before) == pytest.approx(0.2, abs=0.05)
    assert "Formality: no change of level was detected." in page.text
    assert f"a penalty of {3 * np.log(len(weeks)):.1f} for each" in page.text


@pytest.mark.parametrize("scale", SCALES)
def test_levels_have_the_shares_that_level_of_gives(
    page: Page, rows: list[Row], scale: Scale
) -> None:
    table = page.rows(f"Levels of {scale}: share of rows")
    months = page.rows(f"Levels of {scale} by month: share of rows")
    march = [r for r in rows if r["date"].startswith("2021-03")]
    for cells, values in (
        (table["(all rows)"], of(rows, scale)),
        (table[GROUPS[2]], of(rows, scale, GROUPS[2])),
        (months["Mar 2021"], of(march, scale)),
    ):
        levels = [level_of(scale, value) for value in values]
        shares = [f"{levels.count(level.name) / len(levels):.1%}" for level in LEVELS[scale]]
        assert cells == [str(len(values)), *shares]
