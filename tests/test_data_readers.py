"""The readers of labelled files: what they accept, and what they say about a bad line."""

import json
import pickle
from pathlib import Path

import pytest

from data.errors import DataError, SourceError
from data.readers import read_corpus, read_quotes, read_real_labels

CORPUS_ROW = {
    "id": "a-1",
    "text": "We regret this.",
    "hostility": 0.3,
    "formality": 0.6,
    "raters": 2,
    "voice": "ministry",
    "topic": "fish",
    "act": "protest",
    "split": "train",
}
LABEL = {
    "source": "s",
    "file": "a/b.txt",
    "record": None,
    "field": None,
    "start": 0,
    "end": 9,
    "sha256": "0123456789abcdef",
    "hostility": 0,
    "formality": 1.0,
}
USER_ROW = {"text": "We regret this.", "hostility": 0.3, "formality": 1}


def write(path: Path, *rows: object) -> Path:
    """Write rows as JSON lines; text and bytes stand as they are."""
    lines = [
        row
        if isinstance(row, bytes)
        else (row if isinstance(row, str) else json.dumps(row)).encode()
        for row in rows
    ]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def test_a_corpus_row_becomes_a_quote_of_its_voice(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", CORPUS_ROW, {**CORPUS_ROW, "id": "a-2", "contrast_set": 7})
    alone, member = (row.quote() for row in read_corpus(path))
    assert (alone.source, alone.group, alone.raters) == ("corpus/ministry", "corpus/a-1", 2)
    assert member.group == "contrast-set/7"


def test_a_user_file_needs_three_keys_and_gets_the_rest(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.jsonl", USER_ROW, {**USER_ROW, "id": 7, "source": "press"})
    first, second = read_quotes(path)
    assert (first.id, first.source, first.group) == ("mine:1", "mine", "mine/mine:1")
    assert (first.raters, first.formality) == (None, 1.0)
    assert (second.id, second.source, second.group) == ("7", "press", "press/7")


def test_a_user_file_may_have_the_shape_of_the_corpus(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", CORPUS_ROW)
    assert read_quotes(path) == [row.quote() for row in read_corpus(path)]


def test_byte_order_mark_windows_line_ends_and_empty_lines_are_allowed(tmp_path: Path) -> None:
    line = json.dumps(USER_ROW).encode()
    path = tmp_path / "w.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + line + b"\r\n\r\n" + line)
    assert [quote.id for quote in read_quotes(path)] == ["w:1", "w:3"]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ('{"text": "a"', None, "not JSON"),
        ('["a"]', None, "one JSON object, this one a list"),
        ("[" * 100_000, None, "not usable JSON"),
        ('{"text": "a", "hostility": ' + "1" * 5000 + "}", None, "not usable JSON"),
        (b'{"text": "caf\xe9"}', None, "not UTF-8 (byte 0xe9"),
        ('{"text": "a", "text": "b"}', "text", "stands twice"),
        ({**USER_ROW, "hostility": 1.2}, "hostility", "1.2 is outside 0 to 1"),
        ({**USER_ROW, "formality": -0.01}, "formality", "-0.01 is outside 0 to 1"),
        ({**USER_ROW, "hostility": 55}, "hostility", "0-to-100 score divided by 100"),
        ({**USER_ROW, "hostility": float("nan")}, "hostility", "nan is outside 0 to 1"),
        ({**USER_ROW, "hostility": float("inf")}, "hostility", "inf is outside 0 to 1"),
        ({**USER_ROW, "hostility": "0.5"}, "hostility", "'0.5' is not"),
        ({**USER_ROW, "hostility": True}, "hostility", "True is not"),
        ({**USER_ROW, "hostility": None}, "hostility", "None is not"),
        ({**USER_ROW, "text": " \t\n"}, "text", "blank"),
        ({**USER_ROW, "text": "\u200b\u00a0"}, "text", "blank"),
        ({**USER_ROW, "text": ""}, "text", "must not be empty"),
        ({**USER_ROW, "text": "half \ud83d"}, "text", "surrogate"),
        ({**USER_ROW, "text": 7}, "text", "7 is not"),
        ({**USER_ROW, "group": "\ude00"}, "group", "surrogate"),
        ({**USER_ROW, "txt": "b"}, "txt", "unknown key; the keys are text"),
        ({"txt": "a", "hostility": 0, "formality": 0}, "txt", "unknown key"),
        ({"text": "a", "formality": 0.5}, "hostility", "missing"),
        ({**USER_ROW, "raters": 0}, "raters", "0 is not allowed"),
        ({**USER_ROW, "source": ""}, "source", "must not be empty"),
        ({**CORPUS_ROW, "split": "dev"}, "split", "'dev' is not"),
    ],
)
def test_a_bad_line_is_named_by_file_line_field_and_reason(
    tmp_path: Path, row: object, field: str | None, reason: str
) -> None:
    path = write(tmp_path / "bad.jsonl", USER_ROW, row)
    with pytest.raises(DataError) as caught:
        read_quotes(path)
    error = caught.value
    assert (error.path, error.line, error.field) == (path, 2, field)
    assert reason in error.reason
    place = "bad.jsonl, line 2" + (f", field {field}" if field else "")
    assert f"{place}: {error.reason}" in str(error)
    assert "\n" not in str(error)
    assert len(str(error)) < 400 + len(str(path))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"end": 0}, "end"),
        ({"start": 9}, None),
        ({"record": 3}, None),
        ({"file": "../secret.txt"}, "file"),
        ({"file": "/etc/passwd"}, "file"),
        ({"sha256": "XYZ"}, "sha256"),
        ({"text": "no text belongs here"}, "text"),
        ({"hostility": 1.01}, "hostility"),
    ],
)
def test_a_bad_real_label_is_refused(
    tmp_path: Path, change: dict[str, object], field: str | None
) -> None:
    path = write(tmp_path / "labels.jsonl", LABEL | change)
    with pytest.raises(DataError) as caught:
        read_real_labels(path)
    assert (caught.value.line, caught.value.field) == (1, field)


def test_duplicate_ids_name_both_lines(tmp_path: Path) -> None:
    corpus = write(tmp_path / "c.jsonl", CORPUS_ROW, {**CORPUS_ROW, "id": "b"}, CORPUS_ROW)
    labels = write(tmp_path / "l.jsonl", LABEL, {**LABEL, "start": 1})
    user = write(tmp_path / "u.jsonl", {**USER_ROW, "id": "x"}, {**USER_ROW, "id": "x"})
    with pytest.raises(DataError, match=r"line 3, field id: 'a-1' on line 3 .* of line 1"):
        read_corpus(corpus)
    with pytest.raises(DataError, match="duplicate of line 1"):
        read_real_labels(labels)
    with pytest.raises(DataError, match="duplicate of line 1"):
        read_quotes(user)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_bytes(content)
    for reader in (read_corpus, read_real_labels, read_quotes):
        with pytest.raises(DataError, match="holds no rows"):
            reader(path)


def test_a_file_that_cannot_be_opened_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.jsonl: cannot be read: No such file"):
        read_quotes(tmp_path / "none.jsonl")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_quotes(tmp_path)


def test_errors_survive_pickling_between_processes() -> None:
    for error in (DataError("f.jsonl", "why", 3, "text"), SourceError("kremlin", "why")):
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301 (made here)
        assert str(copy) == str(error)
