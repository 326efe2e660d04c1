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

Logits = npt.NDArray[np.float32]
"""Raw outputs, shape (texts, 2), in the order of SCALES."""

EXACT_INT8 = "session.x64quantprecision"
"""ONNX Runtime's setting for int8 products that are the same on every x86-64 processor."""

_INPUTS = ["input_ids", "attention_mask"]
_TYPES = "token_type_ids"
"""An input of BERT and not of every encoder; zero for a single text."""
_OUTPUTS = ["logits"]


class OnnxNetwork:
    """A loaded network.

    Args:
        path: the ``.onnx`` file.
        threads: quotes run side by side; the processors this process may use by default.

    Raises:
        ArtifactError: the file is no ONNX network, or its inputs or outputs are not ours.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Inputs change length all the time, so a memory plan by shape is rebuilt and never reused.
        options.enable_mem_pattern = False
        # Without it a processor that lacks VNNI adds int8 products in 16 bits that overflow.
        options.add_session_config_entry(EXACT_INT8, "1")
        try:
            self._session = ort.InferenceSession(path, options, ["CPUExecutionProvider"])
        except Exception as cause:  # the runtime raises many kinds
            raise ArtifactError(f"{path} is not a network ONNX Runtime can load.") from cause
        self._check_shape(path)
        self.threads = threads or available_processors()
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="network")

    def _check_shape(self, path: Path) -> None:
        inputs = {node.name for node in self._session.get_inputs()}
        outputs = [node.name for node in self._session.get_outputs()]
        width = self._session.get_outputs()[0].shape[-1]
        self._takes_types = _TYPES in inputs
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
        row = ids[np.newaxis, :]
        feed = dict(zip(_INPUTS, (row, np.ones_like(row)), strict=True))
        if self._takes_types:
            feed[_TYPES] = np.zeros_like(row)
        try:
            logits: Logits = self._session.run(_OUTPUTS, feed)[0][0]
        except Exception as cause:  # the runtime raises many kinds
            raise ScoringError(f"The network failed on {len(ids)} tokens.") from cause
        if not np.isfinite(logits).all():
            raise ScoringError(f"The network gave no number on {len(ids)} tokens.")
        return logits

    def close(self) -> None:
        """Let the running texts finish and end the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)
