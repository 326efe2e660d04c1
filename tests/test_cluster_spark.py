"""The example for Spark, run on a local Spark where Java and pyspark are there."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model.scorer import ToneScorer

ROOT = Path(__file__).parent.parent
QUOTES = ["We regret this.", " ", "You clowns!", "Your note is received.", None]

pytestmark = pytest.mark.skipif(
    find_spec("pyspark") is None or shutil.which("java") is None,
    reason="needs pyspark and Java",
)


def test_spark_gives_the_scorer_s_numbers(
    artifact: Path, scorer: ToneScorer, tmp_path: Path
) -> None:
    pq.write_table(pa.table({"n": range(5), "quote": QUOTES}), tmp_path / "in.parquet")
    env = os.environ | {
        "DIPLOTONE_ARTIFACT": str(artifact), "PYTHONPATH": str(ROOT),
        "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_SUBMIT_ARGS": "--master local[2] --conf spark.ui.enabled=false pyspark-shell",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "docs/examples/spark_score.py", tmp_path / "in.parquet", tmp_path / "out"],
        env=env, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = sorted(pq.read_table(tmp_path / "out").to_pylist(), key=lambda row: row["n"])
    assert [row["quote"] for row in rows] == QUOTES
    for row in rows:
        found = (row["hostility"], row["formality"])
        if row["n"] in (1, 4):
            assert found == (None, None)
        else:
            score = scorer.score([str(row["quote"])])[0]
            assert found == (score.hostility.score, score.formality.score)
