"""API keys: shown once when made, kept as hashes in a file that is read again when it changes.

A key is 256 random bits, so nobody can find it by guessing however fast the hash is; the slow,
salted hashes (scrypt, argon2) protect passwords, which people choose and others guess. One SHA-256
is enough here, and costs a request a microsecond.
"""

import hashlib
import hmac
import logging
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from service.errors import SettingsError
from service.logs import SERVICE

CHECK_SECONDS = 1.0
"""Least time between two looks at the file."""

_PREFIX = "dpt_"  # lets scanners for leaked secrets recognise a key of ours
_NAME = r"[A-Za-z0-9._-]{1,64}"
_LINE = re.compile(rf"({_NAME}):([0-9a-f]{{64}})")

_log = logging.getLogger(SERVICE)


class NewKey(NamedTuple):
    """A key that was just made.

    Attributes:
        key: the secret; not stored anywhere.
        line: its line for the file of keys: name and hash.
    """

    key: str
    line: str


class KnownKey(NamedTuple):
    """A line of the file of keys."""

    name: str
    digest: bytes


def make_key(name: str) -> NewKey:
    """Make a key.

    Args:
        name: who will use it; stands in the log and counts the rate limit.

    Raises:
        SettingsError: the name has characters that a log or the file cannot hold.
    """
    if not re.fullmatch(_NAME, name):
        raise SettingsError(
            "The name of a key is 1 to 64 letters, digits, dots, dashes or underscores."
        )
    key = _PREFIX + secrets.token_urlsafe(32)
    return NewKey(key, f"{name}:{hashlib.sha256(key.encode()).hexdigest()}")


def read_keys(path: Path) -> tuple[KnownKey, ...]:
    """Read a file of keys; blank lines and lines that begin with # are skipped.

    A name may stand on several lines: its old key and its new one while callers change over.

    Raises:
        SettingsError: the file cannot be read, holds no key, or has a line that is none; names
            the line, never what is in it.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as cause:
        system = (cause.strerror or str(cause)).lower() if isinstance(cause, OSError) else None
        reason = system or "it is not UTF-8"
        raise SettingsError(f"Cannot read the API keys in {path}: {reason}.") from cause
    found: dict[bytes, KnownKey] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if not match:
            raise SettingsError(
                f"Line {number} of {path} is not NAME:HASH; `diplotone key NAME` makes such lines."
            )
        key = KnownKey(match[1], bytes.fromhex(match[2]))
        if found.setdefault(key.digest, key).name != key.name:
            raise SettingsError(f"Line {number} of {path} has the key of another name; remove one.")
    if not found:
        raise SettingsError(f"There is no API key in {path}; `diplotone key NAME` makes one.")
    return tuple(found.values())


class KeyRing:
    """The keys of a file, kept in step with it.

    Args:
        path: the file.
        clock: seconds that never go back.

    Raises:
        SettingsError: as ``read_keys`` does; later, when a changed file cannot be used, the keys
            read before stay and the log says why.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._checked = clock()
        self._stamp = _stamp(path)
        self._keys = read_keys(path)

    def owner(self, key: bytes) -> str | None:
        """Return the name of a key, or None; takes the same time whichever key it is, or none."""
        self._keep_in_step()
        digest = hashlib.sha256(key).digest()
        owner = None
        for known in self._keys:
            if hmac.compare_digest(known.digest, digest):
                owner = known.name
        return owner

    def _keep_in_step(self) -> None:
        now = self._clock()
        if now - self._checked < CHECK_SECONDS:
            return
        self._checked = now
        stamp = _stamp(self._path)  # before reading: a change meanwhile shows at the next look
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._keys = read_keys(self._path)
        except SettingsError as error:
            told = {"reason": str(error)}
            _log.error("The changed API keys are unusable; the old stay.", extra={"fields": told})
        else:
            names = {"names": sorted({key.name for key in self._keys})}
            _log.info("The API keys were read again.", extra={"fields": names})


def _stamp(path: Path) -> tuple[int, ...] | None:
    """Return what changes when a file does; None when there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino
