"""How far scores move with a name: figures of made-up scores, the templates, malformed files."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from data.duplicates import near_duplicate_pairs
from data.errors import DataError
from data.readers import read_corpus
from model.plan import Points
from training.swaps import (
    ALL_NAMES,
    POOLED,
    WORST,
    StateNames,
    Swaps,
    fill,
    read_swaps,
    swap_figures,
    swap_table,
)

TINY = """
states = [
    { country = "Aland", nationality = "Aish", people = "Aers", capital = "Acity" },
    { country = "Bland", nationality = "Bish", people = "Bers", capital = "Bcity" },
    { country = "Cland", nationality = "Cish", people = "Cers", capital = "Ccity" },
]
cities = ["Dtown", "Etown"]
organisations = ["the League", "the Union"]
offices = ["envoy", "minister"]
surnames = ["Smith", "Jones"]
genders = [
    { he = "he", his = "his", him = "him", himself = "himself", mr = "Mr" },
    { he = "she", his = "her", him = "her", himself = "herself", mr = "Ms" },
]

[templates]
country = ["We thank {country}.", "Shame on {country}!"]
nationality = ["The {nationality} note.", "The {people} left."]
city = ["{capital} is silent.", "They met in {city}."]
organisation = ["Nobody asked {organisation}."]
office = ["The {office} left."]
surname = ["{surname} left."]
gender = ["{he} lost {his} way."]
"""


@pytest.fixture(scope="module")
def swaps() -> Swaps:
    return read_swaps()


@pytest.fixture
def tiny(tmp_path: Path) -> Swaps:
    path = tmp_path / "swaps.toml"
    path.write_text(TINY, encoding="utf-8")
    return read_swaps(path)


def _texts(swaps: Swaps) -> list[str]:
    return [text for _, some in swaps.templates for text in some]


def _known(texts: Sequence[str]) -> Points:
    """Hostility by the name in it, formality the same for all."""
    by_name = {"Aland": 0.25, "Bland": 0.5, "Cland": 1.0, "Aish": 0.5, "Dtown": 0.125}
    found = [next((v for name, v in by_name.items() if name in text), 0.25) for text in texts]
    thanked = np.array(["thank" in text for text in texts])
    return np.stack([np.where(thanked, 0.0, found), np.full(len(texts), 0.5)], axis=1)


def test_the_figures_of_known_scores_are_exact(tiny: Swaps) -> None:
    figures = swap_figures(_known, tiny)
    assert figures["templates"] == 10
    # One country template ranges from .25 to 1, the other gives 0 for every name.
    country = figures["kinds"]["country"]
    assert (country["templates"], country["fillers"]) == (2, 3)
    sd = float(np.std([0.25, 0.5, 1.0])) / 2
    expected = {"mean_range": 0.375, "max_range": 0.75, "p95_range": 0.7125, "p99_range": 0.7425}
    assert country["hostility"] == pytest.approx(expected | {"mean_sd": sd})
    # Ranges 0.75, 0, 0.25, 0, 0 and 0.125 over three states and two cities.
    pooled = figures["kinds"][ALL_NAMES]
    assert (pooled["templates"], pooled["fillers"]) == (6, 5)
    assert pooled["hostility"]["mean_range"] == pytest.approx(1.125 / 6)
    assert figures["kinds"]["city"]["fillers"] == 5
    assert figures["kinds"]["gender"]["fillers"] == 2


def test_the_worst_templates_come_with_the_names_at_both_ends(tiny: Swaps) -> None:
    worst = swap_figures(_known, tiny)["worst"]
    assert len(worst) == WORST
    assert worst[0] == {
        "template": "Shame on {country}!",
        "kind": "country",
        "scale": "hostility",
        "range": 0.75,
        "lowest": "Aland",
        "lowest_score": 0.25,
        "highest": "Cland",
        "highest_score": 1.0,
    }
    assert (worst[1]["highest"], worst[2]["lowest"]) == ("Aish", "Dtown")
    ranges = [row["range"] for row in worst]
    assert ranges == sorted(ranges, reverse=True)


def test_a_constant_function_moves_with_no_name(swaps: Swaps) -> None:
    figures = swap_figures(lambda texts: np.full((len(texts), 2), 0.5), swaps)
    assert set(figures["kinds"]) == {*type(swaps.templates).model_fields, ALL_NAMES}
    for kind in figures["kinds"].values():
        for scale in ("hostility", "formality"):
            assert set(kind[scale].values()) == {0.0}


def test_each_distinct_text_is_scored_once(tiny: Swaps) -> None:
    calls: list[list[str]] = []

    def score(texts: Sequence[str]) -> Points:
        calls.append(list(texts))
        return _known(texts)

    once = tiny.model_copy(update={"surnames": ("Smith", "Smith", "Jones")})
    swap_figures(score, once)
    assert len(calls) == 1
    assert len(calls[0]) == len(set(calls[0])) == 3 * 5 + 2 * 5


def test_the_table_states_the_counts_and_every_kind(tiny: Swaps) -> None:
    table = swap_table(swap_figures(_known, tiny))
    assert "10 templates" in table.splitlines()[0]
    assert "6 of them vary one of 5 states" in table.splitlines()[0]
    rows = [line for line in table.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1
    assert "| country | 2 | 3 | formality | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 |" in rows
    assert "| gender | 1 | 2 | hostility | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 |" in rows
    assert any(row.startswith("| country | 2 | 3 | hostility | 0.375 |") for row in rows)
    assert len(rows) == 2 + 2 * 8


@pytest.mark.parametrize(
    ("template", "words", "text"),
    [
        ("{country} left.", {"country": "the Netherlands"}, "The Netherlands left."),
        ("No. {country} left.", {"country": "the Gambia"}, "No. The Gambia left."),
        ('"{country} left!"', {"country": "the Gambia"}, '"The Gambia left!"'),
        ("Mind {country}'s ships.", {"country": "the Netherlands"}, "Mind the Netherlands' ships."),
        ("Mind {country}'s ships.", {"country": "Iran"}, "Mind Iran's ships."),
        ("A {nationality} ship", {"nationality": "Iranian"}, "An Iranian ship"),
        ("of a {nationality} ship", {"nationality": "Uzbek"}, "of an Uzbek ship"),
        ("of a {nationality} ship", {"nationality": "Ukrainian"}, "of a Ukrainian ship"),
        ("DOWN WITH {COUNTRY}'S LIES", {"country": "the Gambia"}, "DOWN WITH THE GAMBIA'S LIES"),
        ("{he}'s late, {mr} Li.", {"he": "she", "mr": "Ms"}, "She's late, Ms Li."),
    ],
)
def test_capitals_articles_and_possessives_follow_the_name(
    template: str, words: dict[str, str], text: str
) -> None:
    assert fill(template, words) == text


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ("We thank {country}.", "We thank you.", "templates.country.0", "varies nothing"),
        ("Shame on {country}!", "{country} or {city}!", "templates.country.1", "city, country"),
        ("{capital} is", "{capital} or {city} is", "templates.city.0", r"{capital} or {city}"),
        ("The {office} left.", "The {office left.", "templates.office.0", "brace"),
        ("Shame on {country}!", "We thank {country}.", None, "stands twice"),
        ('capital = "Ccity"', 'kapital = "Ccity"', "states.2.capital", "required"),
        ("[templates]", "[templates]\nriver = []", "templates.river", "not permitted"),
        ('["Smith", "Jones"]', "[]", "surnames", "at least 1"),
        ('["Smith", "Jones"]', '["Smith", 5]', "surnames.1", "valid string"),
        ("[templates]", "[templates", None, "at line 1"),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, place: str | None, reason: str
) -> None:
    assert old in TINY
    path = tmp_path / "swaps.toml"
    path.write_text(TINY.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_swaps(path)
    assert caught.value.field == place
    assert reason in caught.value.reason
    assert str(path) in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_swaps(tmp_path / "none.toml")


def test_there_are_templates_and_names_enough(swaps: Swaps) -> None:
    some = swaps.templates
    assert len(_texts(swaps)) >= 220
    assert len(some.country) >= 120
    assert len(some.nationality) >= 40
    assert len(some.city) >= 25
    for kind in (some.organisation, some.office, some.surname, some.gender):
        assert len(kind) >= 15
    names = (swaps.states, swaps.cities, swaps.organisations, swaps.offices, swaps.surnames)
    assert [len(one) >= least for one, least in zip(names, (80, 30, 15, 12, 60), strict=True)]
    for plain in names[1:]:
        assert len(set(plain)) == len(plain)
    for column in ("country", "capital"):
        assert len({getattr(state, column) for state in swaps.states}) == len(swaps.states)
    assert not {state.capital for state in swaps.states} & set(swaps.cities)


def test_every_template_varies_one_kind_of_name(swaps: Swaps) -> None:
    kinds = {gap: "state" for gap in StateNames.model_fields} | dict.fromkeys(
        ("he", "his", "him", "himself", "mr"), "gender"
    )
    for text in _texts(swaps):
        gaps = {gap.lower() for gap in re.findall(r"\{(\w+)\}", text)}
        assert len({kinds.get(gap, gap) for gap in gaps}) == 1, text
        assert 4 <= len(text.split()) <= 45, text


def test_templates_resemble_neither_each_other_nor_the_corpus(swaps: Swaps) -> None:
    mine = [swaps.statements(text)[0].text for text in _texts(swaps)]
    corpus = [row.text for row in read_corpus()]
    pairs = near_duplicate_pairs([*mine, *corpus])
    assert [pair for pair in pairs if pair[0] < len(mine)] == []


def test_all_pooled_kinds_have_templates(swaps: Swaps) -> None:
    assert set(POOLED) <= {kind for kind, some in swaps.templates if some}
