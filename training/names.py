"""Makes the tokenizer blind to names: all states read alike, all surnames, all offices, he and she.

A score must not move when the country's name is swapped. Training on swapped copies lowers such
moves and never ends them, so the names are taken away before the network can see them: the rules
below stand in ``tokenizer.json`` as its normaliser, before training, so that every door that loads
the artifact (ours, and Transformers' own pipeline) reads the same neutral text. Offsets and
highlights still point into the quote as sent.
"""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from training.alternation import NEVER, any_of
from training.persons import person_rules, titled_rules

NAMES = Path(__file__).parents[1] / "data" / "names.toml"

# Ordinary names that the base encoders know well, so that the sentence around them stays one.
STATE, PEOPLE, CITY, BODY = "france", "french", "paris", "nato"

Rule = tuple[str, str]
"""A regular expression and the text that replaces what it finds."""

_FORM = (
    # "the sorry state of Ukraine" names a condition, "the State of Qatar" a country.
    r"republic|kingdom|(?<=the |national )state|sultanate|emirate|principality|commonwealth|"
    "federation|grand duchy|independent state"
)
_KIND = (
    "islamic|people['’]s|democratic|federal|federative|bolivarian|plurinational|arab|socialist|"
    "hashemite|co-operative|cooperative|oriental|eastern"
)
# "South America" is a continent, while "South Lebanon" still names Lebanon.
_NO_CONTINENT = r"(?:(?<!latin )(?<!north )(?<!south )(?<!central )|(?!america))"
# One gender's words for both. "her" is "his" and "him" in one; so are both here.
_GENDER = {
    "he": ("she",),
    "his": ("her", "hers", "him"),
    "himself": ("herself",),
    "mr": ("mrs", "ms", "madam", "madame"),
    "spokesman": ("spokeswoman", "spokesperson"),
    "chairman": ("chairwoman", "chairperson"),
    "gentleman": ("lady",),
    "gentlemen": ("ladies",),
}


def neutral_rules(content: dict[str, Any]) -> list[Rule]:
    """Return the replacements for folded text (lower case, no accents), as (regex, placeholder).

    Args:
        content: the list of names as read; see the head of ``data/names.toml`` for the layout.
    """
    names = {one: [n for n in some if n.islower()] for one, some in _by_placeholder(content)}
    states, people, cities, bodies = (names[one] for one in (STATE, PEOPLE, CITY, BODY))
    # "the" belongs to some names (the Netherlands) and not to others; without it all read alike.
    title = rf"(?:(?:the )?(?:(?:{_KIND}) )*(?:{_FORM}) of (?:the )?)?"
    article = rf"(?:the (?={any_of(_with_article(states))}))?"
    rules = [
        # The same goes for the "s" of their possessive and the "n" of "an Iranian".
        (rf"['’]{_after_s(states + cities + bodies)}(?=\s)", "'s"),
        (rf"\ban (?={any_of(states + people + cities + bodies, plural=True)})", "a "),
        # Mexico City and the Organization of American States hold the name of a country.
        (rf"\b{any_of(_holding(cities, states))}", CITY),
        (rf"\b(?:the )?{any_of(_holding(bodies, states + people + cities))}", BODY),
        (rf"\b{title}{article}{_NO_CONTINENT}{any_of(states)}", STATE),
        (rf"\b{_NO_CONTINENT}{any_of(people, plural=True)}", PEOPLE),
        (rf"\b{any_of(cities)}", CITY),
        (rf"\b(?:the )?(?!un-){any_of(bodies)}", BODY),  # "un-American" is no affair of the UN
    ]
    rules += [(rf"\b{any_of(others)}", one) for one, others in _GENDER.items()]
    rules += person_rules(content.get("persons", {}))
    # A lone final stop is typography: one quote has it, the next is cut from its sentence.
    return [*rules, (r"(?<![.…])[.,;](?=\s*\z)", "")]


def capital_rules(content: dict[str, Any]) -> list[Rule]:
    """Return the replacements for text as written, where only capitals tell a name from a word.

    Args:
        content: the list of names as read; those that have capitals there are looked for here.
    """
    rules = [
        *titled_rules(content.get("persons", {})),
        # In a text all in capitals "US" is the pronoun, unless "the" stands before it.
        (
            r"\bUSA\b|(?:(?<=\b[Tt]he )|(?<=\bTHE )|(?<![A-Z]{2} )(?!US [A-Z]{2}))\bUS\b(?!\$)",
            "USA",
        ),
        (r"\bU\.S\.(?:A\.)?(?=[\"'”’]*\s*\z)", "USA."),  # its last point also ends the sentence
        (r"\bMiss(?= [A-Z])", "Mr"),
    ]
    for one, some in _by_placeholder(content):
        cased = [name for name in some if not name.islower()]
        rules += [(rf"\b{any_of([*cased, *map(str.upper, cased)])}", one.title())] if cased else []
    return rules


def neutral_normaliser(folding: dict[str, Any], path: Path = NAMES) -> dict[str, Any]:
    """Wrap a lower-casing normaliser of a ``tokenizer.json`` so that it gives neutral text.

    Args:
        folding: the tokenizer's own normaliser, which lowers case and drops accents.
        path: the list of names.
    """
    content = tomllib.loads(path.read_text("utf-8"))
    before, after = map(_replacing, (capital_rules(content), neutral_rules(content)))
    return {"type": "Sequence", "normalizers": [*before, folding, *after]}


def _replacing(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Return rules as a ``tokenizer.json`` writes them."""
    return [
        {"type": "Replace", "pattern": {"Regex": one}, "content": other} for one, other in rules
    ]


def _by_placeholder(content: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Return each placeholder with the names that it stands for."""
    entries: list[list[list[str]]] = list(content["states"].values())
    states, people, cities = ([n for e in entries for n in e[i]] for i in range(3))
    bodies: list[str] = content["organisations"]["names"]
    return [(STATE, states), (PEOPLE, people), (CITY, cities), (BODY, bodies)]


def _holding(names: Iterable[str], inner: Iterable[str]) -> list[str]:
    """The names that hold another one, which must be replaced before it."""
    within = re.compile(rf"\b{any_of(inner)}")
    return [name for name in names if within.search(name) and not within.fullmatch(name)]


def _after_s(names: Iterable[str]) -> str:
    """Return a look-behind for an apostrophe after a name in "s", whose possessive it may be."""
    found = [rf"\b{re.escape(name)}['’]" for name in sorted(set(names)) if name.endswith("s")]
    return f"(?<={'|'.join(found)})" if found else NEVER


def _with_article(states: Iterable[str]) -> list[str]:
    """The names that English puts "the" before: plurals, common nouns, their abbreviations."""
    common = re.compile(
        r"s$|states|united|republic|federation|union|territor|strip|bank|see$|vatican|u\.|coast$|"
        r"jamahiriya|^(lao pdr|fyrom|hksar)$|"
        r"^(uae|uk|usa|drc|dprk|prc|rok|gambia|congo|sudan|ukraine|crimea|donbass?)$"
    )
    plain = re.compile(
        r"^(laos|wales|honduras|cyprus|belarus|mauritius|barbados|st\.? .*|saint.*)$"
    )
    return [name for name in states if common.search(name) and not plain.match(name)]
