"""From the trained PyTorch network to the int8 ONNX network that serving runs.

fp32 ONNX (TorchScript exporter, whose graph the fusions recognise) -> attention, GELU and layer
normalisation fused (ONNX Runtime's transformer optimiser) -> ranges evened out -> int8 weights per
output channel, activations quantised on the fly (dynamic quantisation), embeddings int8 per row ->
logits corrected.
"""

import inspect
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model
from transformers import AutoModelForSequenceClassification

from model.encoder import Ids
from training.smoothing import (
    ORDINARY,
    Array,
    channel_ranges,
    correct_logits,
    logits_of,
    smooth,
)

FIRST_SUM = "_biased"
"""How the name of a product with its bias ends, where a normalisation was taken apart."""
# What serving can feed; a network takes those that its architecture knows.
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def export_fp32(folder: Path, path: Path) -> None:
    """Write the network saved in a folder as a fused fp32 ONNX graph, batch and length free."""
    # Read anew, since the Trainer leaves its autocast wrapped around the network it trained; and
    # with plain attention, whose graph the fusions recognise.
    network = AutoModelForSequenceClassification.from_pretrained(
        folder, attn_implementation="eager", dtype=torch.float32
    ).eval()
    known = inspect.signature(network.forward).parameters
    inputs = [name for name in INPUTS if name in known]
    example = [torch.ones((1, 8), dtype=torch.int64) for _ in inputs]
    example[0] += 4  # an id that no network takes for padding, since some count positions by it
    axes = {name: {0: "texts", 1: "tokens"} for name in inputs} | {"logits": {0: "texts"}}
    with warnings.catch_warnings(), _quiet():
        # The exporter announces its successor, whose graph the fusions do not recognise.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            tuple(example),
            str(path),
            input_names=inputs,
            output_names=["logits"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        options = FusionOptions("bert")
        options.enable_embed_layer_norm = False  # keeps the embeddings apart, for int8 by row
        fused = optimize_model(
            str(path),
            model_type="bert",
            num_heads=network.config.num_attention_heads,
            hidden_size=network.config.hidden_size,
            optimization_options=options,
        )
    _keep_first_token(fused.model.graph)
    fused.save_model_to_file(str(path))


def _keep_first_token(graph: onnx.GraphProto) -> None:
    """Let everything after the last attention run on the first token alone.

    The classifier reads no other token of the last layer, so three quarters of that layer's work
    would be thrown away. The numbers are the same.
    """
    found = [node for node in graph.node if node.op_type == "Attention"]
    if not found:
        return
    last = found[-1]
    dense = next(node for node in graph.node if last.output[0] in node.input)
    norm = next(node for node in graph.node if dense.output[0] in node.input)
    if (dense.op_type, norm.op_type) != ("MatMul", "SkipLayerNormalization"):
        return
    residual = next(i for i, name in enumerate(norm.input[:2]) if name != dense.output[0])
    bounds = {"first_start": [0], "first_end": [1], "first_axis": [1]}
    graph.initializer.extend(
        numpy_helper.from_array(np.array(value, dtype=np.int64), name)
        for name, value in bounds.items()
    )
    at = list(graph.node).index(dense)
    for node, place in ((dense, list(dense.input).index(last.output[0])), (norm, residual)):
        name = node.input[place]
        cut = helper.make_node("Slice", [name, *bounds], [f"{name}_first"])
        node.input[place] = f"{name}_first"
        graph.node.insert(at, cut)


def export_int8(fp32: Path, path: Path, texts: Sequence[Ids]) -> None:
    """Write the int8 network of a fused fp32 network.

    Args:
        fp32: file of the fused network.
        path: file to write.
        texts: token ids of some hundred typical quotes, to even out and correct by.
    """
    network = onnx.load(fp32)
    wanted, ranges = logits_of(fp32, texts), channel_ranges(network, texts)
    tried = []
    for ordinary in ORDINARY:
        int8 = _quantised(network, ranges, ordinary, path)
        tried.append((correct_logits(int8, wanted, texts), int8))
    onnx.save(min(tried, key=lambda pair: pair[0])[1], path)


def _quantised(
    network: onnx.ModelProto, ranges: dict[str, Array], ordinary: float, path: Path
) -> onnx.ModelProto:
    even = onnx.ModelProto()
    even.CopyFrom(network)
    smooth(even, ranges, ordinary)
    head = next(node for node in even.graph.node if "logits" in node.output)
    with _quiet():
        quantize_dynamic(
            even,
            path,
            op_types_to_quantize=["MatMul", "Attention"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[f"{head.name}_MatMul"],  # the quantiser's name for its product
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": TensorProto.FLOAT},
        )
    int8 = onnx.load(path)
    for node in [n for n in int8.graph.node if n.op_type == "Gather"]:
        _quantise_rows(int8.graph, node)
    for node in [n for n in int8.graph.node if n.op_type == "SkipLayerNormalization"]:
        _take_norm_apart(int8.graph, node)
    return int8


def _take_norm_apart(graph: onnx.GraphProto, norm: onnx.NodeProto) -> None:
    """Turn a fused sum and layer normalisation into sums and a normalisation.

    On a CPU the fused kernel of ONNX Runtime 1.32 takes longer than the parts, and the sum with the
    bias melts into the product before it. The session must leave them apart too; see
    ``model.runtime.APART``.
    """
    product, residual, weight, shift, *bias = norm.input
    out, at = norm.output[0], list(graph.node).index(norm)
    epsilon = next(a.f for a in norm.attribute if a.name == "epsilon")
    parts, total = [], product
    for term, end in (*((term, FIRST_SUM) for term in bias), (residual, "_sum")):
        parts.append(helper.make_node("Add", [total, term], [f"{out}{end}"]))
        total = parts[-1].output[0]
    parts.append(
        helper.make_node("LayerNormalization", [total, weight, shift], [out], epsilon=epsilon)
    )
    graph.node.remove(norm)
    for offset, node in enumerate(parts):
        graph.node.insert(at + offset, node)


def _quantise_rows(graph: onnx.GraphProto, gather: onnx.NodeProto) -> None:
    """Turn a look-up of fp32 rows into one of int8 rows and their fp32 scales.

    One scale a row keeps rare words exact where one scale for the whole table, as the stock
    quantiser has it, would round them away.
    """
    table = next((t for t in graph.initializer if t.name == gather.input[0]), None)
    if table is None or len(table.dims) != 2 or table.data_type != TensorProto.FLOAT:
        return
    rows = numpy_helper.to_array(table)
    scale = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-12) / 127
    name, index, out = table.name, gather.input[1], gather.output[0]
    graph.initializer.remove(table)
    graph.initializer.extend(
        [
            numpy_helper.from_array(np.rint(rows / scale).astype(np.int8), f"{name}_int8"),
            numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"),
        ]
    )
    at = list(graph.node).index(gather)
    graph.node.remove(gather)
    parts = [
        helper.make_node("Gather", [f"{name}_int8", index], [f"{out}_int8"]),
        helper.make_node("Cast", [f"{out}_int8"], [f"{out}_float"], to=TensorProto.FLOAT),
        helper.make_node("Gather", [f"{name}_scale", index], [f"{out}_scale"]),
        helper.make_node("Mul", [f"{out}_float", f"{out}_scale"], [out]),
    ]
    for offset, node in enumerate(parts):
        graph.node.insert(at + offset, node)


class _quiet:  # noqa: N801 - reads as a statement
    """Silence the exporters' chatter, which has nothing for the reader to act on."""

    def __enter__(self) -> None:
        self._level = logging.root.manager.disable
        logging.disable(logging.WARNING)

    def __exit__(self, *_: object) -> None:
        logging.disable(self._level)
