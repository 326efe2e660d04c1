"""How far raters and artifacts agree, which wishes were followed, and what the gates leave out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from data.feedback import FEEDBACK
from model.plan import Points
from model.scorer import ToneScorer
from model.scores import SCALES
from training.feedback import Direction, Feedback, Rated
from training.feedback_figures import agreement_lines, feedback_figures
from training.gates import judge
from training.krippendorff import alpha
from training.swaps import ALL_NAMES

# K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C: four observers,
# twelve units, three of them rated by one observer or missing some.
OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)


def test_alpha_is_that_of_the_published_example() -> None:
    columns = zip(*(row.split() for row in OBSERVERS), strict=True)
    units = [[float(value) for value in unit if value != "."] for unit in columns]
    assert alpha(units) == pytest.approx(0.849, abs=0.0005)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([[0.1, 0.1], [0.9, 0.9]], 1.0),
        ([[0, 1], [1, 0]], -0.5),
        ([[0.1, 0.2]], None),
        ([[0.1], [0.5], [0.7, 0.9]], None),
        ([[0.4, 0.4], [0.4, 0.4]], None),
        ([], None),
    ],
)
def test_alpha_at_its_ends(units: list[list[float]], expected: float | None) -> None:
    assert alpha(units) == (expected if expected is None else pytest.approx(expected))


def test_agreement_and_followed_wishes_are_told(scorer: ToneScorer, artifact: Path) -> None:
    texts = [f"The note of the {word} envoy was a lie." for word in ("1st", "2nd", "3rd", "4th")]
    points = scorer.points(texts)
    rated = [Rated(text) for text in texts]
    for i, one in enumerate(rated):
        one.ratings["hostility"] = {("ada", ""): i / 10, ("bo", ""): i / 10 + 0.01}
        one.ratings["formality"] = {("ada", ""): 0.5, ("bo", ""): 0.5, (None, "r1"): 0.9}
    wishes = [
        Direction(text, "hostility", higher, float(points[row, 0]))
        for row, (text, higher) in enumerate(zip(texts, (True, False, True), strict=False))
    ]
    found = Feedback([], [], rated, wishes, {})

    def higher(given: Sequence[str]) -> Points:
        return np.clip(scorer.points(given) + 0.01, 0, 1)

    figures = feedback_figures(found, higher, artifact)
    assert figures["agreement"]["hostility"]["texts"] == 4
    assert 0.9 < figures["agreement"]["hostility"]["alpha"] < 1
    assert figures["agreement"]["formality"]["alpha"] is None
    means = np.array([i / 10 + 0.005 for i in range(4)])
    expected = float(np.corrcoef(points[:, 0], means)[0, 1])
    assert figures["released"]["hostility"]["pearson"] == pytest.approx(expected)
    assert figures["directions"]["hostility"] == {"asked": 3, "followed": 2, "share": 2 / 3}
    said = "\n".join(agreement_lines(figures))
    assert "moved as asked in 2 of 3 wishes" in said
    assert "formality: raters agree with each other at alpha unknown on 4 texts" in said


def test_the_gates_do_not_judge_by_feedback() -> None:
    row = {"pearson": 0.9, "mae": 0.05, "coverage": 0.9}
    usual = {"systems": {"x": dict.fromkeys(SCALES, row)}}
    bad = {"systems": {"x": dict.fromkeys(SCALES, row | {"pearson": -1.0, "mae": 0.9})}}
    moves = dict.fromkeys(SCALES, {"mean_range": 0.0, "p99_range": 0.0})
    found = {
        "splits": {"test": usual, FEEDBACK: bad},
        "int8": dict.fromkeys(SCALES, {"mean": 0.0, "pearson": 1.0}),
        "swaps": {"kinds": {ALL_NAMES: moves}},
        "behaviour": {"cases": 1, "passed": 1},
    }
    gates = judge(found, None, 0.9, sampled=False)
    assert all(gate.passed for gate in gates)
    assert not any(FEEDBACK in gate.reason for gate in gates)
