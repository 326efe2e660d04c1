"""``python -m training`` trains, compares and promotes; ``... evaluate`` measures an artifact."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from data.errors import DataError
from model.artifact import default_folder
from model.errors import ArtifactError, ToneError
from training.config import TrainConfig, read_config
from training.errors import ConfigError, TrainingError

# One table from error to exit code: 2 is the reader's to mend, 1 a run that failed.
EXIT_CODES: dict[type[Exception], int] = {
    DataError: 2,
    ConfigError: 2,
    ArtifactError: 2,
    TrainingError: 2,
    ToneError: 1,
}
INTERRUPTED = 130
PAGE = Path("runs", "evaluation.html")
COMPARISON = Path("runs", "comparison.html")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Mirror = Annotated[Path | None, typer.Option(help="Folder with the public source files.")]
Cache = Annotated[Path | None, typer.Option(help="Folder for fetched files and built splits.")]
Offline = Annotated[bool, typer.Option(help="Fetch nothing; use mirror and cache only.")]
Config = Annotated[Path | None, typer.Option(help="TOML file; training/default.toml if not given.")]
Corpus = Annotated[Path | None, typer.Option(help="Labelled quotes, JSON Lines.")]
Rows = Annotated[int | None, typer.Option(help="Train and evaluate on this many rows only.")]
Real = Annotated[
    bool | None, typer.Option(help="Use the real labels too, whose public files are fetched.")
]
Epochs = Annotated[int | None, typer.Option(help="Passes over the rows, at most.")]
BatchSize = Annotated[int | None, typer.Option(help="Rows a step.")]
LearningRate = Annotated[float | None, typer.Option(help="Peak learning rate.")]
Seed = Annotated[int | None, typer.Option(help="Seed of weights, order and dropout.")]
Version = Annotated[str | None, typer.Option(help="Version of the new artifact.")]
Runs = Annotated[Path, typer.Option(help="Folder of the run folders.")]
Resume = Annotated[bool, typer.Option(help="Go on with the newest unfinished run.")]
Promote = Annotated[
    bool | None, typer.Option("--promote/--no-promote", help="Force the gates' decision.")
]
AcceptShift = Annotated[
    bool, typer.Option("--accept-shift", help="Promote however far the median score moves.")
]
Artifact = Annotated[Path | None, typer.Option(help="Artifact folder to evaluate.")]
Json = Annotated[bool, typer.Option("--json", help="Print the figures as JSON instead.")]
Page = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="HTML page to write; else runs/evaluation.html, with --json none."
    ),
]
NoPage = Annotated[bool, typer.Option("--no-page", help="Write no page.")]
Teacher = Annotated[Path | None, typer.Option(help="Artifact whose scores are trained on too.")]
Texts = Annotated[int | None, typer.Option(help="Public sentences that the teacher scores.")]
KeepOut = Annotated[
    Path | None, typer.Option(help="Labelled JSON Lines whose texts the teacher leaves out.")
]
Feedback = Annotated[Path | None, typer.Option(help="What `diplotone feedback export` wrote.")]
FeedbackWeight = Annotated[int | None, typer.Option(help="How often each stands in an epoch.")]
Start = Annotated[Path | None, typer.Option(help="Finished run that is trained further.")]
Average = Annotated[
    Path | None, typer.Option(help="Finished run whose weights and the new ones are averaged.")
]
Base = Annotated[str | None, typer.Option(help="Folder, packaged encoder or hub id.")]


@app.callback(invoke_without_command=True)
def train(
    context: typer.Context,
    config: Config = None,
    corpus: Corpus = None,
    base_model: Base = None,
    rows: Rows = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    seed: Seed = None,
    version: Version = None,
    real: Real = None,
    teacher: Teacher = None,
    teacher_texts: Texts = None,
    keep_out: KeepOut = None,
    feedback: Feedback = None,
    feedback_weight: FeedbackWeight = None,
    start_from: Start = None,
    average_with: Average = None,
    mirror: Mirror = None,
    cache: Cache = None,
    offline: Offline = False,
    runs: Runs = Path("runs"),
    resume: Resume = False,
    promote: Promote = None,
    accept_shift: AcceptShift = False,
) -> None:
    """Fine-tune the encoder, evaluate it, and promote it where every gate holds.

    Example: python -m training --rows 200 --epochs 1 --no-promote
    """
    if context.invoked_subcommand:
        return
    overrides = {k: v for k, v in context.params.items() if k in TrainConfig.model_fields}
    console = _console()
    with _ended():
        settings = read_config(config, overrides)
        # The training libraries take seconds to load, which --help need not wait for.
        from training.run import Surroundings, train

        around = Surroundings(
            runs, default_folder(), mirror, cache, offline, resume, promote, accept_shift
        )
        run = train(settings, around, console)
    console.print(f"Run folder: {run} (plots, evaluation.json, model card in it)")


@app.command()
def evaluate(
    file: Annotated[
        Path | None, typer.Argument(help="JSON Lines, text and both labels; else held-out rows.")
    ] = None,
    config: Config = None,
    corpus: Corpus = None,
    rows: Rows = None,
    base_model: Base = None,
    real: Real = None,
    feedback: Feedback = None,
    mirror: Mirror = None,
    cache: Cache = None,
    offline: Offline = False,
    artifact: Artifact = None,
    page: Page = None,
    no_page: NoPage = False,
    as_json: Json = False,
) -> None:
    """Score labelled rows with an artifact, the released one and baselines: tables and a page.

    Example: python -m training evaluate rows.jsonl --page rows.html
    """
    target = None if no_page else page or (None if as_json else PAGE)
    overrides = dict(corpus=corpus, rows=rows, base_model=base_model, real=real, feedback=feedback)
    with _ended():
        settings = read_config(config, overrides)
        from training.page import check_place, write_page
        from training.report import evaluate_rows, print_figures
        from training.rows import read_rows

        if target:
            check_place(target)
        split = read_rows(settings, mirror, cache, offline, _console())
        found = evaluate_rows(split, file, artifact or default_folder(), settings)
        if as_json:
            sys.stdout.write(json.dumps(found.figures, indent=2) + "\n")
        else:
            print_figures(found.figures, Console())
        if target:
            write_page(target, found.sets, found.figures, found.calibration, found.name)
            _console().print(f"Page: {target}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def compare(
    old: Annotated[Path, typer.Argument(help="Artifact folder, or: released.")],
    new: Annotated[Path, typer.Argument(help="Another one, likewise.")],
    file: Annotated[Path, typer.Argument(help="CSV, TSV or JSON Lines of quotes.")],
    column: Annotated[str | None, typer.Option(help="Column of the quotes: text, quote.")] = None,
    threshold: Annotated[
        list[float] | None, typer.Option(min=0, max=1, help="Old threshold to map; repeatable.")
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="HTML page; else runs/comparison.html, --json: none."),
    ] = None,
    no_page: NoPage = False,
    as_json: Json = False,
) -> None:
    """Show how scores move from one artifact to another: thresholds, rows, and who is nearer.

    Example: python -m training compare released runs/diplotone-1.3.0 quotes.csv --threshold 0.6
    """
    target = None if no_page else page or (None if as_json else COMPARISON)
    with _ended():
        from data.tables import read_table
        from training.compare import compare_artifacts, print_comparison
        from training.page import check_place, write_page

        if target:
            check_place(target)
        found = compare_artifacts(old, new, read_table(file, column), threshold or ())
        if as_json:
            sys.stdout.write(json.dumps(found.figures, indent=2, ensure_ascii=False) + "\n")
        else:
            print_comparison(found, Console())
        if target:
            labelled = {name: found.figures["labelled"] for name in found.sets}
            names = found.moved.names
            write_page(target, found.sets, labelled, found.calibration, names[1], moved=found.moved)
            _console().print(f"Page: {target}", markup=False, highlight=False, soft_wrap=True)


@app.command("promote")
def promote_run(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    accept_shift: AcceptShift = False,
    force: Annotated[bool, typer.Option("--force", help="Promote though gates fail.")] = False,
) -> None:
    """Judge a finished run again, and promote it where every gate holds.

    Example: python -m training promote runs/diplotone-1.3.0 --accept-shift
    """
    with _ended():
        from training.run import Surroundings, promote_run

        around = Surroundings(
            released=default_folder(), promote=force or None, accept_shift=accept_shift
        )
        promote_run(run, around, _console())


def _console() -> Console:
    """Return where steps and progress go; standard output is kept for results."""
    return Console(stderr=True)


@contextmanager
def _ended() -> Iterator[None]:
    """Turn every expected error into one sentence and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        message = "interrupted; go on with --resume. The released artifact is as it was."
        code = INTERRUPTED
    except tuple(EXIT_CODES) as error:
        message = str(error)
        code = next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind))
    else:
        return
    _console().print(f"training: error: {message}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    app()
