"""What `evaluate` measures: bootstrap intervals, figures by group, ladders, on made-up scores."""

import numpy as np
import pytest
from scipy.stats import bootstrap, pearsonr

from model.scorer import ToneScorer
from model.scores import SCALES
from tests.made_up import some_bands, some_figures, some_quotes, some_scored
from training.breakdown import DEGREES, reliability
from training.card import systems_table
from training.errors import TrainingError
from training.evaluate import (
    Rival,
    Scored,
    figures_of,
    labels_of,
    own_figures,
    score_split,
)
from training.gates import judge
from training.ladders import ladders_of
from training.metrics import agreement, figure_cells, resampled
from training.swaps import ALL_NAMES


def _column(count: int, error: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    scored = some_scored(count, error)
    return scored.points[:, 0], scored.labels[:, 0]


@pytest.mark.parametrize("figure", ["pearson", "mae"])
def test_intervals_hold_the_figure_and_shrink_with_more_rows(figure: str) -> None:
    widths = []
    for count in (50, 500, 5_000):
        scores, labels = _column(count)
        limits = resampled(scores[None], labels).limits(0)
        low, high = limits[f"{figure}_low"], limits[f"{figure}_high"]
        assert low < getattr(agreement(scores, labels, "hostility"), figure) < high
        widths.append(high - low)
    assert widths[0] > 1.5 * widths[1] > 2.25 * widths[2]


def test_intervals_are_those_of_scipy() -> None:
    scores, labels = _column(80)

    def r(x: np.ndarray, y: np.ndarray) -> float:
        return float(pearsonr(x, y).statistic)

    theirs = bootstrap(
        (scores, labels), r, paired=True, vectorized=False, method="percentile", n_resamples=1_000
    ).confidence_interval
    ours = resampled(scores[None], labels).limits(0)
    assert ours["pearson_low"] == pytest.approx(theirs.low, abs=0.01)
    assert ours["pearson_high"] == pytest.approx(theirs.high, abs=0.01)


def test_a_system_differs_from_itself_by_exactly_nothing() -> None:
    scored = some_scored()
    rival = Rival("released ours", scored.points.copy(), some_bands())
    figures = figures_of(
        scored, "ours", some_bands(), {"same": lambda _: scored.points.copy()}, rival
    )
    assert set(figures["differences"]) == {"released ours", "same"}
    for by_scale in figures["differences"].values():
        for row in by_scale.values():
            assert set(row.values()) == {0.0}


def test_a_better_system_is_told_apart_in_pairs() -> None:
    scored, worse = some_scored(error=0.05), some_scored(error=0.2)
    figures = figures_of(
        scored, "ours", some_bands(), None, Rival("theirs", worse.points, some_bands())
    )
    row = figures["differences"]["theirs"]["hostility"]
    assert 0 < row["pearson_low"] < row["pearson"] < row["pearson_high"]
    assert row["mae_low"] < row["mae"] < row["mae_high"] < 0
    assert list(figures["systems"]) == ["ours", "theirs"]


@pytest.mark.parametrize("count", [1, 2, 15])
def test_few_or_constant_rows_have_figures_without_a_warning(count: int) -> None:
    scored = some_scored(count)
    flat = Scored(scored.quotes, scored.labels, np.full_like(scored.points, 0.4))
    row = own_figures(figures_of(flat, "flat", some_bands()))["hostility"]
    assert (row["pearson"], row["pearson_low"], row["pearson_high"]) == (0, 0, 0)
    assert row["mae_low"] <= row["mae"] <= row["mae_high"]


def test_gates_and_card_read_figures_with_intervals() -> None:
    figures = some_figures(some_scored())
    still = dict.fromkeys(SCALES, {"mean_range": 0.0, "p99_range": 0.0})
    found = {
        "splits": {"test_real": figures},
        "int8": {scale: {"mean": 0.001, "pearson": 0.9999} for scale in SCALES},
        "swaps": {"kinds": {ALL_NAMES: still}},
        "behaviour": {"cases": 1, "passed": 1},
    }
    assert all(gate.passed for gate in judge(found, None, 0.9, sampled=False))
    (unknown,) = [g for g in judge(found, found, 0.9, sampled=False) if not g.passed]
    assert "how far was not measured" in unknown.reason
    row = own_figures(figures)["hostility"]
    assert len(figure_cells(row)) == 5
    assert f"| ours 1.0.0 | hostility | {row['pearson']:.3f} |" in systems_table(figures)


def test_every_row_is_in_one_group_of_each_kind() -> None:
    scored = some_scored(200)
    groups = some_figures(scored)["groups"]
    for kind in ("source", "length", "label", "score"):
        for scale in SCALES:
            assert sum(row["rows"] for row in groups[kind][scale].values()) == 200, kind
    words = [len(quote.text.split()) for quote in scored.quotes]
    assert groups["length"]["hostility"]["over 60 words"]["rows"] == sum(n > 60 for n in words)
    assert groups["length"]["formality"]["1 to 4 words"]["rows"] == sum(n <= 4 for n in words)


def test_a_band_holds_its_lower_bound_and_the_last_its_upper() -> None:
    quotes = some_quotes(len(DEGREES))
    points = np.repeat(np.array(DEGREES)[:, None], 2, axis=1)
    groups = figures_of(Scored(quotes, points, points), "ours", some_bands())["groups"]
    assert [row["rows"] for row in groups["label"]["hostility"].values()] == [1, 1, 1, 1, 2]
    assert groups["label"]["hostility"]["0.1 to 0.3"]["pearson"] is None


def test_reliability_bins_hold_all_rows_and_their_coverage() -> None:
    scored = some_scored(300, error=0.15)
    scores, labels = scored.points[:, 1], scored.labels[:, 1]
    bins = reliability(scores, labels, "formality", some_bands())
    assert sum(bin.rows for bin in bins) == 300
    inside = sum(bin.rows * bin.coverage for bin in bins)
    assert inside == pytest.approx((np.abs(scores - labels) <= 0.2).sum())


def _rungs(scores: list[float]) -> Scored:
    labels = [0.0, 0.3, 0.6, 0.9]
    quotes = [
        quote.model_copy(update={"group": "contrast-set/7", "hostility": label, "formality": 0.5})
        for quote, label in zip(some_quotes(4), labels, strict=True)
    ]
    return Scored(quotes, labels_of(quotes), np.stack([scores, [0.5] * 4], axis=1))


@pytest.mark.parametrize(
    ("scores", "ordered", "rise"),
    [([0.1, 0.4, 0.7, 1.0], 1, 1), ([0.9, 0.6, 0.3, 0], 0, -1), ([0.4] * 4, 0, 0)],
)
def test_a_ladder_shows_whether_the_score_climbs(
    scores: list[float], ordered: float, rise: float
) -> None:
    found = ladders_of([_rungs(scores), some_scored(20)])
    assert list(found) == ["hostility"]
    assert found["hostility"].pairs == 6
    assert found["hostility"].ordered == ordered
    assert found["hostility"].rise == pytest.approx(rise)


def test_a_row_that_cannot_be_scored_is_named(scorer: ToneScorer) -> None:
    quotes = some_quotes(3)
    quotes[1] = quotes[1].model_copy(update={"text": "long " * 3_000})
    with pytest.raises(TrainingError, match=r"row row-1 cannot be scored.*15,000 characters"):
        score_split(scorer, quotes)
