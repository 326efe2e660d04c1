"""The committed data: every row usable, every label traceable, no test row in training."""

import re
from pathlib import Path

import pytest

from data.duplicates import near_duplicate_pairs
from data.readers import CORPUS, REAL_LABELS, read_corpus, read_real_labels
from data.records import CorpusRow, RealLabel
from data.sources import Source, read_sources
from data.splits import split_quotes

FOLDER = CORPUS.parent


@pytest.fixture(scope="module")
def corpus() -> list[CorpusRow]:
    return read_corpus()


@pytest.fixture(scope="module")
def labels() -> list[RealLabel]:
    return read_real_labels()


@pytest.fixture(scope="module")
def sources() -> dict[str, Source]:
    return read_sources()


def test_ids_and_texts_are_unique(corpus: list[CorpusRow], labels: list[RealLabel]) -> None:
    assert len({row.id for row in corpus}) == len(corpus)
    assert len({row.text for row in corpus}) == len(corpus)
    assert len({label.id for label in labels}) == len(labels)


def test_both_scales_are_covered_from_end_to_end(corpus: list[CorpusRow]) -> None:
    for scale in ("hostility", "formality"):
        tenths = {min(int(getattr(row, scale) * 10), 9) for row in corpus}
        assert tenths == set(range(10))
    assert all(row.raters >= 2 for row in corpus)


def test_the_test_split_is_one_voice(corpus: list[CorpusRow]) -> None:
    assert {row.voice for row in corpus if row.split == "test"} == {"news-quotes"}
    assert {row.split for row in corpus if row.voice == "news-quotes"} == {"test"}


def test_every_contrast_set_lies_in_one_split(corpus: list[CorpusRow]) -> None:
    splits: dict[int, set[str]] = {}
    for row in corpus:
        if row.contrast_set is not None:
            splits.setdefault(row.contrast_set, set()).add(row.split)
    assert len(splits) >= 100
    assert all(len(names) == 1 for names in splits.values())


def test_no_test_row_returns_in_training(corpus: list[CorpusRow]) -> None:
    splits = split_quotes(corpus, [], seed=0)
    texts = [quote.text for name in ("train", "validation", "test") for quote in splits[name]]
    first_test = len(texts) - len(splits["test"])
    crossing = [pair for pair in near_duplicate_pairs(texts) if pair[0] < first_test <= pair[1]]
    assert crossing == []
    # One known case, left out of training by the splits. Mend the corpus rather than raise this.
    assert len(splits["dropped"]) <= 1


def test_every_label_has_a_registered_source_and_file(
    labels: list[RealLabel], sources: dict[str, Source]
) -> None:
    assert {label.source for label in labels} == set(sources)
    used = {(label.source, label.file) for label in labels}
    registered = {(source.name, file) for source in sources.values() for file in source.files}
    assert used == registered


def test_labels_address_records_as_their_format_does(
    labels: list[RealLabel], sources: dict[str, Source]
) -> None:
    for label in labels:
        assert (label.record is None) == (sources[label.source].format == "text")


def test_the_labels_hold_no_text() -> None:
    keys = set(re.findall(r'"(\w+)": ', REAL_LABELS.read_text(encoding="utf-8")))
    assert keys == set(RealLabel.model_fields)


def test_addresses_are_pinned_and_encoded(sources: dict[str, Source]) -> None:
    for source in sources.values():
        url = source.url(min(source.files))
        assert url.startswith(
            f"https://raw.githubusercontent.com/{source.repository}/{source.commit}/"
        )
        assert " " not in url


@pytest.mark.parametrize("name", ["README.md", "CODEBOOK.md"])
def test_documents_are_there(name: str) -> None:
    assert (FOLDER / name).stat().st_size > 1000


def test_the_datasheet_states_the_true_counts(
    corpus: list[CorpusRow], labels: list[RealLabel], sources: dict[str, Source]
) -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"{len(corpus):,}" in text
    assert f"{len(labels):,}" in text
    for source in sources.values():
        assert source.repository in text
        assert source.commit in text


def test_no_path_of_a_machine_is_in_the_data_files() -> None:
    for path in sorted(Path(FOLDER).iterdir()):
        if path.suffix in {".md", ".toml", ".txt", ".py"}:
            assert not re.search(r"/(home|work|root|mnt)/", path.read_text(encoding="utf-8"))
