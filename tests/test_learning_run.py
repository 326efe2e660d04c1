"""A run with feedback from end to end: what training says of it, shows of it and keeps of it."""

import json
from pathlib import Path

import pytest

from data.readers import read_quotes
from model.artifact import MANIFEST, file_sha256, read_artifact
from tests.test_training_run import Bench, corpus, encoder  # noqa: F401 - fixtures
from training.errors import TrainingError
from training.inputs import INPUTS, check_inputs, write_inputs

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

    (run / MANIFEST).unlink()  # as if it had been stopped before its end
    with feedback.open("a", encoding="utf-8") as stream:
        stream.write(
            '\n{"id": "later", "quote": "One more.", "hostility": 0.4, "formality": 0.4}\n'
        )
    said = " ".join(bench.train("--resume", code=2).split())
    assert f"the file of feedback {feedback} (SHA-256 {told['sha256'][:12]}, now SHA-256 " in said
    assert "start a new run without --resume" in said
    assert "labelled rows" not in said
    assert not (run / MANIFEST).exists()


def test_a_resumed_run_names_all_that_has_changed_since_it_was_begun(tmp_path: Path) -> None:
    begun = {"the corpus a.jsonl": "0" * 64, "the labelled rows": "1" * 64}
    check_inputs(tmp_path, begun)  # begun by a version that kept nothing of the kind
    write_inputs(tmp_path, begun)
    check_inputs(tmp_path, begun)
    for now, sentence in (
        (begun | {"the labelled rows": "2" * 64}, "the labelled rows (SHA-256 111111111111, now"),
        ({"the labelled rows": "2" * 64}, "the corpus a.jsonl (SHA-256 000000000000, now none);"),
        (begun | {"the public source un": "0 of 7 rows"}, "source un (none, now 0 of 7 rows);"),
    ):
        with pytest.raises(TrainingError) as caught:
            check_inputs(tmp_path, now)
        assert sentence in str(caught.value)
    (tmp_path / INPUTS).write_text("{", encoding="utf-8")
    with pytest.raises(TrainingError, match="cannot be read; start a new run"):
        check_inputs(tmp_path, begun)


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
