"""What a student trains on beside the labels: sentences nobody rated, and a teacher's scores."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from datasets import Dataset, DatasetDict
from rich.console import Console

from data.records import RealLabel
from data.sources import Source
from data.unlabelled import Sentence, unlabelled_sentences
from model.plan import Points
from model.scorer import ToneScorer
from training import distil
from training.config import TrainConfig
from training.errors import TrainingError
from training.rows import Rows
from training.teacher import PART_TEXTS, teacher_scores, text_hash

QUIET = Console(quiet=True)


class Counted:
    """A scorer that counts the texts it was given, and can fail after some."""

    def __init__(self, scorer: ToneScorer, most: int = 10**9) -> None:
        self.artifact = scorer.artifact
        self.given = 0
        self._most = most
        self._scorer = scorer

    def points(self, texts: Sequence[str]) -> Points:
        if self.given + len(texts) > self._most:
            raise KeyboardInterrupt
        self.given += len(texts)
        return self._scorer.points(texts)


@pytest.fixture
def sources(make_sources: Callable[[str], dict[str, Source]]) -> dict[str, Source]:
    return make_sources("https://example.org/{file}")


def _sentences(
    labels: list[RealLabel], sources: dict[str, Source], mirror: Path, **more: list[str]
) -> list[Sentence]:
    places: dict[str, Any] = {"mirror": mirror, "cache": mirror / "none"}
    return unlabelled_sentences(labels, sources, **places, **({"held_out": [], "known": []} | more))


def test_the_sentences_of_every_format_are_found_once(
    raw_labels: list[RealLabel], sources: dict[str, Source], mirror: Path
) -> None:
    found = _sentences(raw_labels, sources, mirror)
    assert Sentence("speeches", "The café talks failed.") in found
    assert Sentence("council", "First line of the first, with a comma.") in found
    assert len(found) == len({sentence.text for sentence in found})


def test_labelled_texts_and_documents_of_held_out_rows_are_left_out(
    raw_labels: list[RealLabel], sources: dict[str, Source], mirror: Path
) -> None:
    held_out = ["real/speeches/Session 1 - 1946/old.txt", "real/council/s1"]
    found = _sentences(raw_labels, sources, mirror, held_out=held_out)
    assert not any("talks" in one.text or "comma" in one.text for one in found)
    known = ["the CAFÉ talks   failed"]
    found = _sentences(raw_labels, sources, mirror, known=known)
    assert [one.text for one in found if "talks" in one.text] == []


def test_posts_in_another_language_are_left_out(
    sources: dict[str, Source], raw_labels: list[RealLabel], tmp_path: Path
) -> None:
    import hashlib
    import json

    posts = [
        "Hoy nos reunimos con el presidente de la República.",
        "Today we met the president of the republic.",
    ]
    raw = json.dumps([{"text": post} for post in posts]).encode()
    path = tmp_path / "posts" / "2014.json"
    path.parent.mkdir()
    path.write_bytes(raw)
    changed = sources["posts"].model_copy(
        update={"files": {"2014.json": hashlib.sha256(raw).hexdigest()}}
    )
    labels = [label for label in raw_labels if label.source == "posts"]
    found = _sentences(labels, sources | {"posts": changed}, tmp_path)
    assert [one.text for one in found] == posts[1:]


def test_a_teacher_scores_no_text_twice(scorer: ToneScorer, tmp_path: Path) -> None:
    texts = [f"Note {i} was received with regret." for i in range(20)]
    teacher = Counted(scorer)
    first = teacher_scores(teacher, texts[:15], tmp_path, QUIET)  # type: ignore[arg-type]
    again = teacher_scores(teacher, texts, tmp_path, QUIET)  # type: ignore[arg-type]
    assert teacher.given == 20
    np.testing.assert_array_equal(first, again[:15])
    np.testing.assert_array_equal(again, scorer.points(texts))


def test_scores_written_before_an_interruption_are_kept(scorer: ToneScorer, tmp_path: Path) -> None:
    texts = [f"Note {i} is a lie." for i in range(PART_TEXTS + 5)]
    stopped = Counted(scorer, most=PART_TEXTS)
    with pytest.raises(KeyboardInterrupt):
        teacher_scores(stopped, texts, tmp_path, QUIET)  # type: ignore[arg-type]
    (part,) = tmp_path.rglob("*.parquet")
    assert pq.read_table(part)["text_sha256"].to_pylist()[0] == text_hash(texts[0])
    (part.with_suffix(".draft")).write_bytes(b"half a file")
    resumed = Counted(scorer)
    points = teacher_scores(resumed, texts, tmp_path, QUIET)  # type: ignore[arg-type]
    assert resumed.given == 5
    assert points.shape == (PART_TEXTS + 5, 2)


def test_an_unwritable_cache_is_a_clear_error(scorer: ToneScorer, tmp_path: Path) -> None:
    (tmp_path / "teacher").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(TrainingError, match="cannot be written"):
        teacher_scores(scorer, ["A note."], tmp_path, QUIET)


def _rows(texts: Sequence[str]) -> Rows:
    columns = {
        "id": [f"row-{i}" for i in range(len(texts))],
        "text": list(texts),
        "hostility": [0.1 * (i % 10) for i in range(len(texts))],
        "formality": [0.5] * len(texts),
        "source": ["own"] * len(texts),
        "group": [f"group-{i}" for i in range(len(texts))],
        "raters": [1] * len(texts),
    }
    dataset = Dataset.from_dict(columns)
    splits = {"train": dataset, "validation": dataset.select(range(2))}
    return Rows(DatasetDict(splits), (), "hash", ())


def test_a_student_gets_labels_repeated_and_the_teachers_scores(
    artifact: Path,
    raw_labels: list[RealLabel],
    sources: dict[str, Source],
    mirror: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(distil, "read_real_labels", lambda _: raw_labels)
    monkeypatch.setattr(distil, "read_sources", lambda: sources)
    rows = _rows([f"Our neighbours sent note {i} and we regret it." for i in range(30)])
    config = TrainConfig(teacher=artifact, teacher_texts=4, labelled_repeats=2)
    taught = distil.with_teacher(rows, config, mirror, tmp_path / "cache", QUIET)
    *new, slipped = taught["text"][60:]
    assert taught["text"][:60] == [*rows.dataset["train"]["text"]] * 2
    assert 1 <= len(new) <= 4
    teacher = ToneScorer.load(artifact)
    wanted, hasty = teacher.points(new), teacher.points([slipped])[0]
    teacher.close()
    np.testing.assert_allclose(taught["hostility"][60:-1], wanted[:, 0], atol=1e-6)
    again = distil.with_teacher(rows, config, None, tmp_path / "cache", QUIET)["text"][60:]
    assert again == [*new, slipped]
    # The copy with a slip is as hostile as its original, and as formal as it reads.
    assert min(abs(wanted[:, 0] - taught["hostility"][-1])) < 1e-6
    assert taught["formality"][-1] == pytest.approx(hasty[1], abs=1e-6)


def test_no_source_file_at_hand_is_a_clear_error(artifact: Path, tmp_path: Path) -> None:
    rows = _rows([f"Our neighbours sent note {i}." for i in range(30)])
    config = TrainConfig(teacher=artifact)
    with pytest.raises(TrainingError, match="--mirror"):
        distil.with_teacher(rows, config, None, tmp_path / "cache", QUIET)
