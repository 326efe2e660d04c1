"""The public sources of the real labels: where their raw files lie, pinned and with checksums.

Reads sources.toml (what a source is) and registry.txt (the SHA-256 of each raw file, in the form
that pooch loads). Fetches nothing; that is `data.fetch`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote as percent_encode

import pooch
from pydantic import Field, ValidationError

from data.errors import DataError
from data.records import Name, Record, check_file

SOURCES = Path(__file__).with_name("sources.toml")
REGISTRY = Path(__file__).with_name("registry.txt")

_REGISTRY_LINE = re.compile(r'"(?P<source>[^"/]+)/(?P<file>[^"]+)" (?P<sha256>[0-9a-f]{64})')


class Source(Record):
    """One public source: a table of sources.toml and its lines of registry.txt.

    `files` maps each raw file to the SHA-256 of its bytes (64 hex digits). `document_field`
    names the field that says which document a record belongs to, where one spans several.
    """

    name: Name
    description: Name
    repository: Name
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
    address: Annotated[str, Field(pattern=r"^https?://.*\{file\}")]
    licence: Name
    format: Literal["text", "csv", "json"]
    document_field: Name | None = None
    files: Mapping[str, str]

    def url(self, file: str) -> str:
        """The pinned address of a raw file, percent-encoded."""
        parts = {"repository": self.repository, "commit": self.commit, "file": file}
        return self.address.format(**{key: percent_encode(part) for key, part in parts.items()})


def default_cache() -> Path:
    """The folder for raw files and finished splits: DIPLOTONE_CACHE, else the user's cache."""
    named = os.environ.get("DIPLOTONE_CACHE")
    return Path(named) if named else Path(pooch.os_cache("diplotone"))


def read_sources(path: Path = SOURCES, registry: Path = REGISTRY) -> dict[str, Source]:
    """Read all sources, by name. Raises DataError for a bad table or registry line."""
    files = _read_registry(registry)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(path, f"cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise DataError(path, f"not TOML in UTF-8 ({error})") from error
    sources: dict[str, Source] = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise DataError(path, "each source is a table", field=name)
        try:
            content = {**table, "name": name, "files": files.pop(name, {})}
            sources[name] = Source.model_validate(content)
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            field = ".".join([name, *map(str, fault["loc"])])
            raise DataError(path, fault["msg"], field=field) from error
    if files:
        raise DataError(registry, f"names a source that {path.name} lacks: {min(files)}")
    return sources


def _read_registry(path: Path) -> dict[str, dict[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(path, f"cannot be read: {error}") from error
    files: dict[str, dict[str, str]] = {}
    for number, line in enumerate(lines, start=1):
        if not line or line.startswith("#"):
            continue
        match = _REGISTRY_LINE.fullmatch(line)
        if match is None:
            raise DataError(path, 'a line reads "<source>/<file>" <sha256>', number)
        known = files.setdefault(match["source"], {})
        if match["file"] in known:
            raise DataError(path, f"{match['file']!r} stands twice", number)
        try:
            known[check_file(match["file"])] = match["sha256"]
        except ValueError as error:
            raise DataError(path, str(error), number) from error
    return files
