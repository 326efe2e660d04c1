"""Makes a network ready for int8: even ranges before, corrected logits after.

A few channels of a transformer's activations are many times larger than the rest, and int8 spends
its steps on them. SmoothQuant (Xiao et al. 2023) divides each channel of a product's input by a
factor and multiplies the weights by it: the same product, with the range shared between both.
What shift is left is taken out of the logits (bias correction, Nagel et al. 2019).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper

from model.encoder import Ids

SHARE = 0.85
"""How much of the activations' range goes to the weights, 0 to 1; measured on real quotes."""

_GELU = {"BiasGelu", "FastGelu", "Gelu"}
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
        yield session.run(outputs, feed | {"token_type_ids": np.zeros_like(row)})


def smooth(network: onnx.ModelProto, texts: Sequence[Ids]) -> None:
    """Even out the inputs of both products around each GELU, in place.

    Args:
        network: the fused fp32 network.
        texts: token ids of some hundred typical quotes, to see how large each channel gets.
    """
    graph = network.graph
    products = _around_gelu(graph)
    names = [node.input[0] for node in products]
    largest = [np.full(_weights(graph, node).shape[0], _TINY, np.float32) for node in products]
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


def _around_gelu(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    gelus = [node for node in graph.node if node.op_type in _GELU]
    before = {node.input[0] for node in gelus}
    after = {node.output[0] for node in gelus}
    products = [node for node in graph.node if node.op_type == "MatMul"]
    return [node for node in products if node.output[0] in before or node.input[0] in after]


def _weights(graph: onnx.GraphProto, product: onnx.NodeProto) -> Array:
    tensor = next(t for t in graph.initializer if t.name == product.input[1])
    weights: Array = numpy_helper.to_array(tensor)
    return weights


def _share(graph: onnx.GraphProto, product: onnx.NodeProto, largest: Array) -> None:
    """Divide the product's input by a factor for each channel, and multiply its weights by it."""
    weights = _weights(graph, product)
    heaviest = np.maximum(np.abs(weights).max(axis=1), _TINY)
    factor = (largest**SHARE / heaviest ** (1 - SHARE)).astype(np.float32)
    tensor = next(t for t in graph.initializer if t.name == product.input[1])
    tensor.CopyFrom(numpy_helper.from_array(weights * factor[:, None], tensor.name))
    name = f"{product.output[0]}_inverse"
    graph.initializer.append(numpy_helper.from_array(1 / factor, name))
    even = f"{product.output[0]}_even"
    divide = helper.make_node("Mul", [product.input[0], name], [even])
    graph.node.insert(list(graph.node).index(product), divide)
    product.input[0] = even
