"""The command ``label``; what it stands on is imported when it runs."""

from typing import Annotated

import typer

from service.options import Artifact


def label(
    source: Annotated[
        str, typer.Argument(metavar="FILE", help="Quotes: CSV, TSV, JSONL or Parquet by suffix.")
    ],
    store: Annotated[
        str | None,
        typer.Option(help="SQLite file or database address; else DIPLOTONE_FEEDBACK."),
    ] = None,
    rater: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who rates; else the page asks.")
    ] = None,
    raters: Annotated[
        int, typer.Option(min=1, max=100, help="Different people who should rate each quote.")
    ] = 2,
    column: Annotated[str, typer.Option(help="Column that holds the quotes.")] = "quote",
    encoding: Annotated[str, typer.Option(help="Encoding of a text file.")] = "utf-8",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="TCP port; 0 takes a free one.")
    ] = 8001,
    artifact: Artifact = None,
) -> None:
    """Serve a page, to this machine alone, on which people rate the quotes of a file.

    Quotes that the model is least sure of come first. Raters are blind to each other and to the
    model. Each rating is feedback: `diplotone feedback export` writes them for `diplotone train`.

    Example: `diplotone label quotes.csv --column text --store feedback.db`
    """
    from service.label.serving import Wanted, run

    run(Wanted(source, column, encoding, store, rater, raters, port, artifact))
