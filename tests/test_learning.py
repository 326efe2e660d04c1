"""Feedback as training rows: what is merged, held out, refused and reported."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset, DatasetDict

from data.errors import DataError
from data.feedback import FEEDBACK, read_feedback
from data.records import Quote
from data.splits import split_added
from training.feedback import Feedback, merge_feedback, merged_lines, with_feedback
from training.rows import Rows


def record(number: int, quote: str | None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a record as the export writes it."""
    known = {"id": f"r{number}", "created": "2026-01-02T03:04:05Z", "rater": None, "quote": quote}
    known["quote_sha256"] = hashlib.sha256((quote or "lost").encode()).hexdigest()
    empty = dict.fromkeys(("hostility", "formality", "scored", "model", "request_id", "note"))
    return known | empty | {"source": "api"} | more


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Write records to a file."""

    def write(*records: dict[str, Any]) -> Path:
        path = tmp_path / "feedback.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
        return path

    return write


def splits(train: Sequence[str] = (), test: Sequence[str] = ()) -> DatasetDict:
    parts = {"train": [*train, "A row."], "validation": ["Another."], "test": list(test)}
    return DatasetDict({name: _dataset(texts, name) for name, texts in parts.items()})


def _dataset(texts: Sequence[str], name: str) -> Dataset:
    columns: dict[str, Any] = {
        "id": [f"{name}-{i}" for i in range(len(texts))],
        "text": list(texts),
        "hostility": [0.5] * len(texts),
        "formality": [0.5] * len(texts),
        "source": [name] * len(texts),
        "group": [f"{name}-{i}" for i in range(len(texts))],
        "raters": [1] * len(texts),
    }
    return Dataset.from_dict(columns)


def merged(path: Path, rows: DatasetDict | None = None) -> Feedback:
    return merge_feedback(path, rows or splits(), 0, 2)


def test_raters_of_one_text_are_averaged_and_the_latest_word_of_each_counts(
    file: Callable[..., Path],
) -> None:
    text = "We protest against this."
    found = merged(
        file(
            record(1, text, rater="ada", hostility=0.9, formality=0.5),
            record(2, f"“{text}”", rater="ada", hostility=0.4, formality=0.7),
            record(3, text, rater="bo", hostility=0.6, formality=0.8),
            record(4, text, hostility=0.5, formality=0.9),
        )
    )
    (row,) = found.train + found.held_out
    assert (row.text, row.source, row.raters) == (text, FEEDBACK, 3)
    assert [row.hostility, row.formality] == pytest.approx([0.5, 0.8])
    assert found.facts["dropped"] == {"replaced": 2}
    assert (found.facts["records"], found.facts["raters"], found.facts["texts"]) == (4, 2, 1)


def test_a_scale_that_nobody_corrected_stays_as_it_was_shown(file: Callable[..., Path]) -> None:
    shown = {"hostility": 0.2, "formality": 0.6}
    found = merged(
        file(
            record(1, "They lie, and they know it.", hostility=0.8, scored=shown),
            record(2, "A scale is missing here.", hostility=0.8),
            record(3, "The other should rise.", hostility=0.8, formality="higher", scored=shown),
        )
    )
    (row,) = found.train
    assert (row.hostility, row.formality) == (0.8, 0.6)
    assert found.facts["kept_scale"] == 1
    assert found.facts["dropped"] == {"one_scale": 2}


def test_wishes_are_not_trained_on(file: Callable[..., Path]) -> None:
    shown = {"hostility": 0.2, "formality": 0.6}
    found = merged(
        file(
            record(1, "Too low, says a reader.", hostility="higher", scored=shown),
            record(2, "Too low, but than what?", hostility="higher"),
            record(3, None, hostility=0.3, formality=0.3),
            record(4, "Nothing is said of this."),
            record(5, "x" * 10_001, hostility=0.3, formality=0.3),
            record(6, "\u200b?!", hostility=0.3, formality=0.3),
        )
    )
    assert found.train == found.held_out == []
    (wish,) = found.directions
    assert (wish.scale, wish.higher, wish.shown) == ("hostility", True, 0.2)
    once = dict.fromkeys(("no_text", "empty", "direction_alone"), 1)
    assert found.facts["dropped"] == once | {"unscorable": 2}
    assert len(list(merged_lines(found.facts))) == 5


def both(number: int, quote: str) -> dict[str, Any]:
    return record(number, quote, rater="ada", hostility=0.3, formality=0.6)


NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")


def test_texts_near_a_held_out_row_are_left_out_and_those_near_a_trained_one_stay_there(
    file: Callable[..., Path],
) -> None:
    tests = "The minister said that the talks in the capital were a waste of everybody's time."
    known = "The ambassador thanked the hosts for the warm welcome that they had given to her."
    rows = splits(train=[known, "Deep regret!"], test=[tests, "Sheer folly!"])
    found = merged(
        file(
            both(1, tests.replace("capital", "city")),
            both(2, "sheer FOLLY"),
            both(3, "Sheer, folly?"),
            both(4, known.replace("warm", "kind")),
            both(5, "deep regret"),
        ),
        rows,
    )
    assert {row.text for row in found.train} == {known.replace("warm", "kind"), "deep regret"}
    assert found.held_out == []
    assert found.facts["dropped"] == {"near_held_out": 3}


def test_a_fifth_is_held_out_near_duplicates_stay_together_and_more_feedback_moves_nothing(
    file: Callable[..., Path],
) -> None:
    texts = [
        f"On day {a} the envoys of {b} spoke of {a}{b} notes and of {b}{a} answers to them."
        for a in NUMBERS
        for b in NUMBERS
        if a != b
    ]
    few = merged(file(*(both(i, text) for i, text in enumerate(texts))))
    twins = [text.replace("envoys", "delegates") for text in texts[:30]]
    more = merged(file(*(both(i, text) for i, text in enumerate([*texts, *twins]))))
    assert 0.1 < len(few.held_out) / len(texts) < 0.3
    places = {row.text: name for name in ("train", "held_out") for row in getattr(more, name)}
    assert len(places) == len(texts) + len(twins)
    for text, twin in zip(texts, twins, strict=False):
        assert places[text] == places[twin]
    alone = texts[len(twins) :]
    held = {row.text for row in few.held_out}
    assert {text for text in alone if places[text] == "held_out"} == held & set(alone)


def test_of_a_few_texts_the_luckiest_are_held_out() -> None:
    quotes = [_quote(f"Note {word} came from the {word} envoy.") for word in NUMBERS[:6]]
    parts = split_added(quotes, [], [], share=0.2, seed=3)
    assert len(parts["held_out"]) >= 1
    fixed = [quote.id for quote in quotes]
    assert split_added(quotes, [], [], share=0.2, seed=3, fixed=fixed)["held_out"] == []


def _quote(text: str) -> Quote:
    place = {"source": FEEDBACK, "group": text, "id": text, "raters": 1}
    return Quote.model_validate({"text": text, "hostility": 0.1, "formality": 0.2} | place)


@pytest.mark.parametrize("weight", [1, 3])
def test_rows_of_feedback_stand_as_often_as_the_weight_says(
    file: Callable[..., Path], weight: int
) -> None:
    base = splits()
    shown = {"hostility": 0.2, "formality": 0.6}
    texts = ("A note that came from the users.", "And a second one.")
    found = merged(file(*(record(i, t, hostility=1, scored=shown) for i, t in enumerate(texts))))
    rows = Rows(with_feedback(base, found), (), "hash", (), found)
    assert list(rows.fitted(weight)["source"]).count(FEEDBACK) == 2 * weight
    assert rows.fitted(weight).num_rows == base["train"].num_rows + 2 * weight
    assert rows.summary()["feedback"]["sha256"] == found.facts["sha256"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "not JSON"),
        ('{"id": "b", "hostility": 1.2}', "field hostility: 1.2 is no number from 0 to 1"),
        ('{"id": "b", "formality": "up"}', "field formality: 'up' is no number"),
        ('{"id": "b", "formality": true}', "field formality: True is no number"),
        ('{"id": "b", "hostlity": 0.2}', "field hostlity: unknown key"),
        ('{"id": "a"}', "field id: 'a' is that of line 1 too"),
        ('{"hostility": 0.2}', "field id: missing"),
        ('{"id": "b", "quote": ""}', "field quote: must not be empty"),
        (f'{{"id": "b", "quote": "x", "quote_sha256": "{"0" * 64}"}}', "not the one whose SHA-256"),
    ],
)
def test_a_malformed_line_is_refused_with_its_place(
    tmp_path: Path, line: str, sentence: str
) -> None:
    path = tmp_path / "feedback.jsonl"
    path.write_text('{"id": "a"}\n\n' + line + "\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_feedback(path)
    assert f"{path}, line 3" in str(caught.value)
    assert sentence in str(caught.value)
