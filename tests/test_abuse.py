"""The served description, asked by Schemathesis: every route, with right and wrong data.

Each run makes hundreds of requests from the OpenAPI document and checks status, body, headers and
content type of every answer against it. The longer form of it is in CONTRIBUTING.md.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server_process import ServerProcess, environment

EXAMPLES = "25"
# Here a rule between two fields, which JSON Schema cannot say, refuses what the schema allows: as
# many ids as quotes, a quote or a request_id, a model's one input.
UNSAYABLE = (
    "/v1/score/batch",
    "/v1/feedback",
    "/predict",
    "/v1alpha1/comments:analyze",
    "/v2/models/{name}/infer",
)


@pytest.fixture(scope="module")
def server(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("described")
    variables = environment(
        artifact,
        DIPLOTONE_ADAPTERS="perspective,moderations,tei,v2",
        DIPLOTONE_FEEDBACK=str(folder / "feedback.db"),
    )
    server = ServerProcess(folder / "log", variables)
    yield server
    assert "Traceback" not in server.stop()


@pytest.mark.parametrize(
    "chosen",
    [
        [part for path in UNSAYABLE for part in ("--exclude-path", path)],
        [part for path in UNSAYABLE for part in ("--include-path", path)]
        + ["--exclude-checks", "positive_data_acceptance"],
    ],
    ids=["every check", "all checks but one"],
)
def test_no_answer_differs_from_the_description(
    server: ServerProcess, tmp_path: Path, chosen: list[str]
) -> None:
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", "--no-color"]
    command += [f"http://127.0.0.1:{server.port}/openapi.json", "--mode", "all", *chosen]
    command += ["--max-examples", EXAMPLES, "--generation-deterministic", "--no-shrink"]
    command += ["--phases", "examples,coverage,fuzzing"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    counted = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert counted, done.stdout[-2000:]
    assert int(counted[1]) == int(counted[2]) > 300
