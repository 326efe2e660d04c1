"""The page without a browser: its files, their types and headers, and what they may refer to."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from model.levels import LEVELS
from model.scorer import ToneScorer
from service.access import needs_key
from service.app import create_app
from service.pages import WEB
from service.settings import Settings

FOLDER = Path(str(files("service").joinpath("web")))
SVG = "http://www.w3.org/2000/svg"  # a name, not an address that anything is fetched from
LONGEST = 250


@pytest.fixture(scope="module")
def client(scorer: ToneScorer) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), scorer)) as client:
        yield client


class _Elements(HTMLParser):
    """Collects the elements of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def values(self, *names: str) -> set[str]:
        return {row[name] or "" for _, row in self.found for name in names if name in row}


@pytest.fixture(scope="module")
def page(client: TestClient) -> _Elements:
    return _Elements(client.get("/").text)


def test_the_list_of_files_is_the_folder() -> None:
    assert {"index.html", *WEB} == {path.name for path in FOLDER.iterdir()}


@pytest.mark.parametrize("name", WEB)
def test_a_file_is_served_with_its_type_and_asked_for_anew_each_time(
    client: TestClient, name: str
) -> None:
    kinds = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
    response = client.get(f"/web/{name}")
    assert response.status_code == 200
    assert response.content == (FOLDER / name).read_bytes()
    assert response.headers["Content-Type"].partition(";")[0] == kinds[name.rpartition(".")[2]]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-cache"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/web/page.js"])
@pytest.mark.parametrize("held", ["{tag}", "W/{tag}", '"other", {tag}'])
def test_who_has_a_file_is_told_so(client: TestClient, path: str, held: str) -> None:
    first = client.get(path)
    tag = first.headers["ETag"]
    again = client.get(path, headers={"If-None-Match": held.format(tag=tag)})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content
    head = client.head(path)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", tag)


@pytest.mark.parametrize(
    "name",
    ["", "nothing.js", "index.html", "PAGE.JS", "page.js/", "../pages.py", "..%2Fpages.py"]
    + ["%2e%2e/pages.py", "..%5cpages.py", "page.js%00", "/etc/passwd", "__init__.py"],
)
def test_no_other_file_can_be_had(client: TestClient, name: str) -> None:
    response = client.get(f"/web/{name}")
    assert response.status_code == 404
    assert response.json()["error"]["code"]


def test_the_policy_lets_only_files_of_ours_run(client: TestClient, page: _Elements) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["frame-ancestors"] == rules["trusted-types"] == "'none'"
    for kind in ("script-src", "style-src", "img-src", "connect-src"):
        assert rules[kind] == "'self'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert not [row for tag, row in page.found if tag == "script" and not row.get("src")]
    assert not [
        name for _, row in page.found for name in row if name == "style" or name[:2] == "on"
    ]
    assert "style" not in {tag for tag, _ in page.found}


def test_everything_that_the_page_refers_to_is_there_and_ours(
    client: TestClient, page: _Elements
) -> None:
    addresses = page.values("src", "href", "action")
    assert {"web/page.js", "web/style.css", "docs"} <= addresses
    for address in addresses:
        assert client.get(f"/{address}").status_code == 200
    for name in WEB:
        text = (FOLDER / name).read_text("utf-8").replace(SVG, "")
        assert not re.search(r"https?:|@import|[\"'(]\s*//", text), name
        imported = re.findall(r"^import .* from \"\./([\w.]+)\";$", text, re.MULTILINE)
        assert set(imported) <= set(WEB)
        assert text.count("import ") - text.count("@import") == len(imported) or name == "page.js"
    assert "//" not in (FOLDER / "index.html").read_text("utf-8")


@pytest.mark.parametrize("name", ["index.html", *WEB])
def test_a_file_is_small_and_writes_text_and_never_markup(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    assert text.count("\n") <= LONGEST
    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
    ):
        assert way not in text
    for keeper in ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "pushState"):
        assert keeper not in text


def test_every_field_has_a_label(page: _Elements) -> None:
    fields = {
        row["id"] for tag, row in page.found if tag in ("textarea", "input") and "name" not in row
    }
    labelled = {row["for"] for tag, row in page.found if tag == "label" and "for" in row}
    assert fields - labelled == {"explain"}  # which stands inside its label, as the radios do


def test_the_page_knows_the_levels_of_the_service() -> None:
    script = (FOLDER / "scales.js").read_text("utf-8")
    for scale, levels in LEVELS.items():
        table = re.search(rf"{scale}: \[(.*?)\n  \]", script, re.DOTALL)
        assert table
        found = re.findall(r'\["(\w+)", ([\d.]+)\]', table[1])
        assert [(name, float(start)) for name, start in found] == [
            (level.name, level.start) for level in levels
        ]
    lines = re.search(r"const LINES = \{(.*?)\};", script, re.DOTALL)
    assert lines
    assert re.findall(r"(\w+):", lines[1]) == [level.name for level in LEVELS["formality"]]


def test_without_documentation_the_page_has_no_link_to_it(scorer: ToneScorer) -> None:
    with TestClient(create_app(Settings(docs=False), scorer)) as client:
        assert "docs" not in _Elements(client.get("/").text).values("href")
        assert client.get("/web/page.js").status_code == 200


def test_the_page_works_below_a_root_path(scorer: ToneScorer) -> None:
    with TestClient(create_app(Settings(), scorer), root_path="/tone") as client:
        html = client.get("/tone/").text
        for address in _Elements(html).values("src", "href"):
            assert not address.startswith("/")
            assert client.get(f"/tone/{address}").status_code == 200
    assert 'new URL("../v1/", import.meta.url)' in (FOLDER / "service.js").read_text("utf-8")


@pytest.mark.parametrize("name", WEB)
def test_the_pages_files_need_a_key_just_where_the_page_does(name: str) -> None:
    for everywhere in (False, True):
        assert needs_key(f"/web/{name}", everywhere) is needs_key("/", everywhere)
