"""The parts of training that make the network: pooling layer, vocabulary, export to int8."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from onnx import helper
from safetensors.torch import load_file
from transformers import (
    AutoTokenizer,
    BertForSequenceClassification,
    MPNetConfig,
    MPNetForSequenceClassification,
)

from data.readers import read_corpus
from model.artifact import FILES, MANIFEST, NETWORK, TOKENIZER
from model.encoder import TextEncoder
from model.familiarity import SURPRISAL
from model.runtime import OnnxNetwork
from training.base import WEIGHTS, find_base
from training.config import TrainConfig
from training.errors import ConfigError
from training.export import export_fp32, export_int8
from training.network import load_earlier
from training.pooling import add_pooling_layer
from training.restore import restored_weights
from training.vocabulary import fitted_tokenizer, renewed_tokenizer


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


def test_an_mpnet_gets_a_pooling_layer_and_serves_what_torch_computes(tmp_path: Path) -> None:
    torch.manual_seed(1)
    config = MPNetConfig(
        vocab_size=120,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        num_labels=2,
        problem_type="multi_label_classification",
    )
    network = MPNetForSequenceClassification(config).eval()
    add_pooling_layer(network)
    assert network.config.num_hidden_layers == len(network.mpnet.encoder.layer) == 3
    network.save_pretrained(tmp_path)
    export_fp32(tmp_path, tmp_path / "fp32.onnx")
    texts = [np.array([0, *range(5, 5 + n), 2], dtype=np.int64) for n in (1, 4, 30)]
    export_int8(tmp_path / "fp32.onnx", tmp_path / NETWORK, texts)
    with torch.inference_mode():
        wanted = np.concatenate([network(torch.tensor(ids[None])).logits for ids in texts])
    fp32, int8 = (OnnxNetwork(tmp_path / name, 1) for name in ("fp32.onnx", NETWORK))
    np.testing.assert_allclose(fp32.logits(texts), wanted, atol=1e-4)
    np.testing.assert_allclose(int8.logits(texts), wanted, atol=0.1)


def test_layers_under_the_pooling_layer_can_be_left_out(
    make_network: Callable[..., BertForSequenceClassification],
) -> None:
    network = make_network()
    add_pooling_layer(network, layers=1)
    assert len(network.bert.encoder.layer) == 2
    with pytest.raises(ConfigError, match="has 2"):
        add_pooling_layer(network, layers=3)


def _fitted(
    network: BertForSequenceClassification, folder: Path, texts: list[str], **settings: object
) -> TextEncoder:
    base, _ = find_base("all-MiniLM-L6-v2")
    fitted_tokenizer(base, folder, network, TrainConfig.model_validate(settings), texts)
    return TextEncoder.load(folder / "tokenizer.json", 64)


def test_a_trimmed_vocabulary_cuts_english_as_before_and_keeps_its_vectors(
    make_network: Callable[..., BertForSequenceClassification], tmp_path: Path
) -> None:
    base, _ = find_base("all-MiniLM-L6-v2")
    before, after = make_network(), make_network()
    new = _fitted(after, tmp_path, [], vocabulary=30_000, neutral_names=False)
    old = TextEncoder.load(base / "tokenizer.json", 64)
    assert new.vocabulary == after.config.vocab_size < old.vocabulary == 30_522
    texts = [row.text for row in read_corpus()[::7]] + ["cost €5 — “naïve”…", "café, Łódź, Erdoğan"]
    for a, b in zip(old.encode(texts), new.encode(texts), strict=True):
        assert len(a) == len(b)
        vectors = (n.get_input_embeddings().weight for n in (before, after))
        one, other = (v[torch.tensor(i)] for v, i in zip(vectors, (a, b), strict=True))
        assert torch.equal(one, other)
    unknown, unknown_again = new.encode(["我们抗议", "мы"])
    assert set(unknown[1:-1]) == set(unknown_again[1:-1])


def test_the_words_that_training_uses_least_go_first_and_are_cut_into_pieces(
    make_network: Callable[..., BertForSequenceClassification], tmp_path: Path
) -> None:
    network = make_network()
    rare = "necessitated"  # among the last of the base vocabulary
    kept = _fitted(network, tmp_path, [f"It {rare} a reply."] * 3, vocabulary=20_000)
    assert kept.vocabulary == network.config.vocab_size == 20_000
    assert len(kept.encode([rare])[0]) == 3
    dropped = _fitted(make_network(), tmp_path, ["A reply."], vocabulary=20_000)
    (ids,) = dropped.encode([rare])
    (unknown,) = dropped.encode(["мы"])
    assert len(ids) > 3
    assert unknown[1] not in ids


def test_transformers_reads_names_as_serving_does(
    make_network: Callable[..., BertForSequenceClassification], tmp_path: Path
) -> None:
    encoder = _fitted(make_network(), tmp_path, [], vocabulary=30_000)
    theirs = AutoTokenizer.from_pretrained(tmp_path)
    one, other = "President Putin lied to Ukraine", "Ambassador Smith lied to the United States."
    (ids,), (ids_of_other,) = encoder.encode([one]), encoder.encode([other])
    assert ids.tolist() == ids_of_other.tolist() == theirs(one)["input_ids"]


def test_int8_holds_no_large_fp32_table(artifact: Path) -> None:
    for tensor in onnx.load(artifact / NETWORK).graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            assert np.prod(tensor.dims) < 100_000, tensor.name


def test_attention_and_gelu_are_fused(artifact: Path) -> None:
    kinds = [node.op_type for node in onnx.load(artifact / NETWORK).graph.node]
    assert kinds.count("QAttention") == 2
    assert not {"Erf", "SkipLayerNormalization"} & set(kinds)
    assert ort.InferenceSession(artifact / NETWORK).get_outputs()[0].name == "logits"


def test_an_earlier_run_goes_on_with_its_own_network_and_tokenizer(
    artifact: Path, tmp_path: Path
) -> None:
    config = TrainConfig(dropout=0)
    base, _ = find_base(config.base_model)
    network, tokenizer = load_earlier(artifact, base, tmp_path, config)
    assert (network.config.hidden_dropout_prob, network.config.num_hidden_layers) == (0, 2)
    for name, weight in load_file(artifact / "model.safetensors").items():
        torch.testing.assert_close(network.state_dict()[name], weight)
    assert (tmp_path / SURPRISAL).read_bytes() == (artifact / SURPRISAL).read_bytes()
    one, other = (json.loads((f / TOKENIZER).read_text("utf-8")) for f in (tmp_path, artifact))
    assert one == other
    assert tokenizer.tokenize("deep regret") == ["deep", "regret"]
    with pytest.raises(ConfigError, match="start_from = nowhere: no network of ours there"):
        load_earlier(Path("nowhere"), base, tmp_path, config)


def test_a_network_trained_further_reads_names_by_the_list_of_today(
    make_network: Callable[..., BertForSequenceClassification], tmp_path: Path
) -> None:
    _fitted(make_network(), tmp_path, [], vocabulary=30_000)
    content = json.loads((tmp_path / TOKENIZER).read_text("utf-8"))
    rules = content["normalizer"]["normalizers"]
    content["normalizer"]["normalizers"] = [r for r in rules if r["type"] != "Replace"]
    (tmp_path / TOKENIZER).write_text(json.dumps(content), encoding="utf-8")
    run = tmp_path / "run"
    run.mkdir()
    names = "France", "Ukraine"
    before = TextEncoder.load(tmp_path / TOKENIZER, 64).encode(names)
    renewed_tokenizer(tmp_path, run)
    after = TextEncoder.load(run / TOKENIZER, 64).encode(names)
    assert before[0].tolist() != before[1].tolist()
    assert after[0].tolist() == after[1].tolist() == before[0].tolist()


def test_an_artifact_without_fp32_weights_goes_on_from_those_that_int8_kept(
    artifact: Path, tmp_path: Path
) -> None:
    released = tmp_path / "released"
    released.mkdir()
    for name in (*FILES, MANIFEST):
        shutil.copyfile(artifact / name, released / name)
    config = TrainConfig(dropout=0)
    base, _ = find_base(config.base_model)
    network, tokenizer = load_earlier(released, base, tmp_path, config)
    served = OnnxNetwork(artifact / NETWORK, threads=1)
    for text in ("hateful sophistry", "We are grateful for the warm welcome."):
        ids = tokenizer(text)["input_ids"]
        with torch.inference_mode():
            found = network.eval()(torch.tensor([ids])).logits.numpy()
        np.testing.assert_allclose(found, served.logits([np.array(ids)]), atol=0.05)
    served.close()
    original = load_file(artifact / WEIGHTS)
    for name, weight in network.state_dict().items():
        if not name.startswith("classifier"):  # which holds the correction of the logits too
            step = original[name].abs().max() / 100
            torch.testing.assert_close(weight, original[name], atol=step, rtol=0, msg=name)


def test_an_artifact_of_another_kind_cannot_be_restored(tmp_path: Path) -> None:
    other = helper.make_model(helper.make_graph([], "other", [], []))
    onnx.save(other, tmp_path / NETWORK)
    with pytest.raises(ValueError, match="holds no int8 BERT network of ours"):
        restored_weights(tmp_path / NETWORK)
    (tmp_path / NETWORK).write_bytes(b"no network")
    with pytest.raises(ValueError, match="is no ONNX file"):
        restored_weights(tmp_path / NETWORK)
