"""The settings, their table in docs/settings.md, and the examples in it."""

import os
import re
import types
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic.fields import FieldInfo

from service.errors import SettingsError
from service.settings import PREFIX, Settings

PAGE = (Path(__file__).parent.parent / "docs" / "settings.md").read_text("utf-8")
FIELDS = Settings.model_fields


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def written(value: object) -> str:
    """A value as it stands in a variable."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def bounds(field: FieldInfo) -> str:
    low, high = "", ""
    for bound in field.metadata:
        for name, word in (("ge", "{:,} or more"), ("gt", "over {:,}")):
            if (least := getattr(bound, name, None)) is not None:
                low = word.format(least)
        if (most := getattr(bound, "le", None)) is not None:
            high = f"{most:,}"
    if low and high:
        return low.replace(" or more", f" to {high}") if "more" in low else f"{low}, up to {high}"
    return low or high


def allowed(field: FieldInfo) -> str:
    """Say what a setting may be, from its type and its bounds."""
    kind: Any = field.annotation
    if isinstance(kind, types.UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
    if get_origin(kind) is Literal:
        return ", ".join(get_args(kind))
    if get_origin(kind) is tuple:
        return "values with commas between them"
    names = {
        bool: "true, false",
        Path: "a path",
        str: "text",
        int: "a whole number",
        float: "a number",
    }
    return ", ".join(part for part in (names[kind], bounds(field)) if part)


def row(name: str, field: FieldInfo) -> str:
    variable = f"`{PREFIX}{name.upper()}`"
    default = "" if field.default in (None, ()) else f"`{written(field.default)}`"
    (example,) = field.examples or [None]
    meaning = str(field.description).replace("|", "\\|")
    return f"| {variable} | {default} | {allowed(field)} | {meaning} | `{written(example)}` |"


def test_the_table_is_that_of_the_code() -> None:
    table = "\n".join(
        [
            "| variable | default | allowed | meaning | example |",
            "| --- | --- | --- | --- | --- |",
            *(row(name, field) for name, field in FIELDS.items()),
        ]
    )
    found = re.search(r"^\| variable .*?(?=\n\n)", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    assert found[0] == table, f"put this into docs/settings.md:\n{table}"


def test_no_other_setting_is_named() -> None:
    named = set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", PAGE))
    assert named == {PREFIX + name.upper() for name in FIELDS}


@pytest.mark.parametrize("name", FIELDS)
def test_every_example_can_be_used_and_is_not_the_default(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = FIELDS[name].examples or [None]
    monkeypatch.setenv(PREFIX + name.upper(), written(example))
    assert getattr(Settings.load(), name) != FIELDS[name].default


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("cors_origins", "*", ("*",)),
        (
            "cors_origins",
            " https://a.example ,http://127.0.0.1:3000,",
            ("https://a.example", "http://127.0.0.1:3000"),
        ),
        ("trusted_proxies", "10.0.0.0/8, ::1", ("10.0.0.0/8", "::1")),
        ("trusted_proxies", "", ()),
        ("rate_limit", "1", 1),
        ("api_keys_everywhere", "true", True),
    ],
)
def test_lists_are_split_at_commas(
    name: str, value: str, wanted: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + name.upper(), value)
    assert getattr(Settings.load(), name) == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cors_origins", "desk.example.com"),
        ("cors_origins", "https://desk.example.com/"),
        ("cors_origins", "https://a.example https://b.example"),
        ("cors_origins", "https://*.example.org"),
        ("trusted_proxies", "proxy"),
        ("trusted_proxies", "10.0.0.1/8"),
        ("trusted_proxies", "*"),
        ("rate_limit", "0"),
        ("receive_seconds", "0"),
        ("receive_seconds", "inf"),
        ("api_keys_everywhere", "perhaps"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name_and_not_repeated(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = PREFIX + name.upper()
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=f"^{variable} cannot be used: ") as refused:
        Settings.load()
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert len(value) < 6 or value not in sentence
