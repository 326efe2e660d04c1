"""The scorer: a list in, a list of the same length and order out, the same number every time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.caution import language_detector
from model.errors import QuoteError, ScoringError, ToneError
from model.intervals import Band, Calibration
from model.levels import LEVELS, level_of
from model.runtime import OnnxNetwork
from model.scorer import ToneScorer
from model.scores import SCALES
from model.spans import sentences, words

QUOTES = [
    "hateful sophistry",
    "deep regret",
    "We are grateful for the warm welcome.",
    "They lied. We will answer! What now?",
    "They will bear full responsibility for every consequence of this reckless step.",
]
LONG = "The delegation rejected the proposal and left. " * 60


def test_a_quote_scores_the_same_alone_and_in_any_company(scorer: ToneScorer) -> None:
    alone = [scorer.score([quote])[0] for quote in QUOTES]
    assert scorer.score(QUOTES) == alone
    assert scorer.score([*QUOTES, LONG, *QUOTES])[-len(QUOTES) :] == alone


def test_scores_are_the_same_from_many_threads(scorer: ToneScorer) -> None:
    expected = scorer.score(QUOTES)
    with ThreadPoolExecutor(8) as pool:
        assert all(found == expected for found in pool.map(scorer.score, [QUOTES] * 40))


def test_no_quotes_give_no_scores(scorer: ToneScorer) -> None:
    assert scorer.score([]) == []


def test_every_score_lies_in_its_interval_and_level(scorer: ToneScorer) -> None:
    for score in scorer.score([*QUOTES, "!!!", "42", LONG]):
        for scale in SCALES:
            degree = getattr(score, scale)
            assert 0 <= degree.low <= degree.score <= degree.high <= 1
            assert degree.level == level_of(scale, degree.score)


def test_surrounding_marks_and_space_do_not_move_the_score(scorer: ToneScorer) -> None:
    plain, *dressed = scorer.score(
        ["deep regret", "“deep regret”", " deep\n regret ", "«deep regret»"]
    )
    assert all(s.hostility == plain.hostility for s in dressed)


def test_sentences_carry_offsets_into_the_quote_as_sent(scorer: ToneScorer) -> None:
    quote = "😀 They lied.  “We will answer!” What now?"
    score = scorer.score([quote], sentences=True)[0]
    assert score.sentences is not None
    assert [(s.start, s.end) for s in score.sentences] == [tuple(s) for s in sentences(quote)]
    alone = scorer.score([quote[s.start : s.end] for s in score.sentences])
    assert [s.hostility for s in score.sentences] == [a.hostility.score for a in alone]


def test_highlights_are_the_fall_of_the_score_without_the_word(scorer: ToneScorer) -> None:
    quote = "They lied to us, again."
    score = scorer.score([quote], explain=True)[0]
    assert score.highlights is not None
    assert [(h.start, h.end) for h in score.highlights] == [tuple(w) for w in words(quote)]
    for h in score.highlights:
        without = scorer.score([quote[: h.start] + quote[h.end :]])[0]
        assert h.hostility == pytest.approx(
            score.hostility.score - without.hostility.score, abs=2e-4
        )


@pytest.mark.parametrize("quote", ["lied", "!!!", LONG, "a, " * 400, "One. " * 300])
def test_highlights_are_bounded_for_any_text(scorer: ToneScorer, quote: str) -> None:
    highlights = scorer.score([quote], explain=True)[0].highlights
    assert highlights is not None
    assert len(highlights) <= 64
    assert all(0 <= h.start < h.end <= len(quote) for h in highlights)


def test_punctuation_alone_has_no_highlights(scorer: ToneScorer) -> None:
    assert scorer.score(["?! ..."], explain=True)[0].highlights == ()


def test_a_long_quote_is_the_token_weighted_mean_of_its_windows(scorer: ToneScorer) -> None:
    score = scorer.score([LONG])[0]
    assert score.windows > 1
    assert not score.truncated
    assert "windows" in {w.code for w in score.warnings}
    tail = scorer.score([LONG + "They are vermin. " * 200])[0]
    assert tail.hostility.score != score.hostility.score


@pytest.mark.parametrize(
    ("quote", "codes"),
    [
        ("We regret this decision very much.", set()),
        ("deep regret", {"short"}),
        ("?! 42", {"no_words"}),
        ("Wir sind tief enttäuscht über diese Erklärung.", {"language"}),
        ("我们强烈抗议这一决定", {"language", "short"}),
        (LONG, {"windows"}),
    ],
)
def test_warnings_name_why_to_trust_the_score_less(
    scorer: ToneScorer, quote: str, codes: set[str]
) -> None:
    assert {w.code for w in scorer.score([quote])[0].warnings} == codes


def test_a_bad_quote_is_named_by_its_index_and_nothing_is_scored(scorer: ToneScorer) -> None:
    with pytest.raises(QuoteError) as refusal:
        scorer.score(["fine", " "])
    assert refusal.value.index == 1


def test_a_network_that_gives_no_number_is_an_error(
    scorer: ToneScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Session:
        def run(self, *_: object) -> list[np.ndarray]:
            return [np.array([[np.nan, 0.0]], dtype=np.float32)]

    network = scorer._network
    monkeypatch.setattr(network, "_session", Session())
    with pytest.raises(ScoringError, match="no number"):
        scorer.score(["deep regret"])
    with pytest.raises(ScoringError, match="no number"):
        scorer.score(QUOTES)


def test_a_network_that_raises_reaches_the_caller(
    scorer: ToneScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Session:
        def run(self, *_: object) -> None:
            raise RuntimeError("out of memory")

    monkeypatch.setattr(scorer._network, "_session", Session())
    with pytest.raises(ScoringError, match="failed"):
        scorer.score(QUOTES)


def test_threads_are_at_least_one_and_settable(artifact: Path) -> None:
    network = OnnxNetwork(artifact / "model.onnx", threads=3)
    assert network.threads == 3
    network.close()


def test_intervals_come_from_the_band_of_the_score() -> None:
    bands = (
        Band(upto=0.5, below=0.1, above=0.2, rows=9),
        Band(upto=1, below=0.3, above=0.4, rows=9),
    )
    table = Calibration(method="x", coverage=0.9, bands=dict.fromkeys(SCALES, bands))
    assert table.interval("hostility", 0.05) == (0.0, 0.25)
    assert table.interval("hostility", 0.5) == pytest.approx((0.4, 0.7))
    assert table.interval("formality", 0.9) == pytest.approx((0.6, 1.0))


def test_levels_cover_the_scales_without_gaps() -> None:
    for scale in SCALES:
        starts = [level.start for level in LEVELS[scale]]
        assert starts[0] == 0
        assert starts == sorted(set(starts))
        for level in LEVELS[scale]:
            assert level_of(scale, level.start) == level.name
        assert level_of(scale, 1.0) == LEVELS[scale][-1].name


def test_scores_cannot_be_changed_after_the_fact(scorer: ToneScorer) -> None:
    score = scorer.score(["deep regret"])[0]
    assert replace(score) == score
    with pytest.raises(AttributeError):
        score.windows = 2  # type: ignore[misc]


def test_no_folder_for_temporary_files_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "absent"))
    with pytest.raises(ToneError, match="no such file or directory. Give /tmp 128 MiB"):
        language_detector.__wrapped__()
