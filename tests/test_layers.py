"""The house as a newcomer should find it: names, sizes, docstrings, and packages that are ours."""

import ast
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("model", "service", "training", "data", "bench")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
TESTS = sorted((ROOT / "tests").glob("*.py"))
LONGEST_FILE = 260
LONGEST_FUNCTION = 45
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "core", "base_utils"}


@pytest.mark.parametrize("room", ROOMS)
def test_our_names_lead_into_this_repository(room: str) -> None:
    spec = importlib.util.find_spec(room)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).is_relative_to(ROOT)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_says_what_it_is_for_and_stays_small(path: Path) -> None:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "opens without saying what it is for"
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, node.name


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_module_has_a_vague_name_or_that_of_a_room(path: Path) -> None:
    assert path.stem not in VAGUE | set(ROOMS)


@pytest.mark.parametrize("path", TESTS, ids=lambda p: p.name)
def test_every_test_has_an_assertion_that_can_fail(path: Path) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    judging = {"raises", "assert_allclose", "assert_close"}  # pytest, NumPy, torch
    judging |= {f.name for f in functions if any(isinstance(n, ast.Assert) for n in ast.walk(f))}
    for test in functions:
        if test.name.startswith("test_") and test.name not in judging:
            named = {n.id for n in ast.walk(test) if isinstance(n, ast.Name)}
            named |= {n.attr for n in ast.walk(test) if isinstance(n, ast.Attribute)}
            assert named & judging, f"{test.name} asserts nothing"


def test_the_tests_are_flat_and_no_package() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))
    assert not [
        path for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name[0] != "_"
    ]


def test_every_package_of_the_rooms_is_shipped_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    shipped = project["tool"]["setuptools"]["packages"]["find"]["include"]
    rooms = [room for room in ROOMS if room != "bench"]
    assert sorted(shipped) == sorted([*rooms, *(f"{room}.*" for room in rooms)])
    for room in rooms:
        for folder in {path.parent for path in (ROOT / room).rglob("*.py")}:
            assert (folder / "__init__.py").exists(), folder


def test_every_requirement_has_an_exact_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    wanted = project["dependencies"] + sum(project["optional-dependencies"].values(), [])
    for requirement in wanted:
        assert re.split(r"[><=\[;]", requirement)[0].lower() in pinned, requirement


def test_every_target_of_the_makefile_has_its_line_of_help() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert phony is not None
    assert set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE)) == set(phony[1].split())
