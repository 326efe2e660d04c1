"""The changelog entry of an artifact, written from what was measured on it.

It lies in the run folder and goes along when the run is promoted, in front of the entries of the
artifacts that came before: so it needs no CHANGELOG.md where people train on labels of their own.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from model.scores import SCALES
from training.config import TrainConfig
from training.evaluate import Figures, own_figures

CHANGES = "CHANGES.md"
SHOWN = (0.25, 0.5, 0.75)
"""Thresholds whose new place is told."""


def changes_entry(config: TrainConfig, found: Figures, released: Figures | None) -> str:
    """Return a Markdown section.

    Args:
        config: names the version.
        found: what ``evaluation.json`` holds.
        released: what ``training.measure.measure_released`` returned; None where there is none.
    """
    day = datetime.now(UTC).date().isoformat()
    lines = [f"## {config.version} ({day})", ""]
    moved: Figures | None = found.get("moved")
    if moved:
        lines += [f"Set beside {moved['old']}, which scored the same rows in the same run.", ""]
    lines += [*_table(found["splits"]), "", _behaviour(found["behaviour"], released), ""]
    if moved:
        lines += [*_movement(moved), ""]
    return "\n".join(lines)


def _table(splits: Figures) -> Iterator[str]:
    yield "| rows | scale | Pearson r | mean absolute error |"
    yield "| --- | --- | --- | --- |"
    for split, figures in splits.items():
        own, rival = own_figures(figures), figures["systems"].get(figures["rival"])
        for scale in SCALES:
            cells = (
                (f"{rival[scale][figure]:.3f} to " if rival else "") + f"{own[scale][figure]:.3f}"
                for figure in ("pearson", "mae")
            )
            yield f"| {split} ({figures['rows']}) | {scale} | {' | '.join(cells)} |"


def _behaviour(ours: Figures, released: Figures | None) -> str:
    before = ""
    if released:
        theirs = released["behaviour"]
        before = f"{theirs['passed'] / theirs['cases']:.1%} to "
    rate = ours["passed"] / ours["cases"]
    return f"Of {ours['cases']} behaviour cases hold: {before}{rate:.1%}."


def _movement(moved: Figures) -> Iterator[str]:
    yield f"How scores moved on these {moved['rows']} rows:"
    yield ""
    for scale, row in moved["scales"].items():
        places = [
            f"{place['old']:g} becomes {place['new']:.2f}"
            for place in row["thresholds"]
            if place["old"] in SHOWN and place["new"] is not None
        ]
        kept = f"; to keep the same share above, a threshold of {', '.join(places)}"
        yield (
            f"- {scale}: median {row['median_old']:.3f} to {row['median_new']:.3f}, "
            f"mean {row['mean_shift']:+.3f}, {row['levels_changed']:.1%} of rows change their level"
            f"{kept if places else ''}."
        )
