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

from training.errors import ConfigError

Array = npt.NDArray[np.float32]
State = dict[str, torch.Tensor]

_LAYER = re.compile(r"/bert/encoder/(layer\.\d+)/(.+)/MatMul_output_0_weights_quantized")
_ATTENTION = re.compile(r"/bert/encoder/(layer\.\d+)/attention/self/\w+_weights_quantized")
_POOLER, _CLASSIFIER = "bert.pooler.dense.weight", "classifier.weight"


def restored_weights(network: Path) -> State:
    """Return the weights of a BERT classifier under the names that Transformers gives them.

    Args:
        network: ``model.onnx`` of an artifact, as ``training/export.py`` wrote it.

    Raises:
        ConfigError: the file is none, or its network is of another kind.
    """
    try:
        graph = onnx.load(network).graph
        found = {t.name: np.asarray(numpy_helper.to_array(t)) for t in graph.initializer}
        weights = _plain(found) | _products(found) | _attention(found) | _tables(found)
        weights |= _head(found)
    except (OSError, KeyError, ValueError) as cause:
        raise ConfigError(f"{network} holds no int8 BERT network of ours ({cause}).") from cause
    except Exception as cause:  # protobuf raises its own kind
        raise ConfigError(f"{network} is no ONNX file.") from cause
    return {
        name: torch.from_numpy(np.array(w, np.float32, order="C")) for name, w in weights.items()
    }


def _dequantised(found: dict[str, Array], stem: str) -> Array:
    """Return a product's weights, shape (inputs, outputs), as they were before int8."""
    weights: Array = found[f"{stem}_quantized"].astype(np.float32) * found[f"{stem}_scale"]
    inverse = found.get(stem.removesuffix("_weights") + "_inverse")
    return weights if inverse is None else weights * inverse[:, None]


def _plain(found: dict[str, Array]) -> dict[str, Array]:
    """Return biases and normalisations, which stayed fp32."""
    kept = (".bias", "LayerNorm.weight")
    return {
        name: w for name, w in found.items() if name.startswith("bert.") and name.endswith(kept)
    }


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
