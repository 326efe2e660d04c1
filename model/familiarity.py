"""How unlike its training texts a text is, by the tokens it is made of.

The artifact holds the surprisal of each token, minus the base-two logarithm of its share among the
tokens of the training texts. A text's unfamiliarity is how far the mean surprisal of its tokens
lies above what is usual, in standard errors of such a mean, so that short and long texts compare
(the cross-entropy of Moore and Lewis 2010, here of single tokens).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from model.encoder import Ids
from model.errors import ArtifactError

SURPRISAL = "surprisal.bin"
STEPS_A_BIT = 8
"""The file holds a byte a token, in eighths of a bit."""


class Familiarity(BaseModel):
    """What the manifest says of surprisal.

    Attributes:
        mean: mean surprisal of the tokens of held-out texts, in bits.
        deviation: its standard deviation from token to token.
        limit: unfamiliarity from which on a text is called unlike the training texts.
        share: share of held-out texts beyond the limit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mean: float = Field(ge=0)
    deviation: float = Field(gt=0)
    limit: float
    share: float = Field(ge=0, le=1)


class Wording(NamedTuple):
    """What the tokens of a text say, apart from its score.

    Attributes:
        tokens: their number.
        surprisal: their mean surprisal in bits; None without a table, or without tokens.
        unlike: whether the text is beyond the limit.
    """

    tokens: int
    surprisal: float | None = None
    unlike: bool = False


class FamiliarityGauge:
    """Measures texts against the training texts.

    Args:
        surprisal: of each token of the vocabulary, in bits.
        familiarity: what the manifest says.
    """

    def __init__(self, surprisal: npt.NDArray[np.float64], familiarity: Familiarity) -> None:
        self._surprisal = surprisal
        self._familiarity = familiarity

    @classmethod
    def load(cls, path: Path, vocabulary: int, familiarity: Familiarity) -> "FamiliarityGauge":
        """Read the file of surprisal.

        Raises:
            ArtifactError: it has not one byte for each token.
        """
        return cls(read_surprisal(path, vocabulary), familiarity)

    def is_unlike(self, windows: Sequence[Ids]) -> bool:
        """Tell whether a text, given as the tokens of its windows, is beyond the limit."""
        return self.wording(windows).unlike

    def wording(self, windows: Sequence[Ids]) -> Wording:
        """Measure a text, given as the tokens of its windows."""
        own = np.concatenate([self._surprisal[ids[1:-1]] for ids in windows])
        usual = self._familiarity
        return Wording(
            len(own),
            float(own.mean()) if len(own) else None,
            unfamiliarity(own, usual.mean, usual.deviation) > usual.limit,
        )


def read_surprisal(path: Path, vocabulary: int) -> npt.NDArray[np.float64]:
    """Return the surprisal of each token in bits, shape (vocabulary,).

    Raises:
        ArtifactError: the file has not one byte for each token.
    """
    steps = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    if len(steps) != vocabulary:
        raise ArtifactError(
            f"{path} has {len(steps):,} values and the tokenizer {vocabulary:,} tokens; "
            "restore or retrain the artifact."
        )
    return steps / STEPS_A_BIT


def unfamiliarity(surprisal: npt.NDArray[np.float64], mean: float, deviation: float) -> float:
    """Return how far a text lies from the training texts, in standard errors; 0 without tokens.

    Args:
        surprisal: of each of its tokens, in bits.
        mean: as in ``Familiarity``.
        deviation: as in ``Familiarity``.
    """
    if not len(surprisal):
        return 0.0
    return float((surprisal.mean() - mean) / (deviation / np.sqrt(len(surprisal))))
