"""The parts of training that decide: interval table, gates, promotion, configuration, export."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from data.records import Quote
from model.artifact import FILES, MANIFEST, NETWORK, read_artifact
from model.encoder import TextEncoder
from model.errors import ArtifactError
from model.plan import Points, points_of
from model.runtime import OnnxNetwork
from model.scores import SCALES
from training.batches import LikeLengthSampler
from training.calibrate import (
    PUBLIC_WEIGHT,
    fit_calibration,
    left_out_coverage,
    no_calibration,
    row_weights,
)
from training.config import read_config
from training.errors import ConfigError
from training.evaluate import Figures, Scored, int8_difference, torch_points
from training.gates import judge
from training.metrics import agreement
from training.promote import promote
from training.rows import HELD_OUT
from training.swaps import ALL_NAMES


def _made_up(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores whose errors grow with the score and are skewed."""
    rng = np.random.default_rng(seed)
    scores = rng.random((rows, 2))
    labels = np.clip(scores + (rng.exponential(0.1, (rows, 2)) - 0.05) * scores, 0, 1)
    return scores, labels


def test_intervals_cover_unseen_rows_as_often_as_they_say() -> None:
    calibration = fit_calibration(*_made_up(2_000, 1), coverage=0.9)
    scores, labels = _made_up(5_000, 2)
    for i, scale in enumerate(("hostility", "formality")):
        found = agreement(scores[:, i], labels[:, i], scale, calibration)  # type: ignore[arg-type]
        assert found.coverage == pytest.approx(0.9, abs=0.025)


def test_intervals_are_wider_where_the_errors_are() -> None:
    calibration = fit_calibration(*_made_up(2_000, 1), coverage=0.9)
    bands = calibration.bands["hostility"]
    assert len(bands) == 8
    assert bands[-1].upto == 1
    assert bands[0].below + bands[0].above < bands[-1].below + bands[-1].above


def test_rows_that_weigh_more_decide_the_margins() -> None:
    scores, labels = _made_up(2_000, 1)
    far = np.arange(2_000) % 2 == 1
    labels = np.where(far[:, None], np.clip(labels + 0.3, 0, 1), labels)
    alike, near_first = (
        fit_calibration(scores, labels, 0.9, np.where(far, 1.0, weight)) for weight in (1.0, 30.0)
    )
    for i in range(8):
        one, other = (table.bands["hostility"][i] for table in (alike, near_first))
        assert other.above < one.above or one.above < 0.1
    quotes = [Quote.model_construct(source=source) for source in ("real/kremlin", "own")]
    assert row_weights(quotes).tolist() == [PUBLIC_WEIGHT, 1]


def test_too_few_rows_give_the_widest_interval() -> None:
    calibration = fit_calibration(*_made_up(10, 1), coverage=0.9)
    assert calibration.interval("hostility", 0.4) == (0, 1)
    assert no_calibration(0.9).interval("formality", 0.4) == (0, 1)


def test_constant_scores_have_no_correlation_rather_than_nan() -> None:
    found = agreement(np.full(9, 0.3), np.linspace(0, 1, 9), "hostility")
    assert (found.pearson, found.spearman) == (0, 0)


def _found(
    pearson: float = 0.8,
    mae: float = 0.05,
    coverage: float = 0.9,
    int8: tuple[float, float] = (0.001, 0.9999),
    swaps: tuple[float, float] = (0.01, 0.04),
    behaviour: int = 80,
    shift: float = 0.0,
) -> Figures:
    """Findings on an artifact, alike on both splits and scales."""
    row = {"pearson": pearson, "mae": mae, "coverage": coverage}
    splits = {name: {"systems": {"x": dict.fromkeys(SCALES, row)}} for name in HELD_OUT}
    gap = dict.fromkeys(SCALES, dict(zip(("mean", "pearson"), int8, strict=True)))
    moves = dict.fromkeys(SCALES, dict(zip(("mean_range", "p99_range"), swaps, strict=True)))
    return {
        "splits": splits,
        "int8": gap,
        "swaps": {"kinds": {ALL_NAMES: moves}},
        "behaviour": {"cases": 100, "passed": behaviour},
        "moved": {
            "scales": {
                scale: {"median_old": 0.4, "median_new": 0.4 + shift, "median_shift": shift}
                for scale in SCALES
            }
        },
    }


@pytest.mark.parametrize(
    ("candidate", "released", "sampled", "failed"),
    [
        (_found(), None, False, 0),
        (_found(0.5), None, False, 4),
        (_found(), _found(), False, 0),
        (_found(0.796), _found(), False, 0),
        (_found(0.79), _found(), False, 4),
        (_found(mae=0.06), _found(), False, 4),
        (_found(coverage=0.7), _found(), False, 2),
        (_found(int8=(0.006, 0.9999)), _found(), False, 2),
        (_found(int8=(0.001, 0.99)), _found(), False, 2),
        (_found(swaps=(0.03, 0.04)), _found(), False, 2),
        (_found(swaps=(0.01, 0.06)), None, False, 2),
        (_found(behaviour=77), _found(), False, 1),
        (_found(behaviour=79), _found(), False, 0),
        (_found(), _found(), True, 1),
        (_found(float("nan")), None, False, 4),
        (_found(shift=0.03), _found(), False, 0),
        (_found(shift=-0.04), _found(), False, 2),
        (_found(shift=0.04), None, False, 0),
    ],
)
def test_gates_let_only_an_artifact_through_that_is_no_worse(
    candidate: Figures, released: Figures | None, sampled: bool, failed: int
) -> None:
    gates = judge(candidate, released, 0.9, sampled)
    assert sum(not gate.passed for gate in gates) == failed


def test_scores_that_move_far_pass_when_that_is_accepted_and_the_gate_says_so() -> None:
    refused = judge(_found(shift=0.04), _found(), 0.9, sampled=False)[-1]
    assert not refused.passed
    assert "0.400 to 0.440 (by at most 0.03)" in refused.reason
    assert "diplotone compare" in refused.reason
    taken = judge(_found(shift=0.04), _found(), 0.9, sampled=False, accept_shift=True)[-1]
    assert taken.passed
    assert "accepted by --accept-shift" in taken.reason


def test_each_source_is_calibrated_without_itself() -> None:
    scores, labels = _made_up(900, 3)
    wild = np.arange(900) % 3 == 0
    apart = np.where(np.arange(300) % 2, 0.3, -0.3)[:, None]
    labels[wild] = np.clip(labels[wild] + apart, 0, 1)
    quotes = [_quote("wild" if one else "tame") for one in wild]
    found = left_out_coverage([Scored(quotes, labels, scores)], 0.9)
    assert found["wild"]["rows"] == 300
    assert found["wild"]["hostility"]["coverage"] < 0.6
    assert found["tame"]["hostility"]["coverage"] > 0.95


def _quote(source: str) -> Quote:
    fields = {"id": "1", "text": "A note.", "hostility": 0.0, "formality": 0.5}
    return Quote.model_validate(fields | {"source": source, "group": "g", "raters": None})


def test_promotion_replaces_the_whole_folder(
    make_artifact: Callable[..., Path], tmp_path: Path
) -> None:
    old, new = (make_artifact(tmp_path / v, v, seed) for seed, v in enumerate(("1.0.0", "1.1.0")))
    released = tmp_path / "released"
    assert promote(old, released).manifest.version == "1.0.0"
    (released / "stray.txt").write_text("not ours", encoding="utf-8")
    assert promote(new, released).manifest.version == "1.1.0"
    assert {path.name for path in released.iterdir()} == {*FILES, MANIFEST}
    assert not (tmp_path / "released.new").exists()


@pytest.mark.parametrize("damage", [NETWORK, MANIFEST])
def test_a_damaged_run_is_never_promoted(artifact: Path, tmp_path: Path, damage: str) -> None:
    released = tmp_path / "released"
    promote(artifact, released)
    before = read_artifact(released).sha256
    run = shutil.copytree(artifact, tmp_path / "run")
    (run / damage).write_bytes((run / damage).read_bytes()[:-20])
    with pytest.raises(ArtifactError):
        promote(run, released)
    assert read_artifact(released).sha256 == before
    assert [path.name for path in tmp_path.glob("released*")] == ["released"]


def test_the_command_line_wins_over_the_file_and_the_file_over_defaults(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("epochs = 9\nbatch_size = 8\n", encoding="utf-8")
    config = read_config(path, {"epochs": 2, "rows": None})
    assert (config.epochs, config.batch_size, config.seed) == (2, 8, 1)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("epoch = 9", "setting epoch"),
        ("epochs = 'many'", "setting epochs"),
        ("epochs = ", "is not TOML"),
        ("rows = 3", "setting rows"),
    ],
)
def test_a_bad_setting_is_named_with_its_place(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=sentence) as refusal:
        read_config(path, {})
    assert "mine.toml" in str(refusal.value)


def _points(network: Path, folder: Path, texts: list[str]) -> Points:
    encoder = TextEncoder.load(folder / "tokenizer.json", 64)
    onnx = OnnxNetwork(network, threads=1)
    logits = onnx.logits(encoder.encode(texts))
    onnx.close()
    return points_of(logits)


def test_fp32_onnx_equals_pytorch_and_int8_stays_near(artifact: Path) -> None:
    texts = ["hateful sophistry", "We are grateful.", "They will pay a price for this."]
    pytorch = torch_points(artifact, texts)
    fp32 = _points(artifact / "fp32.onnx", artifact, texts)
    np.testing.assert_allclose(fp32, pytorch, atol=1e-5)
    int8 = _points(artifact / NETWORK, artifact, texts)
    assert int8_difference(int8, pytorch)["hostility"]["mean"] < 0.05


def test_batches_hold_like_lengths_and_come_in_random_order() -> None:
    lengths = np.random.default_rng(1).integers(3, 120, 1_010).tolist()
    sampler = LikeLengthSampler(lengths, batch_size=10, seed=1)
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(1_010))
    assert first != second
    batches = np.array([lengths[row] for row in first[:1_000]]).reshape(100, 10)
    assert np.ptp(batches, axis=1).mean() < 10
    assert abs(np.corrcoef(np.arange(100), batches.mean(axis=1))[0, 1]) < 0.3
