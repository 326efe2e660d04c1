"""A text unlike the training texts is warned of; the table behind it is part of the artifact."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from model.artifact import FILES, MANIFEST, RELEASED, TOKENIZER, read_artifact
from model.encoder import TextEncoder
from model.errors import ArtifactError
from model.familiarity import STEPS_A_BIT, SURPRISAL, FamiliarityGauge, read_surprisal
from model.scorer import ToneScorer
from training.familiarity import fit_familiarity, unlike_shares, write_surprisal

STATEMENTS = [
    f"We {verb} the {noun} of our neighbours."
    for verb in ("condemn", "regret", "welcome", "support", "reject")
    for noun in ("decision", "statement", "attack", "proposal", "government")
]


@pytest.fixture
def run(artifact: Path, tmp_path: Path) -> Path:
    shutil.copyfile(artifact / TOKENIZER, tmp_path / TOKENIZER)
    return tmp_path


@pytest.fixture
def encoder(run: Path) -> TextEncoder:
    return TextEncoder.load(run / TOKENIZER, 64)


def test_surprisal_is_a_byte_a_token_and_falls_with_use(run: Path, encoder: TextEncoder) -> None:
    write_surprisal(run, encoder, ["regret regret regret attack"])
    surprisal = read_surprisal(run / SURPRISAL, encoder.vocabulary)
    often, once, never = (encoder.encode([w])[0][1] for w in ("regret", "attack", "sprinkle"))
    assert surprisal[often] < surprisal[once] < surprisal[never]
    expected = -np.log2(3.5 / (4 + encoder.vocabulary / 2))
    assert surprisal[often] == pytest.approx(expected, abs=0.5 / STEPS_A_BIT)


def test_texts_of_another_kind_are_told_from_statements(run: Path, encoder: TextEncoder) -> None:
    write_surprisal(run, encoder, STATEMENTS)
    familiarity = fit_familiarity(run, encoder, STATEMENTS)
    shares = unlike_shares(run, encoder, familiarity, {"statements": STATEMENTS})
    assert shares["statements"] == pytest.approx(familiarity.share, abs=0.001)
    assert shares["statements"] < 0.1
    assert shares["off_topic"] > 0.9  # of everything but these few words it knows nothing


def test_a_text_of_no_tokens_is_unlike_nothing(run: Path, encoder: TextEncoder) -> None:
    write_surprisal(run, encoder, STATEMENTS)
    gauge = FamiliarityGauge.load(
        run / SURPRISAL, encoder.vocabulary, fit_familiarity(run, encoder, STATEMENTS)
    )
    assert not gauge.is_unlike([np.array([101, 102])])


def test_a_table_of_another_size_is_refused(run: Path) -> None:
    (run / SURPRISAL).write_bytes(b"abc")
    with pytest.raises(ArtifactError, match=r"3 values and the tokenizer 30,522 tokens"):
        read_surprisal(run / SURPRISAL, 30522)


def test_the_warning_depends_on_the_limit_of_the_manifest(artifact: Path, tmp_path: Path) -> None:
    folder = tmp_path / "strict"
    shutil.copytree(artifact, folder)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    manifest["familiarity"]["limit"] = -100.0
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    quote = "Whisk two eggs with sugar until they are fluffy."
    found = []
    for place in (artifact, folder):
        scorer = ToneScorer.load(place, threads=1)
        found.append({warning.code for warning in scorer.score([quote])[0].warnings})
        scorer.close()
    assert found == [set(), {"unfamiliar"}]


def test_an_artifact_without_the_table_scores_without_the_warning(
    artifact: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    for name in set(FILES) - {SURPRISAL}:
        shutil.copyfile(artifact / name, folder / name)
    manifest = json.loads((artifact / MANIFEST).read_text("utf-8"))
    manifest["layout"] = 1
    del manifest["familiarity"], manifest["files"][SURPRISAL]
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    scorer = ToneScorer.load(folder, threads=1)
    assert scorer.score(["qsdkjfh qsdlkfjh"])[0].hostility.score >= 0
    scorer.close()


def test_the_released_artifact_warns_of_what_is_no_statement() -> None:
    encoder = TextEncoder.load(RELEASED / TOKENIZER, 256)
    familiarity = read_artifact(RELEASED).manifest.familiarity
    assert familiarity is not None
    shares = unlike_shares(RELEASED, encoder, familiarity, {"statements": STATEMENTS})
    assert shares["statements"] == 0
    assert shares["off_topic"] > 0.3
