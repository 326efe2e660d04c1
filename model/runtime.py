"""The ONNX Runtime session: token ids in, two logits out.

Each quote is run on its own. The int8 network quantises its activations by the largest value of
the whole input tensor, so in a padded batch a quote's score would depend on its neighbours, by up
to 0.03; alone it cannot, and every door gives the same number. On a CPU single-threaded runs side
by side come within about a tenth of the speed of padded batches (``make bench`` prints both).
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from model.encoder import Ids
from model.errors import ArtifactError, ScoringError
from model.scores import SCALES
from model.threads import available_processors

Batch = npt.NDArray[np.int64]
"""Token ids or a mask, shape (texts, tokens)."""

Logits = npt.NDArray[np.float32]
"""Raw outputs, shape (texts, 2), in the order of SCALES."""

EXACT_INT8 = "session.x64quantprecision"
"""ONNX Runtime's setting for int8 products that are the same on every x86-64 processor."""

APART = ["SkipLayerNormFusion"]
"""Rewritings that ONNX Runtime must not do: its fused kernel is slower than the parts on a CPU."""

CPUINFO = Path("/proc/cpuinfo")
VNNI = frozenset({"avx512_vnni", "avx_vnni"})
"""How Linux calls the instructions of x86-64 that multiply int8 and add in 32 bits."""

_INPUTS = ["input_ids", "attention_mask"]
_TYPES = "token_type_ids"
"""An input of BERT and not of every encoder; zero for a single text."""
_OUTPUTS = ["logits"]


def open_session(
    network: Path | bytes, threads: int = 0, exact: bool | None = None
) -> ort.InferenceSession:
    """Load a network with the settings that serving, export and benchmarks share.

    Args:
        network: an ``.onnx`` file, or its content.
        threads: threads within one run; 0 for as many as there are processors.
        exact: see EXACT_INT8; by default where the processor needs it.
    """
    if exact is None:
        exact = not adds_in_32_bits()
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    # Inputs change length all the time, so a memory plan by shape is rebuilt and never reused.
    options.enable_mem_pattern = False
    # Without it a processor that lacks VNNI adds int8 products in 16 bits that overflow. With it
    # every other one takes two thirds longer, for the same sums.
    options.add_session_config_entry(EXACT_INT8, "1" if exact else "0")
    return ort.InferenceSession(
        network, options, ["CPUExecutionProvider"], disabled_optimizers=APART
    )


def adds_in_32_bits() -> bool:
    """Tell whether the processor has VNNI, which adds int8 products in 32 bits, where none is lost.

    Where that cannot be told (Linux tells), the answer is no, which is slower and never wrong.
    """
    try:
        with CPUINFO.open(encoding="utf-8") as lines:
            flags = next((line for line in lines if line.startswith("flags")), "").split()
    except OSError:
        return False
    return not VNNI.isdisjoint(flags)


def inputs_of(session: ort.InferenceSession) -> frozenset[str]:
    """Return the names of a network's inputs."""
    return frozenset(node.name for node in session.get_inputs())


def feed(inputs: frozenset[str], ids: Batch, mask: Batch | None = None) -> dict[str, Batch]:
    """Return what to run a network on.

    Args:
        inputs: what ``inputs_of`` returned.
        ids: token ids, shape (texts, tokens).
        mask: 1 for a token and 0 for padding, same shape; every token counts by default.
    """
    fed = {"input_ids": ids, "attention_mask": np.ones_like(ids) if mask is None else mask}
    return fed | {_TYPES: np.zeros_like(ids)} if _TYPES in inputs else fed


class OnnxNetwork:
    """A loaded network.

    Args:
        path: the ``.onnx`` file.
        threads: quotes run side by side; the processors this process may use by default.

    Raises:
        ArtifactError: the file is no ONNX network, or its inputs or outputs are not ours.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        try:
            self._session = open_session(path, threads=1)
        except Exception as cause:  # the runtime raises many kinds
            raise ArtifactError(f"{path} is not a network ONNX Runtime can load.") from cause
        self._check_shape(path)
        self.threads = threads or available_processors()
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="network")

    def _check_shape(self, path: Path) -> None:
        self._inputs = inputs = inputs_of(self._session)
        outputs = [node.name for node in self._session.get_outputs()]
        width = self._session.get_outputs()[0].shape[-1]
        if inputs - {_TYPES} != set(_INPUTS) or outputs != _OUTPUTS or width != len(SCALES):
            raise ArtifactError(
                f"{path} has the wrong shape: it must take {', '.join(_INPUTS)} (and {_TYPES}, "
                f"if it likes) and give logits "
                f"of width {len(SCALES)}; it takes {', '.join(sorted(inputs))} and gives "
                f"{', '.join(outputs)} of width {width}."
            )

    def logits(self, texts: Sequence[Ids]) -> Logits:
        """Run every text alone, equal ones once, and return the logits in the order given.

        Raises:
            ScoringError: the runtime failed, or gave NaN or infinity.
        """
        if len(texts) == 1:  # no hand-over to another thread for the commonest call
            return np.stack([self._run(texts[0])])
        if not texts:
            return np.empty((0, len(SCALES)), dtype=np.float32)
        distinct = {ids.tobytes(): ids for ids in texts}
        # The longest first, so that no thread is left alone with a long text at the end.
        order = sorted(distinct, key=lambda key: -len(key))
        found = dict(zip(order, self._pool.map(self._run, map(distinct.get, order)), strict=True))
        return np.stack([found[ids.tobytes()] for ids in texts])

    def _run(self, ids: Ids) -> Logits:
        fed = feed(self._inputs, ids[np.newaxis, :])
        try:
            logits: Logits = self._session.run(_OUTPUTS, fed)[0][0]
        except Exception as cause:  # the runtime raises many kinds
            raise ScoringError(f"The network failed on {len(ids)} tokens.") from cause
        if not np.isfinite(logits).all():
            raise ScoringError(f"The network gave no number on {len(ids)} tokens.")
        return logits

    def close(self) -> None:
        """Let the running texts finish and end the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)
