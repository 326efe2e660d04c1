"""Makes the tokenizer blind to surnames and offices; part of what ``names.py`` puts together.

After a title ("President", "Mr") any capitalised word is a name. Elsewhere a surname cannot be told
from another word, so only those of a list are taken away; a rare one that is not listed still
moves a score, and evaluation reports by how much.
"""

from typing import Any

from training.alternation import any_of

PERSON, OFFICE = "martin", "minister"

_NAME = r"\p{Lu}(?:['’]\p{Lu})?\p{Ll}[\p{L}-]*"
_PARTICLE = r"(?:[Vv]an |[Dd]er |[Vv]on |[Dd]e |[Dd]a |[Aa]l-|[Ee]l-|[Bb]in )*"


def titled_rules(persons: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the replacement for names that follow a title, in text as written.

    Args:
        persons: the table ``persons`` of ``data/names.toml``.
    """
    if not persons:
        return []
    titles = "|".join(rf"(?<=\b{title} )|(?<=\b{title}\. )" for title in persons["titles"])
    other = "|".join(persons["offices_after_titles"])
    name = rf"(?!(?:{other})\b){_PARTICLE}(?!(?:{other})\b){_NAME}"
    # The two checks in front change nothing, and spare most characters the hundred that follow.
    begin = r"(?<= )(?=[\p{Lu}VvDdAaEeBb])"
    return [(rf"{begin}(?:{titles}){name}(?: (?!(?:{other})\b){_NAME})*", PERSON.title())]


def person_rules(persons: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the replacements for listed surnames and offices, in folded text.

    Args:
        persons: the table ``persons`` of ``data/names.toml``.
    """
    if not persons:
        return []
    surnames, offices = (any_of(persons[key]) for key in ("surnames", "offices"))
    given = any_of([*persons["given"], PERSON])
    return [
        (rf"\b{surnames}", PERSON),
        (rf"\b(?:{given} )+(?={PERSON}\b)", ""),
        (rf"\b{offices}", OFFICE),
        (rf"\b{OFFICE}(?: {OFFICE})+\b", OFFICE),
    ]
