"""int8 products: ONNX Runtime's slower, exact way is asked for only where a processor needs it."""

from pathlib import Path

import numpy as np
import pytest

from data.readers import read_corpus
from model import runtime
from model.artifact import NETWORK, RELEASED, TOKENIZER
from model.encoder import TextEncoder
from model.runtime import adds_in_32_bits, feed, inputs_of, open_session


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        ("fpu avx2 avx512f avx512_vnni", True),
        ("fpu avx2 avx_vnni", True),
        ("fpu avx2 avx512f", False),
        ("fpu avx512_vnni_like", False),
    ],
)
def test_vnni_is_told_by_its_flag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str, found: bool
) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(f"processor\t: 0\nmodel name\t: made up\nflags\t\t: {flags}\n")
    monkeypatch.setattr(runtime, "CPUINFO", path)
    assert adds_in_32_bits() is found


def test_where_nothing_tells_the_slower_way_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "CPUINFO", tmp_path / "absent")
    assert not adds_in_32_bits()


@pytest.mark.skipif(not adds_in_32_bits(), reason="this processor has no VNNI")
def test_with_vnni_both_ways_give_the_same_bits() -> None:
    encoder = TextEncoder.load(RELEASED / TOKENIZER, 256)
    texts = encoder.encode([row.text for row in read_corpus()][::90])
    sessions = [open_session(RELEASED / NETWORK, 1, exact) for exact in (True, False)]
    inputs = inputs_of(sessions[0])
    for ids in texts:
        fed = feed(inputs, ids[np.newaxis, :])
        exact, quick = (session.run(["logits"], fed)[0] for session in sessions)
        assert np.array_equal(exact, quick)
