"""What the rows looked like that a model was tested on, as histograms, for later comparison.

The manifest holds a ``Reference``, ``GET /metrics`` counts the same bins, and ``diplotone drift``
sets a corpus beside either.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self, get_args

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from model.encoder import TextEncoder

Measure = Literal["hostility", "formality", "tokens", "surprisal", "language"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

_DEGREES = tuple(step / 10 for step in range(1, 11))
EDGES: Mapping[Measure, tuple[float, ...]] = {
    "hostility": _DEGREES,
    "formality": _DEGREES,
    "tokens": (4, 8, 12, 16, 24, 32, 48, 64, 128, 256),
    "surprisal": (8, 8.5, 9, 9.5, 10, 10.5, 11, 12, 13, 14, 16),
    "language": (0.5,),
}
"""Upper ends of the bins, inclusive as in Prometheus; the last bin is what lies above them all.

Scores are degrees; ``tokens`` counts those of a text; ``surprisal`` is their mean in bits, by the
artifact's own table; ``language`` is 0 for English and 1 for anything else.
"""

NOT_ENGLISH = frozenset({"language", "no_words"})
"""Codes of warnings with which a quote does not count as English; see ``model.caution``."""

Values = Sequence[float] | npt.NDArray[np.floating]


class Histogram(BaseModel):
    """Counts of one measure.

    Attributes:
        edges: upper ends of the bins, rising.
        counts: rows in each bin, one more than edges.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    edges: tuple[float, ...] = Field(min_length=1)
    counts: tuple[Annotated[int, Field(ge=0)], ...]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError("the edges must rise")
        if len(self.counts) != len(self.edges) + 1:
            raise ValueError(f"{len(self.edges)} edges need {len(self.edges) + 1} counts")
        return self


class Reference(BaseModel):
    """Histograms of some rows.

    Attributes:
        rows: how many there were.
        splits: names of the sets they come from.
        histograms: one a measure; ``surprisal`` is absent where the artifact has no table of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int = Field(ge=1)
    splits: tuple[str, ...]
    histograms: dict[Measure, Histogram]


class Counting:
    """Histograms that grow by one chunk of rows after another; memory stays flat.

    Args:
        edges: bins to count in, by measure.
    """

    def __init__(self, edges: Mapping[Measure, tuple[float, ...]] = EDGES) -> None:
        self._edges = edges
        self._counts = {m: np.zeros(len(ends) + 1, dtype=np.int64) for m, ends in edges.items()}

    def add(self, measure: Measure, values: Values) -> None:
        """Count values of one measure; one that these bins lack is passed over."""
        if measure in self._edges:
            bins = np.searchsorted(self._edges[measure], np.asarray(values, float), side="left")
            self._counts[measure] += np.bincount(bins, minlength=len(self._counts[measure]))

    def add_texts(
        self,
        texts: Sequence[str],
        encoder: TextEncoder,
        surprisal: npt.NDArray[np.float64] | None,
    ) -> None:
        """Count the tokens of texts, and their mean surprisal where there is a table of it.

        Args:
            texts: the quotes.
            encoder: the artifact's tokenizer.
            surprisal: of each of its tokens in bits, shape (vocabulary,), or None.
        """
        bare = [ids[1:-1] for ids in encoder.encode(texts)]  # without [CLS] and [SEP]
        self.add("tokens", [len(ids) for ids in bare])
        if surprisal is not None:
            self.add("surprisal", [surprisal[ids].mean() for ids in bare if len(ids)])

    def reference(self, rows: int, splits: Sequence[str] = ()) -> Reference:
        """Return the histograms of the measures of which anything was counted."""
        return Reference(
            rows=rows,
            splits=tuple(splits),
            histograms={
                measure: Histogram(edges=self._edges[measure], counts=tuple(map(int, counts)))
                for measure, counts in self._counts.items()
                if counts.any()
            },
        )
