"""The page for raters without a browser, on SQLite and PostgreSQL: turns, saving, secrets."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from data.feedback import read_feedback
from model.scorer import ToneScorer
from service.label.app import FILES, create_app
from service.label.codebook import ANCHORS
from service.label.desk import Desk
from service.label.quotes import doubtful_first
from service.label.ratings import Ratings, open_ratings
from tests.server_process import PATIENCE, ROOT

QUOTES = [f"Note {i} of the {word}." for i, word in enumerate(("envoys", "clowns", "hosts"))]
Page = Callable[..., TestClient]


@pytest.fixture
def ratings(database: str) -> Iterator[Ratings]:
    with open_ratings(database) as ratings:
        yield ratings


@pytest.fixture
def page(scorer: ToneScorer, ratings: Ratings) -> Page:
    """Open the page anew on the quotes, as after a restart of the command."""

    def opened(raters: int = 2) -> TestClient:
        items = doubtful_first(scorer, QUOTES, lambda *_: None)
        desk = Desk(items, ratings, scorer.artifact, raters)
        return TestClient(create_app(desk), base_url="http://127.0.0.1:8001")

    return opened


def ask(page: TestClient, path: str, rater: str = "ada", **what: Any) -> dict[str, Any]:  # noqa: ANN401
    answer = page.post(f"/label/{path}", json={"rater": rater, **what})
    assert answer.status_code == (201 if path == "rate" else 200), answer.text
    state: dict[str, Any] = answer.json()
    return state


def rate(page: TestClient, state: dict[str, Any], rater: str = "ada") -> dict[str, Any]:
    return ask(page, "rate", rater, key=state["quote"]["key"], hostility=0.31, formality=0.62)


def test_the_widest_intervals_come_first_and_equal_ones_in_their_order(scorer: ToneScorer) -> None:
    texts = [f"We {verb} it." for verb in ("regret", "deplore", "praise")] + [" regret ", "regret"]
    items = doubtful_first(scorer, texts, lambda *_: None)
    widths = {
        text: sum(d.high - d.low for d in (score.hostility, score.formality))
        for text, score in zip(texts, scorer.score(texts), strict=True)
    }
    expected = sorted(texts, key=lambda text: -round(widths[text], 4))
    assert [item.text for item in items] == expected
    assert [item.text for item in items if "it." not in item.text] == [" regret ", "regret"]


def test_raters_are_blind_to_each_other_and_to_the_model(page: Page) -> None:
    opened = page()
    first = ask(opened, "next")
    answers = [first, rate(opened, first), ask(opened, "next", "bo")]
    assert answers[2]["quote"] == first["quote"]
    for state in answers:
        assert set(state) == {"quote", "restored", "undoable", "progress"}
        assert set(state["quote"]) == {"key", "text"}
        assert state["restored"] is None
    assert "0.31" not in json.dumps(answers)


def test_a_rating_is_in_the_store_before_the_answer_and_is_what_training_reads(
    page: Page, database: str, scorer: ToneScorer, tmp_path: Path
) -> None:
    opened = page()
    state = ask(opened, "next")
    rate(opened, state)
    path = tmp_path / "export.jsonl"
    command = [sys.executable, "-m", "service", "feedback", "export", "--store", database]
    subprocess.run([*command, "-o", str(path)], cwd=ROOT, timeout=PATIENCE, check=True)
    (row,) = read_feedback(path)
    assert (row.rater, row.source, row.quote) == ("ada", "label", state["quote"]["text"])
    assert (row.hostility, row.formality) == (0.31, 0.62)
    assert row.quote_sha256 == state["quote"]["key"]
    (score,) = scorer.score([state["quote"]["text"]])
    assert row.scored
    assert (row.scored.hostility, row.scored.formality) == (
        score.hostility.score,
        score.formality.score,
    )
    assert (row.model or {})["sha256"] == scorer.artifact.sha256


def test_each_quote_goes_to_so_many_raters_and_then_to_no_more(page: Page) -> None:
    opened = page()
    for rater in ("ada", "bo"):
        state = ask(opened, "next", rater)
        for left in (3, 2, 1):
            assert state["progress"]["left"] == left
            state = rate(opened, state, rater)
        assert state["quote"] is None
    late = ask(opened, "next", "cy")
    assert late["quote"] is None
    assert late["progress"] == {"rated": 0, "left": 0, "skipped": 0, "complete": 3, "total": 3}


def test_a_restart_goes_on_where_everybody_was(page: Page) -> None:
    opened = page()
    after = rate(opened, ask(opened, "next"))
    after = ask(opened, "skip", key=after["quote"]["key"])
    again = page()
    assert ask(again, "next") == after
    assert after["progress"] == {"rated": 1, "left": 2, "skipped": 1, "complete": 0, "total": 3}
    assert ask(again, "next", "bo")["progress"]["left"] == 3


def test_saving_twice_saves_once(page: Page, ratings: Ratings) -> None:
    opened = page()
    state = ask(opened, "next")
    assert rate(opened, state) == rate(opened, state)
    assert len(list(ratings.read())) == 1


def test_what_was_skipped_comes_back_at_the_end_and_a_restart_knows_it(
    page: Page, ratings: Ratings
) -> None:
    opened = page()
    first = ask(opened, "next")
    second = ask(opened, "skip", key=first["quote"]["key"])
    assert second["quote"] != first["quote"]
    assert second["progress"]["skipped"] == 1
    third = rate(opened, second)
    assert ask(opened, "skip", key=third["quote"]["key"])["quote"] == first["quote"]
    opened = page()
    assert ask(opened, "skip", key=first["quote"]["key"])["quote"] == third["quote"]
    opened = page()
    assert rate(opened, ask(opened, "next"))["quote"] == first["quote"]
    assert rate(opened, first)["quote"] is None
    assert ask(opened, "next", "bo")["quote"] == first["quote"]
    assert ratings.skipped() == []


def test_undo_takes_the_last_rating_of_that_rater_out_of_the_store(
    page: Page, ratings: Ratings
) -> None:
    opened = page()
    first = ask(opened, "next")
    rate(opened, first, "bo")
    rate(opened, rate(opened, first))
    for left in (2, 1):
        state = ask(opened, "undo")
        assert state["restored"] == {"hostility": 0.31, "formality": 0.62}
        assert len(list(ratings.read())) == left
    assert state["quote"] == first["quote"]
    assert opened.post("/label/undo", json={"rater": "ada"}).status_code == 409
    assert [rating.rater for rating in ratings.read()] == ["bo"]
    rate(opened, state)
    assert len(list(ratings.read())) == 2


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("next", {"rater": "  "}, 422, "rater"),
        ("next", {"rater": "a" * 101}, 422, "rater"),
        ("rate", {"rater": "ada", "key": "f" * 64, "hostility": 0, "formality": 1}, 404, "key"),
        ("rate", {"rater": "ada", "key": "f" * 64, "hostility": 1.2, "formality": 1}, 422, None),
        ("rate", {"rater": "ada", "key": "f" * 64, "hostility": 0.5}, 422, "formality"),
        ("skip", {"rater": "ada", "key": "../.."}, 422, "key"),
    ],
)
def test_what_cannot_be_rated_is_one_sentence(
    page: Page, path: str, body: dict[str, Any], status: int, field: str | None
) -> None:
    answer = page().post(f"/label/{path}", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]["field"] == (field or "hostility")


def test_other_sites_cannot_reach_the_page(page: Page) -> None:
    opened = page()
    asked = {"rater": "ada"}
    stranger = opened.post("/label/next", json=asked, headers={"Host": "rates.example"})
    assert stranger.status_code == 400
    plain = opened.post(
        "/label/next", content=json.dumps(asked), headers={"Content-Type": "text/plain"}
    )
    assert plain.status_code == 415
    assert "access-control-allow-origin" not in plain.headers


def test_a_store_that_fails_moves_nothing_on(
    page: Page, ratings: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model.errors import ToneError

    opened = page()
    state = ask(opened, "next")

    def fail(*_: object) -> None:
        raise ToneError("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(ratings, "save", fail)
        broken.setattr(ratings, "skip", fail)
        body = {"rater": "ada", "key": state["quote"]["key"]}
        assert opened.post("/label/skip", json=body).status_code >= 500
        body |= {"hostility": 0.5, "formality": 0.5}
        assert opened.post("/label/rate", json=body).status_code >= 500
    assert ask(opened, "next") == state
    assert list(ratings.read()) == []


def test_the_page_and_its_files_come_from_here_alone(page: Page) -> None:
    opened = page()
    html = opened.get("/")
    assert "default-src 'none'" in html.headers["Content-Security-Policy"]
    for text in (html.text, *(opened.get(f"/files/{name}").text for name in FILES)):
        assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert opened.get("/files/desk.py").status_code == 404
    levels = opened.get("/label/start").json()["codebook"]["levels"]
    assert [level["name"] for scale in levels.values() for level in scale] == list(ANCHORS)
