"""A few quotes from the command line: each is scored or has its reason, and either can be shown."""

import json
import sys
from collections.abc import Sequence

from model.artifact import Artifact
from model.errors import QuoteError
from model.scorer import ToneScorer
from model.scores import ToneScore
from model.text import check
from service.answers import quote_fields
from service.corpus.errors import CorpusError
from service.schemas import ScoreAnswer

Outcomes = list[ToneScore | QuoteError]


def lines_of_standard_input() -> list[str]:
    """Return the lines of standard input that are not blank.

    Raises:
        CorpusError: it is a terminal, holds none, or is not UTF-8.
    """
    if sys.stdin.isatty():
        raise CorpusError('No quote: give a TEXT, as in `diplotone score "deep regret"`, or lines.')
    lines = []
    for number, raw in enumerate(sys.stdin.buffer, 1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as cause:
            raise CorpusError(
                f"standard input, line {number} is not UTF-8; convert it first, for example with "
                "`iconv -f latin1 -t utf-8`."
            ) from cause
        if line.strip():
            lines.append(line)
    if not lines:
        raise CorpusError("Standard input holds no quote; send one a line, or give a TEXT.")
    return lines


def score_each(
    scorer: ToneScorer, quotes: Sequence[str], *, sentences: bool, explain: bool
) -> Outcomes:
    """Score the quotes that can be scored, in one call.

    Returns:
        For each quote its score, or why it cannot be scored.

    Raises:
        ScoringError: the runtime failed.
    """
    reasons = [_reason(quote, scorer.max_characters) for quote in quotes]
    sound = [quote for quote, reason in zip(quotes, reasons, strict=True) if reason is None]
    scores = iter(scorer.score(sound, sentences=sentences, explain=explain))
    return [reason or next(scores) for reason in reasons]


def failed(outcomes: Outcomes) -> bool:
    """Tell whether a quote could not be scored."""
    return any(isinstance(outcome, QuoteError) for outcome in outcomes)


def write_json(quotes: Sequence[str], outcomes: Outcomes, artifact: Artifact) -> None:
    """Write one JSON array to standard output: what HTTP answers, with the quote before it."""
    manifest = artifact.manifest
    model = {"name": manifest.name, "version": manifest.version, "sha256": artifact.sha256}
    elements = []
    for quote, outcome in zip(quotes, outcomes, strict=True):
        if isinstance(outcome, QuoteError):
            answer = {"error": {"code": outcome.code, "message": str(outcome)}, "model": model}
        else:
            fields = quote_fields(outcome, None) | {"model": model}
            answer = ScoreAnswer.model_validate(fields).model_dump(exclude_unset=True)
        elements.append({"quote": quote} | answer)
    text = json.dumps(elements, indent=2, ensure_ascii=False)
    # A quote given as bytes that are no UTF-8 holds half characters, which only escapes can show.
    sys.stdout.buffer.write((text + "\n").encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def _reason(quote: str, limit: int) -> QuoteError | None:
    try:
        check(quote, limit)
    except QuoteError as error:
        return error
    return None
