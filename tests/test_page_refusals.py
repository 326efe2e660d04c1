"""The page in a real browser when the service says no, or wait, asks for a key, or is gone."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from model.artifact import Artifact
from model.scorer import ToneScorer
from model.scores import ToneScore
from service.app import create_app
from service.keys import make_key
from service.settings import Settings
from tests.page_visit import PATIENCE, PATIENT, Visit, launched, serving, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUOTE = "We deeply regret this shameless slander."


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with launched() as browser:
        yield browser


@pytest.fixture
def visit(browser: "Browser", scorer: ToneScorer) -> Iterator[Visit]:
    settings = Settings.load(max_characters=500, max_article_characters=1000, **PATIENT)
    with (
        serving(create_app(settings, scorer)) as address,
        visiting(browser, address) as visit,
    ):
        yield visit


@pytest.mark.parametrize(
    ("text", "reading", "sentence"),
    [
        ("x" * 501, "quote", "The quote has 501 characters and the limit is 500"),
        ("x" * 1001, "article", "The article has 1,001 characters and the limit is 1,000"),
        ("\x07\x08", "article", "The article is blank; send its text."),
    ],
)
def test_an_error_is_told_in_the_services_own_sentence(
    visit: Visit, text: str, reading: str, sentence: str
) -> None:
    visit.score(QUOTE)
    visit.score(text, reading)
    assert visit.problem().startswith(sentence)
    assert visit.page.locator("#results *").count() == 0  # old scores would pass for the new text's
    assert visit.page.input_value("#text") == text
    visit.score(QUOTE)
    assert visit.problem() == ""
    visit.all_well(refusals=1)


def test_without_a_text_nothing_is_sent(visit: Visit) -> None:
    visit.page.fill("#text", " \n ")
    visit.page.click("#send")
    visit.page.get_by_text("There is no text yet").wait_for()
    assert visit.page.evaluate("document.activeElement.id") == "text"
    assert visit.posted == []
    visit.all_well()


def test_warnings_are_told_with_the_quotes_they_are_about(visit: Visit) -> None:
    visit.score("Ida Solberg said “No.” Anton Keller said “Never.”", "article")
    told = visit.page.inner_text("[aria-label=Warnings]")
    assert "One or two words carry little tone; see the interval. (quotes 1, 2)" in told
    assert "One or two words" in visit.page.inner_text("#detail")
    visit.all_well()


def test_an_article_without_quotes_is_told_so(visit: Visit) -> None:
    visit.score("Nothing was said in Varnholm today.", "article")
    assert visit.page.inner_text("#results h2") == "0 quotes"
    assert "No quotation marks" in visit.page.inner_text("#results")
    visit.all_well()


class _Held:
    """A scorer that scores nothing before it is let go."""

    def __init__(self, scorer: ToneScorer) -> None:
        self._scorer = scorer
        self.busy = threading.Event()
        self.go = threading.Event()

    @property
    def artifact(self) -> Artifact:
        return self._scorer.artifact

    def score(
        self, quotes: Sequence[str], *, sentences: bool = False, explain: bool = False
    ) -> list[ToneScore]:
        self.busy.set()
        assert self.go.wait(PATIENCE)
        return self._scorer.score(quotes, sentences=sentences, explain=explain)

    def close(self) -> None:
        """It is the fixture's to close."""


def test_a_full_queue_tells_how_long_to_wait_and_keeps_the_text(
    browser: "Browser", scorer: ToneScorer
) -> None:
    held = _Held(scorer)
    app = create_app(Settings.load(queue_items=1, **PATIENT), held)
    with serving(app) as address, ThreadPoolExecutor() as pool:
        posts = []
        try:
            for _ in range(2):  # one is being scored, one waits
                body = {"quote": QUOTE}
                posts.append(
                    pool.submit(httpx2.post, f"{address}/v1/score", json=body, timeout=PATIENCE)
                )
                assert held.busy.wait(PATIENCE)
            while app.state.service.gate.waiting == 0:
                held.go.wait(0.02)
            with visiting(browser, address) as visit:
                visit.score(QUOTE)
                assert "1 texts wait already and the limit is 1; try again in" in visit.problem()
                assert "s to go" in visit.page.inner_text("#wait")
                visit.page.get_by_text("The wait is over; press Score again.").wait_for()
                held.go.set()
                visit.page.click("#send")
                visit.page.wait_for_selector("#results h2")
                assert visit.problem() == ""
                visit.all_well(refusals=1)
        finally:
            held.go.set()
        assert [post.result().status_code for post in posts] == [200, 200]


def test_a_key_is_asked_for_only_where_the_service_wants_one(
    browser: "Browser", scorer: ToneScorer, tmp_path: Path
) -> None:
    key = make_key("desk")
    file = tmp_path / "api-keys"
    file.write_text(key.line, encoding="utf-8")
    app = create_app(Settings.load(api_keys_file=file, **PATIENT), scorer)
    with serving(app) as address, visiting(browser, address) as visit:
        assert visit.page.is_hidden("#key")
        visit.score(QUOTE)
        assert visit.problem().startswith("This address needs an API key")
        assert visit.page.evaluate("document.activeElement.id") == "key"
        for typed in ("wrong", "schlüssel"):
            visit.page.fill("#key", typed)
            visit.score(QUOTE)
            assert "API key" in visit.problem()
        visit.page.fill("#key", f" {key.key} ")
        visit.score(QUOTE)
        assert visit.problem() == ""
        assert visit.page.get_attribute("#key", "type") == "password"
        visit.all_well(refusals=2)


def test_a_network_that_is_gone_is_told_and_the_text_stays(visit: Visit) -> None:
    visit.page.context.set_offline(True)
    visit.score(QUOTE)
    assert visit.problem().startswith("The service cannot be reached. Your text is still here")
    assert visit.page.input_value("#text") == QUOTE
    visit.page.context.set_offline(False)
    visit.score(QUOTE)
    assert visit.page.inner_text("#results h2") == "One quote"
    visit.all_well(refusals=1)


def test_an_answer_that_is_no_json_is_told_by_its_status(visit: Visit) -> None:
    page = visit.page
    page.route("**/v1/score", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))
    visit.score(QUOTE)
    assert "answered 502 and no reason" in visit.problem()
    visit.all_well(refusals=1)
