"""What stands behind the gate, and the check of what it gives."""

from collections.abc import Sequence
from typing import Protocol

from model.artifact import Artifact
from model.errors import ScoringError
from model.scores import ToneScore


class Scorer(Protocol):
    """Gives quotes their scores."""

    def score(
        self, quotes: Sequence[str], *, sentences: bool = False, explain: bool = False
    ) -> list[ToneScore]:
        """Score quotes: one score each, in the order given."""
        ...


class ServedScorer(Scorer, Protocol):
    """A scorer that can say which artifact it holds."""

    @property
    def artifact(self) -> Artifact:
        """The verified artifact."""
        ...

    def close(self) -> None:
        """End its threads."""
        ...


def check_scores(scores: Sequence[ToneScore], expected: int) -> None:
    """Refuse what no caller should ever see: a missing score, or one that is not a number.

    Raises:
        ScoringError: there is one.
    """
    if len(scores) != expected:
        raise ScoringError(f"The scorer gave {len(scores)} scores for {expected} quotes.")
    for score in scores:
        for degree in (score.hostility, score.formality):
            if not 0 <= degree.low <= degree.score <= degree.high <= 1:  # false for NaN too
                raise ScoringError("The scorer gave a score that is no degree from 0 to 1.")
