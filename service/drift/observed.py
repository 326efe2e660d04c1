"""What ``GET /metrics`` counts of scored quotes: the same bins as an artifact's reference."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram

from model.reference import EDGES, NOT_ENGLISH
from model.scores import SCALES, ToneScore


class Observed:
    """Counts scores, lengths, surprisal and languages; labels are bounded.

    Args:
        registry: where the counts are read.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._quotes = Counter("diplotone_scored_quotes", "Quotes scored.", registry=registry)
        self._score = Histogram(
            "diplotone_score",
            "Scores given, 0 to 1; a shift means that the input has changed.",
            ("scale",),
            buckets=EDGES["hostility"],
            registry=registry,
        )
        self._tokens = Histogram(
            "diplotone_quote_tokens",
            "Tokens of scored quotes.",
            buckets=EDGES["tokens"],
            registry=registry,
        )
        self._surprisal = Histogram(
            "diplotone_quote_surprisal_bits",
            "Mean surprisal of a quote's tokens; higher means rarer in what the model learnt from.",
            buckets=EDGES["surprisal"],
            registry=registry,
        )
        self._languages = Counter(
            "diplotone_quotes_by_language",
            "Scored quotes that are English (en) and that are not (other).",
            ("language",),
            registry=registry,
        )

    def count(self, scores: Sequence[ToneScore]) -> None:
        """Count scored quotes."""
        foreign = sum(any(w.code in NOT_ENGLISH for w in score.warnings) for score in scores)
        self._quotes.inc(len(scores))
        self._languages.labels("other").inc(foreign)
        self._languages.labels("en").inc(len(scores) - foreign)
        degrees = {scale: self._score.labels(scale) for scale in SCALES}
        for score in scores:
            for scale, histogram in degrees.items():
                histogram.observe(getattr(score, scale).score)
            if score.tokens is not None:
                self._tokens.observe(score.tokens)
            if score.surprisal is not None:
                self._surprisal.observe(score.surprisal)
