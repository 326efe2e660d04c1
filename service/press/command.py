"""The command ``article``; what it stands on is imported when it runs."""

from typing import Annotated

import typer

from service.errors import ALL_SCORED
from service.options import Artifact, Explain, Sentences


def article(
    source: Annotated[
        str, typer.Argument(metavar="FILE", help="The article, UTF-8 text; - is standard input.")
    ],
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="Its headline, if not in FILE.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object: what HTTP answers.")
    ] = False,
    sentences: Sentences = False,
    explain: Explain = False,
    artifact: Artifact = None,
) -> None:
    """Find who says what in an article, and score it: quotes, speakers, who answers whom.

    Scare quotes and titles are shown, but not scored. Quotes are numbered from 0, as in the JSON.

    Examples: `diplotone article barbs.txt`;
    `curl -s https://example.org/barbs.txt | diplotone article - --json`
    """
    from service.installed import served_scorer
    from service.press.scoring import score_article
    from service.press.source import read_source
    from service.press.tables import show_article, write_json
    from service.settings import Settings

    settings = Settings.load(artifact=artifact)
    text = read_source(source, settings.max_article_characters)
    scorer = served_scorer(settings)
    asked = {"sentences": sentences, "explain": explain}
    scored = score_article(
        scorer,
        text,
        title,
        max_characters=settings.max_article_characters,
        max_quotes=settings.max_article_quotes,
        **asked,
    )
    if as_json:
        write_json(scored, scorer.artifact, **asked)
    else:
        show_article(scored, text)
    scorer.close()
    raise typer.Exit(ALL_SCORED)
