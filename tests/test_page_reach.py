"""The page in a real browser, for everybody: by keyboard, at 320 pixels, in the dark, by axe."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from model.scorer import ToneScorer
from service.app import create_app
from service.settings import Settings
from tests.page_visit import ARTICLE, PATIENT, SCORED, Visit, launched, serving, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUOTE = "We deeply regret this shameless slander."
SERIOUS = ("serious", "critical")
LOUDLY = "“" + "Shame" * 60 + "!” said Ida Solberg. "


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(scorer: ToneScorer, browser: "Browser") -> Iterator[str]:
    with serving(create_app(Settings.load(**PATIENT), scorer)) as address:
        yield address


def focused(visit: Visit) -> str:
    """Return what the focus is on, as a listener is told, and check that it shows."""
    found: dict[str, Any] = visit.page.evaluate(
        "(() => { const e = document.activeElement, s = getComputedStyle(e); return {"
        "name: e.id || e.value || e.textContent, shows: e.matches(':focus-visible') && "
        "s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0}; })()"
    )
    assert found["shows"], found
    name: str = found["name"]
    return name


def tab_to(visit: Visit, wanted: str) -> None:
    """Press Tab until the focus is on something whose id or text begins with the words."""
    for _ in range(40):
        visit.page.keyboard.press("Tab")
        if focused(visit).startswith(wanted):
            return
    pytest.fail(f"Tab never came to {wanted!r}")


def test_everything_can_be_done_by_keyboard_alone(browser: "Browser", address: str) -> None:
    with visiting(browser, address, permissions=["clipboard-read", "clipboard-write"]) as visit:
        press = visit.page.keyboard.press
        tab_to(visit, "text")
        visit.page.keyboard.insert_text(ARTICLE)
        tab_to(visit, "auto")
        press("ArrowRight")
        assert focused(visit) == "quote"
        press("ArrowRight")
        tab_to(visit, "explain")
        tab_to(visit, "send")
        press("Enter")
        visit.settled()
        assert visit.posted == ["/v1/articles"]
        assert visit.page.evaluate("document.activeElement.tagName") == "H2"
        tab_to(visit, "hostility")
        press("ArrowRight")
        assert visit.page.get_attribute("#results > div", "data-scale") == "formality"
        tab_to(visit, "Copy CSV")
        press("Enter")
        visit.page.get_by_text("Copied.").wait_for()
        tab_to(visit, "2")
        assert visit.page.inner_text("#detail h3") == "2. Ida Solberg"
        assert set(
            visit.page.locator(".lit").evaluate_all("all => all.map(e => e.dataset.quote)")
        ) == {"1"}
        tab_to(visit, "Who answers whom")
        press("Enter")
        assert visit.page.is_visible("#exchange ol")
        visit.page.focus("#text")
        with visit.page.expect_response("**/v1/articles"):
            press("Control+Enter")
        visit.settled()
        visit.all_well()


def test_a_listener_hears_who_says_what_and_how(browser: "Browser", address: str) -> None:
    with visiting(browser, address) as visit:
        visit.score(ARTICLE)
        page = visit.page
        first = page.get_by_role("button", name="1 quote, Ida Solberg: hostility ").first
        assert "; formality " in first.inner_text()
        for picture in ("Map of 3 quotes", "Timeline of 3 quotes by 2 speakers"):
            assert page.get_by_role("img", name=picture).count() == 1
        assert (
            page.get_by_role("table", name="Each speaker's quotes").get_by_role("rowheader").count()
            == 2
        )
        headings = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(e => +e.tagName[1])")
        assert headings[0] == 1
        assert all(
            after - before <= 1 for before, after in zip(headings, headings[1:], strict=False)
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_serious(
    browser: "Browser", address: str, scheme: str, width: int
) -> None:
    package: Any = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe")
    axe = package.Axe()
    look = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with visiting(browser, address, **look) as visit:
        states: dict[str, Callable[[], object]] = {
            "form": lambda: visit.page.fill("#text", ARTICLE),
            "article": lambda: visit.score(ARTICLE + LOUDLY + "“No.”"),
            "opened": lambda: visit.page.locator("summary").evaluate_all(
                "all => all.map(e => e.click())"
            ),
            "formality": lambda: visit.page.check("input[name=scale][value=formality]"),
            "quote": lambda: visit.score(QUOTE),
            "problem": lambda: visit.score("x" * 20_000, "quote"),
        }
        for state, reach in states.items():
            reach()
            found = axe.run(visit.page).response["violations"]
            serious = [
                (rule["id"], node["html"], node["failureSummary"])
                for rule in found
                if rule["impact"] in SERIOUS
                for node in rule["nodes"]
            ]
            assert serious == [], state
            assert visit.problem() == "" or state == "problem"
        visit.all_well(refusals=1)


@pytest.mark.parametrize("text", [ARTICLE, QUOTE, LOUDLY * 12, "x" * 20_000])
def test_at_320_pixels_nothing_scrolls_sideways(
    browser: "Browser", address: str, text: str
) -> None:
    with visiting(browser, address, viewport={"width": 320, "height": 600}) as visit:
        sideways = "document.documentElement.scrollWidth - innerWidth"
        assert visit.page.evaluate(sideways) <= 0
        visit.score(text, explain=False)
        visit.page.locator("summary").evaluate_all("all => all.map(e => e.click())")
        assert visit.page.evaluate(sideways) <= 0
        if badges := visit.page.locator("button.badge").all():
            badges[-1].click()
            panel = visit.page.locator("#detail").bounding_box()
            assert panel and panel["x"] + panel["width"] <= 320
        visit.page.set_viewport_size({"width": 1280, "height": 800})
        if visit.page.locator("#detail").count():
            visit.page.wait_for_selector(".reading > #detail")
        assert visit.page.evaluate(sideways) <= 0
        visit.all_well(refusals=int(visit.page.locator(SCORED).count() == 0))


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_who_wants_no_motion_gets_none(
    browser: "Browser", address: str, motion: str, moves: bool
) -> None:
    with visiting(browser, address, reduced_motion=motion) as visit:
        visit.score(QUOTE, explain=False)
        lengths = visit.page.locator("*").evaluate_all(
            "all => all.flatMap(e => [getComputedStyle(e).transitionDuration, "
            "getComputedStyle(e).animationDuration]).map(parseFloat)"
        )
        assert (max(lengths) > 0) is moves
