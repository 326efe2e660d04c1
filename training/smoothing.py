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
import onnxruntime as ort
from onnx import helper, numpy_helper

from model.encoder import Ids

ORDINARY = 0.9
"""Share of a product's input channels that stay as they are; measured, see README.md."""

_PRODUCTS = {"MatMul", "Attention"}
_TINY = 1e-5

Array = npt.NDArray[np.float32]


def run_each(
    network: onnx.ModelProto | Path, outputs: list[str], texts: Sequence[Ids]
) -> Iterator[list[Array]]:
    """Run texts one by one and yield the named outputs of each."""
    source = str(network) if isinstance(network, Path) else network.SerializeToString()
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(source, options, ["CPUExecutionProvider"])
    for ids in texts:
        row = ids[np.newaxis, :]
        feed = {"input_ids": row, "attention_mask": np.ones_like(row)}
        if "token_type_ids" in {node.name for node in session.get_inputs()}:
            feed["token_type_ids"] = np.zeros_like(row)
        yield session.run(outputs, feed)


def smooth(network: onnx.ModelProto, texts: Sequence[Ids]) -> None:
    """Even out the inputs of every product that int8 will take over, in place.

    Args:
        network: the fused fp32 network.
        texts: token ids of some hundred typical quotes, to see how large each channel gets.
    """
    graph = network.graph
    products = [node for node in graph.node if node.op_type in _PRODUCTS]
    constant = {tensor.name for tensor in graph.initializer}
    products = [node for node in products if node.input[1] in constant]
    names = [node.input[0] for node in products]
    largest = [np.full(len(_weights(graph, node)), _TINY, np.float32) for node in products]
    with_inputs = onnx.ModelProto()
    with_inputs.CopyFrom(network)
    with_inputs.graph.output.extend(
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in set(names)
    )
    for found in run_each(with_inputs, names, texts):
        for top, values in zip(largest, found, strict=True):
            np.maximum(top, np.abs(values).max(axis=(0, 1)), out=top)
    for node, top in zip(products, largest, strict=True):
        _share(graph, node, top)


def correct_logits(int8: onnx.ModelProto, fp32: Path, texts: Sequence[Ids]) -> None:
    """Fit the int8 logits to the fp32 logits by a line each, appended to the graph, in place."""
    graph = int8.graph
    wanted = np.concatenate([row for (row,) in run_each(fp32, ["logits"], texts)])
    found = np.concatenate([row for (row,) in run_each(int8, ["logits"], texts)])
    lines = [np.polyfit(found[:, i], wanted[:, i], 1) for i in range(wanted.shape[1])]
    for node in graph.node:
        if "logits" in node.output:
            node.output[list(node.output).index("logits")] = "raw_logits"
    for name, values in zip(("slope", "shift"), np.array(lines, np.float32).T, strict=True):
        graph.initializer.append(numpy_helper.from_array(values, f"logits_{name}"))
    graph.node.extend(
        [
            helper.make_node("Mul", ["raw_logits", "logits_slope"], ["scaled_logits"]),
            helper.make_node("Add", ["scaled_logits", "logits_shift"], ["logits"]),
        ]
    )


def _tensor(graph: onnx.GraphProto, name: str) -> onnx.TensorProto:
    found: onnx.TensorProto = next(t for t in graph.initializer if t.name == name)
    return found


def _weights(graph: onnx.GraphProto, product: onnx.NodeProto) -> Array:
    weights: Array = numpy_helper.to_array(_tensor(graph, product.input[1]))
    return weights


def _share(graph: onnx.GraphProto, product: onnx.NodeProto, largest: Array) -> None:
    """Divide the product's large channels by their factors, and multiply their weights by them."""
    ordinary = np.quantile(largest, ORDINARY)
    factor = np.maximum(1, largest / ordinary).astype(np.float32)
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
