"""The command ``batch``; what it stands on is imported when it runs."""

from functools import cache
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from service import installed
from service.cluster.command import Address, Engine, Workers, score_on_ray
from service.console import progress_bar, say
from service.endings import INTERRUPTED
from service.errors import ALL_SCORED, SOME_FAILED, UNUSABLE
from service.options import Artifact

if TYPE_CHECKING:
    from service.corpus.files import Job
    from service.corpus.report import Load

_Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT",
        help="CSV, TSV, JSONL or Parquet by suffix, text also .gz or .zst; - is JSONL. Or a "
        "folder, a pattern in quotation marks, or several.",
    ),
]
_Output = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        metavar="OUTPUT",
        help="The input's suffix, .jsonl or -. A folder for many inputs.",
    ),
]
_Unit = Annotated[
    Literal["quote", "document"],
    typer.Option(help="What a row holds; a document may be long and gets its peak too."),
]


def batch(
    sources: _Inputs,
    target: _Output,
    column: Annotated[str, typer.Option(help="Column that holds the quotes.")] = "quote",
    sentences: Annotated[
        bool, typer.Option("--sentences", help="One row a sentence instead of one a quote.")
    ] = False,
    unit: _Unit = "quote",
    resume: Annotated[
        bool,
        typer.Option("--resume/--restart", help="Go on with unfinished work, or throw it away."),
    ] = True,
    encoding: Annotated[str, typer.Option(help="Encoding of a text input.")] = "utf-8",
    delimiter: Annotated[
        str | None, typer.Option(help="Of a CSV or TSV input, if it is not found out rightly.")
    ] = None,
    artifact: Artifact = None,
    engine: Engine = "here",
    workers: Workers = "1:2",
    address: Address = "local",
) -> None:
    """Score a file: the same rows in the same order, every column kept, scores added.

    The input is checked first; a fault ends with exit code 2 and nothing written. A row that cannot
    be scored stays, with the reason in tone_warnings, and makes the exit code 1. A run that was
    stopped, killed or out of disk goes on where it was when the same command is given again.
    Of many files each has an output of its own; one that cannot be read is told and left out, and
    the exit code is that of the worst.

    Examples: `diplotone batch quotes.csv -o scored.csv --column text`;
    `diplotone batch 'speeches/*.csv.gz' -o scored`;
    `unxz -c quotes.jsonl.xz | diplotone batch - -o - | jq .hostility`
    """
    from service.corpus.files import Job

    document = unit == "document"
    job = Job(sources[0], target, column, sentences, encoding, delimiter, document)
    if engine == "ray":
        raise typer.Exit(score_on_ray(sources, job, artifact, resume, workers, address))
    raise typer.Exit(_scored(sources, job, cache(lambda: installed.load_scorer(artifact)), resume))


def _scored(sources: list[str], job: "Job", load: "Load", resume: bool) -> int:
    """Score one file or many, say how it went, and return the exit code."""
    from service.corpus.many import jobs_of, names_many
    from service.corpus.report import report, report_all, score_file, score_files

    unread = 0
    if names_many(sources):
        jobs = jobs_of(sources, job)
        with progress_bar() as progress:
            found = score_files(jobs, load, progress, not resume, lambda e: say(f"diplotone: {e}"))
        say(report_all(job.target, found))
        interrupted, failed, unread = found.interrupted, found.failed, found.unread
    else:
        with progress_bar() as progress:
            ending = score_file(job, load, progress, not resume)
        say(report(job, ending))
        interrupted, failed = ending.interrupted, ending.tally.failed
    if interrupted:
        return INTERRUPTED
    return UNUSABLE if unread else SOME_FAILED if failed else ALL_SCORED
