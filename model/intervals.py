"""Intervals around a score, read from the table that training wrote into the manifest.

The table is split conformal (Papadopoulos et al. 2002; Lei et al. 2018): quantiles of the signed
errors on rows that training did not fit, one pair for each band of scores (Mondrian conformal,
Vovk et al. 2003), since a model errs less at the ends of a scale than in its middle.
"""

from bisect import bisect_left

from pydantic import BaseModel, ConfigDict, Field

from model.scores import Scale


class Band(BaseModel):
    """Margins for the scores up to a bound.

    Attributes:
        upto: highest score of the band, 0 to 1; the last band reaches 1.
        below: distance from the score down to the interval's low end, 0 to 1.
        above: distance from the score up to the interval's high end, 0 to 1.
        rows: number of rows the two margins were read off.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    upto: float = Field(gt=0, le=1)
    below: float = Field(ge=0, le=1)
    above: float = Field(ge=0, le=1)
    rows: int = Field(ge=1)


class Calibration(BaseModel):
    """The interval table of an artifact.

    Attributes:
        method: how the margins were found.
        coverage: share of unseen quotes whose true score should lie inside, for example 0.9.
        bands: for each scale its bands, by rising bound.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str
    coverage: float = Field(gt=0, lt=1)
    bands: dict[Scale, tuple[Band, ...]]

    def interval(self, scale: Scale, score: float) -> tuple[float, float]:
        """Return the low and high end around a score, both within 0 to 1."""
        bands = self.bands[scale]
        band = bands[min(bisect_left(bands, score, key=lambda b: b.upto), len(bands) - 1)]
        return max(0.0, score - band.below), min(1.0, score + band.above)
