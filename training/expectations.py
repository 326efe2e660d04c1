"""What one case of the behaviour suite expects of the scores, and whether it holds.

The three kinds are those of CheckList (Ribeiro, Wu, Guestrin and Singh, "Beyond Accuracy:
Behavioral Testing of NLP Models with CheckList", ACL 2020): minimum functionality, directional
expectation and invariance.
"""

import re
from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Field, ValidationInfo, model_validator

from data.records import Degree, Name, Record, Text
from model.scores import SCALES, Scale

Scores = Mapping[str, Mapping[Scale, float]]
"""Scores from 0 to 1, by text and scale."""

_PASSAGE = re.compile(r"\{(\w+)\}")
# Differences such as .35 - .30 fall short of .05 by a rounding error of binary fractions.
_ROUNDING = 1e-9
# TOML gives lists; our records hold tuples, which stay as they are.
_Variants = Annotated[tuple[Text, ...], Field(min_length=1, strict=False)]


class Finding(NamedTuple):
    """What one case found.

    Attributes:
        passed: whether the case holds.
        texts: the texts judged, by field; of several variants the one that moved most.
        scale: the scale judged; of two the one that moved more.
        wanted: the condition in words.
        found: the score, or the difference of scores, that the condition is about.
    """

    passed: bool
    texts: dict[str, str]
    scale: Scale
    wanted: str
    found: float


class Case(Record):
    """One expectation: ``group`` names what it belongs to, ``kind`` what it expects."""

    group: Name
    kind: str

    @model_validator(mode="before")
    @classmethod
    def _take_from_group(cls, row: object, info: ValidationInfo) -> object:
        if info.context is None or not isinstance(row, dict):
            return row
        if "group" in row:
            raise ValueError("a case takes its group from the table around it")
        return {**_filled(row, info.context["passages"]), "group": info.context["group"]}

    @property
    @abstractmethod
    def texts(self) -> tuple[str, ...]:
        """Every text that must be scored."""

    @abstractmethod
    def find(self, scores: Scores) -> Finding:
        """Judge the scores of its texts."""


class Minimum(Case):
    """A text whose score must lie within ``low`` to ``high``, ends included."""

    kind: Literal["minimum"] = "minimum"
    text: Text
    scale: Scale
    low: Degree
    high: Degree

    @model_validator(mode="after")
    def _check_band(self) -> Self:
        if self.low >= self.high or (self.low, self.high) == (0, 1):
            raise ValueError(
                f"{self.low:g} to {self.high:g} is no band that a score can miss and can meet"
            )
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        """The text."""
        return (self.text,)

    def find(self, scores: Scores) -> Finding:
        """Look whether the score lies in the band."""
        found = scores[self.text][self.scale]
        wanted = f"{self.low:.2f} to {self.high:.2f}"
        passed = self.low <= found <= self.high
        return Finding(passed, {"text": self.text}, self.scale, wanted, found)


class Pair(Case):
    """Two texts, of which ``more`` must score at least ``margin`` above ``less``."""

    kind: Literal["pair"] = "pair"
    less: Text
    more: Text
    scale: Scale
    margin: Annotated[float, Field(gt=0, le=1)] = 0.05

    @property
    def texts(self) -> tuple[str, ...]:
        """The lower text, then the higher."""
        return (self.less, self.more)

    def find(self, scores: Scores) -> Finding:
        """Take the difference of the two scores."""
        rise = scores[self.more][self.scale] - scores[self.less][self.scale]
        passed = rise >= self.margin - _ROUNDING
        texts = {"less": self.less, "more": self.more}
        return Finding(passed, texts, self.scale, f"a rise of at least {self.margin:.2f}", rise)


class Invariance(Case):
    """A text and variants of it, none of which may score further than ``tolerance`` from it."""

    kind: Literal["invariance"] = "invariance"
    text: Text
    variants: _Variants
    scale: Literal["hostility", "formality", "both"]
    tolerance: Annotated[float, Field(ge=0, lt=1)] = 0.05

    @property
    def texts(self) -> tuple[str, ...]:
        """The text, then its variants."""
        return (self.text, *self.variants)

    def find(self, scores: Scores) -> Finding:
        """Take the largest move, up or down, of any variant."""
        judged: tuple[Scale, ...] = SCALES if self.scale == "both" else (self.scale,)
        moves = [
            (abs(scores[variant][scale] - scores[self.text][scale]), scale, variant)
            for variant in self.variants
            for scale in judged
        ]
        move, scale, variant = max(moves)
        passed = move <= self.tolerance + (_ROUNDING if self.tolerance else 0)
        texts = {"text": self.text, "variant": variant}
        return Finding(passed, texts, scale, f"a move of at most {self.tolerance:.2f}", move)


def _filled(value: Any, passages: Mapping[str, str]) -> Any:  # noqa: ANN401
    """Put passages for their names in braces, in every text of a case."""
    if isinstance(value, dict):
        return {key: _filled(one, passages) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, passages) for one in value]
    if not isinstance(value, str) or not passages:
        return value
    if unknown := set(_PASSAGE.findall(value)) - set(passages):
        raise ValueError(f"names a passage that the group lacks: {min(unknown)}")
    return _PASSAGE.sub(lambda match: str(passages[match[1]]), value)
