"""What the command shows: tables of the quotes, the speakers and the exchange, or JSON."""

import json
import sys
from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from model.artifact import Artifact
from model.scores import SCALES, Degree, SpanScore
from service.articles.records import Mention
from service.console import coloured, show, shown
from service.press.answers import article_answer
from service.press.records import MeanDegree, ScoredArticle, ScoredQuote, SpeakerTone
from service.schemas import ModelName

_NOBODY = "-"


def write_json(
    article: ScoredArticle, artifact: Artifact, *, sentences: bool, explain: bool
) -> None:
    """Write to standard output what HTTP answers to a request without an id."""
    manifest = artifact.manifest
    model = ModelName(name=manifest.name, version=manifest.version, sha256=artifact.sha256)
    answer = article_answer(article, model, sentences=sentences, explain=explain)
    text = json.dumps(answer.model_dump(exclude_unset=True), indent=2, ensure_ascii=False)
    sys.stdout.buffer.write((text + "\n").encode())
    sys.stdout.buffer.flush()


def show_article(article: ScoredArticle, text: str) -> None:
    """Show an article to a person; the arguments are those of ``article_tables``."""
    for part in article_tables(article, text):
        show(part)


def article_tables(article: ScoredArticle, text: str) -> Iterator[Table | str]:
    """Give what a person should see: quotes, then speakers, then who answers whom.

    Args:
        article: the article.
        text: what it was read from.
    """
    if not article.quotes:
        yield "No quotes: nobody is quoted in this text."
        return
    yield _quotes(article, text)
    if article.speakers:
        yield _speakers(article)
    yield from _answers(article)


def _quotes(article: ScoredArticle, text: str) -> Table:
    table = Table(title=shown(article.title) if article.title else None, show_lines=True)
    for name in ("", "speaker, kind", "quote", *SCALES):
        table.add_column(name, overflow="fold")
    for index, scored in enumerate(article.quotes):
        quote, tone = scored.quote, scored.tone
        who = _name(quote.speaker).append(f"\n{_kind(scored)}", style="dim")
        degrees = [_cell(d.score, d) for d in (tone.hostility, tone.formality)] if tone else []
        if tone:
            coloured(degrees[0], tone.hostility.score)
        table.add_row(str(index), who, shown(quote.text), *degrees)
        if tone:
            _add_details(table, text, "sentence", tone.sentences, ".2f")
            _add_details(table, text, "part", tone.highlights, "+.2f")
    return table


def _cell(score: float, degree: Degree | MeanDegree) -> Text:
    return Text(f"{score:.2f} {degree.level}\n{degree.low:.2f} to {degree.high:.2f}")


def _kind(scored: ScoredQuote) -> str:
    """Return the kind with the codes of the warnings, which have no column of their own."""
    codes = [warning.code for warning in scored.tone.warnings] if scored.tone else []
    return scored.quote.kind + (f" ({', '.join(codes)})" if codes else "")


def _name(mention: Mention | None) -> Text:
    return shown(_NOBODY if mention is None else mention.resolved or mention.text)


def _add_details(
    table: Table, text: str, what: str, found: tuple[SpanScore, ...] | None, form: str
) -> None:
    if not found:
        return
    lines = [shown(text[row.start : row.end]).plain for row in found]
    hostility = [f"{row.hostility:{form}}" for row in found]
    formality = [f"{row.formality:{form}}" for row in found]
    for line, *cells in zip(lines, hostility, formality, strict=True):
        table.add_row("", Text(what, style="dim"), Text(line, style="dim"), *cells)


def _speakers(article: ScoredArticle) -> Table:
    table = Table(title="Speakers")
    for name in ("speaker", "quotes", *SCALES):
        table.add_column(name, overflow="fold")
    for speaker in article.speakers:
        table.add_row(shown(speaker.name), str(speaker.count), *_cells(speaker))
    return table


def _cells(speaker: SpeakerTone) -> list[Text | str]:
    means = (speaker.hostility, speaker.formality)
    most = (speaker.most_hostile, speaker.most_formal)
    return [
        _cell(mean.mean, mean).append(f"\nmost in {index}") if mean else ""
        for mean, index in zip(means, most, strict=True)
    ]


def _answers(article: ScoredArticle) -> Iterator[str]:
    for turn in article.exchange:
        if turn.answers is not None:
            earlier = article.exchange[turn.answers]
            who, whom = shown(turn.speaker).plain, shown(earlier.speaker).plain
            yield f"{who} ({_listed(turn.quotes)}) answers {whom} ({_listed(earlier.quotes)})"


def _listed(quotes: tuple[int, ...]) -> str:
    return ", ".join(map(str, quotes))
