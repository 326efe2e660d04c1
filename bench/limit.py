"""How near the network comes to the fastest int8 products that this machine can do.

The limit is measured, not looked up: one large square product of the same kind that the network is
made of (``MatMulInteger``, unsigned times signed int8), on as many threads.
"""

import re
import time
from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from bench.batching import alone, padded
from model.artifact import NETWORK, TOKENIZER, Artifact
from model.encoder import TextEncoder
from model.runtime import feed, inputs_of, open_session
from model.threads import available_processors

SIZE = 1536
REPEATS = 30
SERVED = "alone, side by side (as served)"
_LAYER = re.compile(r"layer\.(\d+)/")


def product_limit(threads: int) -> float:
    """Return the int8 operations a second of a large product; a product with its sum is two."""
    chance = np.random.default_rng(0)
    weight = chance.integers(-127, 127, (SIZE, SIZE)).astype(np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "w"], ["y"])],
        "product",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, [SIZE, SIZE])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, [SIZE, SIZE])],
        [numpy_helper.from_array(weight, "w")],
    )
    opset = [helper.make_opsetid("", 17)]
    content = helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(content, options, ["CPUExecutionProvider"])
    left = chance.integers(0, 255, (SIZE, SIZE)).astype(np.uint8)
    session.run(None, {"a": left})
    start = time.perf_counter()
    for _ in range(REPEATS):
        session.run(None, {"a": left})
    return 2 * SIZE**3 * REPEATS / (time.perf_counter() - start)


def network_rates(
    artifact: Artifact, quotes: Sequence[str], sizes: Sequence[int]
) -> dict[str, float]:
    """Return the int8 operations a second of one session, as it is served and in padded batches.

    Only products of weights and real tokens count; padding, attention and all else is overhead.
    """
    encoder = TextEncoder.load(artifact.folder / TOKENIZER, artifact.manifest.window_tokens)
    texts = sorted(encoder.encode(quotes), key=len)
    session = open_session(artifact.folder / NETWORK, threads=available_processors())
    inputs = inputs_of(session)
    each_token, each_text = _weights(artifact)
    operations = 2 * (each_token * sum(map(len, texts)) + each_text * len(texts))
    rates = {SERVED: operations / alone(artifact, texts)[1]}
    for size in sizes:
        batches = [texts[i : i + size] for i in range(0, len(texts), size)]
        session.run(["logits"], feed(inputs, *padded(batches[-1])))
        start = time.perf_counter()
        for batch in batches:
            session.run(["logits"], feed(inputs, *padded(batch)))
        rates[f"padded batches of {size}"] = operations / (time.perf_counter() - start)
    return rates


def _weights(artifact: Artifact) -> tuple[int, int]:
    """Return how many int8 weights each token is multiplied with, and how many each text.

    The last layer and the head run on the first token alone, but for the last layer's attention.
    """
    graph = onnx.load(artifact.folder / NETWORK).graph
    tables = [t for t in graph.initializer if t.data_type == TensorProto.INT8 and len(t.dims) == 2]
    sizes = {t.name: int(np.prod(t.dims)) for t in tables if "embeddings" not in t.name}
    layers = [int(found[1]) for name in sizes if (found := _LAYER.search(name))]
    last = f"layer.{max(layers)}/"
    of_text = {name for name in sizes if "layer." not in name or last in name}
    of_text -= {name for name in of_text if "attention/self" in name}
    each_text = sum(sizes[name] for name in of_text)
    return sum(sizes.values()) - each_text, each_text
