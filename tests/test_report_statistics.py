"""The statistics of a report on made-up samples whose truth is known, and dates as people write."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy import stats

from service.report.comparison import compare
from service.report.dates import UNITS, choose_unit, coarseness_of, date_of
from service.report.means import Mean
from service.report.ranking import holm, rank
from service.report.shares import SQUARES, density, level_counts
from service.report.timeline import SHORTEST, find_changes


def mean_of(values: np.ndarray) -> Mean:
    spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return Mean(len(values), float(values.mean()), spread, None, None, None, None)


def series(rng: np.random.Generator, levels: list[float], rows: tuple[int, int]) -> list[Mean]:
    """Means of samples around levels, of rows that vary in number."""
    return [mean_of(level + 0.2 * rng.standard_normal(rng.integers(*rows))) for level in levels]


@pytest.mark.parametrize(
    ("levels", "rows", "places"),
    [
        ([0.2] * 12 + [0.5] * 12, (8, 40), [12]),
        ([0.2] * 8 + [0.6] * 8 + [0.3] * 8, (8, 40), [8, 16]),
        ([0.4] * 24, (2, 200), []),
        ([0.5] * 24, (1, 2), []),
    ],
)
def test_changes_are_found_where_the_level_changes(
    levels: list[float], rows: tuple[int, int], places: list[int]
) -> None:
    found = find_changes(series(np.random.default_rng(3), levels, rows))
    assert found is not None
    assert found.places == places
    assert found.penalty == pytest.approx(3 * np.log(len(levels)))
    assert found.levels == pytest.approx([levels[p] for p in [0, *places]], abs=0.08)


def test_a_series_without_a_change_seldom_seems_to_have_one() -> None:
    rng = np.random.default_rng(4)
    found = [find_changes(series(rng, [0.4] * 20, (5, 60))) for _ in range(60)]
    assert sum(bool(one and one.places) for one in found) <= 3


def test_one_odd_stretch_is_no_change_and_a_short_series_is_not_judged() -> None:
    levels = [0.3] * 10 + [0.9] + [0.3] * 10
    found = find_changes(series(np.random.default_rng(5), levels, (20, 40)))
    assert found is None or all(
        b - a >= SHORTEST for a, b in zip([0, *found.places], [*found.places, 21], strict=True)
    )
    assert find_changes(series(np.random.default_rng(5), [0.1, 0.9] * 4, (20, 40))) is None


def test_possible_ranks_follow_from_the_pairs_that_differ() -> None:
    rng = np.random.default_rng(6)
    levels = {"high": 0.8, "mid": 0.41, "mid too": 0.4, "low": 0.1}
    noise = rng.standard_normal((4, 60))
    noise -= noise.mean(axis=1, keepdims=True)
    samples = {
        name: level + 0.1 * own for (name, level), own in zip(levels.items(), noise, strict=True)
    }
    found = rank(
        {name: mean_of(values) for name, values in samples.items()}
        | {"few": mean_of(np.array([0.9, 0.9]))}
    )
    ranks = {place.name: (place.first, place.last) for place in found.places}
    assert ranks == {
        "few": (None, None),
        "high": (1, 1),
        "mid": (2, 3),
        "mid too": (2, 3),
        "low": (4, 4),
    }
    names = [place.name for place in found.places if place.first]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    p_values = [stats.ttest_ind(samples[a], samples[b], equal_var=False).pvalue for a, b in pairs]
    assert (found.pairs, found.differing) == (6, sum(p < 0.05 for p in holm(p_values)))


def test_holm_gives_the_published_example() -> None:
    # Holm's own order: the smallest times their number, never less than the one before.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def scored(a: np.ndarray, b: np.ndarray) -> pl.LazyFrame:
    values = np.concatenate([a, b]).round(4)
    groups = ["a"] * len(a) + ["b"] * len(b)
    return pl.LazyFrame({"group": groups, "hostility": values, "formality": 1 - values})


def test_comparison_handles_ties_extremes_and_few_rows() -> None:
    near = np.linspace(-0.01, 0.01, 9)
    apart = compare(scored(0.9 + near[:6], 0.1 + near), "a", "b")["hostility"]
    assert apart.delta.value == 1 and apart.word == "large" and not apart.difference.noise
    square = stats.norm.ppf(0.975) ** 2
    inner = (6 - square) / (6 + square)  # Feng and Cliff (2004), with the smaller group's rows
    assert (apart.delta.low, apart.delta.high) == (pytest.approx(inner), 1)
    below = compare(scored(0.1 + near[:6], 0.9 + near), "a", "b")["hostility"]
    assert (below.delta.low, below.delta.high) == (-1, pytest.approx(-inner))
    tied = compare(scored(0.5 + near, 0.5 + near), "a", "b")["hostility"]
    assert abs(tied.delta.value) < 1e-12 and tied.word == "negligible" and tied.difference.noise


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.linspace(0.1, 0.9, 4), np.linspace(0.1, 0.2, 9)),  # four rows
        (np.full(6, 0.9), np.linspace(0.1, 0.2, 9)),  # copies of one text
        (np.full(6, 0.5), np.full(9, 0.5)),
    ],
)
def test_few_rows_or_copies_of_one_text_are_not_compared(a: np.ndarray, b: np.ndarray) -> None:
    found = compare(scored(a, b), "a", "b")["hostility"]
    assert found.difference.low is None and found.delta.low is None
    assert found.difference.noise and found.word == "not compared"
    assert found.difference.value == pytest.approx(a.mean() - b.mean())
    ranks = [(place.first, place.last) for place in rank({"a": mean_of(a), "b": mean_of(b)}).places]
    assert (None, None) in ranks


def test_the_intervals_are_those_of_welch_and_of_brunner_and_munzel() -> None:
    rng = np.random.default_rng(8)
    a, b = rng.beta(2, 3, 23).round(1), rng.beta(2, 2, 41).round(1)  # many ties
    found = compare(scored(a, b), "a", "b")["hostility"]
    welch = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert (found.difference.low, found.difference.high) == pytest.approx(tuple(welch))
    delta = float(np.sign(a[:, None] - b).mean())
    munzel = stats.brunnermunzel(a, b)  # delta over its standard error, with b before a
    assert found.delta.low is not None and found.delta.high is not None
    ends = np.arctanh([found.delta.low, delta, found.delta.high])
    reach = stats.t.ppf(0.975, freedom_of(a, b)) * abs(delta / munzel.statistic) / (1 - delta**2)
    assert found.delta.value == pytest.approx(delta)
    assert ends - ends[1] == pytest.approx([-reach, 0, reach])


def freedom_of(a: np.ndarray, b: np.ndarray) -> float:
    """Satterthwaite's degrees of freedom of the placings of both samples."""
    signs = np.sign(a[:, None] - b)
    parts = [signs.mean(axis=1 - i).var(ddof=1) / len(x) for i, x in enumerate((a, b))]
    return sum(parts) ** 2 / sum(p**2 / (len(x) - 1) for p, x in zip(parts, (a, b), strict=True))


@pytest.mark.parametrize("rows", [(7, 9), (40, 60)])
def test_the_intervals_hold_the_truth_as_often_as_they_say(rows: tuple[int, int]) -> None:
    rng = np.random.default_rng(7)
    many = rng.beta(2, 3, 4_000), np.sort(rng.beta(2, 2, 4_000))
    below = np.searchsorted(many[1], many[0]) / len(many[1])
    truth = {"difference": 0.4 - 0.5, "delta": float(2 * below.mean() - 1)}
    held = dict.fromkeys(truth, 0)
    for _ in range(60):
        samples = rng.beta(2, 3, rows[0]), rng.beta(2, 2, rows[1])
        found = compare(scored(*samples), "a", "b")["hostility"]
        for name, value in truth.items():
            one = getattr(found, name)
            held[name] += one.low <= value <= one.high
    assert min(held.values()) >= 51  # of 60 at 95%, with chance


@pytest.mark.parametrize(
    ("written", "form", "read", "coarseness"),
    [
        ("2024-05-06", None, date(2024, 5, 6), "day"),
        (" 2024-05-06T23:59:00+09:00 ", None, date(2024, 5, 6), "day"),
        ("2024/5/6 11:00", None, date(2024, 5, 6), "day"),
        ("20240506", None, date(2024, 5, 6), "day"),
        ("2024-05", None, date(2024, 5, 1), "month"),
        ("2024", None, date(2024, 1, 1), "year"),
        ("2024.0", None, date(2024, 1, 1), "year"),
        ("6 May 2024", None, date(2024, 5, 6), "day"),
        ("September 3, 2024", None, date(2024, 9, 3), "day"),
        ("Sep 3, 2024", None, date(2024, 9, 3), "day"),
        ("06.05.2024", None, date(2024, 5, 6), "day"),
        ("05/06/2024", None, None, "day"),
        ("05/06/2024", "%m/%d/%Y", date(2024, 5, 6), "day"),
        ("2024-02-30", None, None, "day"),
        ("yesterday", None, None, "day"),
        ("", None, None, "day"),
    ],
)
def test_dates_are_read_as_people_write_them_unless_they_could_mean_two(
    written: str, form: str | None, read: date | None, coarseness: str
) -> None:
    rows = pl.DataFrame({"when": [written]})
    kind = rows.schema["when"]
    found = rows.select(date_of("when", kind, form), coarseness_of("when", kind).alias("unit"))
    assert found.row(0)[0] == read
    assert UNITS[found.row(0)[1]].name == coarseness


@pytest.mark.parametrize(
    ("days", "rows", "unit"),
    [
        (1, 1, "year"),
        (60, 600, "day"),
        (60, 100, "week"),
        (700, 5_000, "week"),
        (3_000, 9_000, "month"),
        (9_000, 90_000, "quarter"),
        (90_000, 9_000, "year"),
    ],
)
def test_the_stretch_of_time_fits_range_and_rows(days: int, rows: int, unit: str) -> None:
    first = date(1750, 1, 1).toordinal()
    dates = [date.fromordinal(first + i * days // rows) for i in range(rows)]
    assert choose_unit(pl.LazyFrame({"date": dates}), days, 0).name == unit
    assert choose_unit(pl.LazyFrame({"date": dates}), days, 4).name == "year"


def test_edges_of_levels_and_squares_belong_to_the_upper_one() -> None:
    edges = [0.0, 0.075, 0.225, 0.375, 0.525, 0.675, 0.825, 0.925, 1.0]
    rows = pl.LazyFrame({"hostility": edges, "formality": [0.5] * 9})
    assert level_counts(rows, pl.lit(0))["hostility"][0] == [1, 1, 1, 1, 1, 1, 1, 2]
    columns = [column for column, row, count in density(rows) if row == SQUARES // 2 and count == 1]
    assert columns == [0, 3, 9, 15, 21, 27, 33, 37, 39]
