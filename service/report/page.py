"""The page as one HTML file that refers to nothing outside itself: its head, and the sections.

Jinja2 escapes what goes in.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from model.levels import LEVELS
from model.scores import SCALES
from service.installed import version
from service.report.drawing import inline
from service.report.grouping import Grouping
from service.report.layout import Section, day, degree, share, span
from service.report.means import Means
from service.report.request import Request
from service.report.sample import Sample

TEMPLATE = "page_template.html"
CAUTIONS = {
    "language": "probably not English; their scores mean nothing",
    "short": "of one or two words, which carry little tone",
    "no_words": "without words",
    "unfamiliar": "with words that the model hardly knows; their scores may be guesses",
    "windows": "longer than one window, scored as a weighted mean",
}
"""What the codes of tone_warnings say."""

Facts = list[tuple[str, str]]


def facts_of(
    request: Request, sample: Sample, means: Means | None, grouping: Grouping | None
) -> Facts:
    """Return what the page is about, as terms and what they are here."""
    facts = [("File", request.source.name), ("Rows", f"{sample.rows:,}")]
    if sample.empty:
        facts.append(
            ("Not scored", f"{share(sample.empty, sample.rows)}, left out of every figure")
        )
    if sample.unusable:
        words = "left out: their scores are no numbers from 0 to 1"
        facts.append(("Unusable", f"{share(sample.unusable, sample.rows)}, {words}"))
    facts.append(("Each row is", "a sentence of a quote" if sample.by_sentence else "a quote"))
    facts.append(("Model", _models(sample)))
    if request.time:
        facts.append(("Dates", _dates(request.time, sample)))
    if grouping:
        facts.append(("Groups", _groups(grouping)))
    for code, rows in sample.cautions.items():
        words = f", {CAUTIONS[code]}" if code in CAUTIONS else ""
        facts.append((f"Warning: {code}", f"{share(rows, sample.count)} of the scored rows{words}"))
    for scale, mean in (means or {}).items():
        ends = f" (95% interval {span(mean.low, mean.high)})" if mean.low is not None else ""
        facts.append((f"Mean {scale}", degree(mean.value) + ends))
    made = datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC")
    facts.append(("Made", f"{made}, with {version()}"))
    return facts


def banners_of(sample: Sample) -> list[str]:
    """Return what must not be overlooked."""
    found = []
    if len(sample.models) > 1:
        found.append(
            "These scores come from several models: "
            + " and ".join(f"{name} ({rows:,} rows)" for name, rows in sample.models.items())
            + ". Scores of different models are not comparable; where groups or times were scored "
            "by different ones, their differences may be the models'."
        )
    if not sample.count:
        found.append("No row has a score, so there is nothing to show.")
    return found


def render(title: str, facts: Facts, banners: Sequence[str], sections: Sequence[Section]) -> bytes:
    """Return the page.

    Args:
        title: what was read.
        facts: terms and what they are here.
        banners: what must not be overlooked.
        sections: in order.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"inline": inline, "day": day}
    html = environment.get_template(TEMPLATE).render(
        title=title,
        facts=facts,
        banners=banners,
        sections=sections,
        levels={scale: LEVELS[scale] for scale in SCALES},
    )
    return html.encode("utf-8", "replace")


def _models(sample: Sample) -> str:
    if not sample.models:
        return "not stated in the file"
    return " and ".join(sample.models)


def _dates(column: str, sample: Sample) -> str:
    parts = [f"column {column}"]
    if sample.first and sample.last:
        parts.append(f"{day(sample.first)} to {day(sample.last)}")
    if sample.dateless:
        parts.append(f"scored rows without one: {sample.dateless:,}")
    if sample.unread:
        parts.append(f"that could not be read: {sample.unread:,}, for example {sample.example!r}")
    return "; ".join(parts)


def _groups(grouping: Grouping) -> str:
    count = len(grouping.names) + grouping.more
    words = f"column {grouping.column}; {count:,} group{'s' * (count != 1)}"
    if grouping.more:
        words += f", of which the {len(grouping.names)} with the most rows are shown"
    return words
