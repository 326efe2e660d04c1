"""``python -m bench.older_cpu``: the same scores on a processor without int8 instructions.

Most x86-64 processors since 2019 multiply int8 exactly (VNNI). Older ones add pairs of products
in 16 bits, which overflow, unless ONNX Runtime is told otherwise. QEMU's user mode plays an older
processor (Haswell, 2013), so that the kernels it would choose can be compared here.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from data.readers import read_corpus
from model.artifact import NETWORK, TOKENIZER, default_folder, read_artifact
from model.encoder import Ids, TextEncoder
from model.plan import points_of
from model.runtime import feed, inputs_of, open_session

EMULATOR = "qemu-x86_64"
CPU = "Haswell"


def run_texts(network: Path, texts: list[Ids], exact: bool) -> list[list[float]]:
    """Return the points of texts run one by one, with ONNX Runtime's setting on or off."""
    session = open_session(network, threads=1, exact=exact)
    inputs = inputs_of(session)
    runs = (session.run(["logits"], feed(inputs, ids[np.newaxis, :]))[0] for ids in texts)
    return [points_of(logits)[0].tolist() for logits in runs]


def main(
    quotes: Annotated[int, typer.Option(help="Quotes to compare on.")] = 24,
    inner: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Score some quotes here and on an emulated older processor, with the setting off and on.

    Needs qemu-x86_64 (on Debian: apt-get install qemu-user).
    """
    folder = read_artifact(default_folder()).folder
    encoder = TextEncoder.load(folder / TOKENIZER, 256)
    texts = encoder.encode([row.text for row in read_corpus()][:: 8000 // quotes][:quotes])
    if inner:
        sys.stdout.write(json.dumps(run_texts(folder / NETWORK, texts, inner == "on")))
        return
    emulator = shutil.which(EMULATOR)
    if emulator is None:
        raise typer.BadParameter(f"{EMULATOR} is not installed.")
    here = np.array(run_texts(folder / NETWORK, texts, exact=True))
    table = Table("processor", "exact int8", "mean difference", "largest")
    for setting in ("off", "on"):
        command = [emulator, "-cpu", CPU, str(Path(sys.executable).resolve())]
        command += ["-m", "bench.older_cpu", "--quotes", str(quotes), "--inner", setting]
        paths = {"PYTHONPATH": ":".join(filter(None, sys.path)), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(command, capture_output=True, check=True, env=paths)  # noqa: S603
        gap = np.abs(np.array(json.loads(done.stdout)) - here)
        table.add_row(f"{CPU}, emulated", setting, f"{gap.mean():.5f}", f"{gap.max():.5f}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
