"""The command line. Exit codes: 0 all scored, 1 some could not be, 2 usage or unreadable input.

Starting is cheap: what a command needs is imported when it runs.
"""

import os
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from service import installed
from service.console import fields_table, score_table, show
from service.corpus import command as corpus
from service.drift import command as drifts
from service.endings import DEBUG, ended
from service.errors import ALL_SCORED, SOME_FAILED
from service.feedback import command as feedback
from service.label import command as labels
from service.options import Artifact, Explain, Sentences
from service.press import command as press
from service.report import command as reports


class _Doors(TyperGroup):
    """The group of commands: what any of them raises ends here."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - click's own signature
        with ended(bool(ctx.obj)):
            return super().invoke(ctx)


class _Verbatim(TyperCommand):
    """A command that leaves its arguments, ``--help`` among them, to another program."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401
        ctx.args = list(args)
        return []


app = typer.Typer(
    cls=_Doors,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def run() -> None:
    """Run the command line and end the process; the entry point."""
    # Taken out of the environment, since the settings refuse variables that they do not know.
    debug = bool(os.environ.pop(DEBUG, ""))
    with ended(debug):
        app(prog_name="diplotone", obj=debug)


def _print_version(wanted: bool) -> None:
    if wanted:
        show(installed.version_line())
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show versions and exit."
        ),
    ] = False,
) -> None:
    """Score quoted statements for hostility and formality, 0 to 1, on this machine.

    Example: `diplotone score "We deeply regret this incident."`
    """


@app.command()
def score(
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT", help="Quotes; else standard input.")
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="One JSON array; each element has the quote and what HTTP answers."
        ),
    ] = False,
    sentences: Sentences = False,
    explain: Explain = False,
    artifact: Artifact = None,
) -> None:
    """Score a few quotes: those given, or the lines of standard input.

    Exit code 0 when all were scored, 1 when some could not be (shown with the reason).

    Example: `diplotone score "deep regret" "hateful sophistry" --json`
    """
    from service import quotes

    given = list(texts or ()) or quotes.lines_of_standard_input()
    scorer = installed.load_scorer(artifact)
    outcomes = quotes.score_each(scorer, given, sentences=sentences, explain=explain)
    if as_json:
        quotes.write_json(given, outcomes, scorer.artifact)
    else:
        show(score_table(given, outcomes))
    scorer.close()
    raise typer.Exit(SOME_FAILED if quotes.failed(outcomes) else ALL_SCORED)


app.command("batch")(corpus.batch)
app.command("article")(press.article)
app.command("report")(reports.report)
app.add_typer(feedback.app, name="feedback")
app.command("drift")(drifts.drift)
app.command("label")(labels.label)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address; else DIPLOTONE_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; else DIPLOTONE_PORT.")] = None,
    artifact: Artifact = None,
) -> None:
    """Serve scores over HTTP until stopped.

    Example: `diplotone serve --host 127.0.0.1 --port 8000`
    """
    from service.server import serve as serve_http
    from service.settings import Settings

    raise typer.Exit(serve_http(Settings.load(host=host, port=port, artifact=artifact)))


@app.command()
def key(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Who will use it; stands in the server's log.")
    ],
) -> None:
    """Make an API key: the first line is the key, the second goes into the file of keys.

    The key is shown this once; the file (DIPLOTONE_API_KEYS_FILE) holds its hash, and a running
    server reads it again when it changes.

    Example: `diplotone key newsroom`
    """
    from service.keys import make_key

    made = make_key(name)
    show(made.key)
    show(made.line)


@app.command(cls=_Verbatim)
def train(context: typer.Context) -> None:
    """Train a model; every argument goes to `python -m training`.

    Example: `diplotone train --rows 200 --epochs 1`
    """
    installed.start_training(context.args)


@app.command(cls=_Verbatim)
def evaluate(context: typer.Context) -> None:
    """Evaluate the model on a labelled file; arguments go to `python -m training evaluate`.

    Example: `diplotone evaluate labelled.jsonl`
    """
    installed.start_training(["evaluate", *context.args])


@app.command(cls=_Verbatim)
def compare(context: typer.Context) -> None:
    """Show how scores move between two artifacts; arguments go to `python -m training compare`.

    Example: `diplotone compare released runs/diplotone-1.3.0 quotes.csv`
    """
    installed.start_training(["compare", *context.args])


@app.command()
def model(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    artifact: Artifact = None,
) -> None:
    """Show which model is installed, and verify the hash of each of its files.

    Example: `diplotone model --json`
    """
    import json

    card = installed.model_card(artifact)
    show(json.dumps(card, indent=2, ensure_ascii=False) if as_json else fields_table(card))
