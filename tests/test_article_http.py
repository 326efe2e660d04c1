"""POST /v1/articles: what is scored, for whom, with which offsets; same numbers as in Python."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from model.scorer import ToneScorer
from service.app import create_app
from service.press.answers import article_answer
from service.press.schemas import ArticleAnswer
from service.press.scoring import score_article
from service.schemas import ModelName
from service.settings import Settings

PATH = "/v1/articles"
ARTICLE = """\
“This was an act of piracy. Those who ordered it will answer,” Foreign Minister Ida Solberg told \
reporters. “We have run out of patience.”

Anton Keller, her counterpart, called the so-called “green line” a fiction. “My government deeply \
regrets this,” he said. The offer, Solberg replied, was “an insult 🕊 to the wounded”.

“Mr. Keller told me ‘nothing happened’ on Monday and smiled [sic] at it,” she said."""


@pytest.fixture(scope="module")
def client(scorer: ToneScorer) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(deadline_seconds=600), scorer)) as client:
        yield client


def read(client: TestClient, text: str, **more: object) -> dict[str, Any]:
    # JSON of the standard library, which can send half characters too.
    body = json.dumps({"text": text, **more})
    response = client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    ArticleAnswer.model_validate(answer)
    return answer


@pytest.fixture(scope="module")
def answer(client: TestClient) -> dict[str, Any]:
    return read(client, ARTICLE, sentences=True, explain=True, id="a1", title="Barbs")


def found(answer: dict[str, Any], text: str) -> dict[str, Any]:
    quote: dict[str, Any] = next(q for q in answer["quotes"] if q["text"].startswith(text))
    return quote


def test_quotes_come_in_order_with_kind_speaker_and_offsets(answer: dict[str, Any]) -> None:
    kinds = [(q["kind"], (q["speaker"] or {}).get("resolved")) for q in answer["quotes"]]
    assert kinds == [
        ("statement", "Ida Solberg"),
        ("continuation", "Ida Solberg"),
        ("mention", None),
        ("statement", "Anton Keller"),
        ("fragment", "Ida Solberg"),
        ("statement", "Ida Solberg"),
        ("nested", "Anton Keller"),
    ]
    assert [q["part_of"] for q in answer["quotes"]] == [None, 0, None, None, None, None, 5]
    for quote in answer["quotes"]:
        assert ARTICLE[quote["start"] : quote["end"]] == quote["text"]
        for named in filter(None, (quote["speaker"], quote["addressee"])):
            assert ARTICLE[named["start"] : named["end"]] == named["text"]
    first = answer["quotes"][0]
    assert (first["cue"], first["addressee"]["text"]) == ("told", "reporters")
    assert (answer["id"], answer["title"]) == ("a1", "Barbs")


def test_only_a_speakers_own_words_are_scored(answer: dict[str, Any], scorer: ToneScorer) -> None:
    words = {
        "This was": "This was an act of piracy. Those who ordered it will answer,",
        "an insult": "an insult 🕊 to the wounded",
        "Mr. Keller": "Mr. Keller told me … on Monday and smiled … at it,",
        "nothing": "nothing happened",
    }
    scores = scorer.score(list(words.values()))
    for start, score in zip(words, scores, strict=True):
        quote = found(answer, start)
        assert quote["hostility"]["score"] == score.hostility.score
        assert quote["formality"]["low"] == score.formality.low
        assert [w["code"] for w in quote["warnings"]] == [w.code for w in score.warnings]
    mention = found(answer, "green line")
    assert mention["hostility"] is mention["formality"] is None
    assert mention["sentences"] == mention["highlights"] == mention["warnings"] == []


def test_sentences_and_highlights_are_ranges_of_the_article(
    answer: dict[str, Any], scorer: ToneScorer
) -> None:
    quote = found(answer, "This was")
    texts = [ARTICLE[s["start"] : s["end"]] for s in quote["sentences"]]
    assert texts == ["This was an act of piracy.", "Those who ordered it will answer,"]
    holder = found(answer, "Mr. Keller")
    parts = [ARTICLE[p["start"] : p["end"]] for p in holder["pieces"]]
    assert parts == ["Mr. Keller told me", "on Monday and smiled", "at it,"]
    shown = [ARTICLE[h["start"] : h["end"]] for h in holder["highlights"]]
    assert shown == ["Mr", "Keller", "told", "me", "on", "Monday", "and", "smiled", "at", "it"]
    (score,) = scorer.score([" … ".join(parts)], explain=True)
    assert score.highlights
    assert [h["hostility"] for h in holder["highlights"]] == [h.hostility for h in score.highlights]
    assert holder["sentences"][-1]["end"] == holder["end"]
    insult = found(answer, "an insult")
    assert ARTICLE[insult["highlights"][-1]["start"] :].startswith("wounded")


def test_what_was_not_asked_for_is_absent(client: TestClient) -> None:
    answer = read(client, ARTICLE)
    assert answer["id"] is answer["title"] is None
    assert not [q for q in answer["quotes"] if "sentences" in q or "highlights" in q]


def test_the_table_by_speaker_counts_averages_and_names_the_most(answer: dict[str, Any]) -> None:
    solberg, keller = answer["speakers"]
    assert (solberg["name"], solberg["quotes"]) == ("Ida Solberg", [0, 1, 4, 5])
    assert (keller["name"], keller["quotes"]) == ("Anton Keller", [3, 6])
    for row in (solberg, keller):
        assert row["count"] == row["scored"] == len(row["quotes"])
        for scale, most in (("hostility", "most_hostile"), ("formality", "most_formal")):
            degrees = {i: answer["quotes"][i][scale] for i in row["quotes"]}
            for end, name in (("score", "mean"), ("low", "low"), ("high", "high")):
                mean = sum(d[end] for d in degrees.values()) / len(degrees)
                assert row[scale][name] == pytest.approx(mean, abs=0.0001)
            assert row[most] == max(degrees, key=lambda i: degrees[i]["score"])


def test_the_exchange_says_who_answers_whom(answer: dict[str, Any]) -> None:
    turns = [(t["speaker"], t["quotes"], t["answers"], t["evidence"]) for t in answer["exchange"]]
    assert turns == [
        ("Ida Solberg", [0, 1], None, None),
        ("Anton Keller", [3], None, None),
        ("Ida Solberg", [4, 5], 1, "reply"),
    ]


def test_python_gives_what_http_answers(answer: dict[str, Any], scorer: ToneScorer) -> None:
    article = score_article(scorer, ARTICLE, "Barbs", sentences=True, explain=True)
    model = ModelName.model_validate(answer["model"])
    wire = article_answer(article, model, "a1", sentences=True, explain=True)
    assert wire.model_dump(exclude_unset=True) == answer
    assert answer["model"]["sha256"] == scorer.artifact.sha256


@pytest.mark.parametrize(
    "text",
    [
        "nobody is quoted here",
        "“”",
        '"',
        "\"'“”‘’«»„‹›`" * 50,
        "“a ‘b " * 300,
        '"It fell, said Olsen. “So it did',
        "“x ‘y “z ‘" * 60 + "end" + "’ ” " * 120,
        "Olsen said \x00“we\x00 regret\x01 it”.\x00",
        "Smith: \x01\x02\nJones: hello there\r\n\u2028Smith: no.",
        "“[sic]” said Olsen, “…”.",
        "\ufeff“Это безобразие,” said Ólafur Þórðarson. «Non,» dit-il.",
    ],
)
def test_any_text_is_answered(client: TestClient, text: str) -> None:
    answer = read(client, text, sentences=True, explain=True)
    for quote in answer["quotes"]:
        assert text[quote["start"] : quote["end"]] == quote["text"]
        assert (quote["hostility"] is None) == (quote["formality"] is None)
        for row in [*quote["sentences"], *quote["highlights"]]:
            assert quote["start"] <= row["start"] < row["end"] <= quote["end"]
    assert {i for row in answer["speakers"] for i in row["quotes"]} <= {
        *range(len(answer["quotes"]))
    }


def test_the_longest_article_is_answered(client: TestClient) -> None:
    text = "The talks went on. " * 10_600 + "“We are appalled,” said Minister Ida Solberg."
    text = text[len(text) - 200_000 :]
    (quote,) = read(client, text)["quotes"]
    assert quote["text"] == "We are appalled,"
    assert quote["speaker"]["resolved"] == "Ida Solberg"
