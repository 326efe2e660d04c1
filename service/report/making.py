"""Makes a report: reads, counts, puts the sections together and writes."""

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from service.corpus.errors import unwritable
from service.report.drawing import files_of
from service.report.findings import Findings, find
from service.report.group_sections import comparison_section, ranking_section
from service.report.intake import open_scored
from service.report.layout import Section
from service.report.page import banners_of, facts_of, render
from service.report.request import QUOTE, ReportError, Request
from service.report.sample import NUMBERS, Sample, take_sample
from service.report.sections import levels_section, plane_section, quotes_section, time_section


def make_report(request: Request) -> list[str]:
    """Make a report.

    Args:
        request: what to read and what to write; it was checked.

    Returns:
        What to tell the person: remarks, and last what was written.

    Raises:
        ReportError: the file cannot be read, or its figures would mislead.
        CorpusError: a broken line, no such column, or a place that cannot be written; no file is
            left half-written.
    """
    with _folder() as folder:
        sample, roles = _read(request, Path(folder))
        _refuse(request, sample)
        findings = find(sample, roles, request.compare)
    facts = facts_of(request, sample, findings.overall, findings.grouping)
    sections = _sections(findings, bool(request.compare))
    page = render(request.source.name, facts, banners_of(sample), sections)
    pictures = [chart.picture for section in sections for chart in section.charts]
    if request.figures:
        drawn = [file for picture in pictures for file in files_of(picture)]
        for name, content in drawn:
            _put(request.figures / name, content)
    _put(request.target, page)
    return [*_remarks(request, sample, roles), _ending(request, sample, len(pictures))]


def _folder() -> TemporaryDirectory[str]:
    try:
        return TemporaryDirectory(prefix="diplotone-report-")
    except OSError as cause:
        raise ReportError(
            f"No temporary folder can be made ({cause}); name one with TMPDIR."
        ) from cause


def _read(request: Request, folder: Path) -> tuple[Sample, Mapping[str, str]]:
    named = [name for name in (request.time, request.group, request.column) if name is not None]
    scored = open_scored(
        request.source, request.encoding, request.delimiter, named, NUMBERS, folder
    )
    roles = request.roles(scored.names, NUMBERS)
    return take_sample(scored, roles, request.time_format, folder), roles


def _refuse(request: Request, sample: Sample) -> None:
    """Refuse what would make a page that misleads."""
    if len(sample.models) > 1 and not request.mixed:
        found = " and ".join(f"{name} ({rows:,} rows)" for name, rows in sample.models.items())
        raise ReportError(
            f"{request.source} holds scores of {len(sample.models)} models, which are not "
            f"comparable: {found}. Score the file anew with one of them, or add --mixed-models."
        )
    if request.time and sample.count and sample.first is None:
        example = f" (for example {sample.example!r})" if sample.example else ""
        raise ReportError(
            f"{request.source}: no scored row has a date in the column {request.time!r}{example}. "
            "Dates are read as in 2024-05-31, 2024-05, 2024, 31.05.2024 or 31 May 2024; say how "
            "others are written, for example --time-format %d/%m/%Y."
        )


def _sections(findings: Findings, asked: bool) -> list[Section]:
    """Return the sections that there is something to say in."""
    if findings.overall is None:
        return []
    sections = [plane_section(findings.squares, findings.marked)]
    if findings.timeline:
        sections.append(time_section(findings.timeline))
    if len(findings.shown) > 1:
        sections.append(ranking_section(findings.shown, findings.rest))
    if findings.grouping and findings.grouping.pair:
        pair = findings.grouping.pair
        sections.append(comparison_section(pair, findings.comparison, asked))
    sections.append(levels_section(findings.levels, findings.timeline))
    if findings.quotes:
        sections.append(quotes_section(findings.quotes, findings.grouping is not None))
    return sections


def _remarks(request: Request, sample: Sample, roles: Mapping[str, str]) -> list[str]:
    found = []
    if len(sample.models) > 1:
        found.append("scores of several models are mixed; the page warns of it.")
    if left := sample.empty + sample.unusable:
        found.append(f"{left:,} of {sample.rows:,} rows have no usable score and are left out.")
    if sample.unread:
        found.append(
            f"dates that could not be read: {sample.unread:,}, for example {sample.example!r}; "
            "their rows are left out over time (--time-format says how dates are written)."
        )
    if "text" not in roles:
        found.append(f"no column {QUOTE!r}: the page shows no quotes; name theirs with --column.")
    return [f"diplotone: note: {remark}" for remark in found]


def _ending(request: Request, sample: Sample, pictures: int) -> str:
    beside = f"; {pictures} pictures in {request.figures}" if request.figures else ""
    return f"Report on {sample.count:,} scored rows written to {request.target}{beside}."


def _put(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it; its folder is made where it is missing."""
    path = path.resolve()  # so that a link stays one
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.write_bytes(content)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as cause:
        raise unwritable(path, cause) from cause
