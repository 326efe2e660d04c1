"""Makes a network ready for int8: even ranges before, corrected logits after.

A few channels of a transformer's activations are many times larger than the rest, and int8 spends
its steps on them. As in SmoothQuant (Xiao et al. 2023) such a channel is divided by a factor before
a product and its weights are multiplied by it: the same product, with the range moved to the
weights. Only the largest channels are touched, since every factor costs the weights some of their
own steps. What shift is left is taken out of the logits (bias correction, Nagel et al. 2019).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from model.encoder import Ids
from model.plan import points_of
from model.runtime import feed, inputs_of, open_session

ORDINARY = (0.8, 0.9, 0.95, 0.98)
"""Shares of a product's input channels that stay as they are; the best is found by trying."""

_PRODUCTS = {"MatMul", "Attention"}
_TINY = 1e-5

Array = npt.NDArray[np.float32]


def run_each(
    network: onnx.ModelProto | Path, outputs: list[str], texts: Sequence[Ids]
) -> Iterator[list[Array]]:
    """Run texts one by one and yield the named outputs of each."""
    session = open_session(network if isinstance(network, Path) else network.SerializeToString())
    inputs = inputs_of(session)
    for ids in texts:
        yield session.run(outputs, feed(inputs, ids[np.newaxis, :]))


def channel_ranges(network: onnx.ModelProto, texts: Sequence[Ids]) -> dict[str, Array]:
    """Return how large each input channel of each product with fixed weights gets, by product.

    Args:
        network: the fused fp32 network.
        texts: token ids of some hundred typical quotes.
    """
    graph = network.graph
    products = _products(graph)
    names = [node.input[0] for node in products]
    largest = [np.full(len(_weights(graph, node)), _TINY, np.float32) for node in products]
    with_inputs = onnx.ModelProto()
    with_inputs.CopyFrom(network)
    with_inputs.graph.output.extend(
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in set(names)
    )
    for found in run_each(with_inputs, names, texts):
        for top, values in zip(largest, found, strict=True):
            np.maximum(top, np.abs(values).max(axis=tuple(range(values.ndim - 1))), out=top)
    return {node.output[0]: top for node, top in zip(products, largest, strict=True)}


def smooth(network: onnx.ModelProto, ranges: dict[str, Array], ordinary: float) -> None:
    """Even out the inputs of every product that int8 will take over, in place.

    Args:
        network: the fused fp32 network.
        ranges: what ``channel_ranges`` found.
        ordinary: share of the channels that stay as they are, 0 to 1.
    """
    for node in _products(network.graph):
        _share(network.graph, node, ranges[node.output[0]], ordinary)


def correct_logits(int8: onnx.ModelProto, wanted: Array, texts: Sequence[Ids]) -> float:
    """Fit the int8 logits to the fp32 logits by a line each, appended to the graph, in place.

    Args:
        int8: the network.
        wanted: fp32 logits of shape (texts, 2).
        texts: token ids of the same texts.

    Returns:
        The mean distance of the corrected scores from the fp32 scores, 0 to 1.
    """
    graph = int8.graph
    found = logits_of(int8, texts)
    lines = np.array([np.polyfit(found[:, i], wanted[:, i], 1) for i in range(wanted.shape[1])])
    for node in graph.node:
        if "logits" in node.output:
            node.output[list(node.output).index("logits")] = "raw_logits"
    for name, values in zip(("slope", "shift"), lines.T.astype(np.float32), strict=True):
        graph.initializer.append(numpy_helper.from_array(values, f"logits_{name}"))
    graph.node.extend(
        [
            helper.make_node("Mul", ["raw_logits", "logits_slope"], ["scaled_logits"]),
            helper.make_node("Add", ["scaled_logits", "logits_shift"], ["logits"]),
        ]
    )
    corrected = found * lines[:, 0] + lines[:, 1]
    return float(np.abs(points_of(corrected) - points_of(wanted)).mean())


def logits_of(network: onnx.ModelProto | Path, texts: Sequence[Ids]) -> Array:
    """Return the logits of texts run one by one, shape (texts, 2)."""
    return np.concatenate([row for (row,) in run_each(network, ["logits"], texts)])


def _products(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    constant = {tensor.name for tensor in graph.initializer}
    return [n for n in graph.node if n.op_type in _PRODUCTS and n.input[1] in constant]


def _tensor(graph: onnx.GraphProto, name: str) -> onnx.TensorProto:
    found: onnx.TensorProto = next(t for t in graph.initializer if t.name == name)
    return found


def _weights(graph: onnx.GraphProto, product: onnx.NodeProto) -> Array:
    weights: Array = numpy_helper.to_array(_tensor(graph, product.input[1]))
    return weights


def _share(
    graph: onnx.GraphProto, product: onnx.NodeProto, largest: Array, ordinary: float
) -> None:
    """Divide the product's large channels by their factors, and multiply their weights by them."""
    factor = np.maximum(1, largest / np.quantile(largest, ordinary)).astype(np.float32)
    weights = _weights(graph, product) * factor[:, None]
    name, even = f"{product.output[0]}_inverse", f"{product.output[0]}_even"
    # Written under a new name, since tied weights may serve another product too.
    graph.initializer.extend(
        [
            numpy_helper.from_array(1 / factor, name),
            numpy_helper.from_array(weights, f"{product.output[0]}_weights"),
        ]
    )
    divide = helper.make_node("Mul", [product.input[0], name], [even])
    graph.node.insert(list(graph.node).index(product), divide)
    old = product.input[1]
    product.input[0], product.input[1] = even, f"{product.output[0]}_weights"
    if not any(old in node.input for node in graph.node):
        graph.initializer.remove(_tensor(graph, old))
