"""Keeps finished splits on disk as a `datasets.DatasetDict`, whole or not at all.

A folder holds `rows/` (written by `save_to_disk`) and `summary.json` (the dropped ids and the
hash of the rows). It is written beside its place and renamed, so a reader never sees half of it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import datasets
from datasets import Dataset, DatasetDict, Features, Value

from data.errors import DataError
from data.records import Quote

_ROWS = "rows"
_SUMMARY = "summary.json"


@dataclass(frozen=True)
class StoredRows:
    """Splits as they lie on disk, the ids left out of them, and the hash of the rows."""

    rows: DatasetDict
    dropped: tuple[str, ...]
    data_hash: str


def save_rows(
    folder: Path, splits: Mapping[str, Sequence[Quote]], dropped: Sequence[str]
) -> StoredRows:
    """Write the splits to `folder` and return them as loaded from there.

    Raises DataError if the folder cannot be written. If another process was faster, its rows
    are used: the folder's name says that they are the same.
    """
    rows = DatasetDict({name: _dataset(quotes) for name, quotes in splits.items()})
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="unfinished-") as temporary:
            draft = Path(temporary) / folder.name
            draft.mkdir()
            # The library cannot load an empty split back, so its name alone is kept.
            filled = DatasetDict({name: split for name, split in rows.items() if len(split)})
            with _quiet_datasets():
                filled.save_to_disk(str(draft / _ROWS))
            summary = {
                "splits": list(rows),
                "dropped": list(dropped),
                "data_hash": hash_rows(rows),
            }
            (draft / _SUMMARY).write_text(json.dumps(summary), encoding="utf-8")
            _move_into_place(draft, folder)
    except OSError as error:
        raise DataError(folder, f"cannot be written: {error.strerror or error}") from error
    stored = load_rows(folder)
    if stored is None:
        raise DataError(folder, "the splits just written do not read back as they were")
    return stored


def load_rows(folder: Path) -> StoredRows | None:
    """Load what `save_rows` wrote; None if it is absent, or damaged and so to be built anew."""
    try:
        summary = json.loads((folder / _SUMMARY).read_text(encoding="utf-8"))
        with _quiet_datasets():
            filled = DatasetDict.load_from_disk(str(folder / _ROWS))
        rows = DatasetDict(
            {name: filled[name] if name in filled else _dataset([]) for name in summary["splits"]}
        )
        if hash_rows(rows) != summary["data_hash"]:
            return None
        return StoredRows(rows, tuple(summary["dropped"]), summary["data_hash"])
    except (OSError, ValueError, KeyError, TypeError, IndexError, NotImplementedError):
        # Damage shows as almost anything, Arrow's errors (kinds of these) included.
        return None


def hash_rows(rows: DatasetDict) -> str:
    """SHA-256 (64 hex digits) over split names and rows, in order, as compact JSON lines."""
    digest = hashlib.sha256()
    for name, split in rows.items():
        for row in split:
            line = json.dumps([name, row], sort_keys=True, separators=(",", ":"))
            digest.update(f"{line}\n".encode())
    return digest.hexdigest()


def _dataset(quotes: Sequence[Quote]) -> Dataset:
    # Named features, because an empty split has no values to infer them from.
    text, degree = Value("string"), Value("float64")
    features = Features(
        id=text,
        text=text,
        hostility=degree,
        formality=degree,
        source=text,
        group=text,
        raters=Value("int64"),
    )
    columns = {name: [getattr(quote, name) for quote in quotes] for name in features}
    return Dataset.from_dict(columns, features=features)


def _move_into_place(draft: Path, folder: Path) -> None:
    try:
        draft.rename(folder)
    except OSError:
        if load_rows(folder) is not None:
            return
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)


@contextmanager
def _quiet_datasets() -> Iterator[None]:
    """Silence the library's progress bars for saving and loading a few megabytes."""
    silent = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        if not silent:
            datasets.enable_progress_bars()
