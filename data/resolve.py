"""Finds the text of each real label: mirror folder, then cache, then the pinned address.

Each raw file is checked against registry.txt and each sentence against its label. Nothing that
fails a check reaches training, and nothing is left out silently: the reports count it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from data.errors import SourceError
from data.fetch import fetch_files
from data.records import Quote, RealLabel
from data.slices import cut_quotes
from data.sources import Source

Status = Literal["mirror", "cache", "downloaded", "unavailable", "partial"]


@dataclass(frozen=True)
class SourceReport:
    """What came of one source.

    `mirror`, `cache` and `downloaded` say the farthest place that a file had to come from;
    `partial` that all files were had but some sentences failed their check; `unavailable` that
    no row is used. `rows_wanted` counts the labels, `rows_had` the quotes.
    """

    source: str
    status: Status
    rows_wanted: int
    rows_had: int
    reason: str = ""

    def __str__(self) -> str:
        """One line for a person."""
        counts = f"{self.source}: {self.status}, {self.rows_had} of {self.rows_wanted} rows"
        return f"{counts} ({self.reason})" if self.reason else counts


@dataclass(frozen=True)
class Resolution:
    """The quotes of all usable sources in the labels' order, and one report per source."""

    quotes: list[Quote]
    reports: list[SourceReport]


@dataclass
class _Search:
    """Where the files of one source were found so far."""

    source: Source
    labels: dict[str, list[RealLabel]] = field(default_factory=dict)
    found: dict[str, Path] = field(default_factory=dict)
    status: Status = "mirror"
    altered: set[Path] = field(default_factory=set)

    @property
    def missing(self) -> list[str]:
        return [file for file in self.labels if file not in self.found]

    def look_in(self, folder: Path, status: Status) -> None:
        """Take each missing file that lies in the folder and matches its checksum."""
        for file in self.missing:
            path = folder / self.source.name / file
            if not path.is_file():
                continue
            if hashlib.sha256(path.read_bytes()).hexdigest() == self.source.files[file]:
                self.found[file] = path
                self.status = status
            else:
                self.altered.add(path)


def resolve_real(
    labels: Sequence[RealLabel],
    sources: Mapping[str, Source],
    *,
    mirror: Path | None,
    cache: Path,
    offline: bool = False,
    timeout: float = 20,
    progress: bool = True,
) -> Resolution:
    """Find and verify the text of each label.

    A source is taken whole or not at all: if any of its files cannot be had, it counts as
    unavailable and none of its rows are used. The training data is then one of a few known sets
    (which sources are in) and not a matter of which downloads happened to succeed. A single
    sentence that fails its check, in a file that was had, is dropped and counted.

    The mirror holds `<source>/<file>`, the cache `raw/<source>/<file>`. `offline` forbids the
    network; `timeout` is in seconds, per connection and per wait for data. Raises SourceError
    for a label whose source or file is not registered; never for the network.
    """
    raw = cache / "raw"
    searches = _searched(labels, sources, mirror, raw)
    wanted = {name: search.missing for name, search in searches.items() if search.missing}
    reasons: dict[str, str] = dict.fromkeys(wanted, "offline, and not in the mirror or cache")
    if wanted and not offline:
        reasons = fetch_files(wanted, sources, raw, timeout=timeout, progress=progress)
        for name in wanted:
            searches[name].look_in(raw, "downloaded")
    by_id: dict[str, Quote] = {}
    reports = []
    for name, search in searches.items():
        quotes, report = _collect(search, reasons.get(name, ""))
        by_id.update((quote.id, quote) for quote in quotes)
        reports.append(report)
    return Resolution([by_id[label.id] for label in labels if label.id in by_id], reports)


def local_files(
    labels: Sequence[RealLabel],
    sources: Mapping[str, Source],
    *,
    mirror: Path | None,
    cache: Path,
) -> dict[str, dict[str, Path]]:
    """Where each source's verified files lie on this machine, by source and file.

    Looks in the mirror, then in the cache, and fetches nothing; what is not there is left out.
    """
    searches = _searched(labels, sources, mirror, cache / "raw")
    return {name: dict(search.found) for name, search in searches.items()}


def _searched(
    labels: Sequence[RealLabel], sources: Mapping[str, Source], mirror: Path | None, raw: Path
) -> dict[str, _Search]:
    """The search for each source's files, done as far as this machine goes."""
    searches = _plan(labels, sources)
    for search in searches.values():
        if mirror is not None:
            search.look_in(mirror, "mirror")
        search.look_in(raw, "cache")
    return searches


def _plan(labels: Sequence[RealLabel], sources: Mapping[str, Source]) -> dict[str, _Search]:
    searches: dict[str, _Search] = {}
    for label in labels:
        source = sources.get(label.source)
        if source is None:
            raise SourceError(label.source, "a label names it, but sources.toml does not")
        if label.file not in source.files:
            raise SourceError(label.source, f"{label.file!r} has no line in registry.txt")
        search = searches.setdefault(label.source, _Search(source))
        search.labels.setdefault(label.file, []).append(label)
    return searches


def _collect(search: _Search, reason: str) -> tuple[list[Quote], SourceReport]:
    name = search.source.name
    rows_wanted = sum(map(len, search.labels.values()))
    notes = [reason] if reason else []
    if search.altered:
        notes.append(f"local copies with a wrong checksum passed over: {len(search.altered)}")
    if search.missing:
        notes.append(f"files not had: {len(search.missing)} of {len(search.labels)}")
        return [], SourceReport(name, "unavailable", rows_wanted, 0, "; ".join(notes))
    quotes: list[Quote] = []
    for file, labels in search.labels.items():
        quotes += cut_quotes(search.source, search.found[file].read_bytes(), labels)
    status = search.status
    if len(quotes) < rows_wanted:
        status = "partial" if quotes else "unavailable"
        notes.append(f"sentences that failed their check: {rows_wanted - len(quotes)}")
    return quotes, SourceReport(name, status, rows_wanted, len(quotes), "; ".join(notes))
