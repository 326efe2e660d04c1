"""What the neutral normaliser takes for a name, and what it leaves alone."""

import json
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from babel import Locale
from tokenizers import Tokenizer

from model.artifact import RELEASED, TOKENIZER
from training.names import BODY, CITY, NAMES, PEOPLE, STATE, neutral_normaliser
from training.swaps import Swaps, read_swaps

FOLDING = {
    "type": "BertNormalizer",
    "clean_text": True,
    "handle_chinese_chars": True,
    "strip_accents": None,
    "lowercase": True,
}
# CLDR regions that are no sovereign state: dependencies, parts of states, groups of them, codes.
OTHER_REGIONS = """AC AI AQ AS AW AX BL BM BQ BV CC CK CP CQ CW CX DG EA EU EZ FK FO GF GG GI GP GS
GU HM IC IM IO JE KY MF MO MP MQ MS NC NF NU PF PM PN PR QO RE SH SJ SX TA TC TF TK UM UN VG VI WF
XA XB YT ZZ"""
# Words that carry a tone must reach the network.
WITH_A_TONE = {"zionist", "aussie", "brit", "brits", "yank", "yankee", "kiwi", "regime", "empire"}

Fold = Callable[[str], str]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """The released tokenizer with the neutral normaliser, whether it has that already or not."""
    content: dict[str, Any] = json.loads((RELEASED / TOKENIZER).read_text("utf-8"))
    own = content["normalizer"]
    content["normalizer"] = neutral_normaliser(own if own["type"] == "BertNormalizer" else FOLDING)
    return Tokenizer.from_str(json.dumps(content))


@pytest.fixture(scope="module")
def fold(tokenizer: Tokenizer) -> Fold:
    normalise: Fold = tokenizer.normalizer.normalize_str
    return normalise


@pytest.fixture(scope="module")
def listed() -> dict[str, Any]:
    return tomllib.loads(NAMES.read_text("utf-8"))


@pytest.fixture(scope="module")
def swaps() -> Swaps:
    return read_swaps()


def _cldr_states(language: str) -> dict[str, str]:
    names = Locale.parse(language).territories
    others = OTHER_REGIONS.split()
    return {c: name for c, name in names.items() if len(c) == 2 and c not in others}


@pytest.mark.parametrize("language", ["en", "en_GB", "en_AU", "en_CA"])
def test_every_sovereign_state_of_cldr_reads_as_the_placeholder(
    fold: Fold, listed: dict[str, Any], language: str
) -> None:
    states = _cldr_states(language)
    assert len(states) >= 195
    assert set(states) <= set(listed["states"])
    assert [name for name in states.values() if fold(name) != STATE] == []


def test_the_countries_of_the_swaps_are_named_as_in_cldr(swaps: Swaps) -> None:
    known = set(_cldr_states("en").values())
    names = {s.country.removeprefix("the ").replace(" and ", " & ") for s in swaps.states}
    assert names - known == {"Democratic Republic of the Congo", "Myanmar", "Palestine"}


def test_every_name_of_the_swaps_reads_as_its_placeholder(fold: Fold, swaps: Swaps) -> None:
    wanted = {"country": STATE, "nationality": PEOPLE, "people": PEOPLE, "capital": CITY}
    names = [(getattr(s, gap), one) for s in swaps.states for gap, one in wanted.items()]
    names += [(name, CITY) for name in swaps.cities]
    names += [(name, BODY) for name in swaps.organisations]
    assert [(name, fold(name)) for name, one in names if fold(name) != one] == []
    assert [name for name, one in names if fold(name.upper()) != one] == []


@pytest.mark.parametrize("kind", ["country", "nationality", "city", "organisation", "gender"])
def test_a_swapped_name_leaves_the_same_token_ids(
    tokenizer: Tokenizer, swaps: Swaps, kind: str
) -> None:
    for template in getattr(swaps.templates, kind):
        texts = [statement.text for statement in swaps.statements(template)]
        ids = {tuple(found.ids) for found in tokenizer.encode_batch(texts)}
        assert len(ids) == 1, template


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (
            "The US hit Iran's ports with an Iranian bomb.",
            "Togo hit Fiji's ports with a Thai bomb.",
        ),
        (
            "An EU envoy in Mexico City blamed the UN.",
            "A NATO envoy in Oslo blamed the Arab League.",
        ),
        ("THE NETHERLANDS LIED TO US.", "CHINA LIED TO US."),
        ("the Philippines' cruel raid", "Mali's cruel raid"),
        ("She told her envoy herself, Mrs. Li.", "He told his envoy himself, Mr. Li."),
    ],
)
def test_sentences_with_several_names_swapped_leave_the_same_token_ids(
    tokenizer: Tokenizer, left: str, right: str
) -> None:
    assert tokenizer.encode(left).ids == tokenizer.encode(right).ids


@pytest.mark.parametrize(
    ("text", "neutral"),
    [
        ("the Islamic Republic of Iran", STATE),
        ("the State of Qatar", STATE),
        ("The Democratic People's Republic of Korea", STATE),
        ("the Democratic People’s Republic of Korea", STATE),
        ("the Plurinational State of Bolivia", STATE),
        ("Bolivia (Plurinational State of)", STATE),
        ("the Hashemite Kingdom of Jordan", STATE),
        ("the Republic of the Union of Myanmar", STATE),
        ("the United Kingdom of Great Britain and Northern Ireland", STATE),
        ("the Kingdom of the Netherlands'  fleet", f"{STATE}'s  fleet"),
        ("the French Republic", STATE),
        ("the Lao People's Democratic Republic", STATE),
        ("Iran's", f"{STATE}'s"),
        ("the United States' word", f"{STATE}'s word"),
        ("the Philippines’ word", f"{STATE}'s word"),
        ("Brussels' word", f"{CITY}'s word"),
        ("the United Nations' word", f"{BODY}'s word"),
        ("Côte d’Ivoire and Côte d'Ivoire", f"{STATE} and {STATE}"),
        ("N’Djamena", CITY),
        ("TÜRKIYE", STATE),
        ("the US", STATE),
        ("THE US", STATE),
        ("US troops", f"{STATE} troops"),
        ("the U.S. fleet", f"{STATE} fleet"),
        ("leave the U.S.", f"leave {STATE}"),
        ("the USA", STATE),
        ("U.S.A.", STATE),
        ("the usa", STATE),
        ("US-led", f"{STATE}-led"),
        ("UN-backed", f"{BODY}-backed"),
        ("an Iranian, a Russian", f"a {PEOPLE}, a {PEOPLE}"),
        ("an Iran-backed and a Syria-backed", f"a {STATE}-backed and a {STATE}-backed"),
        ("an OSCE mission", f"a {BODY} mission"),
        ("the Poles and the Danes", f"the {PEOPLE} and the {PEOPLE}"),
        ("Polish and POLISH", f"{PEOPLE} and {PEOPLE}"),
        ("Chilean", PEOPLE),
        ("anti-American", f"anti-{PEOPLE}"),
        ("Guinea-Bissau", STATE),
        ("South Sudanese", PEOPLE),
        ("Mexico City, Kuwait City", f"{CITY}, {CITY}"),
        ("Malé", CITY),
        ("the Organization of American States", BODY),
        ("the EU and NATO", f"{BODY} and {BODY}"),
        ("Miss Li, Madam President", "mr martin, mr minister"),
    ],
)
def test_a_name_is_read_in_every_form(fold: Fold, text: str, neutral: str) -> None:
    assert fold(text) == neutral


@pytest.mark.parametrize(
    "text",
    [
        "tell us",
        "TELL US NOW",
        "ALL OF US",
        "US$5m",
        "polish your manners",
        "a pole apart",
        "male",
        "reading",
        "nice",
        "two turkeys",
        "ten guineas",
        "united",
        "state of emergency",
        "the republic of letters",
        "the capital",
        "the kingdom",
        "au contraire",
        "un-islamic",
        "quad bikes",
        "scot-free",
        "we miss you",
        "Latin American",
        "South America",
        "the regime",
        "the Ministers' lies",
        "a germane indianapolis",
    ],
)
def test_words_that_only_look_like_names_stay(fold: Fold, text: str) -> None:
    assert fold(text) == text.lower()


def test_a_condition_is_no_country_and_a_regime_stays_one(fold: Fold) -> None:
    assert fold("the sorry state of Ukraine") == f"the sorry state of {STATE}"
    assert fold("the brutal regime of Syria") == f"the brutal regime of {STATE}"


def test_neutral_text_stays_as_it_is(fold: Fold, swaps: Swaps) -> None:
    for text in swaps.templates.country:
        once = fold(text.replace("{country}", "the United States"))
        assert fold(once) == once


def test_the_list_keeps_its_layout(listed: dict[str, Any]) -> None:
    seen: dict[str, str] = {}
    for code, entry in listed["states"].items():
        assert len(entry) == 3, code
        assert entry[0], f"{code} has no name"
        for name in (name for names in entry for name in names):
            # In lower case without accents, unless its capitals tell it from a word.
            assert name == name.strip()
            assert not name.islower() or name.replace("’", "'").isascii(), name
            assert seen.setdefault(name, code) == code, f"{name} stands under two states"
            assert not WITH_A_TONE & set(name.lower().split()), name
    organisations = listed["organisations"]["names"]
    assert len(set(organisations)) == len(organisations)


def test_a_list_without_some_kind_of_name_replaces_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("names") / "names.toml"
    path.write_text('[states]\nXX = [["utopia"], [], []]\n[organisations]\nnames = []\n', "utf-8")
    content = json.loads((RELEASED / TOKENIZER).read_text("utf-8"))
    content["normalizer"] = neutral_normaliser(FOLDING, path)
    normaliser = Tokenizer.from_str(json.dumps(content)).normalizer
    assert normaliser is not None
    assert normaliser.normalize_str("Utopia' an ally") == f"{STATE}' an ally"
