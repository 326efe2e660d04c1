"""``python -m bench.articles``: how well each reader reads the annotated articles, and how fast.

``data/articles/README.md`` says how the articles were written and annotated and what is counted.
"""

import re
import time
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.table import Table

from bench.nasty import speed_table
from service.articles.article import read_article
from service.articles.records import Kind, Quote
from service.articles.syntax import Syntax
from service.errors import SettingsError
from service.press.readers import RULES, SPACY, syntax_of

FOLDER = Path(__file__).parent.parent / "data" / "articles"

Half = Literal["dev", "test"]
HALVES: tuple[Half, ...] = ("dev", "test")

_DETERMINER = re.compile(r"^(?:the|a|an|its|his|her|their|our|my)\s+")
_ATTACHED = re.compile(r"\s(?:of|for|in|at|on|from|to|close to)\s.*")


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GoldQuote(_Record):
    """A quote as a reader sees it; ``resolved`` lists every name that is right for its speaker."""

    start: int
    kind: Kind
    text: str
    speaker: str | None = None
    resolved: list[str] = []

    @property
    def end(self) -> int:
        """Code point after the quote."""
        return self.start + len(self.text)


class GoldArticle(_Record):
    """An annotated article."""

    name: str
    half: Half
    style: str
    text: str
    quotes: list[GoldQuote]


@dataclass(slots=True)
class Tally:
    """Counts over articles.

    Attributes:
        quotes: annotated quotes.
        exact: of these, found with exactly the same start and end.
        kinds: of the exact ones, those of the right kind.
        surplus: quotes found that are none.
        spoken: annotated quotes with a speaker.
        right: of these, found with the right speaker, resolved.
        named: of these, found with the words that name the speaker right, resolved or not.
        given: found quotes with a resolved speaker.
    """

    quotes: int = 0
    exact: int = 0
    kinds: int = 0
    surplus: int = 0
    spoken: int = 0
    right: int = 0
    named: int = 0
    given: int = 0

    @property
    def recall(self) -> float:
        """Share of the quotes with a speaker that got the right one."""
        return self.right / max(1, self.spoken)

    @property
    def precision(self) -> float:
        """Share of the speakers given that are right."""
        return self.right / max(1, self.given)

    @property
    def exactness(self) -> float:
        """Share of the quotes found with exact offsets."""
        return self.exact / max(1, self.quotes)

    @property
    def kind_accuracy(self) -> float:
        """Share of the exactly found quotes that have the right kind."""
        return self.kinds / max(1, self.exact)


def read_gold(folder: Path = FOLDER) -> list[GoldArticle]:
    """Read the annotated articles in order of their names.

    Raises:
        ValueError: a file is not as ``data/articles/README.md`` says.
    """
    articles = []
    for path in sorted(folder.glob("*.toml")):
        article = GoldArticle.model_validate(tomllib.loads(path.read_text("utf-8")))
        if article.name != path.stem:
            raise ValueError(f"{path}: the article in it is called {article.name}.")
        for quote in article.quotes:
            if article.text[quote.start : quote.end] != quote.text:
                raise ValueError(f"{path}: {quote.text!r} is not at {quote.start}.")
        articles.append(article)
    return articles


def same_name(given: str | None, right: Iterable[str]) -> bool:
    """Tell whether a name is one of the right ones.

    Determiners in front do not count, nor what hangs on behind an office ("of Chile"), nor titles
    in front of the given name. Less than the right name is wrong.
    """
    if given is None:
        return False
    bare = _DETERMINER.sub("", given.casefold())
    for name in right:
        gold = _DETERMINER.sub("", name.casefold())
        if bare == gold or bare.endswith(f" {gold}"):
            return True
        if _ATTACHED.sub("", bare) == _ATTACHED.sub("", gold):
            return True
    return False


def tally(
    articles: Iterable[GoldArticle],
    mistakes: list[str] | None = None,
    syntax: Syntax | None = None,
) -> Tally:
    """Read articles and count; ``mistakes`` collects a line for each mistake.

    Args:
        articles: with their annotation.
        mistakes: where the lines go.
        syntax: a parser beside the rules, or None.
    """
    total = Tally()
    for article in articles:
        found = {(q.start, q.end): q for q in read_article(article.text, syntax=syntax).quotes}
        gold = {(q.start, q.end): q for q in article.quotes}
        speakers = [quote.speaker for quote in found.values()]
        total.quotes += len(gold)
        total.surplus += len(found.keys() - gold.keys())
        total.given += sum(s is not None and s.resolved is not None for s in speakers)
        for span, quote in gold.items():
            lines = _count(total, quote, found.get(span))
            if mistakes is not None:
                mistakes.extend(f"{article.name}: {line}" for line in lines)
    return total


def _count(total: Tally, gold: GoldQuote, found: Quote | None) -> list[str]:
    """Count one annotated quote; return what is wrong with the one found."""
    speaker = found.speaker if found is not None else None
    right = speaker is not None and same_name(speaker.resolved, gold.resolved)
    total.exact += found is not None
    total.kinds += found is not None and found.kind == gold.kind
    total.spoken += gold.speaker is not None
    total.right += right
    if speaker is not None and gold.speaker is not None:
        words, given = gold.speaker.casefold(), speaker.text.casefold()
        total.named += words in given or given in words
    lines = []
    if found is None or found.kind != gold.kind:
        lines.append(f"{gold.text!r}: {gold.kind}, got {found.kind if found else 'nothing'}")
    if (gold.speaker is None) != (speaker is None) or (gold.speaker is not None and not right):
        got = f"{speaker.text} = {speaker.resolved}" if speaker else "nobody"
        lines.append(f"{gold.text!r}: {gold.speaker} = {gold.resolved}, got {got}")
    return lines


def quality_table(
    articles: Iterable[GoldArticle], mistakes: list[str], readers: Mapping[str, Syntax | None]
) -> Table:
    """Return a row of figures for each half and reader; ``mistakes`` collects the rules' on dev."""
    table = Table("half", "reader", "articles", "quotes", "exact", "kind right", "with speaker")
    columns = ("right speaker (recall)", "given", "right of given (precision)", "words right")
    for column in (*columns, "seconds"):
        table.add_column(column)
    for half, (reader, syntax) in product(HALVES, readers.items()):
        some = [article for article in articles if article.half == half]
        start = time.process_time()
        t = tally(some, mistakes if half == "dev" and syntax is None else None, syntax)
        seconds = time.process_time() - start
        cells = [half, reader, str(len(some)), str(t.quotes), f"{t.exactness:.1%}"]
        cells += [f"{t.kind_accuracy:.1%}", str(t.spoken), f"{t.recall:.1%}", str(t.given)]
        cells += [f"{t.precision:.1%}", f"{t.named / max(1, t.spoken):.1%}", f"{seconds:.2f}"]
        table.add_row(*cells)
    return table


def readers_here(console: Console) -> dict[str, Syntax | None]:
    """Return the readers to compare: the rules, and spaCy with them where it is installed."""
    try:
        return {RULES: None, SPACY: syntax_of(SPACY)}
    except SettingsError as lacking:
        console.print(f"{lacking} It is left out here.", markup=False)
        return {RULES: None}


def main(
    errors: Annotated[bool, typer.Option(help="List each mistake, of dev only.")] = False,
    speed: Annotated[bool, typer.Option(help="Time long texts too.")] = True,
) -> None:
    """Measure the readers on both halves of the annotated articles.

    Example: python -m bench.articles --errors
    """
    console = Console(width=max(120, Console().width))
    articles = read_gold()
    mistakes: list[str] = []
    console.print(quality_table(articles, mistakes, readers_here(console)))
    for line in mistakes if errors else []:
        console.print(line, markup=False, highlight=False)
    if speed:
        console.print(speed_table(article.text for article in articles))


if __name__ == "__main__":
    typer.run(main)
