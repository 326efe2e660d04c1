"""The command ``report``: checks that the extra is installed before anything of it is imported.

The command line imports this at every start; the rest of the report is imported when it runs.
"""

import os
from pathlib import Path
from typing import Annotated

import typer

from service import installed
from service.console import say

LIBRARIES = ("jinja2", "matplotlib", "polars", "ruptures", "scipy")
"""What the extra "report" installs."""
FRUGAL = {
    "POLARS_MAX_THREADS": "1",
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0",
}
"""What polars and its allocator read when they are loaded: one thread, and memory given back.

So memory stays flat however long the file; each further thread holds pieces of its own.
"""


Source = Annotated[
    Path, typer.Argument(metavar="SCORED", help="What `batch` wrote: a file, or a folder.")
]
Target = Annotated[
    Path, typer.Option("--output", "-o", metavar="PAGE", help="The HTML page to write.")
]
Time = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Column of the dates: tone over time.")
]
Group = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Column of the groups to set side by side.")
]
Column = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Column of the quotes; else quote.")
]
Compare = Annotated[
    tuple[str, str] | None,
    typer.Option(metavar="A B", help="Two groups to compare; else those with the most rows."),
]
Figures = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write each picture as PNG and SVG too.")
]
TimeFormat = Annotated[
    str | None, typer.Option(metavar="FORMAT", help="How dates are written: %d/%m/%Y.")
]
Encoding = Annotated[str, typer.Option(help="Encoding of a text input.")]
Delimiter = Annotated[
    str | None, typer.Option(help="Of a CSV or TSV file, if it is not found out rightly.")
]
Mixed = Annotated[
    bool, typer.Option("--mixed-models", help="Take scores of several models all the same.")
]


def report(
    source: Source,
    target: Target,
    time: Time = None,
    group: Group = None,
    column: Column = None,
    compare: Compare = None,
    figures: Figures = None,
    time_format: TimeFormat = None,
    encoding: Encoding = "utf-8",
    delimiter: Delimiter = None,
    mixed: Mixed = False,
) -> None:
    """Make one HTML page of a scored file: plane, time, groups, levels, quotes; no network.

    Rows without a score are counted and left out. Needs the extra "report".

    Example: `diplotone report scored.parquet -o report.html --time date --group speaker`
    """
    _require_libraries()
    from service.report.request import Request

    request = Request(
        source,
        target,
        time,
        group,
        column,
        compare,
        figures,
        time_format,
        encoding,
        delimiter,
        mixed,
    )
    request.check()
    for name, value in FRUGAL.items():
        os.environ.setdefault(name, value)
    from service.report.making import make_report

    for line in make_report(request):
        say(line)


def _require_libraries() -> None:
    if lacking := installed.missing_extra("A report", "report", LIBRARIES):
        from service.report.request import ReportError

        raise ReportError(lacking)
