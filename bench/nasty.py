"""Texts of any length made to be slow, and the time that reading them takes.

No article looks like these. Each would catch a step of the rules that is not linear.
"""

import time
from collections.abc import Callable, Iterable
from itertools import product
from string import ascii_lowercase

from rich.table import Table

from service.articles.article import read_article

LONG = 200_000
"""Code points of the longest article that is taken."""

_SURNAMES = ["".join(letters).capitalize() for letters in product(ascii_lowercase, repeat=3)]

Soup = Callable[[int], str]
"""Makes a text of about so many code points."""


def _filled(unit: str, head: str = "") -> Soup:
    return lambda length: head + unit * ((length - len(head)) // len(unit))


def _named(unit: str) -> Soup:
    """Repeat a unit, each time with another surname at its ``%``."""
    return lambda length: "".join(
        unit.replace("%", _SURNAMES[i % len(_SURNAMES)]) for i in range(length // (len(unit) + 2))
    )


def _initials(length: int) -> str:
    named = _named("Ida % said no. ")(length // 2)
    labels = (f"{name.upper()}: No.\n" for name in _SURNAMES[: length // 18])
    return f"{named}\n{''.join(labels)}"


SOUPS: dict[str, Soup] = {
    "quotes and nothing else": _filled('"a" '),
    "only quotation marks": _filled('"'),
    "marks of every sort": _filled("\"‘«a “'b» "),
    "marks that never close": _filled("“a ‘b "),
    "marks without spaces": _filled("x“y”"),
    "quotes in quotes": _filled("“a ‘b “c ‘d’ e” f’ g” "),
    "quotes nested to the middle": lambda n: "“a ‘b " * (n // 13) + "c’ d” " * (n // 13),
    "a quote in every line": _filled('"a\n'),
    "one attribution after the other": _filled('"a," said Olsen, '),
    "one speaker, then quotes": _filled('"A b." ', "Olsen said "),
    "one quote, then quotes alone": _filled('"Aa b." ', 'Olsen said "no." '),
    "a passive verb, then quotes": _filled('"a b", ', "Olsen was told "),
    "pronouns": _filled('He said "a". '),
    "possessives": _filled("Olsen's minister's "),
    "insertions": _filled("Olsen, (said, "),
    "initials": _filled("U.S. "),
    "names in one sentence": _named("Ida %, "),
    "names, then pronouns": lambda n: _named("Ida % and ")(n // 2) + "he told him and " * (n // 32),
    "one surname": _named("% Holm said. "),
    "labels of people with those initials": _initials,
    "a label in every line": _named('% Holm: "no"\n'),
    "capitals": _filled('OLSEN SAID "NO". '),
    "no spaces": _filled('a"b'),
}
"""By what is in them."""


def speed_table(articles: Iterable[str]) -> Table:
    """Time one reading each of the articles put together, and of texts made to be slow."""
    whole = "\n\n".join(articles)
    samples = {
        "the articles": whole * (LONG // len(whole) + 1),
        "the articles in one paragraph": " ".join(whole.split()) * (LONG // len(whole) + 2),
        **{name: soup(LONG) for name, soup in SOUPS.items()},
    }
    table = Table("text", "code points", "quotes", "seconds of processor")
    for name, sample in samples.items():
        text = sample[:LONG]
        start = time.process_time()
        quotes = read_article(text).quotes
        seconds = time.process_time() - start
        table.add_row(name, f"{len(text):,}", f"{len(quotes):,}", f"{seconds:.2f}")
    return table
