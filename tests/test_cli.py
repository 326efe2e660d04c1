"""The commands but ``batch``, each driven as a process of its own on the tiny artifact."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from model.scorer import ToneScorer
from service.answers import quote_fields
from service.schemas import QuoteScore

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-m", "service"]
QUOTES = ["We deeply regret this. It was wrong!", "deep regret", "“Liars!” — 🕊 peace", "!!!"]

Run = Callable[..., subprocess.CompletedProcess[str]]


def environment(artifact: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DIPLOTONE_")}
    return kept | {"DIPLOTONE_ARTIFACT": str(artifact), "PYTHONPATH": str(ROOT)} | more


@pytest.fixture
def diplotone(artifact: Path, tmp_path: Path) -> Run:
    def run(*args: str, **more: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401
        env = environment(artifact) | more.pop("env", {})
        options = {"text": True, "capture_output": True, "cwd": tmp_path, "timeout": 60}
        if "input" not in more:
            options["stdin"] = subprocess.DEVNULL
        return subprocess.run([*COMMAND, *args], env=env, **options | more)

    return run


def broken(artifact: Path, folder: Path) -> Path:
    """A copy of the artifact whose card was changed."""
    folder.mkdir()
    for path in artifact.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "README.md").write_text("altered", encoding="utf-8")
    return folder


def test_score_json_gives_what_http_answers(diplotone: Run, scorer: ToneScorer) -> None:
    done = diplotone("score", *QUOTES, "--json", "--sentences", "--explain")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    scores = scorer.score(QUOTES, sentences=True, explain=True)
    for element, quote, score in zip(found, QUOTES, scores, strict=True):
        assert element.pop("quote") == quote
        assert element.pop("model")["sha256"] == scorer.artifact.sha256
        wire = QuoteScore.model_validate(quote_fields(score, None))
        assert element == wire.model_dump(exclude_unset=True)


def test_score_shows_a_table_and_the_reason_of_what_cannot_be_scored(diplotone: Run) -> None:
    done = diplotone(
        "score", "[red]Never again", " ", "--sentences", "--explain", env={"COLUMNS": "200"}
    )
    assert done.returncode == 1
    assert "[red]Never again" in done.stdout and "The quote is blank" in done.stdout
    assert "sentence:" in done.stdout and "part:" in done.stdout
    elements = json.loads(diplotone("score", "fine words", " ", "--json").stdout)
    assert "hostility" in elements[0]
    assert elements[1]["error"]["code"] == "quote_blank"


def test_score_reads_the_lines_of_standard_input(diplotone: Run, scorer: ToneScorer) -> None:
    done = diplotone("score", "--json", input="\ufeffdeep regret\r\n\nhateful sophistry\n")
    assert [e["quote"] for e in json.loads(done.stdout)] == ["deep regret", "hateful sophistry"]
    wanted = scorer.score(["hateful sophistry"])[0].hostility.score
    assert json.loads(done.stdout)[1]["hostility"]["score"] == wanted


def test_score_without_quotes_or_with_a_bad_setting_says_what_to_do(
    diplotone: Run, artifact: Path, tmp_path: Path
) -> None:
    empty = diplotone("score", input="")
    assert empty.returncode == 2 and "Standard input holds no quote" in empty.stderr
    latin = diplotone("score", input=b"ok\n\xe9\n", text=False)
    assert latin.returncode == 2 and b"line 2 is not UTF-8" in latin.stderr
    setting = diplotone("score", "x", env={"DIPLOTONE_MAX_CHARACTERS": "many"})
    assert setting.returncode == 2 and "DIPLOTONE_MAX_CHARACTERS" in setting.stderr
    nowhere = diplotone("score", "x", "--artifact", "nowhere")
    assert nowhere.returncode == 2 and "No artifact at nowhere" in nowhere.stderr
    altered = diplotone("score", "x", "--artifact", str(broken(artifact, tmp_path / "b")))
    assert altered.returncode == 2 and "was altered" in altered.stderr
    for done in (empty, setting, nowhere, altered):
        assert done.stderr.startswith("diplotone: error: ") and done.stderr.count("\n") == 1
        assert not done.stdout


def test_score_keeps_the_limit_of_the_settings(diplotone: Run) -> None:
    done = diplotone("score", "x" * 51, "--json", env={"DIPLOTONE_MAX_CHARACTERS": "50"})
    assert done.returncode == 1
    assert json.loads(done.stdout)[0]["error"]["code"] == "quote_too_long"


def test_unknown_options_and_missing_arguments_are_usage_errors(diplotone: Run) -> None:
    for args in (("score", "--loud"), ("batch", "a.csv"), ("bogus",), ("serve", "--port", "x")):
        done = diplotone(*args)
        assert done.returncode == 2, args
        assert "Usage: diplotone" in done.stderr and "Traceback" not in done.stderr


def test_model_shows_what_is_installed_and_verifies_it(
    diplotone: Run, artifact: Path, scorer: ToneScorer, tmp_path: Path
) -> None:
    card = json.loads(diplotone("model", "--json").stdout)
    assert card["sha256"] == scorer.artifact.sha256 and card["folder"] == str(artifact.resolve())
    assert (card["window_tokens"], card["interval_coverage"]) == (64, 0.9)
    assert scorer.artifact.sha256 in diplotone("model", env={"COLUMNS": "200"}).stdout
    done = diplotone("model", "--artifact", str(broken(artifact, tmp_path / "b")))
    assert done.returncode == 2
    assert "README.md was altered" in done.stderr


def test_version_names_distribution_and_model_or_why_there_is_none(diplotone: Run) -> None:
    assert "model tiny 0.0.1" in diplotone("--version").stdout
    none = diplotone("--version", env={"DIPLOTONE_ARTIFACT": "nowhere"})
    assert none.returncode == 0 and "no model: No artifact at nowhere" in none.stdout


@pytest.mark.parametrize("command", ["", "score", "article", "batch", "serve", "model"])
def test_help_has_an_example_and_imports_nothing_heavy(command: str, artifact: Path) -> None:
    code = (
        "import sys; from service.cli import app\n"
        "try: app(prog_name='diplotone')\n"
        "finally: print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command.split(), "--help"],
        env=environment(artifact), capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0 and "Example" in done.stdout
    heavy = {
        "onnxruntime",
        "fastapi",
        "uvicorn",
        "numpy",
        "pydantic_settings",
        "tokenizers",
        "arro3",
    }
    assert not heavy & set(done.stderr.split())


def test_unforeseen_errors_give_a_sentence_unless_asked_for_more(
    diplotone: Run, tmp_path: Path
) -> None:
    # One module of a copy is made to fail when it is imported, which is after the command began.
    fault = tmp_path / "rooms"
    fault.mkdir()
    (fault / "model").symlink_to(ROOT / "model")
    (fault / "service").mkdir()
    for path in (ROOT / "service").iterdir():
        if path.name != "quotes.py":
            (fault / "service" / path.name).symlink_to(path)
    (fault / "service" / "quotes.py").write_text("raise RuntimeError('one\\ntwo')\n")
    quiet = diplotone("score", "x", env={"PYTHONPATH": str(fault)})
    assert quiet.returncode == 70
    assert "(RuntimeError: one two)" in quiet.stderr and quiet.stderr.count("\n") == 1
    loud = diplotone("score", "x", env={"PYTHONPATH": str(fault), "DIPLOTONE_DEBUG": "1"})
    assert "Traceback" in loud.stderr
    assert diplotone("score", "x", env={"DIPLOTONE_DEBUG": "1"}).returncode == 0


@pytest.fixture
def rooms(tmp_path: Path) -> Path:
    """A place with service and model only, and no training room."""
    folder = tmp_path / "rooms"
    folder.mkdir()
    for name in ("model", "service"):
        (folder / name).symlink_to(ROOT / name)
    return folder


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_train_and_evaluate_without_the_training_room_say_make_setup(
    diplotone: Run, rooms: Path, command: str
) -> None:
    # An editable install keeps the training room in sight; without torch it is of no use.
    (rooms / "sitecustomize.py").write_text('import sys\nsys.modules["torch"] = None\n')
    done = diplotone(command, "--help", env={"PYTHONPATH": str(rooms)})
    assert done.returncode == 2
    assert "make setup" in done.stderr and done.stderr.count("\n") == 1


def test_train_and_evaluate_pass_on_arguments_exit_code_and_signals(
    diplotone: Run, artifact: Path, rooms: Path
) -> None:
    fake = rooms / "training"
    fake.mkdir()
    (fake / "__init__.py").touch()
    (fake / "__main__.py").write_text(
        "import sys, time\nprint(*sys.argv[1:], flush=True)\n"
        "if 'wait' in sys.argv: time.sleep(60)\nsys.exit(7)\n"
    )
    env = {"PYTHONPATH": str(rooms)}
    done = diplotone("train", "--rows", "3", "--", "-x", "--help", env=env)
    assert (done.returncode, done.stdout) == (7, "--rows 3 -- -x --help\n")
    done = diplotone("evaluate", "file.jsonl", "--help", env=env)
    assert (done.returncode, done.stdout) == (7, "evaluate file.jsonl --help\n")
    waiting = subprocess.Popen(
        [*COMMAND, "train", "wait"],
        env=environment(artifact) | env, stdout=subprocess.PIPE, cwd=rooms,
    )  # fmt: skip
    assert waiting.stdout and waiting.stdout.readline() == b"wait\n"
    waiting.send_signal(signal.SIGTERM)
    assert waiting.wait(10) == -signal.SIGTERM
    waiting.stdout.close()


def test_serve_answers_on_the_address_of_its_flags(artifact: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = environment(artifact, DIPLOTONE_PORT="1")
    server = subprocess.Popen(
        [*COMMAND, "serve", "--port", str(port)], env=env, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/model") as answer:
                    assert json.load(answer)["name"] == "tiny"
                break
            except urllib.error.URLError:
                assert server.poll() is None
                time.sleep(0.1)
        else:
            pytest.fail("the server never answered")
        server.terminate()
        assert server.wait(20) == 0
    finally:
        server.kill()
        server.wait()
