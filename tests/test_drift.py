"""`diplotone drift` on files that `batch` wrote, the manifest's reference, and `/metrics`."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from typer.testing import CliRunner, Result

from data.records import Quote
from model.artifact import MANIFEST, TOKENIZER, read_artifact
from model.encoder import TextEncoder
from model.errors import ArtifactError
from model.reference import EDGES, MEASURES, Counting, Histogram, Reference
from model.scorer import ToneScorer
from service.app import create_app
from service.cli import app
from service.drift.distance import distance
from service.settings import Settings
from training.evaluate import Scored, labels_of
from training.reference import fit_reference

WORDS = ("They", "sent", "note", "and", "regret", "it", "clowns")
FOREIGN = "Wir bedauern diesen Vorfall und danken allen Beteiligten für ihre Geduld."


def _texts(count: int, longest: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(3, longest))) + f" {i}" for i in range(count)]


def _drift(folder: Path, artifact: Path, *args: str) -> Result:
    options = [str(folder / a) if a.endswith((".csv", ".jsonl", ".parquet")) else a for a in args]
    return CliRunner().invoke(app, ["drift", *options, "--artifact", str(artifact)])


def _with_reference(artifact: Path, folder: Path, texts: list[str]) -> Path:
    """Copy an artifact, and let its manifest say that it was tested on these texts."""
    shutil.copytree(artifact, folder)
    encoder = TextEncoder.load(folder / TOKENIZER, 64)
    quotes = [
        Quote(id=str(i), text=t, hostility=0, formality=0, source="a", group="a", raters=None)
        for i, t in enumerate(texts)
    ]
    scorer = ToneScorer.load(folder)
    scored = Scored(quotes, labels_of(quotes), scorer.points(texts))
    scorer.close()
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    manifest["reference"] = fit_reference(folder, encoder, {"test": scored}).model_dump()
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder


Scores = Callable[[Path, str, list[str]], None]


@pytest.fixture
def score_file() -> Scores:
    """Write texts and score them with the command line, as a user would."""

    def score(artifact: Path, target: str, texts: list[str]) -> None:
        source = Path(target).with_suffix(".raw.csv")
        with source.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([["quote"], *([text] for text in texts)])
        options = ["batch", str(source), "-o", target, "--artifact", str(artifact)]
        assert CliRunner().invoke(app, options).exit_code in (0, 1)

    return score


@pytest.fixture(scope="module")
def referring(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("referring") / "artifact"
    return _with_reference(artifact, folder, _texts(200, 12, 1))


def test_a_corpus_like_the_test_rows_is_called_so_and_another_one_is_not(
    referring: Path, tmp_path: Path, score_file: Scores
) -> None:
    score_file(referring, f"{tmp_path}/same.csv", _texts(150, 12, 2))
    score_file(referring, f"{tmp_path}/other.csv", [*_texts(80, 60, 3), FOREIGN, FOREIGN, " "])
    same = _drift(tmp_path, referring, "same.csv")
    assert same.exit_code == 0
    assert "looks like the 200 rows of test that tiny 0.0.1 was tested on" in same.stdout
    other = _drift(tmp_path, referring, "other.csv", "--json")
    found = json.loads(other.stdout)
    assert other.exit_code == 0
    assert found["verdict"] == "different"
    assert (found["rows"], found["unscored"]) == (82, 1)
    assert found["measures"]["tokens"]["verdict"] == "different"
    assert found["measures"]["tokens"]["rises"]
    assert found["measures"]["language"]["found"] == pytest.approx([80 / 82, 2 / 82])
    assert "longer texts" in found["sentence"]
    assert "diplotone evaluate" in found["sentence"]
    assert _drift(tmp_path, referring, "other.csv", "--fail-above", "0.25").exit_code == 1
    assert _drift(tmp_path, referring, "same.csv", "--fail-above", "0.25").exit_code == 0


def test_every_format_gives_the_same_and_a_file_is_like_itself(
    artifact: Path, tmp_path: Path, score_file: Scores
) -> None:
    score_file(artifact, f"{tmp_path}/one.csv", _texts(60, 12, 4))
    table = pa_csv.read_csv(tmp_path / "one.csv")
    pq.write_table(table, tmp_path / "one.parquet")
    lines = "".join(json.dumps(row) + "\n" for row in table.to_pylist())
    (tmp_path / "one.jsonl").write_text(lines, encoding="utf-8")
    for name in ("one.csv", "one.jsonl", "one.parquet"):
        done = _drift(tmp_path, artifact, name, "--reference", "one.csv", "--json")
        assert done.exit_code == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["rows"] == 60
        assert found["largest_psi"] == 0
        assert set(found["measures"]) == set(MEASURES)


def test_rows_of_sentences_are_measured_by_the_sentence(artifact: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "two.raw.csv", tmp_path / "two.csv"
    source.write_text('quote\n"They sent note one. They regret it."\n', encoding="utf-8")
    options = [str(source), "-o", str(target), "--sentences", "--artifact", str(artifact)]
    assert CliRunner().invoke(app, ["batch", *options]).exit_code == 0
    done = _drift(tmp_path, artifact, "two.csv", "--reference", "two.csv", "--json")
    found = json.loads(done.stdout)
    assert found["rows"] == 2
    assert found["measures"]["tokens"]["found"][:3] == [0.5, 0.5, 0]  # 4 and 5 tokens


def test_an_artifact_without_a_reference_says_so_in_one_sentence(
    artifact: Path, tmp_path: Path, score_file: Scores
) -> None:
    score_file(artifact, f"{tmp_path}/a.csv", _texts(5, 9, 5))
    done = _drift(tmp_path, artifact, "a.csv")
    assert done.exit_code == 2
    assert "--reference FILE" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"tone_model": "tiny 9.9.9 000000000000"}, "was scored by tiny 9.9.9 000000000000"),
        ({"hostility": "1.5"}, "row 1, column hostility: '1.5' is no score from 0 to 1"),
        ({"formality": "nan"}, "row 1, column formality: 'nan' is no score"),
        ({"hostility": "", "formality": ""}, "has no row with scores"),
        ({"hostility": None}, "no column 'hostility', which `diplotone batch` writes"),
        ({"quote": None}, "no column 'quote'"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(
    artifact: Path, tmp_path: Path, score_file: Scores, change: dict[str, str | None], sentence: str
) -> None:
    score_file(artifact, f"{tmp_path}/good.csv", ["They sent note one."])
    with (tmp_path / "good.csv").open(encoding="utf-8") as stream:
        row = next(csv.DictReader(stream)) | change
    row = {name: value for name, value in row.items() if value is not None}
    with (tmp_path / "bad.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([list(row), list(row.values())])
    done = _drift(tmp_path, artifact, "bad.csv", "--reference", "good.csv")
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_indices_of_one_population_stay_within_what_chance_does() -> None:
    rng = np.random.default_rng(1)
    beyond = 0
    for _ in range(300):
        histograms = []
        for rows in (400, 100):
            counting = Counting()
            counting.add("hostility", rng.beta(1, 2, rows))
            histograms.append(counting.reference(rows).histograms["hostility"])
        found = distance(*histograms)
        beyond += found.psi > found.chance
        assert found.psi > found.chance or found.verdict == "alike"
    assert beyond < 0.1 * 300


def test_the_index_and_the_distance_are_those_of_the_definition() -> None:
    one, other = (
        Histogram(edges=(1, 2), counts=counts) for counts in ((600, 300, 0), (300, 600, 0))
    )
    found = distance(one, other)
    assert found.psi == pytest.approx(2 * (1 / 3) * np.log(2), rel=0.01)
    assert found.ks == pytest.approx(1 / 3)
    assert found.verdict == "different"
    assert found.rises
    assert not distance(other, one).rises


@pytest.mark.parametrize(
    ("edges", "counts"), [((2, 1), (1, 1, 1)), ((1, 2), (1, 1)), ((1,), (1, -1)), ((), (1,))]
)
def test_a_reference_that_is_none_stops_the_artifact(
    artifact: Path, tmp_path: Path, edges: tuple[float, ...], counts: tuple[int, ...]
) -> None:
    with pytest.raises(ValidationError):
        Histogram(edges=edges, counts=counts)
    folder = tmp_path / "artifact"
    shutil.copytree(artifact, folder)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    histogram = {"edges": edges, "counts": counts}
    manifest["reference"] = {"rows": 1, "splits": [], "histograms": {"tokens": histogram}}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ArtifactError, match="field reference"):
        read_artifact(folder)


def test_the_released_manifest_loads_with_or_without_a_reference(referring: Path) -> None:
    reference = read_artifact(referring).manifest.reference
    assert reference == Reference.model_validate_json(reference.model_dump_json())  # type: ignore[union-attr]
    assert {sum(h.counts) for h in reference.histograms.values()} == {200}  # type: ignore[union-attr]


def test_metrics_count_the_same_bins_as_the_reference(scorer: ToneScorer) -> None:
    texts = [*_texts(30, 40, 6), FOREIGN]
    encoder = TextEncoder.load(scorer.artifact.folder / TOKENIZER, 64)
    with TestClient(create_app(Settings(), scorer)) as client:
        assert client.post("/v1/score/batch", json={"quotes": texts}).status_code == 200
        lines = client.get("/metrics").text.splitlines()
    found = dict(line.rsplit(" ", 1) for line in lines if line.startswith("diplotone_quote"))
    lengths = np.array([len(ids) - 2 for ids in encoder.encode(texts)])
    for end in EDGES["tokens"]:
        counted = float(found[f'diplotone_quote_tokens_bucket{{le="{float(end)}"}}'])
        assert counted == (lengths <= end).sum()
    assert float(found["diplotone_quote_surprisal_bits_count"]) == len(texts)
    assert float(found['diplotone_quotes_by_language_total{language="other"}']) == 1
    assert float(found['diplotone_quotes_by_language_total{language="en"}']) == 30
