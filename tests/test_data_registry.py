"""sources.toml and registry.txt: how they are joined, and which faults are refused."""

from pathlib import Path

import pytest

from data.errors import DataError
from data.sources import default_cache, read_sources

TABLE = """[s]
description = "d"
repository = "o/r"
commit = "{}"
address = "https://host.invalid/{{repository}}/{{commit}}/{{file}}"
licence = "MIT"
format = "text"
"""
REGISTRY_LINE = f'"s/a b.txt" {"0" * 64}\n'


def test_sources_join_their_table_and_their_registry_lines(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(TABLE.format("b" * 40))
    (tmp_path / "r.txt").write_text(f"# comment\n{REGISTRY_LINE}")
    source = read_sources(tmp_path / "s.toml", tmp_path / "r.txt")["s"]
    assert source.files == {"a b.txt": "0" * 64}
    assert source.url("a b.txt") == f"https://host.invalid/o/r/{'b' * 40}/a%20b.txt"


@pytest.mark.parametrize(
    ("toml", "registry", "reason"),
    [
        ("[s", "", "not TOML"),
        ("s = 1", "", "each source is a table"),
        (TABLE.format("main"), "", "s.toml, field s.commit"),
        (TABLE.format("b" * 40) + "colour = 1", "", "field s.colour"),
        (TABLE.format("b" * 40), "s/a b.txt 00", "r.txt, line 1"),
        (TABLE.format("b" * 40), REGISTRY_LINE * 2, "r.txt, line 2: 'a b.txt' stands twice"),
        (TABLE.format("b" * 40), f'"s/../x" {"0" * 64}', "not a plain path"),
        (TABLE.format("b" * 40), f'"t/x" {"0" * 64}', "a source that s.toml lacks: t"),
    ],
)
def test_a_bad_source_table_or_registry_is_refused(
    tmp_path: Path, toml: str, registry: str, reason: str
) -> None:
    (tmp_path / "s.toml").write_text(toml)
    (tmp_path / "r.txt").write_text(registry)
    with pytest.raises(DataError, match=reason):
        read_sources(tmp_path / "s.toml", tmp_path / "r.txt")


def test_the_cache_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DIPLOTONE_CACHE", str(tmp_path))
    assert default_cache() == tmp_path
    monkeypatch.delenv("DIPLOTONE_CACHE")
    assert "diplotone" in default_cache().name
