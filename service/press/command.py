"""The command ``article``; what it stands on is imported when it runs."""

from typing import TYPE_CHECKING, Annotated

import typer

from service.console import say
from service.errors import ALL_SCORED, UNUSABLE
from service.options import Artifact, Explain, Sentences

if TYPE_CHECKING:
    from service.settings import Settings

ARTICLES = (".txt", ".md")
"""Suffixes of the files of a folder that are taken for articles."""

_Articles = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE",
        help="The article, UTF-8 text; - is standard input. With -o also a folder, a pattern "
        "in quotation marks, or several.",
    ),
]
_Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="OUTPUT",
        help="A table, one row a quote, of all articles: CSV, TSV, JSONL or Parquet.",
    ),
]
_Title = Annotated[
    str | None, typer.Option("--title", metavar="TEXT", help="Its headline, if not in FILE.")
]
_Reader = Annotated[
    str | None,
    typer.Option(
        "--reader",
        metavar="NAME",
        help="What reads: rules, spacy (rules and a parser), or spacy:PIPELINE; else "
        "DIPLOTONE_ARTICLE_READER, else rules.",
    ),
]
_Resume = Annotated[
    bool,
    typer.Option("--resume/--restart", help="With -o: go on with unfinished work, or not."),
]


def article(
    sources: _Articles,
    target: _Output = None,
    title: _Title = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object: what HTTP answers.")
    ] = False,
    sentences: Sentences = False,
    explain: Explain = False,
    reader: _Reader = None,
    resume: _Resume = True,
    artifact: Artifact = None,
) -> None:
    """Find who says what in an article, and score it: quotes, speakers, who answers whom.

    Scare quotes and titles are shown, but not scored. Quotes are numbered from 0, as in the JSON.

    Examples: `diplotone article barbs.txt`; `diplotone article articles/ -o quotes.csv`;
    `curl -s https://example.org/barbs.txt | diplotone article - --json`
    """
    from service.corpus.errors import CorpusError
    from service.settings import Settings

    settings = Settings.load(artifact=artifact, article_reader=reader)
    asked = {"sentences": sentences, "explain": explain}
    if target is None:
        _one(sources, title, as_json, asked, settings)
    elif title or as_json or sentences or explain:
        raise CorpusError(
            "-o writes a table of quotes; --title, --json, --sentences and --explain are for one "
            "article without it. Leave them out."
        )
    else:
        raise typer.Exit(_table(sources, target, resume, settings))


def _one(
    sources: list[str],
    title: str | None,
    as_json: bool,
    asked: dict[str, bool],
    settings: "Settings",
) -> None:
    """Show one article, or write it as JSON."""
    from service.corpus.errors import CorpusError
    from service.corpus.many import names_many
    from service.installed import served_scorer
    from service.press.readers import syntax_of
    from service.press.scoring import score_article
    from service.press.source import read_source
    from service.press.tables import show_article, write_json

    if names_many(sources):
        raise CorpusError("Many articles go into a table; name it, for example -o quotes.csv.")
    text = read_source(sources[0], settings.max_article_characters)
    syntax = syntax_of(settings.article_reader)
    scorer = served_scorer(settings)
    scored = score_article(scorer, text, title, *_limits(settings), **asked, syntax=syntax)
    if as_json:
        write_json(scored, scorer.artifact, **asked)
    else:
        show_article(scored, text)
    scorer.close()


def _table(sources: list[str], target: str, resume: bool, settings: "Settings") -> int:
    """Write the quotes of articles as a table, say how it went, and return the exit code."""
    from service.corpus.errors import CorpusError
    from service.corpus.files import STANDARD
    from service.corpus.many import files_of
    from service.installed import served_scorer
    from service.press.collection import Reading, collect, open_table
    from service.press.readers import syntax_of

    if STANDARD in (*sources, target):
        raise CorpusError(f"{STANDARD} is one stream; with -o, name files.")
    articles = files_of(sources, ARTICLES)
    table = open_table(target, articles)
    reader = settings.article_reader
    reading = Reading(*_limits(settings), reader, syntax_of(reader))
    scorer = served_scorer(settings)
    found = collect(articles, table, scorer, reading, not resume, lambda e: say(f"diplotone: {e}"))
    scorer.close()
    parts = [f"Read {found.articles - found.unread:,} of {found.articles:,} articles"]
    if found.resumed:
        parts.append(f"{found.resumed:,} of them in an earlier run")
    if found.unread:
        parts.append(f"{found.unread:,} could not be read, each for the reason that was given")
    say("; ".join([*parts, f"{found.quotes:,} quotes found", f"written to {target}"]) + ".")
    return UNUSABLE if found.unread else ALL_SCORED


def _limits(settings: "Settings") -> tuple[int, int]:
    return settings.max_article_characters, settings.max_article_quotes
