"""Resolving real labels from a mirror: texts cut, checked and grouped, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from data.errors import SourceError
from data.records import RealLabel
from data.resolve import Resolution, resolve_real
from data.sources import Source

NOWHERE = "http://x.invalid/{file}"

MakeSources = Callable[[str], dict[str, Source]]


def statuses(resolution: Resolution) -> list[tuple[str, str, int]]:
    return [(report.source, report.status, report.rows_had) for report in resolution.reports]


def test_a_mirror_gives_normalised_slices_grouped_by_document(
    raw_labels: list[RealLabel], make_sources: MakeSources, mirror: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    found = resolve_real(raw_labels, make_sources(NOWHERE), mirror=mirror, cache=cache)
    assert statuses(found) == [
        ("speeches", "mirror", 2), ("council", "mirror", 3), ("posts", "mirror", 1)
    ]  # fmt: skip
    assert [quote.text for quote in found.quotes] == [
        "Mr. President, we regret & deplore this.",
        "The caf\u00e9 talks failed.",
        "First line of",
        "Second.",
        "End of it.",
        "world",
    ]
    assert [quote.group for quote in found.quotes] == [
        "real/speeches/Session 1 - 1946/a b.txt",
        "real/speeches/Session 1 - 1946/old.txt",
        "real/council/s1",
        "real/council/s1",
        "real/council/s2",
        "real/posts/2014.json#0",
    ]
    assert not cache.exists()


def test_a_slice_that_fails_its_check_is_dropped_and_counted(
    raw_labels: list[RealLabel], make_sources: MakeSources, mirror: Path, tmp_path: Path
) -> None:
    moved = raw_labels[3].model_copy(update={"sha256": "0" * 16})
    beyond = raw_labels[4].model_copy(update={"record": 99, "sha256": "1" * 16})
    labels = [*raw_labels[:3], moved, beyond]
    found = resolve_real(labels, make_sources(NOWHERE), mirror=mirror, cache=tmp_path)
    assert statuses(found) == [("speeches", "mirror", 2), ("council", "partial", 1)]
    assert "failed their check: 2" in found.reports[1].reason
    assert [quote.id for quote in found.quotes] == [label.id for label in labels[:3]]


def test_a_label_of_an_unregistered_source_or_file_is_refused(
    raw_labels: list[RealLabel], make_sources: MakeSources, tmp_path: Path
) -> None:
    sources = make_sources(NOWHERE)
    for change in ({"source": "else"}, {"file": "other.txt"}):
        labels = [raw_labels[0].model_copy(update=change)]
        with pytest.raises(SourceError, match="source "):
            resolve_real(labels, sources, mirror=None, cache=tmp_path)
