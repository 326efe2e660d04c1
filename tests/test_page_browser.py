"""The page in a real browser: what a reader sees of a quote or an article, and can take away."""

import csv
import io
import json
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from model.scorer import ToneScorer
from service.app import create_app
from service.settings import Settings
from tests.page_visit import ARTICLE, PATIENCE, PATIENT, Visit, launched, serving, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUOTE = "We deeply regret this shameless slander."


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(scorer: ToneScorer, browser: "Browser") -> Iterator[str]:
    with serving(create_app(Settings.load(**PATIENT), scorer)) as address:
        yield address


@pytest.fixture
def visit(browser: "Browser", address: str) -> Iterator[Visit]:
    allowed = ["clipboard-read", "clipboard-write"]
    with visiting(browser, address, permissions=allowed) as visit:
        yield visit


def answer(address: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask the service as a program would."""
    answer: dict[str, Any] = httpx2.post(f"{address}/v1/{path}", json=body, timeout=PATIENCE).json()
    return answer


def test_a_quote_shows_its_scores_its_words_and_its_place_on_the_map(visit: Visit) -> None:
    visit.score(QUOTE)
    expected = answer(visit.address, "score", {"quote": QUOTE, "explain": True})
    panel = visit.page.inner_text("#detail")
    for scale in ("hostility", "formality"):
        tone = expected[scale]
        said = (
            f"{scale} {tone['score']:.2f} {tone['level']} ({tone['low']:.2f} to {tone['high']:.2f})"
        )
        assert said in panel
    top = max(expected["highlights"], key=lambda word: word["hostility"])
    assert QUOTE[top["start"] : top["end"]] in panel
    assert visit.page.locator("#plane .mark").count() == 1
    assert visit.page.locator("#exchange, #speakers").count() == 0
    assert visit.page.evaluate("document.activeElement.tagName") == "H2"
    assert visit.posted == ["/v1/score"]
    visit.all_well()


def test_an_article_shows_who_said_what_how_and_in_what_order(visit: Visit) -> None:
    visit.score(ARTICLE)
    expected = answer(visit.address, "articles", {"text": ARTICLE, "explain": True})
    scored = [quote for quote in expected["quotes"] if quote["hostility"]]
    assert len(scored) == 3
    page = visit.page
    assert page.inner_text("#results h2") == "3 quotes by 2 speakers, 1 more not scored"
    badges = page.locator("button.badge").all_inner_texts()
    for badge, quote in zip(badges, scored, strict=True):
        for scale in ("hostility", "formality"):
            assert f"{quote[scale]['score']:.2f}"[1:] in badge
    shown = page.locator(".article > p").all_text_contents()
    assert shown[0] == "Ministers trade barbs"
    lit = [page.locator(f".article .quoted[data-quote='{i}']") for i in range(3)]
    assert ["".join(parts.all_text_contents()) for parts in lit] == [q["text"] for q in scored]
    assert page.text_content(".badge.silent") == "4: not scored"
    assert page.inner_text(".mentioned") == "peace pact"
    assert page.locator("#plane .mark").count() == page.locator("#exchange .pair").count() == 3
    assert (
        page.locator("#exchange .lane").count() == page.locator("#speakers tbody tr").count() == 2
    )
    assert page.locator("#exchange .arrow").count() == 1
    page.click("#exchange summary")
    assert "Anton Keller: quote 3, answers Ida Solberg (by a word of replying)" in page.inner_text(
        "#exchange ol"
    )
    page.click("#quotes summary")
    assert page.locator("#quotes tbody tr").count() == 4
    assert visit.posted == ["/v1/articles"]
    visit.all_well()


def test_a_text_wrapped_by_hand_is_shown_in_its_paragraphs(visit: Visit) -> None:
    text = textwrap.fill(ARTICLE.split("\n\n")[1] + " The talks of the two will go on. " * 12, 80)
    visit.score(f"Ministers trade barbs\n\n{text}\n\nNobody else would say a word of it.")
    assert visit.page.locator(".article > p").count() == 3
    assert "\n" not in (visit.page.locator(".article > p").nth(1).text_content() or "\n")
    visit.score(ARTICLE.replace("\n\n", "\n"))
    assert visit.page.locator(".article > p").count() == 3
    visit.all_well()


def test_pointing_at_a_quote_lights_it_everywhere_and_shows_the_words_that_drive_it(
    visit: Visit,
) -> None:
    visit.score(ARTICLE)
    page = visit.page
    for index, point in (
        (1, ".article .quoted$"),
        (2, "#plane .mark$ path"),
        (0, "#exchange .pair$"),
    ):
        page.locator(point.replace("$", f"[data-quote='{index}']")).first.hover()
        lit = page.evaluate("[...document.querySelectorAll('.lit')].map(e => e.dataset.quote)")
        assert set(lit) == {str(index)}
        assert page.inner_text("#detail h3").startswith(f"{index + 1}. ")
        assert "raised by" in page.inner_text("#detail") or "lowered by" in page.inner_text(
            "#detail"
        )
    bars = (
        "[...document.querySelectorAll('.lit.quoted')]"
        ".map(e => parseFloat(getComputedStyle(e).borderTopWidth))"
    )
    assert max(page.evaluate(bars)) > 0
    visit.all_well()


def test_without_colour_line_and_number_tell_the_tones_apart(visit: Visit) -> None:
    visit.score(ARTICLE)
    looks = (
        "[...document.querySelectorAll('.article .quoted')].map(e => [e.dataset.quote, "
        "parseFloat(getComputedStyle(e).textDecorationThickness), "
        "getComputedStyle(e).textDecorationStyle])"
    )
    found = {int(index): (thick, line) for index, thick, line in visit.page.evaluate(looks)}
    quotes = answer(visit.address, "articles", {"text": ARTICLE})["quotes"]
    order = sorted(found, key=lambda index: quotes[index]["hostility"]["score"])
    thickness = [found[index][0] for index in order]
    assert thickness == sorted(thickness)
    assert thickness[0] > 0
    assert {line for _, line in found.values()} <= {"wavy", "dotted", "dashed", "solid", "double"}
    visit.page.check("input[name=scale][value=formality]")
    assert {i: (t, line) for i, t, line in visit.page.evaluate(looks)} == {
        str(i): look for i, look in found.items()
    }


@pytest.mark.parametrize(
    ("text", "reading", "path"),
    [
        (QUOTE, "auto", "/v1/score"),
        (QUOTE, "article", "/v1/articles"),
        (ARTICLE, "auto", "/v1/articles"),
        (ARTICLE, "quote", "/v1/score"),
        ("“We deeply regret this.”", "auto", "/v1/score"),
        ("Mr Low: We protest.\nMs Hay: So do we.", "auto", "/v1/articles"),
        ('He said "no".', "auto", "/v1/articles"),
    ],
)
def test_the_text_decides_how_it_is_read_and_the_reader_may_overrule_it(
    visit: Visit, text: str, reading: str, path: str
) -> None:
    visit.score(text, reading, explain=False)
    noun = "one quote" if path == "/v1/score" else "an article"
    assert visit.page.inner_text("#reading").startswith(f"Will be read as {noun}: ")
    assert visit.posted == [path]


def test_markup_in_a_text_stays_text_and_offsets_count_whole_characters(visit: Visit) -> None:
    words = "<img src=x onerror=alert(1)> 😀 shameless</p><script>alert(2)</script>"
    visit.score(f"😀😀 “{words}” said Ida <b>Solberg</b>.", "article")
    assert visit.page.locator("#results :is(img, script, .article b > b)").count() == 0
    assert "".join(visit.page.locator(".article .quoted").all_text_contents()) == words
    visit.all_well()


def test_copies_are_the_services_answer_and_a_row_for_each_quote(visit: Visit) -> None:
    text = ARTICLE + "\n“=1+1, a formula,” said Ida Solberg.\n"
    visit.score(text)
    expected = answer(visit.address, "articles", {"text": text, "explain": True})
    said = visit.page.locator(".tools [role=status]")
    for button in ("Copy JSON", "Copy CSV"):
        visit.page.get_by_role("button", name=button).click()
        said.get_by_text("Copied.").wait_for()
        copied = visit.page.evaluate("navigator.clipboard.readText()")
        if button == "Copy JSON":
            assert json.loads(copied) == expected
    rows = list(csv.DictReader(io.StringIO(copied)))
    assert [row["kind"] for row in rows] == [quote["kind"] for quote in expected["quotes"]]
    for row, quote in zip(rows, expected["quotes"], strict=True):
        assert row["text"].removeprefix("'") == quote["text"]
        score = quote["hostility"] and quote["hostility"]["score"]
        assert (float(row["hostility"]) if row["hostility"] else None) == score
        assert row["text"][0] not in "=+-@"
    visit.all_well()


def test_a_link_holds_the_text_in_its_fragment_and_nothing_is_sent_until_it_is_scored(
    browser: "Browser", visit: Visit
) -> None:
    page = visit.page
    page.fill("#text", ARTICLE)
    page.get_by_role("button", name="Copy a link").click()
    page.get_by_text("Link copied.").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{visit.address}/#a=")
    assert visit.posted == []
    with visiting(browser, visit.address) as other:
        other.page.goto("about:blank")
        other.asked.clear()
        other.page.goto(link)
        other.page.get_by_text("The text came with the link.").wait_for()
        assert other.page.input_value("#text") == ARTICLE
        assert other.page.is_checked("input[name=reading][value=article]")
        assert other.posted == []
        assert "Solberg" not in json.dumps(other.asked)
        assert other.page.evaluate(
            "[localStorage.length, sessionStorage.length, document.cookie]"
        ) == [0, 0, ""]
        other.page.goto(f"{visit.address}/#q=AAAA")
        other.page.get_by_text("The text in this link is damaged").wait_for()
        other.all_well()
