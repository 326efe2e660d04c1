"""A run with feedback from end to end: what training says of it, shows of it and keeps of it."""

import json
from pathlib import Path

import pytest

from data.readers import read_quotes
from model.artifact import file_sha256, read_artifact
from tests.test_training_run import Bench, corpus, encoder  # noqa: F401 - fixtures

NAMES = ("Ada", "Bo", "Cy", "Di", "Eli", "Fay", "Gus", "Hal", "Ivy", "Jo", "Kit", "Lou")


@pytest.fixture
def feedback(tmp_path: Path, corpus: Path) -> Path:  # noqa: F811
    """Two raters of twelve texts, one wish, one text of the corpus."""
    shown = {"hostility": 0.5, "formality": 0.5}
    rows: list[dict[str, object]] = []
    for i, name in enumerate(NAMES):
        text = f"{name} said that {name}'s answer number {i} was a lie, and left the room."
        said = {"quote": text, "hostility": 0.6 + i / 100, "formality": 0.5, "scored": shown}
        rows += [said | {"rater": "ada"}, said | {"rater": "bo"}]
    rows.append({"quote": "A calm word.", "hostility": "lower", "scored": shown})
    rows += [
        {"quote": quote.text, "hostility": 0.5, "formality": 0.5} for quote in read_quotes(corpus)
    ]
    path = tmp_path / "feedback.jsonl"
    lines = [json.dumps({"id": f"r{i}", **row}) for i, row in enumerate(rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_run_with_feedback_shows_old_against_new(
    tmp_path: Path,
    corpus: Path,  # noqa: F811
    encoder: Path,  # noqa: F811
    artifact: Path,
    feedback: Path,
) -> None:
    bench = Bench(tmp_path, corpus, encoder)
    bench.released.symlink_to(artifact)
    said = bench.train("--feedback", str(feedback), "--epochs", "1", "--no-promote")
    run = bench.runs / "diplotone-0.1.0"
    found = json.loads((run / "evaluation.json").read_text("utf-8"))
    told, held_out = found["feedback"], found["splits"]["feedback"]
    assert told["raters"] == 2
    assert told["agreement"]["hostility"] == {"texts": len(NAMES), "alpha": 1.0}
    assert told["directions"]["hostility"]["asked"] == 1
    assert 1 <= told["held_out"] == held_out["rows"] < len(NAMES)
    # The corpus's own texts stay with the split that holds them.
    rows = read_artifact(run).manifest.data["rows"]
    outside = rows["validation"] + rows["test"]
    assert told["dropped"]["near_held_out"] == outside
    everything = len(NAMES) + 2 * len(read_quotes(corpus))
    assert rows["train"] + 2 * outside + told["held_out"] == everything
    assert set(list(held_out["systems"])[:2]) == {"diplotone 0.1.0", "released tiny 0.0.1"}
    assert read_artifact(run).manifest.data["feedback"]["sha256"] == file_sha256(feedback)
    assert "Feedback held out, hostility: MAE " in said
    judged = [line for line in said.splitlines() if line.strip().startswith(("pass", "FAIL"))]
    assert judged
    assert not any("feedback" in line for line in judged)
    page = (run / "evaluation.html").read_text("utf-8")
    assert "moved as asked" in page
    assert 'href="#feedback"' in page


def test_a_broken_line_of_feedback_ends_the_run_before_it_starts(
    tmp_path: Path,
    corpus: Path,  # noqa: F811
    encoder: Path,  # noqa: F811
) -> None:
    bench = Bench(tmp_path, corpus, encoder)
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"id": "a"}\n{"id": "b", "hostility": 2}\n', encoding="utf-8")
    said = bench.train("--feedback", str(broken), code=2)
    assert "broken.jsonl, line 2, field hostility" in said.replace("\n", "")
    assert not bench.runs.exists()
