"""``diplotone feedback`` as a real process, on SQLite and PostgreSQL."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import records_in

ROOT = Path(__file__).parent.parent
LINES = [
    {"id": "a1", "created": "2026-11-01T09:00:00Z", "quote": "deep regret", "hostility": 0.45},
    {"id": "a2", "created": "2026-11-02T09:00:00Z", "quote": "lies", "formality": "lower"},
    {"id": "a3", "created": "2026-11-03T09:00:00+02:00", "request_id": "r1", "hostility": "higher"},
]

Feedback = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def feedback(database: str) -> Feedback:
    def feedback(*arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        variables = {k: v for k, v in os.environ.items() if "DIPLOTONE" not in k}
        variables |= {"DIPLOTONE_FEEDBACK": database, "COLUMNS": "200"}
        command = [sys.executable, "-m", "service", "feedback", *arguments]
        return subprocess.run(
            command,
            cwd=ROOT,
            env=variables,
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return feedback


@pytest.fixture
def filled(feedback: Feedback, tmp_path: Path) -> Feedback:
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(map(json.dumps, LINES)) + "\n\n", encoding="utf-8")
    done = feedback("import", str(source))
    assert (done.returncode, done.stderr) == (0, "3 records added; 0 were there already.\n")
    return feedback


def test_what_is_exported_can_be_imported_again_and_adds_nothing(
    filled: Feedback, tmp_path: Path
) -> None:
    target = tmp_path / "out.jsonl"
    assert filled("export", "-o", str(target)).returncode == 0
    lines = target.read_text("utf-8")
    rows = [json.loads(line) for line in lines.splitlines()]
    assert [row["id"] for row in rows] == ["a1", "a2", "a3"]
    assert list(rows[0]) == [
        *("id", "created", "rater", "quote", "quote_sha256", "hostility", "formality", "scored"),
        *("model", "request_id", "note", "source"),
    ]
    assert rows[2]["created"] == "2026-11-03T07:00:00.000000Z"
    again = filled("import", "-", given=lines)
    assert again.stderr == "0 records added; 3 were there already.\n"
    assert filled("export").stdout == lines


def test_the_list_shows_the_newest_and_what_was_given(filled: Feedback) -> None:
    shown = filled("list", "--limit", "2").stdout
    assert "a1" not in shown
    assert all(word in shown for word in ("a2", "lies", "lower", "a3", "request r1", "higher"))


def test_deleting_needs_a_choice_and_says_how_many_went(filled: Feedback, database: str) -> None:
    refused = filled("delete")
    assert (refused.returncode, "--id, --rater or --before" in refused.stderr) == (2, True)
    assert filled("delete", "--before", "2026-11-02").stderr == "1 records deleted.\n"
    assert filled("delete", "--id", "a2").stderr == "1 records deleted.\n"
    assert [record.id for record in records_in(database)] == ["a3"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": 3}', "The field id cannot be used"),
        ('{"quote": "a", "hostility": 7}', "The field hostility cannot be used"),
        ('{"quote": "a"', "not JSON"),
    ],
)
def test_a_bad_line_is_named_and_what_was_before_it_is_not_half_kept(
    feedback: Feedback, database: str, line: str, says: str
) -> None:
    good = json.dumps(LINES[0])
    done = feedback("import", "-", given=f"{good}\n{line}\n")
    assert done.returncode == 2
    assert "standard input, line 2" in done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert records_in(database) == []


def test_without_a_store_it_says_how_to_name_one() -> None:
    variables = {k: v for k, v in os.environ.items() if "DIPLOTONE" not in k}
    command = [sys.executable, "-m", "service", "feedback", "list"]
    done = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2
    assert "DIPLOTONE_FEEDBACK" in done.stderr
