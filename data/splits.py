"""Divides the quotes into training, validation and test rows without a leak between them.

`split_quotes` is the rule; `build_splits` applies it to the files and keeps the result on disk
as a `datasets.DatasetDict`. The rule is deterministic: a group's place depends on its own
smallest id and the seed, so adding rows leaves the other groups where they were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from datasets import DatasetDict

from data.duplicates import DisjointSets, near_duplicate_pairs
from data.readers import CORPUS, REAL_LABELS, read_quotes, read_real_labels
from data.records import CorpusRow, Quote
from data.resolve import SourceReport, resolve_real
from data.sources import REGISTRY, SOURCES, default_cache, read_sources
from data.storage import load_rows, save_rows

SPLITS = ("train", "validation", "test", "test_real")
TEST_SOURCE = "corpus/news-quotes"
VALIDATION_SHARE = 0.10
TEST_REAL_SHARE = 0.06
TEST_SHARE = 0.10  # only where a file has no rows of the voice that makes up the test split
# Part of the name under which finished splits are kept: raise it when the rule below changes.
_RULE_VERSION = 2


@dataclass(frozen=True)
class Splits:
    """The finished splits.

    `rows` has the columns of `Quote` under the names in SPLITS; `reports` says what came of
    each public source; `dropped` lists the ids left out as near-duplicates of a test row;
    `data_hash` is SHA-256 (64 hex digits) over the contents of the splits in order.
    """

    rows: DatasetDict
    reports: tuple[SourceReport, ...]
    dropped: tuple[str, ...]
    data_hash: str


@dataclass
class _Group:
    """Rows that must stay together; `chance` is its stable random number, 0 to 1."""

    places: list[int]
    chance: float
    real: bool
    split: str = "train"


def split_quotes(
    corpus_rows: Sequence[CorpusRow | Quote], real_quotes: Sequence[Quote], *, seed: int
) -> dict[str, list[Quote]]:
    """Divide the rows into SPLITS; the key "dropped" holds the rows left out.

    `test` is the corpus voice news-quotes, no more and no less; a file without that voice (your
    own labels) gives 10% of its groups instead. Of the other groups, 10% of the
    corpus's and of the real documents go to `validation` and 6% of the real documents to
    `test_real`. Groups are joined over contrast sets, documents and near-duplicates (see
    `data.duplicates`); a group that holds a corpus row is never in `test_real`. A row that is a
    near-duplicate of a test row is dropped. Every source with two groups or more outside
    `test_real` has one in `validation`. Rows keep their order within a split.
    """
    corpus = [row.quote() if isinstance(row, CorpusRow) else row for row in corpus_rows]
    quotes = [*corpus, *real_quotes]
    test = {place for place, quote in enumerate(corpus) if quote.source == TEST_SOURCE}
    pairs = near_duplicate_pairs([quote.text for quote in quotes])
    dropped = _tainted(quotes, test, pairs)
    free = [place for place in range(len(quotes)) if place not in test | dropped]
    groups = _join_groups(quotes, free, pairs, len(corpus), seed)
    for group in groups:
        group.split = _draw(group, draws_test=not test)
    _cover_sources(groups, quotes)
    split_of = {place: group.split for group in groups for place in group.places}
    split_of.update(dict.fromkeys(test, "test") | dict.fromkeys(dropped, "dropped"))
    splits: dict[str, list[Quote]] = {name: [] for name in (*SPLITS, "dropped")}
    for place, quote in enumerate(quotes):
        splits[split_of[place]].append(quote)
    return splits


def split_added(
    added: Sequence[Quote],
    train: Sequence[str],
    held_out: Sequence[str],
    *,
    share: float,
    seed: int,
    fixed: Collection[str] = (),
) -> dict[str, list[Quote]]:
    """Divide further rows into "train", "held_out" and "dropped", beside finished splits.

    `train` and `held_out` are the texts of those splits. Near-duplicates stay together; a group
    near a held-out text is dropped. About `share` of the others are held out, save those near a
    training text or with an id in `fixed`. The same text stays in its place.
    """
    texts = [*(quote.text for quote in added), *train, *held_out]
    sets = DisjointSets(len(texts))
    for left, right in near_duplicate_pairs(texts):
        sets.join(left, right)
    first_held_out = len(added) + len(train)
    known = {sets.root(place) for place in range(len(added), first_held_out)}
    closed = {sets.root(place) for place in range(first_held_out, len(texts))}
    groups: dict[int, list[Quote]] = {}
    for place, quote in enumerate(added):
        groups.setdefault(sets.root(place), []).append(quote)
    chances = {root: _chance(min(q.id for q in group), seed) for root, group in groups.items()}
    free = [
        root
        for root in sorted(chances, key=lambda root: chances[root])
        if root not in closed | known and not any(quote.id in fixed for quote in groups[root])
    ]
    # Where the draw passes over all of a few groups, the luckiest make up the share.
    drawn = {root for root in free if chances[root] < share} or free[: int(len(free) * share)]
    parts: dict[str, list[Quote]] = {"train": [], "held_out": [], "dropped": []}
    for root, group in groups.items():
        name = "dropped" if root in closed else "held_out" if root in drawn else "train"
        parts[name] += group
    return parts


def build_splits(
    *,
    corpus: Path = CORPUS,
    labels: Path | None = REAL_LABELS,
    mirror: Path | None = None,
    cache: Path | None = None,
    offline: bool = False,
    seed: int = 0,
    progress: bool = True,
    timeout: float = 20,
    sources: Path = SOURCES,
    registry: Path = REGISTRY,
) -> Splits:
    """Read, resolve and split everything; a second call with the same rows loads from disk.

    `corpus` may be any file that `read_quotes` accepts. `labels` is None to train without the
    real labels. `cache` is by default `default_cache()`, `timeout` in seconds. A source that
    cannot be had is left out whole and said so in `reports`. Raises DataError for a bad file or
    a cache that cannot be written, SourceError (a DataError) for an unregistered label.
    """
    cache = cache or default_cache()
    written = read_quotes(corpus)
    found = resolve_real(
        read_real_labels(labels) if labels else [],
        read_sources(sources, registry),
        mirror=mirror,
        cache=cache,
        offline=offline,
        timeout=timeout,
        progress=progress,
    )
    files = [corpus, registry, sources, *([labels] if labels else [])]
    folder = cache / "splits" / _key(files, found.quotes, found.reports, seed)
    stored = load_rows(folder)
    if stored is None:
        parts = split_quotes(written, found.quotes, seed=seed)
        dropped = [quote.id for quote in parts["dropped"]]
        stored = save_rows(folder, {name: parts[name] for name in SPLITS}, dropped)
    return Splits(stored.rows, tuple(found.reports), stored.dropped, stored.data_hash)


def _key(
    files: Iterable[Path], real: Iterable[Quote], reports: Iterable[SourceReport], seed: int
) -> str:
    """Names a set of splits by everything that decides it.

    Whether a file came from the mirror, the cache or the network decides nothing, so of the
    reports only the counts go in, and of the quotes which ones passed their check.
    """
    digest = hashlib.sha256(f"{_RULE_VERSION} {seed}".encode())
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    for report in reports:
        digest.update(f"{report.source} {report.rows_had}\n".encode())
    for quote in real:
        digest.update(f"{quote.id}\n".encode())
    return digest.hexdigest()[:16]


def _tainted(quotes: Sequence[Quote], test: set[int], pairs: Iterable[tuple[int, int]]) -> set[int]:
    """Rows outside the test that repeat a test row or share its group."""
    linked = {place for pair in pairs if test & set(pair) for place in pair}
    test_groups = {quotes[place].group for place in test}
    linked.update(place for place, quote in enumerate(quotes) if quote.group in test_groups)
    return linked - test


def _join_groups(
    quotes: Sequence[Quote],
    free: Sequence[int],
    pairs: Iterable[tuple[int, int]],
    first_real: int,
    seed: int,
) -> list[_Group]:
    sets = DisjointSets(len(quotes))
    allowed = set(free)
    first: dict[str, int] = {}
    for place in free:
        sets.join(first.setdefault(quotes[place].group, place), place)
    for left, right in pairs:
        if left in allowed and right in allowed:
            sets.join(left, right)
    members: dict[int, list[int]] = {}
    for place in free:
        members.setdefault(sets.root(place), []).append(place)
    return [
        _Group(
            places,
            _chance(min(quotes[place].id for place in places), seed),
            real=all(place >= first_real for place in places),
        )
        for places in members.values()
    ]


def _chance(name: str, seed: int) -> float:
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _draw(group: _Group, draws_test: bool) -> str:
    held_out, floor = ("test_real", TEST_REAL_SHARE) if group.real else ("test", 0.0)
    if draws_test and not group.real:
        floor = TEST_SHARE
    if group.chance < floor:
        return held_out
    return "validation" if group.chance < floor + VALIDATION_SHARE else "train"


def _cover_sources(groups: Sequence[_Group], quotes: Sequence[Quote]) -> None:
    """Give each source that the draw passed over its luckiest group in validation.

    A source of six long documents would otherwise be absent from it every third time.
    """
    by_source: dict[str, list[_Group]] = {quote.source: [] for quote in quotes}
    for group in groups:
        for source in {quotes[place].source for place in group.places}:
            by_source[source].append(group)
    for holders in by_source.values():
        train = [group for group in holders if group.split == "train"]
        if len(train) > 1 and not any(group.split == "validation" for group in holders):
            min(train, key=lambda group: group.chance).split = "validation"
