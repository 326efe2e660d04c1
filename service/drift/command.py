"""The command ``drift``; what it needs is imported when it runs."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service import installed
from service.console import say, show
from service.errors import ALL_SCORED, SOME_FAILED
from service.options import Artifact

if TYPE_CHECKING:
    from model.reference import Reference
    from service.drift.findings import Findings


def drift(
    source: Annotated[Path, typer.Argument(metavar="SCORED", help="A file that `batch` wrote.")],
    column: Annotated[str, typer.Option(help="Column that holds the quotes.")] = "quote",
    reference: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Another scored file to compare with."),
    ] = None,
    fail_above: Annotated[
        float | None,
        typer.Option(metavar="PSI", min=0, help="Exit with 1 where an index is larger."),
    ] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of a text input.")] = "utf-8",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    artifact: Artifact = None,
) -> None:
    """Say whether a scored corpus looks like the rows that the model was tested on.

    Compares scores, lengths, language and how rare the words are: the population stability index
    (PSI, below .1 alike, from .25 on different) and the Kolmogorov-Smirnov distance of each.

    Examples: `diplotone drift scored.parquet`;
    `diplotone drift may.csv --reference april.csv --fail-above 0.25`
    """
    found = _compare(source, column, reference, encoding, artifact)
    if as_json:
        show(json.dumps(found.figures(), indent=2, ensure_ascii=False))
    else:
        show(found.table())
        show(found.sentence())
    if found.counted.unscored:
        say(f"diplotone: {found.counted.unscored:,} rows without scores were left out.")
    failed = fail_above is not None and found.largest > fail_above
    raise typer.Exit(SOME_FAILED if failed else ALL_SCORED)


def _compare(
    source: Path, column: str, other: Path | None, encoding: str, folder: Path | None
) -> "Findings":
    from service.drift.counting import ScoredFile, named
    from service.drift.distance import distances
    from service.drift.findings import Findings

    files = [ScoredFile(path, column, encoding) for path in (source, other) if path]
    for file in files:
        file.check()
    verified = installed.verified_artifact(folder)
    if other:
        reference, beside = files[1].count(verified).reference, str(other)
    else:
        reference, beside = _own_reference(verified.manifest.reference, named(verified))
    edges = {measure: kind.edges for measure, kind in reference.histograms.items()}
    counted = files[0].count(verified, edges)
    return Findings(
        str(source),
        named(verified),
        beside,
        reference,
        counted,
        distances(reference, counted.reference),
    )


def _own_reference(reference: "Reference | None", model: str) -> "tuple[Reference, str]":
    """Return the manifest's reference, and what to call it.

    Raises:
        DriftError: it has none.
    """
    from service.drift.counting import DriftError

    if reference is None:
        raise DriftError(
            f"{model} does not say what the rows looked like that it was tested on, as artifacts "
            "trained before 1.3.0 do not: name a scored file to compare with, --reference FILE."
        )
    splits = " and ".join(reference.splits) or "test"
    return reference, f"the {reference.rows:,} rows of {splits} that {model} was tested on"
