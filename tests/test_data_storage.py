"""The splits on disk: built once, found again, built anew when damaged, summed up."""

import hashlib
import json
import random
import shutil
from pathlib import Path

import pytest

from data.__main__ import main
from data.errors import DataError
from data.records import Quote
from data.slices import slice_hash
from data.splits import SPLITS, build_splits
from data.storage import load_rows


class Inputs:
    """A small corpus, labels, sources and mirror on disk."""

    def __init__(self, folder: Path) -> None:
        self.corpus, self.labels = folder / "corpus.jsonl", folder / "labels.jsonl"
        self.sources, self.registry = folder / "sources.toml", folder / "registry.txt"
        self.mirror, self.cache = folder / "mirror", folder / "cache"
        rng = random.Random(5)
        texts = [" ".join(f"word{n}" for n in rng.sample(range(3000), 14)) for _ in range(140)]
        rows = [
            {"id": f"{voice}-{number}", "text": texts.pop(), "hostility": 0.25, "formality": 0.5,
             "raters": 2, "voice": voice, "topic": "t", "act": "a", "split": split,
             "contrast_set": number // 4 if split == "train" else None}
            for voice, split in (("ministry", "train"), ("news-quotes", "test"))
            for number in range(40)
        ]  # fmt: skip
        registry, labels = [], []
        for number, text in enumerate(texts):
            path = self.mirror / "talks" / f"{number}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            registry.append(f'"talks/{number}.txt" {digest}\n')
            labels.append(
                {"source": "talks", "file": f"{number}.txt", "record": None, "field": None,
                 "start": 0, "end": len(text), "sha256": slice_hash(text),
                 "hostility": 0.6, "formality": 0.5}
            )  # fmt: skip
        self.corpus.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        self.labels.write_text("".join(f"{json.dumps(row)}\n" for row in labels))
        self.registry.write_text("".join(registry))
        self.sources.write_text(
            f'[talks]\ndescription = "d"\nrepository = "o/r"\ncommit = "{"c" * 40}"\n'
            'address = "https://host.invalid/{file}"\nlicence = "MIT"\nformat = "text"\n'
        )

    @property
    def arguments(self) -> dict[str, Path]:
        return {name: getattr(self, name) for name in ("corpus", "labels", "sources", "registry")}


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return Inputs(tmp_path)


def test_splits_are_built_once_and_found_again(
    inputs: Inputs, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {**inputs.arguments, "mirror": inputs.mirror, "cache": inputs.cache}
    first = build_splits(**options, offline=True, seed=3)  # type: ignore[arg-type]
    assert list(first.rows) == list(SPLITS)
    assert sum(first.rows.num_rows.values()) == 140
    assert first.rows["test"].column_names == list(Quote.model_fields)
    assert first.reports[0].rows_had == 60
    assert capfd.readouterr() == ("", "")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("split again")

    monkeypatch.setattr("data.splits.split_quotes", refuse)
    second = build_splits(**options, offline=True, seed=3)  # type: ignore[arg-type]
    assert second.data_hash == first.data_hash
    assert second.rows["train"][0] == first.rows["train"][0]
    (folder,) = (inputs.cache / "splits").iterdir()
    assert {path.name for path in folder.iterdir()} == {"rows", "summary.json"}


def test_another_seed_corpus_or_set_of_sources_is_another_split(inputs: Inputs) -> None:
    options = {**inputs.arguments, "cache": inputs.cache}
    build = lambda **more: build_splits(**options, offline=True, **more)  # noqa: E731
    whole = build(mirror=inputs.mirror, seed=1)
    other_seed = build(mirror=inputs.mirror, seed=2)
    without = build(mirror=None, seed=1)
    assert build(mirror=None, seed=1).data_hash == without.data_hash
    inputs.corpus.write_text(
        inputs.corpus.read_text().replace('"hostility": 0.25', '"hostility": 0.5')
    )
    other_labels = build(mirror=inputs.mirror, seed=1)
    hashes = {one.data_hash for one in (whole, other_seed, without, other_labels)}
    assert len(hashes) == 4
    assert len(list((inputs.cache / "splits").iterdir())) == 4
    assert without.rows["test_real"].num_rows == 0
    assert without.reports[0].status == "unavailable"


@pytest.mark.parametrize("damage", ["summary", "rows", "changed"])
def test_damaged_splits_are_built_anew(inputs: Inputs, damage: str) -> None:
    options = {**inputs.arguments, "mirror": inputs.mirror, "cache": inputs.cache}
    first = build_splits(**options, offline=True, seed=1)  # type: ignore[arg-type]
    (folder,) = (inputs.cache / "splits").iterdir()
    if damage == "summary":
        (folder / "summary.json").write_text("{")
    elif damage == "rows":
        shutil.rmtree(folder / "rows" / "test")
    else:
        shutil.copytree(folder / "rows" / "test", folder / "rows" / "train", dirs_exist_ok=True)
    assert load_rows(folder) is None
    again = build_splits(**options, offline=True, seed=1)  # type: ignore[arg-type]
    assert again.data_hash == first.data_hash
    assert load_rows(folder) is not None


def test_a_cache_that_cannot_be_written_is_a_data_error(inputs: Inputs) -> None:
    inputs.cache.write_text("a file, not a folder")
    with pytest.raises(DataError, match="cannot be written"):
        build_splits(**inputs.arguments, mirror=inputs.mirror, cache=inputs.cache, offline=True)


def test_the_summary_shows_counts_and_unavailable_sources(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIPLOTONE_CACHE", str(tmp_path))
    assert main(["--offline"]) == 0
    shown = capsys.readouterr()
    assert "corpus/news-quotes" in shown.out
    assert "kremlin: unavailable, 0 of 600 rows (offline" in shown.err


def test_the_summary_ends_with_two_on_bad_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cache").write_text("")
    assert main(["--offline", "--cache", str(tmp_path / "cache")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
