"""Alone or in padded batches: how fast, and how far a score moves with its neighbours.

This is the measurement behind ``model.runtime``, which runs each quote alone.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.artifact import NETWORK, TOKENIZER, Artifact
from model.encoder import Ids, TextEncoder
from model.plan import Points, points_of
from model.runtime import OnnxNetwork, feed, inputs_of, open_session
from model.threads import available_processors


@dataclass(frozen=True, slots=True)
class Way:
    """One way to run the same quotes.

    Attributes:
        name: what it is.
        per_second: quotes a second.
        furthest: largest distance of a score from the quote's score alone.
    """

    name: str
    per_second: float
    furthest: float


def compare_batching(artifact: Artifact, quotes: Sequence[str]) -> list[Way]:
    """Run the quotes alone, side by side, and in padded batches sorted by length."""
    encoder = TextEncoder.load(artifact.folder / TOKENIZER, artifact.manifest.window_tokens)
    texts = sorted(encoder.encode(quotes), key=len)
    points, seconds = alone(artifact, texts)
    ways = [Way("alone, side by side", len(texts) / seconds, 0.0)]
    session = open_session(artifact.folder / NETWORK, threads=available_processors())
    inputs = inputs_of(session)

    def run(batch: Sequence[Ids]) -> np.ndarray:
        logits: np.ndarray = session.run(["logits"], feed(inputs, *padded(batch)))[0]
        return logits

    for size in (8, 32):
        start = time.perf_counter()
        parts = [run(texts[i : i + size]) for i in range(0, len(texts), size)]
        took = time.perf_counter() - start
        furthest = float(np.abs(points_of(np.concatenate(parts)) - points).max())
        ways.append(Way(f"padded batches of {size}", len(texts) / took, furthest))
    return ways + [_one_thread(artifact, texts, points, exact) for exact in (False, True)]


def alone(artifact: Artifact, texts: Sequence[Ids]) -> tuple[Points, float]:
    """Return the points of texts run as serving does, and the seconds that took."""
    network = OnnxNetwork(artifact.folder / NETWORK)
    network.logits(texts[:20])
    start = time.perf_counter()
    logits = network.logits(texts)
    seconds = time.perf_counter() - start
    network.close()
    return points_of(logits), seconds


def _one_thread(artifact: Artifact, texts: Sequence[Ids], points: Points, exact: bool) -> Way:
    """Run texts one by one, with ONNX Runtime's exact int8 products or without (see EXACT_INT8)."""
    session = open_session(artifact.folder / NETWORK, threads=1, exact=exact)
    inputs = inputs_of(session)
    some = texts[::4]
    start = time.perf_counter()
    logits = [session.run(["logits"], feed(inputs, ids[np.newaxis, :]))[0] for ids in some]
    took = time.perf_counter() - start
    furthest = float(np.abs(points_of(np.concatenate(logits)) - points[::4]).max())
    name = f"one thread, exact int8 products {'on' if exact else 'off'}"
    return Way(name, len(some) / took, furthest)


def padded(texts: Sequence[Ids]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids of texts padded to the longest, and their mask."""
    shape = (len(texts), max(map(len, texts)))
    ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, text in enumerate(texts):
        ids[row, : len(text)], mask[row, : len(text)] = text, 1
    return ids, mask
