"""A teacher's scores of texts, kept on disk, so that no text is ever scored twice by one teacher.

The scores lie in Parquet parts of some thousand texts, keyed by the teacher's hash (the folder)
and each text's hash (the rows). A part appears whole, so a run that is killed goes on where it was.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.progress import track

from model.plan import Points
from model.scorer import ToneScorer
from model.scores import SCALES
from training.errors import TrainingError

PART_TEXTS = 1000


def teacher_scores(
    teacher: ToneScorer, texts: Sequence[str], cache: Path, console: Console
) -> Points:
    """Return the teacher's scores of distinct texts, from disk where they are known.

    Args:
        teacher: the artifact that scores.
        texts: what to score.
        cache: folder that keeps the scores of every teacher.
        console: where progress goes.

    Returns:
        Scores of shape (texts, 2).

    Raises:
        TrainingError: the cache cannot be written.
    """
    folder = cache / "teacher" / teacher.artifact.sha256[:16]
    keys = [text_hash(text) for text in texts]
    known = _read(folder)
    missing = [i for i, key in enumerate(keys) if key not in known]
    starts = range(0, len(missing), PART_TEXTS)
    for start in track(starts, "Teacher", console=console, disable=not console.is_terminal):
        rows = missing[start : start + PART_TEXTS]
        points = teacher.points([texts[i] for i in rows])
        found = dict(zip([keys[i] for i in rows], points, strict=True))
        _write(folder, found)
        known |= found
    return np.stack([known[key] for key in keys])


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _read(folder: Path) -> dict[str, Points]:
    known: dict[str, Points] = {}
    for part in sorted(folder.glob("*.parquet")):
        table = pq.read_table(part)
        points = np.stack([table[scale].to_numpy() for scale in SCALES], axis=1)
        known.update(zip(table["text_sha256"].to_pylist(), points, strict=True))
    return known


def _write(folder: Path, found: dict[str, Points]) -> None:
    """Write a part beside its place and rename it, named by its first text."""
    columns = {"text_sha256": pa.array(list(found))}
    points = np.stack(list(found.values()))
    columns |= {scale: pa.array(points[:, i]) for i, scale in enumerate(SCALES)}
    name = next(iter(found))[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{name}.draft"
        pq.write_table(pa.table(columns), draft)
        draft.replace(folder / f"{name}.parquet")
    except OSError as cause:
        raise TrainingError(f"{folder} cannot be written: {cause.strerror}.") from cause
