"""`python -m data`: what the data holds, as a table of counts per split and source.

The figures in README.md of this folder come from here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

from data.errors import DataError
from data.splits import Splits, build_splits

HOSTILE = 0.5
"""A row counts as hostile from the middle of the scale on."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; returns the exit status: 0, or 2 with one sentence on bad data."""
    parser = argparse.ArgumentParser(prog="python -m data", description=__doc__)
    parser.add_argument("--mirror", type=Path, help="folder of raw files, <source>/<file>")
    parser.add_argument("--cache", type=Path, help="folder for downloads and finished splits")
    parser.add_argument("--offline", action="store_true", help="never use the network")
    parser.add_argument("--seed", type=int, default=0, help="seed of the splits (default 0)")
    options = parser.parse_args(arguments)
    try:
        splits = build_splits(
            mirror=options.mirror, cache=options.cache, offline=options.offline, seed=options.seed
        )
    except DataError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for report in splits.reports:
        if report.status in ("unavailable", "partial"):
            sys.stderr.write(f"{report}\n")
    sys.stdout.writelines(f"{line}\n" for line in render(splits))
    return 0


def render(splits: Splits) -> Iterator[str]:
    """The table, line by line: rows, mean degrees and share of hostile rows."""
    row = "{:<12}{:<26}{:>7}{:>11}{:>11}{:>9}"
    yield row.format("split", "source", "rows", "hostility", "formality", "hostile")
    for name, split in splits.rows.items():
        by_source: dict[str, list[tuple[float, float]]] = {"all": []}
        columns = (split["source"], split["hostility"], split["formality"])
        for source, hostility, formality in zip(*columns, strict=True):
            by_source["all"].append((hostility, formality))
            by_source.setdefault(source, []).append((hostility, formality))
        for source, degrees in sorted(by_source.items()):
            if not degrees:
                yield row.format(name, source, 0, "-", "-", "-")
                continue
            hostile = fmean(hostility >= HOSTILE for hostility, _ in degrees)
            yield row.format(
                name,
                source,
                len(degrees),
                f"{fmean(hostility for hostility, _ in degrees):.3f}",
                f"{fmean(formality for _, formality in degrees):.3f}",
                f"{hostile:.1%}",
            )
    yield f"left out as near-duplicates of a test row: {len(splits.dropped)}"
    yield f"data hash: {splits.data_hash}"


if __name__ == "__main__":
    sys.exit(main())
