"""API keys: made once, kept as hashes, compared in constant time, read again when they change."""

import hashlib
import hmac
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from service import keys
from service.errors import SettingsError
from service.keys import KeyRing, make_key, read_keys
from service.logs import JsonFormatter

ROOT = Path(__file__).parent.parent


class Clock:
    """Time that goes on when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "api-keys"


Write = Callable[..., list[str]]


@pytest.fixture
def write(path: Path) -> Write:
    """Write a file of new keys, one for each name, and return the keys."""

    def write(*names: str) -> list[str]:
        made = [make_key(name) for name in names]
        # Renamed into place, as an editor does: another file even within one tick of the clock.
        beside = path.with_suffix(".new")
        beside.write_text("".join(f"{one.line}\n" for one in made), encoding="utf-8")
        beside.replace(path)
        return [one.key for one in made]

    return write


def test_a_key_is_random_and_its_line_holds_only_its_hash() -> None:
    one, two = make_key("desk"), make_key("desk")
    assert one.key != two.key
    assert len(one.key) >= 43  # 256 bits in base64
    assert one.line == f"desk:{hashlib.sha256(one.key.encode()).hexdigest()}"


@pytest.mark.parametrize("name", ["", "a b", "a:b", "x" * 65, "caf\u00e9", "a\n", "#a", "../a"])
def test_a_name_that_no_log_should_hold_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="1 to 64 letters"):
        make_key(name)


def diplotone(*args: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("DIPLOTONE_")}
    command = [sys.executable, "-m", "service", *args]
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_command_prints_the_key_and_its_line(path: Path) -> None:
    done = diplotone("key", "desk")
    assert (done.returncode, done.stderr) == (0, "")
    key, line = done.stdout.splitlines()
    path.write_text(line, encoding="utf-8")
    assert KeyRing(path).owner(key.encode()) == "desk"


def test_the_command_refuses_a_bad_name_in_one_sentence() -> None:
    done = diplotone("key", "a b")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_several_keys_comments_and_blank_lines_are_read(path: Path) -> None:
    first, second = make_key("desk"), make_key("agency")
    path.write_bytes(f"# ours\r\n{first.line}\r\n\r\n  {second.line}\n\n".encode())
    ring = KeyRing(path)
    assert [ring.owner(one.key.encode()) for one in (first, second)] == ["desk", "agency"]
    for unknown in ("", "desk", first.line, first.key + "x", first.key[:-1], first.key.upper()):
        assert ring.owner(unknown.encode()) is None


def test_one_name_may_have_an_old_key_and_a_new_one(write: Write, path: Path) -> None:
    old, new = write("desk", "desk")
    ring = KeyRing(path)
    assert {ring.owner(old.encode()), ring.owner(new.encode())} == {"desk"}


GOOD = "desk:" + "0f" * 32


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "There is no API key"),
        (b"# nothing yet\n", "There is no API key"),
        (f"{GOOD}\nsecret".encode(), "Line 2 of"),
        (f"{GOOD}\n\nsecret:{'g' * 64}".encode(), "Line 3 of"),
        (f"{GOOD}\nagency:{'0f' * 32}".encode(), "Line 2 of"),
        (f"{GOOD.upper()}".encode(), "Line 1 of"),
        (f"{GOOD} secret".encode(), "Line 1 of"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_broken_file_is_refused_by_line_and_not_repeated(
    path: Path, content: bytes, sentence: str
) -> None:
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=sentence) as refused:
        read_keys(path)
    assert str(path) in str(refused.value)
    assert "secret" not in str(refused.value)
    assert "0f0f" not in str(refused.value)


def test_a_missing_file_and_a_folder_are_refused(path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        KeyRing(path)
    with pytest.raises(SettingsError, match="is a directory"):
        KeyRing(path.parent)


def test_every_key_is_compared_whichever_was_sent(
    write: Write, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = write("a", "b", "c")
    ring = KeyRing(path)
    compared = 0
    true_compare = hmac.compare_digest

    def counting(one: bytes, other: bytes) -> bool:
        nonlocal compared
        compared += 1
        return true_compare(one, other)

    monkeypatch.setattr(keys.hmac, "compare_digest", counting)
    counts = []
    for key in (*known, "unknown"):
        compared = 0
        ring.owner(key.encode())
        counts.append(compared)
    assert counts == [3, 3, 3, 3]


def test_a_changed_file_is_read_again_after_a_second(write: Write, path: Path) -> None:
    clock = Clock()
    (old,) = write("desk")
    ring = KeyRing(path, clock)
    (new,) = write("desk")
    assert ring.owner(old.encode()) == "desk"  # too early to look
    clock.now += keys.CHECK_SECONDS
    assert ring.owner(old.encode()) is None
    assert ring.owner(new.encode()) == "desk"


def test_the_file_is_looked_at_once_a_second(
    write: Write, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    write("desk")
    ring = KeyRing(path, clock)
    looks: list[Path] = []
    monkeypatch.setattr(keys, "_stamp", looks.append)
    for _ in range(40):
        clock.now += keys.CHECK_SECONDS / 10
        ring.owner(b"any")
    assert 3 <= len(looks) <= 4


@pytest.mark.parametrize("broken", ["", "secret of someone\n", None])
def test_a_broken_new_file_leaves_the_old_keys_and_says_why_once(
    write: Write, path: Path, broken: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    (key,) = write("desk")
    ring = KeyRing(path, clock)
    if broken is None:
        path.unlink()
    else:
        path.write_text(broken, encoding="utf-8")
    with caplog.at_level(logging.INFO):
        for _ in range(5):
            clock.now += 2
            assert ring.owner(key.encode()) == "desk"
        (line,) = [JsonFormatter().format(record) for record in caplog.records]
        assert str(path) in json.loads(line)["reason"]
        assert "secret" not in line
        caplog.clear()
        (mended,) = write("agency")
        clock.now += 2
        assert (ring.owner(mended.encode()), ring.owner(key.encode())) == ("agency", None)
        (line,) = [JsonFormatter().format(record) for record in caplog.records]
        assert json.loads(line)["names"] == ["agency"]
        assert hashlib.sha256(mended.encode()).hexdigest() not in line
