"""The parts of training that decide: interval table, gates, promotion, configuration, export."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import torch
from transformers import BertForSequenceClassification

from data.readers import read_corpus
from model.artifact import FILES, MANIFEST, NETWORK, read_artifact
from model.encoder import TextEncoder
from model.errors import ArtifactError
from model.plan import Points, points_of
from model.runtime import OnnxNetwork
from training.base import find_base
from training.batches import LikeLengthSampler
from training.calibrate import fit_calibration, no_calibration
from training.config import read_config
from training.errors import ConfigError
from training.evaluate import Figures, int8_difference, torch_points
from training.gates import judge
from training.metrics import agreement
from training.pooling import add_pooling_layer
from training.promote import promote
from training.vocabulary import trimmed_tokenizer


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


def test_too_few_rows_give_the_widest_interval() -> None:
    calibration = fit_calibration(*_made_up(10, 1), coverage=0.9)
    assert calibration.interval("hostility", 0.4) == (0, 1)
    assert no_calibration(0.9).interval("formality", 0.4) == (0, 1)


def test_constant_scores_have_no_correlation_rather_than_nan() -> None:
    found = agreement(np.full(9, 0.3), np.linspace(0, 1, 9), "hostility")
    assert (found.pearson, found.spearman) == (0, 0)


def _figures(pearson: float, mae: float = 0.05, coverage: float = 0.9) -> dict[str, Figures]:
    row = {"pearson": pearson, "mae": mae, "coverage": coverage}
    scales = {"hostility": row, "formality": row}
    return {"test": {"systems": {"x": scales}}, "test_real": {"systems": {"x": scales}}}


def _int8(mean: float = 0.001, pearson: float = 0.9999) -> Figures:
    row = {"mean": mean, "pearson": pearson}
    return {"hostility": row, "formality": row}


@pytest.mark.parametrize(
    ("candidate", "released", "int8", "sampled", "failed"),
    [
        (_figures(0.8), None, _int8(), False, 0),
        (_figures(0.5), None, _int8(), False, 4),
        (_figures(0.8), _figures(0.8), _int8(), False, 0),
        (_figures(0.796), _figures(0.8), _int8(), False, 0),
        (_figures(0.79), _figures(0.8), _int8(), False, 4),
        (_figures(0.8, mae=0.06), _figures(0.8), _int8(), False, 4),
        (_figures(0.8, coverage=0.7), _figures(0.8), _int8(), False, 2),
        (_figures(0.8), _figures(0.8), _int8(mean=0.006), False, 2),
        (_figures(0.8), _figures(0.8), _int8(pearson=0.99), False, 2),
        (_figures(0.8), _figures(0.8), _int8(), True, 1),
        (_figures(float("nan")), None, _int8(), False, 4),
    ],
)
def test_gates_let_only_an_artifact_through_that_is_no_worse(
    candidate: dict[str, Figures],
    released: dict[str, Figures] | None,
    int8: Figures,
    sampled: bool,
    failed: int,
) -> None:
    gates = judge(candidate, released, int8, 0.9, sampled)
    assert sum(not gate.passed for gate in gates) == failed


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


def test_the_pooling_layer_starts_as_the_first_token_plus_the_mean(
    make_network: Callable[..., BertForSequenceClassification],
) -> None:
    plain, pooled = make_network(), make_network()
    add_pooling_layer(pooled)
    assert pooled.config.num_hidden_layers == plain.config.num_hidden_layers + 1
    ids = torch.tensor([[101, 7000, 8000, 9000, 102]])
    with torch.inference_mode():
        states = plain.bert(ids).last_hidden_state[0]
        found = pooled.bert(ids).last_hidden_state[0, 0]
    wanted = torch.nn.functional.layer_norm(states[0] + states.mean(0), (32,))
    torch.testing.assert_close(found, wanted, atol=0.1, rtol=0)


def test_layers_under_the_pooling_layer_can_be_left_out(
    make_network: Callable[..., BertForSequenceClassification],
) -> None:
    network = make_network()
    add_pooling_layer(network, layers=1)
    assert len(network.bert.encoder.layer) == 2
    with pytest.raises(ConfigError, match="has 2"):
        add_pooling_layer(network, layers=3)


def test_a_trimmed_vocabulary_cuts_english_as_before_and_keeps_its_vectors(
    make_network: Callable[..., BertForSequenceClassification], tmp_path: Path
) -> None:
    base, _ = find_base("all-MiniLM-L6-v2")
    before, after = make_network(), make_network()
    trimmed_tokenizer(base, tmp_path, after, trim=True)
    old, new = (TextEncoder.load(f / "tokenizer.json", 64) for f in (base, tmp_path))
    assert new.vocabulary == after.config.vocab_size < old.vocabulary == 30_522
    texts = [row.text for row in read_corpus()[::7]] + ["cost €5 — “naïve”…", "café, Łódź, Erdoğan"]
    for a, b in zip(old.encode(texts), new.encode(texts), strict=True):
        assert len(a) == len(b)
        vectors = (n.get_input_embeddings().weight for n in (before, after))
        one, other = (v[torch.tensor(i)] for v, i in zip(vectors, (a, b), strict=True))
        assert torch.equal(one, other)
    unknown, unknown_again = new.encode(["我们抗议", "мы"])
    assert set(unknown[1:-1]) == set(unknown_again[1:-1])


def test_int8_holds_no_large_fp32_table(artifact: Path) -> None:
    import onnx

    for tensor in onnx.load(artifact / NETWORK).graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            assert np.prod(tensor.dims) < 100_000, tensor.name


def test_attention_and_gelu_are_fused(artifact: Path) -> None:
    import onnx

    kinds = [node.op_type for node in onnx.load(artifact / NETWORK).graph.node]
    assert kinds.count("QAttention") == 2
    assert "Erf" not in kinds
    assert ort.InferenceSession(artifact / NETWORK).get_outputs()[0].name == "logits"
