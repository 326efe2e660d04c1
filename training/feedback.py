"""Feedback as training rows: what people said of the same text is one row, the mean of it.

Each rater counts once a text and scale, by their latest number; a record without a rater is
somebody of its own. Where nobody rated a scale it keeps what the raters were shown and left as it
was. A share of the texts is held out, so that the old artifact and the new one can be compared on
it; texts near a held-out row of the other splits are not trained on.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets import Dataset, DatasetDict, concatenate_datasets

from data.feedback import FEEDBACK, HIGHER, FeedbackRow, read_feedback
from data.records import Quote
from data.splits import split_added
from model.artifact import file_sha256
from model.errors import QuoteError
from model.scores import SCALES, Scale
from model.text import check, has_words, prepare
from training.teacher import text_hash

HELD_OUT_SHARE = 0.2

DROPPED = {
    "no_text": "records hold no text",
    "unscorable": "records hold a text without words, or a longer one than can be scored",
    "empty": "records correct nothing",
    "direction_alone": "records ask for a direction and do not say from which score",
    "replaced": "ratings were replaced by a later one of the same rater",
    "one_scale": "texts were rated on one scale, with nothing to take the other from",
    "near_held_out": "texts are near a held-out row",
}
"""Why something is not trained on, in words that follow a number."""


Rater = tuple[str | None, str]


@dataclass(slots=True)
class Rated:
    """A text and what people said of it.

    Attributes:
        text: as it was first sent.
        ratings: by scale and rater, 0 to 1; who gave no name is called by None and the record.
        shown: scores that raters were shown, by scale.
        asked: scales that somebody wanted higher or lower.
    """

    text: str
    ratings: dict[Scale, dict[Rater, float]] = field(
        default_factory=lambda: {scale: {} for scale in SCALES}
    )
    shown: dict[Scale, list[float]] = field(default_factory=lambda: {scale: [] for scale in SCALES})
    asked: set[Scale] = field(default_factory=set)

    def mean(self, scale: Scale) -> float | None:
        """Return the mean of the raters, None where nobody rated the scale."""
        return _mean(self.ratings[scale].values())

    def label(self, scale: Scale) -> float | None:
        """Return what to train on: the mean, or else what raters were shown and left as it was."""
        if self.ratings[scale] or scale in self.asked:
            return self.mean(scale)
        return _mean(self.shown[scale])


@dataclass(frozen=True, slots=True)
class Direction:
    """A wish for a higher or a lower score than the one shown, 0 to 1."""

    text: str
    scale: Scale
    higher: bool
    shown: float


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a file of feedback gives to a run.

    Attributes:
        train: rows to train on.
        held_out: rows to evaluate on.
        rated: every text with a number.
        directions: wishes without one.
        facts: ``file``, ``sha256``, ``records``, ``raters``, ``texts`` (rated), ``trained``,
            ``weight``, ``held_out``, ``kept_scale`` (texts that keep one scale as shown) and
            ``dropped`` (number by reason, see DROPPED); fit for JSON.
    """

    train: list[Quote]
    held_out: list[Quote]
    rated: list[Rated]
    directions: list[Direction]
    facts: dict[str, Any]


def merge_feedback(path: Path, rows: DatasetDict, seed: int, weight: int) -> Feedback:
    """Read a file of feedback and divide it beside the finished splits.

    Args:
        path: what ``diplotone feedback export`` wrote.
        rows: the splits.
        seed: of the splits.
        weight: how often each of its rows stands in an epoch, for the report.

    Raises:
        DataError: a line is malformed.
    """
    records = read_feedback(path)
    dropped: Counter[str] = Counter()
    texts, directions = _gathered(records, dropped)
    rated = [one for one in texts if any(one.ratings.values())]
    labels = [(one, [one.label(scale) for scale in SCALES]) for one in rated]
    quotes = [_quote(one, pair) for one, pair in labels if None not in pair]
    partly = {_id(one.text) for one in rated if not all(one.ratings.values())}
    parts = split_added(
        quotes,
        rows["train"]["text"],
        [text for name, split in rows.items() if name != "train" for text in split["text"]],
        share=HELD_OUT_SHARE,
        seed=seed,
        fixed=partly,
    )
    dropped["one_scale"] = len(rated) - len(quotes)
    dropped["near_held_out"] = len(parts["dropped"])
    facts = {
        "file": path.name,
        "sha256": file_sha256(path),
        "records": len(records),
        "raters": len({record.rater for record in records if record.rater}),
        "texts": len(rated),
        "trained": len(parts["train"]),
        "weight": weight,
        "held_out": len(parts["held_out"]),
        "kept_scale": sum(quote.id in partly for quote in parts["train"]),
        "dropped": {reason: dropped[reason] for reason in DROPPED if dropped[reason]},
    }
    return Feedback(parts["train"], parts["held_out"], rated, directions, facts)


def with_feedback(rows: DatasetDict, feedback: Feedback) -> DatasetDict:
    """Return the splits with the rows of feedback at the end of ``train``, and those held out."""
    features = rows["train"].features

    def added(quotes: Sequence[Quote]) -> Dataset:
        columns = {name: [getattr(quote, name) for quote in quotes] for name in features}
        return Dataset.from_dict(columns, features=features)

    parts: Mapping[str, Dataset] = {
        **rows,
        "train": concatenate_datasets([rows["train"], added(feedback.train)]),
        FEEDBACK: added(feedback.held_out),
    }
    return DatasetDict(parts)


def merged_lines(facts: dict[str, Any]) -> Iterator[str]:
    """Say in sentences what was merged, and what was left out and why."""
    yield (
        f"{facts['records']:,} records of {facts['raters']:,} named raters rate "
        f"{facts['texts']:,} texts: {facts['trained']:,} are trained on ({facts['weight']} times "
        f"an epoch each), {facts['held_out']:,} are held out to compare with."
    )
    if facts["kept_scale"]:
        yield f"{facts['kept_scale']:,} texts keep one scale as raters were shown it and left it."
    for reason, number in facts["dropped"].items():
        yield f"Left out: {number:,} {DROPPED[reason]}."


def _gathered(
    records: Iterable[FeedbackRow], dropped: Counter[str]
) -> tuple[list[Rated], list[Direction]]:
    """Put the records of each text together; count what cannot be used."""
    texts: dict[str, Rated] = {}
    directions = []
    for record in records:
        if reason := _useless(record):
            dropped[reason] += 1
            continue
        text = str(record.quote)
        one = texts.setdefault(prepare(text), Rated(text))
        alone = True
        for scale in SCALES:
            given = getattr(record, scale)
            shown = getattr(record.scored, scale, None)
            if isinstance(given, str):
                one.asked.add(scale)
                if shown is not None:
                    directions.append(Direction(text, scale, given == HIGHER, shown))
            elif given is not None:
                rater = (record.rater, "") if record.rater else (None, record.id)
                dropped["replaced"] += rater in one.ratings[scale]
                one.ratings[scale][rater] = float(given)
            elif shown is not None:
                one.shown[scale].append(shown)
            alone &= not isinstance(given, int | float) and shown is None
        dropped["direction_alone"] += alone
    return list(texts.values()), directions


def _useless(record: FeedbackRow) -> str | None:
    if record.quote is None:
        return "no_text"
    if record.hostility is None and record.formality is None:
        return "empty"
    try:
        check(record.quote)
    except QuoteError:
        return "unscorable"
    return None if has_words(record.quote) else "unscorable"


def _quote(one: Rated, labels: Sequence[float | None]) -> Quote:
    name = _id(one.text)
    return Quote.model_validate(
        dict(zip(SCALES, labels, strict=True))
        | {"id": name, "text": one.text, "source": FEEDBACK, "group": name}
        | {"raters": max(len(ratings) for ratings in one.ratings.values())}
    )


def _id(text: str) -> str:
    return f"{FEEDBACK}/{text_hash(prepare(text))[:16]}"


def _mean(values: Iterable[float]) -> float | None:
    given = list(values)
    return sum(given) / len(given) if given else None
