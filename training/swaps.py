"""Names do not matter: how far a score moves when only a name in a statement is swapped.

Each template of ``data/swaps.toml`` is filled with every name of its kind, and the range of those
scores is what is left of the names. The method is the invariance test of CheckList (Ribeiro et
al., 2020, "Beyond accuracy"). It knows nothing of the scorer but that texts go in and points out.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.errors import DataError
from model.plan import Points
from model.scores import SCALES

SWAPS = Path(__file__).parents[1] / "data" / "swaps.toml"
WORST = 12  # templates listed one by one
ALL_NAMES, POOLED = "all names", ("country", "nationality", "city")  # the former pools these

Figures = dict[str, Any]
_GAP = re.compile(r"(?P<article>\b[Aa] )?\{(?P<gap>\w*)\}(?P<possessive>'[sS]\b)?")
_SENTENCE_START = re.compile(r"(?:^|[.!?…][\"')]*\s)[\"'(]*$")
_VOWEL = re.compile(r"[aeio]|u(?![gkr])", re.IGNORECASE)  # an Uzbek, but a Ukrainian


def _varies(*alternatives: set[str]) -> AfterValidator:
    """Accept a template whose gaps all belong to one of the alternatives."""

    def check(template: str) -> str:
        gaps = {match["gap"].lower() for match in _GAP.finditer(template)}
        if re.search(r"[{}]", _GAP.sub("", template)):
            raise ValueError("has a brace that opens or closes no gap")
        if not gaps or not any(gaps <= allowed for allowed in alternatives):
            known = " or ".join(", ".join(f"{{{gap}}}" for gap in sorted(a)) for a in alternatives)
            raise ValueError(f"varies {', '.join(sorted(gaps)) or 'nothing'}; it may hold {known}")
        return template

    return AfterValidator(check)


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Item = TypeVar("Item")
Some = Annotated[tuple[Item, ...], Field(min_length=1)]
Name = Annotated[str, Field(min_length=1)]


class StateNames(_Table):
    """One state: its name in a sentence, the adjective, the plural of its people, its capital."""

    country: Name
    nationality: Name
    people: Name
    capital: Name


class GenderWords(_Table):
    """The words of one gender, by the masculine."""

    he: Name
    his: Name
    him: Name
    himself: Name
    mr: Name


class Templates(_Table):
    """The statements by the kind of name that they vary; each varies one."""

    country: Some[Annotated[Name, _varies({"country"})]]
    nationality: Some[Annotated[Name, _varies({"nationality", "people"})]]
    city: Some[Annotated[Name, _varies({"capital"}, {"city"})]]
    organisation: Some[Annotated[Name, _varies({"organisation"})]]
    office: Some[Annotated[Name, _varies({"office"})]]
    surname: Some[Annotated[Name, _varies({"surname"})]]
    gender: Some[Annotated[Name, _varies({"he", "his", "him", "himself", "mr"})]]


class Statement(NamedTuple):
    """A filled template: whom it names (a state by its country), by what word, and the text."""

    named: str
    word: str
    text: str


class Swaps(_Table):
    """The content of ``swaps.toml``: names to put in, and templates by kind."""

    states: Some[StateNames]
    cities: Some[Name]
    organisations: Some[Name]
    offices: Some[Name]
    surnames: Some[Name]
    genders: Some[GenderWords]
    templates: Templates

    @model_validator(mode="after")
    def _has_no_template_twice(self) -> "Swaps":
        texts = [text for _, some in self.templates for text in some]
        twice = [text for text in texts if texts.count(text) > 1]
        if twice:
            raise ValueError(f"the template {twice[0]!r} stands twice")
        return self

    def statements(self, template: str) -> list[Statement]:
        """Return the template with each name of its kind in its place."""
        gap = _GAP.findall(template)[0][1].lower()
        plain = {"city": self.cities, "office": self.offices, "surname": self.surnames}
        single = [{gap: name} for name in plain.get(gap, self.organisations)]
        whole = [one.model_dump() for one in (*self.states, *self.genders)]
        fillers = [words for words in whole if gap in words] or single
        return [Statement(next(iter(f.values())), f[gap], fill(template, f)) for f in fillers]


@dataclass(frozen=True, slots=True)
class _Scored:
    """A template with its statements and their scores, shape (statements, 2)."""

    kind: str
    template: str
    statements: Sequence[Statement]
    points: Points


def read_swaps(path: Path = SWAPS) -> Swaps:
    """Read the templates and names.

    Raises:
        DataError: the file cannot be read or is no TOML, or a field of it is wrong; says which.
    """
    try:
        return Swaps.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise DataError(path, f"cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"])) or None
        raise DataError(path, fault["msg"].removeprefix("Value error, "), field=place) from error
    except ValueError as error:  # not TOML, or not UTF-8; the text of the error has the line
        raise DataError(path, f"not TOML in UTF-8 ({error})") from error


def fill(template: str, filler: Mapping[str, str]) -> str:
    """Return the statement with the words put in: capitals, a or an, and possessives included."""

    def put(match: re.Match[str]) -> str:
        article, gap, possessive = (part or "" for part in match.groups())
        word = filler[gap.lower()]
        if article and _VOWEL.match(word):
            article = article.replace(" ", "n ")
        elif not article and _SENTENCE_START.search(template[: match.start()]):
            word = word[0].upper() + word[1:]
        if possessive and word.endswith("s"):
            possessive = "'"
        return article + (word.upper() if gap.isupper() else word) + possessive

    return _GAP.sub(put, template)


def swap_figures(score: Callable[[Sequence[str]], Points], swaps: Swaps | None = None) -> Figures:
    """Score every template with every name and return how far the scores move.

    Args:
        score: gives points of shape (texts, 2); called once, with each distinct text once.
        swaps: templates and names; those of ``swaps.toml`` by default.

    Returns:
        ``{"templates": n, "kinds": {kind: {"templates", "fillers", scale: {"mean_range",
        "p95_range", "p99_range", "max_range", "mean_sd"}}}, "worst": [...]}``, all on the 0 to 1
        scale. A range is the highest less the lowest score of one template; the standard deviation
        is that of its scores. ``worst`` has the widest templates of all kinds and scales, each with
        the names at both ends.
    """
    swaps = swaps or read_swaps()
    filled = [(k, text, swaps.statements(text)) for k, some in swaps.templates for text in some]
    texts = list(dict.fromkeys(one.text for *_, some in filled for one in some))
    points, places = score(texts), {text: place for place, text in enumerate(texts)}
    scored = [_Scored(*parts, points[[places[one.text] for one in parts[2]]]) for parts in filled]
    kinds = {kind: (kind,) for kind, _ in swaps.templates} | {ALL_NAMES: POOLED}
    figures = {
        kind: _kind_figures([one for one in scored if one.kind in members])
        for kind, members in kinds.items()
    }
    return {"templates": len(scored), "kinds": figures, "worst": _worst(scored)}


def _kind_figures(scored: Sequence[_Scored]) -> Figures:
    named = {statement.named for one in scored for statement in one.statements}
    figures: Figures = {"templates": len(scored), "fillers": len(named)}
    for i, scale in enumerate(SCALES):
        ranges = np.array([np.ptp(one.points[:, i]) for one in scored])
        figures[scale] = {
            "mean_range": float(ranges.mean()),
            "p95_range": float(np.quantile(ranges, 0.95)),
            "p99_range": float(np.quantile(ranges, 0.99)),
            "max_range": float(ranges.max()),
            "mean_sd": float(np.mean([one.points[:, i].std() for one in scored])),
        }
    return figures


def _worst(scored: Sequence[_Scored]) -> list[Figures]:
    rows: list[Figures] = []
    for one in scored:
        for i, scale in enumerate(SCALES):
            low, high = int(one.points[:, i].argmin()), int(one.points[:, i].argmax())
            rows.append(
                {
                    "template": one.template,
                    "kind": one.kind,
                    "scale": scale,
                    "range": float(one.points[high, i] - one.points[low, i]),
                    "lowest": one.statements[low].word,
                    "lowest_score": float(one.points[low, i]),
                    "highest": one.statements[high].word,
                    "highest_score": float(one.points[high, i]),
                }
            )
    return sorted(rows, key=lambda row: -float(row["range"]))[:WORST]


def swap_table(figures: Figures) -> str:
    """Return the figures as a sentence and a Markdown table, for the model card."""
    pooled = figures["kinds"][ALL_NAMES]
    columns = ("mean_range", "p95_range", "p99_range", "max_range", "mean_sd")
    lines = [
        f"{figures['templates']} templates, each filled with every name of its kind; "
        f"{pooled['templates']} of them vary one of {pooled['fillers']} states, with their people "
        f"and capitals, and cities ({ALL_NAMES}). A range is the highest less the lowest score of "
        "one template. A tokenizer blind to names reads all that `data/names.toml` lists as one, "
        "so a range of 0 says nothing of names that it lacks.",
        "",
        "| varied | templates | names | scale | mean range | 95th percentile | 99th percentile "
        "| largest | mean standard deviation |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for kind, row in figures["kinds"].items():
        for scale in SCALES:
            cells = " | ".join(f"{row[scale][column]:.3f}" for column in columns)
            lines.append(f"| {kind} | {row['templates']} | {row['fillers']} | {scale} | {cells} |")
    return "\n".join(lines)
