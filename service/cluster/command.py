"""What the command ``batch`` has to say of a cluster; Ray is imported when a run begins."""

import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from service import installed
from service.cluster.errors import ClusterError
from service.console import progress_bar, say
from service.errors import ALL_SCORED, SOME_FAILED

if TYPE_CHECKING:
    from service.cluster.plan import Options
    from service.corpus.files import Job

LIBRARIES = ("fsspec", "ray")
"""What the extra "cluster" installs."""

Engine = Annotated[
    Literal["here", "ray"],
    typer.Option(help="ray scores on a cluster, into a folder; needs the extra cluster."),
]
Workers = Annotated[
    str, typer.Option(metavar="MIN:MAX", help="Workers of the ray engine, one processor each.")
]
Address = Annotated[
    str,
    typer.Option(metavar="ADDRESS", help="Ray cluster to join: auto or HOST:PORT; local: none."),
]


def score_on_ray(
    sources: list[str], job: "Job", artifact: Path | None, resume: bool, workers: str, address: str
) -> int:
    """Score on a cluster, say how it went, and return the exit code.

    Args:
        sources: addresses of files, folders and patterns.
        job: the address of the output's folder for its target, and the options.
        artifact: folder of the model named by a flag.
        resume: go on with what an earlier run has done.
        workers: fewest and most, as ``1:4``; one number is both.
        address: of a running cluster; ``local`` starts one.

    Raises:
        ToneError: something cannot be used.
    """
    fewest, most = bounds_of(workers)
    if address.startswith("ray://"):
        raise ClusterError(
            f"Ray Data cannot be used through a Ray client, {address}; give the command on a "
            "machine of the cluster, with --address auto."
        )
    if lacking := installed.missing_extra("A cluster", "cluster", LIBRARIES):
        raise ClusterError(lacking)
    options = _options(job, artifact)
    _prepare_ray(address)
    from service.cluster import run

    pool = run.Workers(fewest, most, address)
    with progress_bar() as progress:
        tally = run.score_on_cluster(sources, job.target, options, pool, progress, not resume)
    parts = [f"{tally.rows - tally.failed:,} of {tally.rows:,} rows scored"]
    if tally.resumed:
        parts.append(f"{tally.resumed:,} of them by an earlier run")
    say(f"diplotone: {'; '.join(parts)}; written to {job.target}.")
    return SOME_FAILED if tally.failed else ALL_SCORED


def _prepare_ray(address: str) -> None:
    """Set what Ray reads when it is imported, unless the user has set it."""
    # What matters to us arrives as an exception.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    if address == "local":  # Ray's ports are open to the network, and whoever reaches one runs code
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))


def bounds_of(workers: str) -> tuple[int, int]:
    """Return the fewest and the most workers.

    Raises:
        ClusterError: not ``MIN:MAX``, one number, or none at all.
    """
    found = re.fullmatch(r"(\d{1,6})(?::(\d{1,6}))?", workers, re.ASCII)
    fewest = int(found[1]) if found else 0
    most = int(found[2] or fewest) if found else 0
    if not 1 <= fewest <= most:
        raise ClusterError(
            f"--workers is MIN:MAX, two numbers from 1 with the lower first, such as 1:4, "
            f"and not {workers!r}."
        )
    return fewest, most


def _options(job: "Job", artifact: Path | None) -> "Options":
    from service.cluster.plan import Options
    from service.corpus.run import CHUNK_DOCUMENTS, CHUNK_ROWS
    from service.settings import Settings

    found = installed.verified_artifact(artifact)
    return Options(
        job.column,
        job.by_sentence,
        job.encoding,
        job.delimiter,
        job.document,
        str(found.folder.resolve()),
        found.sha256,
        Settings.load().max_characters,
        CHUNK_DOCUMENTS if job.document else CHUNK_ROWS,
    )
