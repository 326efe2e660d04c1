"""From an artifact's int8 network back to weights that can be trained further.

A released artifact holds no fp32 weights, and whoever adds labels of their own should start where
it stands and not where its base encoder did. Every product's weights are multiplied by their scales
and freed of the factors that evened out its inputs (``training/smoothing.py``); the line that
corrected the logits becomes part of the last layer. What int8 rounded away stays away: at most half
a step of each weight.
"""

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from safetensors.torch import load_file

from model.artifact import NETWORK
from training.base import WEIGHTS
from training.export import FIRST_SUM

Array = npt.NDArray[np.float32]
State = dict[str, torch.Tensor]

_LAYER = re.compile(r"/bert/encoder/(layer\.\d+)/(.+)/MatMul_output_0_weights_quantized")
_ATTENTION = re.compile(r"/bert/encoder/(layer\.\d+)/attention/self/\w+_weights_quantized")
_NORM = {"weight": 1, "bias": 2}
"""Which input of a layer normalisation is what; in a fused one each comes one later."""
_POOLER, _CLASSIFIER = "bert.pooler.dense.weight", "classifier.weight"


def weights_of(folder: Path) -> State:
    """Return the weights of a finished run as they are, or of an artifact as int8 kept them.

    Raises:
        OSError, ValueError: the folder holds neither; see ``restored_weights``.
    """
    if (folder / WEIGHTS).exists():
        return load_file(folder / WEIGHTS)
    return restored_weights(folder / NETWORK)


def restored_weights(network: Path) -> State:
    """Return the weights of a BERT classifier under the names that Transformers gives them.

    Args:
        network: ``model.onnx`` of an artifact, as ``training/export.py`` wrote it.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no ONNX file, or its network is of another kind.
    """
    content = network.read_bytes()
    try:
        graph = onnx.load_from_string(content).graph
    except Exception as cause:  # protobuf raises its own kind
        raise ValueError(f"{network} is no ONNX file") from cause
    try:
        found = {t.name: np.asarray(numpy_helper.to_array(t)) for t in graph.initializer}
        weights = _norms(graph, found) | _products(found) | _attention(found) | _tables(found)
        weights |= _head(found)
    except (KeyError, ValueError) as cause:
        raise ValueError(f"{network} holds no int8 BERT network of ours") from cause
    return {
        name: torch.from_numpy(np.array(weight, np.float32, order="C"))
        for name, weight in weights.items()
    }


def _dequantised(found: dict[str, Array], stem: str) -> Array:
    """Return a product's weights, shape (inputs, outputs), as they were before int8."""
    weights: Array = found[f"{stem}_quantized"].astype(np.float32) * found[f"{stem}_scale"]
    inverse = found.get(stem.removesuffix("_weights") + "_inverse")
    return weights if inverse is None else weights * inverse[:, None]


def _norms(graph: onnx.GraphProto, found: dict[str, Array]) -> dict[str, Array]:
    """Return biases and normalisations, which stayed fp32.

    They are found by the node that takes them, since the exporter keeps equal ones once.
    """
    weights: dict[str, Array] = {}
    for node in graph.node:
        module = node.output[0].rpartition("/")[0].strip("/").replace("/", ".")
        parent = module.rpartition(".")[0]
        if node.op_type == "LayerNormalization":
            weights |= {f"{module}.{k}": found[node.input[i]] for k, i in _NORM.items()}
        elif node.op_type == "SkipLayerNormalization":
            weights |= {f"{module}.{k}": found[node.input[i + 1]] for k, i in _NORM.items()}
            weights[f"{parent}.dense.bias"] = found[node.input[4]]
        elif node.op_type == "BiasGelu" or node.output[0].endswith(FIRST_SUM):
            weights[f"{parent}.dense.bias"] = found[node.input[1]]
        elif node.op_type == "Add" and module.endswith(".dense"):  # the pooler's
            weights[f"{module}.bias"] = found[node.input[1]]
    return weights


def _products(found: dict[str, Array]) -> dict[str, Array]:
    return {
        f"bert.encoder.{match[1]}.{match[2].replace('/', '.')}.weight": _dequantised(
            found, name.removesuffix("_quantized")
        ).T
        for name in found
        if (match := _LAYER.fullmatch(name))
    }


def _attention(found: dict[str, Array]) -> dict[str, Array]:
    """Take the fused query, key and value apart."""
    weights: dict[str, Array] = {}
    for name in list(found):
        if not (match := _ATTENTION.fullmatch(name)):
            continue
        whole = np.split(_dequantised(found, name.removesuffix("_quantized")), 3, axis=1)
        biases = np.split(found[f"Attention_{match[1].removeprefix('layer.')}_qkv_bias"], 3)
        for part, weight, bias in zip(("query", "key", "value"), whole, biases, strict=True):
            place = f"bert.encoder.{match[1]}.attention.self.{part}"
            weights |= {f"{place}.weight": weight.T, f"{place}.bias": bias}
    return weights


def _tables(found: dict[str, Array]) -> dict[str, Array]:
    return {
        stem: rows.astype(np.float32) * found[f"{stem}_scale"]
        for name, rows in found.items()
        if (stem := name.removesuffix("_int8")) != name
    }


def _head(found: dict[str, Array]) -> dict[str, Array]:
    slope, shift = found["logits_slope"], found["logits_shift"]
    return {
        _POOLER: _dequantised(found, f"{_POOLER}_Transposed").T,
        _CLASSIFIER: (found[f"{_CLASSIFIER}_Transposed"] * slope).T,
        "classifier.bias": found["classifier.bias"] * slope + shift,
    }
