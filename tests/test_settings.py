"""Settings: read when asked, refused with a sentence that names the variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.errors import ALL_SCORED, SOME_FAILED, UNUSABLE, SettingsError, outcome
from service.settings import PREFIX, Settings


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def test_defaults_are_those_of_the_contract() -> None:
    settings = Settings.load()
    assert (settings.host, settings.port, settings.artifact) == ("127.0.0.1", 8000, None)
    assert (settings.max_characters, settings.max_quotes) == (10_000, 256)
    assert (settings.max_body_bytes, settings.deadline_seconds) == (2 * 1024 * 1024, 30)
    assert (settings.docs, settings.log_text, settings.threads) == (True, False, None)


def test_variables_are_read_and_flags_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPLOTONE_PORT", "9001")
    monkeypatch.setenv("DIPLOTONE_DOCS", "false")
    monkeypatch.setenv("DIPLOTONE_ARTIFACT", "somewhere")
    settings = Settings.load(port=9002, host=None)
    assert (settings.port, settings.docs, settings.host) == (9002, False, "127.0.0.1")
    assert settings.artifact == Path("somewhere")


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPLOTONE_ARTIFACT", "")
    assert Settings.load().artifact is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DIPLOTONE_PORT", "banana"),
        ("DIPLOTONE_PORT", "65536"),
        ("DIPLOTONE_MAX_CHARACTERS", "0"),
        ("DIPLOTONE_MAX_QUOTES", "-1"),
        ("DIPLOTONE_MAX_BODY_BYTES", "2MiB"),
        ("DIPLOTONE_QUEUE_ITEMS", "1.5"),
        ("DIPLOTONE_DEADLINE_SECONDS", "nan"),
        ("DIPLOTONE_DEADLINE_SECONDS", "inf"),
        ("DIPLOTONE_THREADS", "0"),
        ("DIPLOTONE_DOCS", "perhaps"),
        ("DIPLOTONE_LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_value_is_refused_by_name_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        Settings.load()
    sentence = str(refused.value)
    assert sentence.startswith(f"{name} cannot be used: ")
    assert "\n" not in sentence
    assert outcome(refused.value).exit_code == UNUSABLE


def test_an_unknown_variable_is_refused_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DIPLOTONE_PROT", "8001")
    with pytest.raises(SettingsError, match="DIPLOTONE_PROT .* did you mean DIPLOTONE_PORT"):
        Settings.load()


def test_a_variable_of_training_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPLOTONE_CACHE", "/tmp/somewhere")  # noqa: S108 - only a text here
    assert Settings.load().port == 8000


def test_every_setting_is_described() -> None:
    missing = [name for name, field in Settings.model_fields.items() if not field.description]
    assert not missing


def test_importing_reads_no_variable() -> None:
    environment = {**os.environ, "DIPLOTONE_PORT": "banana", "DIPLOTONE_PROT": "1"}
    imports = "import service.settings, service.app, service.server"
    done = subprocess.run(
        [sys.executable, "-c", imports],
        env=environment,
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_exit_codes_are_those_of_the_contract() -> None:
    assert (ALL_SCORED, SOME_FAILED, UNUSABLE) == (0, 1, 2)
