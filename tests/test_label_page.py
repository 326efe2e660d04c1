"""The page for raters in a real browser: by keyboard alone, after a reload, at 320 pixels."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from model.scorer import ToneScorer
from service.label.app import create_app
from service.label.desk import Desk
from service.label.quotes import doubtful_first
from service.label.ratings import Ratings, open_ratings
from tests.page_visit import Visit, launched, serving, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUOTES = ["We <b>regret</b> this shameless slander.", "lol, clowns", "The talks go on."]


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with launched() as browser:
        yield browser


@pytest.fixture
def ratings(tmp_path: Path) -> Iterator[Ratings]:
    with open_ratings(str(tmp_path / "feedback.db")) as ratings:
        yield ratings


@pytest.fixture
def address(scorer: ToneScorer, ratings: Ratings, browser: "Browser") -> Iterator[str]:
    items = doubtful_first(scorer, QUOTES, lambda *_: None)
    with serving(create_app(Desk(items, ratings, scorer.artifact, 2))) as address:
        yield address


def shown(visit: Visit) -> str:
    visit.page.wait_for_selector("#rating:not([hidden])")
    return visit.page.inner_text("#quote")


def press(visit: Visit, *keys: str) -> None:
    for key in keys:
        visit.page.keyboard.press(key)


def saved(visit: Visit, before: str) -> None:
    """Wait until the page shows something else, which it does only when the rating is saved."""
    visit.page.wait_for_function(
        "before => document.getElementById('rating').hidden"
        " || document.getElementById('quote').textContent !== before",
        arg=before,
    )


def test_a_rater_needs_no_mouse_and_a_reload_loses_nothing(
    browser: "Browser", address: str, ratings: Ratings
) -> None:
    with visiting(browser, address) as visit:
        visit.page.wait_for_selector("#rater:focus")
        visit.page.keyboard.type("ada")
        press(visit, "Enter")
        first = shown(visit)
        assert first in QUOTES
        assert visit.page.evaluate("document.activeElement.id") == "hostility"
        press(visit, "6", "ArrowRight", "Enter")  # formality is not set yet
        assert "Set formality first" in visit.page.inner_text("#message")
        assert visit.page.evaluate("document.activeElement.id") == "formality"
        press(visit, "4", "Enter")
        saved(visit, first)
        (rating,) = ratings.read()
        assert rating.degrees == {"hostility": 0.76, "formality": 0.5}
        second = shown(visit)
        press(visit, "7")
        visit.page.reload()
        assert shown(visit) == second
        assert visit.page.inner_text("output[for=hostility]") == "not rated yet"
        press(visit, "u")
        saved(visit, second)
        assert shown(visit) == first
        assert "0.76 hostile" in visit.page.inner_text("output[for=hostility]")
        assert list(ratings.read()) == []
        press(visit, "s")
        saved(visit, first)
        for _ in range(3):
            quote = shown(visit)
            press(visit, "1", "Tab", "1", "Enter")
            saved(visit, quote)
        assert "Nothing is left for you: 3 rated" in visit.page.inner_text("#done")
        visit.all_well()
    assert len(list(ratings.read())) == 3


def test_the_page_fits_320_pixels_and_axe_finds_nothing_serious(
    browser: "Browser", address: str
) -> None:
    package: Any = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe")
    axe = package.Axe()
    sideways = "document.documentElement.scrollWidth - innerWidth"
    with visiting(browser, address, viewport={"width": 320, "height": 600}) as visit:
        for step in ("who", "rating"):
            visit.page.wait_for_selector(f"#{step}:not([hidden])")
            assert visit.page.evaluate(sideways) <= 0
            found = axe.run(visit.page).response["violations"]
            assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
            visit.page.fill("#rater", "bo") if step == "who" else press(visit, "5")
            press(visit, "Enter")
        visit.all_well()
