"""The files of behaviour cases: how they are read, and how a malformed one is refused."""

from pathlib import Path

import pytest

from data.errors import DataError
from training.behaviour import read_cases


def write(folder: Path, text: str, name: str = "cases.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def one_group(kind: str, case: str) -> str:
    return f'[group]\nabout = "a"\n{kind} = [\n{{ text = "x", scale = "hostility", {case} }} ]\n'


def stated(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_cases(path)
    return str(caught.value)


def test_passages_are_put_for_their_names(tmp_path: Path) -> None:
    passages = '[group.passages]\nfirst = "One."\nlast = "Two."\n'
    text = one_group("invariance", 'variants = ["{last} {first}"]').replace('"x"', '"{first}"')
    (case,) = read_cases(write(tmp_path, text + passages))
    assert case.texts == ("One.", "Two. One.")


def test_braces_mean_nothing_where_there_are_no_passages(tmp_path: Path) -> None:
    text = one_group("minimum", "low = 0, high = 0.5").replace('"x"', '"{x}"')
    (case,) = read_cases(write(tmp_path, text))
    assert case.texts == ("{x}",)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[group", "not TOML in UTF-8"),
        ("", "holds no behaviour cases"),
        ("group = 1", "field group: "),
        ('[group]\nabout = "a"', "field group: the group has no cases"),
        ("[group]\nminimum = []", "field group.about: "),
        ('[group]\nabout = "a"\nmaximum = []', "field group.maximum: "),
        ('[group]\nabout = "a"\npair = 3', "field group.pair: "),
        ('[group]\nabout = "a"\npair = [3]', "field group.pair.1: "),
        ('[group]\nabout = "a"\npassages = 3', "field group.passages: "),
        (one_group("minimum", "low = 0.6, high = 0.4"), "field group.minimum.1: "),
        (one_group("minimum", "low = 0.0, high = 1.0"), "field group.minimum.1: "),
        (one_group("minimum", "low = 0.5, high = 1.5"), "field group.minimum.1.high: "),
        (one_group("minimum", "low = 0.5"), "field group.minimum.1.high: "),
        (one_group("minimum", 'low = 0.5, high = 1, mood = "m"'), "field group.minimum.1.mood: "),
        (one_group("minimum", 'low = 0.5, high = 1, group = "g"'), "field group.minimum.1: "),
        (one_group("pair", 'more = "y"'), "field group.pair.1.less: "),
        (one_group("invariance", "variants = []"), "field group.invariance.1.variants: "),
        (one_group("invariance", 'variants = ["y", " "]'), "field group.invariance.1.variants.2: "),
        (
            one_group("invariance", 'variants = ["{y}"], tolerance = 0.1')
            + '[group.passages]\nz = "z"',
            "field group.invariance.1: ",
        ),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    path = write(tmp_path, text)
    assert str(path) in stated(path)
    assert place in stated(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert "missing.toml: cannot be read" in stated(tmp_path / "missing.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    assert "bytes.toml: not TOML in UTF-8" in stated(tmp_path / "bytes.toml")


def test_a_folder_is_read_file_by_file_and_no_group_stands_in_two(tmp_path: Path) -> None:
    case = one_group("minimum", "low = 0.1, high = 0.2")
    write(tmp_path, case.replace("group", "later"), "b.toml")
    write(tmp_path, case, "a.toml")
    assert [case.group for case in read_cases(tmp_path)] == ["group", "later"]
    write(tmp_path, case, "c.toml")
    assert "c.toml, field group: another file has this group already" in stated(tmp_path)
