"""Options that several commands have, each said once."""

from pathlib import Path
from typing import Annotated

import typer

Artifact = Annotated[
    Path | None,
    typer.Option(
        "--artifact",
        metavar="DIR",
        help="Folder of the model; else DIPLOTONE_ARTIFACT, else the released one.",
    ),
]
Sentences = Annotated[bool, typer.Option("--sentences", help="Score each sentence too.")]
Explain = Annotated[bool, typer.Option("--explain", help="Also show what each word contributes.")]
