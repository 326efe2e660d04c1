"""The evaluation as one HTML page that refers to nothing outside itself.

``make evaluate`` and ``make train`` call ``write_page`` with what they measured. The numbers are
those of the tables; this file only arranges them. Jinja2 escapes every text that goes in.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from model.intervals import Calibration
from model.scores import SCALES
from training.errors import TrainingError
from training.evaluate import Figures, Scored
from training.feedback import merged_lines
from training.feedback_figures import agreement_lines
from training.page_moved import moved_section
from training.page_sections import (
    LONGEST_TEXT,
    MOST_ROWS,
    behaviour_section,
    flattest,
    ladder_section,
    swaps_section,
    worst_rows,
)
from training.page_sets import set_section
from training.score_map import Moved

TEMPLATE = "page_template.html"


def write_page(
    path: Path,
    sets: Mapping[str, Scored],
    figures: Mapping[str, Figures],
    calibration: Calibration,
    name: str,
    swaps: Figures | None = None,
    behaviour: Figures | None = None,
    moved: Moved | None = None,
    feedback: Figures | None = None,
) -> None:
    """Write the page, whole or not at all.

    Args:
        path: file to write or replace; its folder is made where it is missing.
        sets: rows with the scorer's points, none where there are no labels; a set without figures
            is there for its ladders only.
        figures: what ``figures_of`` returned for each set.
        calibration: the scorer's interval table.
        name: what the scorer is called; the first system of the figures.
        swaps: what ``training.swaps.swap_figures`` returned, to be shown too.
        behaviour: what ``training.behaviour.behaviour_figures`` returned, likewise.
        moved: rows that another artifact scored too.
        feedback: what ``training.feedback_figures.feedback_figures`` returned.

    Raises:
        TrainingError: the file cannot be written.
    """
    shown = {title: sets[title] for title in figures}
    html = _render(
        title=_title(name, figures, moved),
        name=name,
        written=datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC"),
        coverage=f"{calibration.coverage:.0%}",
        sets=_sections(shown, figures, calibration),
        ladders=ladder_section(sets),
        flattest=flattest(sets),
        moved=moved_section(moved) if moved else None,
        feedback=[*merged_lines(feedback), *agreement_lines(feedback)] if feedback else None,
        swaps=swaps_section(swaps) if swaps else None,
        behaviour=behaviour_section(behaviour) if behaviour else None,
        worst=[(scale, worst_rows(shown, i, calibration)) for i, scale in enumerate(SCALES)],
        limits=(MOST_ROWS, LONGEST_TEXT),
    )
    _put(path, html.encode("utf-8", "replace"))


def _sections(
    sets: Mapping[str, Scored], figures: Mapping[str, Figures], calibration: Calibration
) -> list[Figures]:
    return [
        set_section(f"set-{i}", title, sets[title], part, calibration)
        for i, (title, part) in enumerate(figures.items())
    ]


def _title(name: str, figures: Mapping[str, Figures], moved: Moved | None) -> str:
    if moved and not figures:
        return f"From {moved.names[0]} to {moved.names[1]}: how do the scores move?"
    return f"{name}: how near do its scores come?"


def check_place(path: Path) -> None:
    """Find out before the work whether the page can be written.

    Raises:
        TrainingError: it cannot.
    """
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _draft(path).touch()
        _draft(path).unlink()
        if path.is_dir():
            raise OSError("it is a folder")


def _render(**values: object) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(values)


def _put(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it, so that nobody sees half of it."""
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(path)
        try:
            draft.write_bytes(content)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def _draft(path: Path) -> Path:
    return path.with_name(f"{path.name}.{os.getpid()}.draft")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        raise TrainingError(
            f"The page cannot be written to {path}: {cause.strerror or cause}. Name another file "
            "with --page FILE, or go without it with --no-page."
        ) from cause
