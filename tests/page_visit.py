"""For the tests of the page in a browser: serves the app, opens the page, notes what goes wrong."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from fastapi import FastAPI

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
NO_BROWSER = "no Chromium or Chrome on the path"
PATIENCE = 60.0  # seconds; only a failing test waits so long
PATIENT = {"deadline_seconds": PATIENCE, "receive_seconds": PATIENCE}
"""Settings for a machine that has much else to do."""
SCORED = "#results h2"
ARTICLE = (
    "Ministers trade barbs\n\n“This is a shameless insult to our nation,” Foreign Minister Ida "
    "Solberg told reporters. “They will pay a price.”\n\n“We deeply regret the minister's tone,” "
    "replied Deputy Premier Anton Keller, who called the so-called “peace pact” a dead letter.\n"
)
"""Three quotes by two speakers, and one mention."""


@contextmanager
def launched() -> "Iterator[Browser]":
    """Start a headless Chromium; skip where there is none, or no package to drive it."""
    if BROWSER is None:
        pytest.skip(NO_BROWSER)
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER)
        yield browser
        browser.close()


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an app on a free port of this machine; gives its address."""
    config = uvicorn.Config(app, port=0, log_config=None, ws="none", http="h11")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="page server")
    thread.start()
    try:
        end = time.monotonic() + PATIENCE
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < end
            time.sleep(0.02)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


class Visit:
    """One visitor's page.

    Attributes:
        page: Playwright's.
        address: of the service.
        asked: method, address and body of every request that the page made.
        complaints: what the browser's console said, and errors that no script caught.
    """

    def __init__(self, page: "Page", address: str) -> None:
        self.page = page
        self.address = address
        self.asked: list[tuple[str, str, str | None]] = []
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE * 1000)
        page.on("request", lambda r: self.asked.append((r.method, r.url, r.post_data)))
        page.on("console", lambda m: self.complaints.append(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda e: self.complaints.append(str(e)))

    @property
    def posted(self) -> list[str]:
        """Paths of what was sent to be scored."""
        return [url.removeprefix(self.address) for how, url, _ in self.asked if how == "POST"]

    def score(self, text: str, reading: str = "auto", explain: bool = True) -> None:
        """Fill in the form, press Score, and wait for scores or a problem."""
        self.page.fill("#text", text)
        self.page.check(f"input[name=reading][value={reading}]")
        self.page.set_checked("#explain", explain)
        self.page.click("#send")
        self.settled()

    def settled(self) -> None:
        """Wait for scores or a problem."""
        self.page.wait_for_selector(f"{SCORED}, #problem:not(:empty)")
        self.page.wait_for_selector("#send:not([aria-disabled])")

    def problem(self) -> str:
        """Return what the page says went wrong."""
        return self.page.inner_text("#problem")

    def all_well(self, refusals: int = 0) -> None:
        """Check that nothing was asked of another host, and that the console stayed silent.

        Args:
            refusals: answers that were errors, or never came; the browser notes each of them.
        """
        own = (f"{self.address}/", "blob:")
        assert [url for _, url, _ in self.asked if not url.startswith(own)] == []
        noted = [said for said in self.complaints if "Failed to load resource" in said]
        assert len(noted) == refusals
        assert self.complaints == noted


@contextmanager
def visiting(browser: "Browser", address: str, **context: Any) -> Iterator[Visit]:  # noqa: ANN401
    """Open the page in a context of its own, with a browser that is small, dark, or else."""
    with browser.new_context(**context) as own:
        visit = Visit(own.new_page(), address)
        visit.page.goto(f"{address}/")
        yield visit
