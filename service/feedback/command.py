"""The commands ``diplotone feedback ...``: bring in, give out, list, delete.

The command line imports this at every start; what a command stands on is imported when it runs.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from service.console import say, show
from service.errors import SettingsError

if TYPE_CHECKING:
    from service.feedback.records import FeedbackRecord
    from service.feedback.store import FeedbackStore

TOGETHER = 1_000
"""Lines of an import that are kept in one transaction."""
STANDARD = "-"

app = typer.Typer(
    help="Corrections that people sent back: import, export, list, delete.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Store = Annotated[
    str | None,
    typer.Option(
        "--store", metavar="ADDRESS", help="SQLite file or SQLAlchemy URL; else DIPLOTONE_FEEDBACK."
    ),
]
Rater = Annotated[str | None, typer.Option(metavar="NAME", help="Only this rater's.")]
Since = Annotated[
    str | None, typer.Option(metavar="TIME", help="Only from this time on, like 2026-11-01.")
]


def _opened(address: str | None) -> "closing[FeedbackStore]":
    from service.feedback.door import open_store
    from service.settings import Settings

    return closing(open_store(address or Settings.load().feedback))


def _time(text: str | None, option: str) -> str | None:
    from datetime import UTC, datetime

    from service.feedback.records import rfc3339

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{option} {text} is no time; write it like 2026-11-25.") from None
    return rfc3339(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


@app.command("import")
def bring(
    source: Annotated[str, typer.Argument(metavar="FILE", help="JSON Lines; - is standard input.")],
    store: Store = None,
) -> None:
    """Bring in records; those whose id is there already are left as they are.

    A line that cannot be read ends it; each full thousand before it is kept. Importing the mended
    file adds what is not there yet.

    Example: `diplotone feedback import corrections.jsonl --store feedback.db`
    """
    count = added = 0
    with _opened(store) as opened:
        records = _read(source)
        try:
            while some := list(islice(records, TOGETHER)):
                count += len(some)
                added += len(opened.add(some))
        finally:
            say(f"{added:,} records added; {count - added:,} were there already.")


def _read(source: str) -> Iterator["FeedbackRecord"]:
    from pydantic import ValidationError

    from service.errors import RequestError
    from service.feedback.records import FeedbackRecord
    from service.handlers import invalid_field
    from service.reading import parse

    name = "standard input" if source == STANDARD else source
    try:
        with sys.stdin.buffer if source == STANDARD else Path(source).open("rb") as stream:
            for number, line in enumerate(stream, 1):
                if not line.strip():
                    continue
                try:
                    yield FeedbackRecord.model_validate(parse(line))
                except ValidationError as cause:
                    raise _refused(name, number, invalid_field(cause)) from None
                except RequestError as cause:
                    raise _refused(name, number, cause) from None
    except OSError as cause:
        raise SettingsError(f"{name} cannot be read: {cause.strerror}.") from None


def _refused(name: str, line: int, why: Exception) -> SettingsError:
    return SettingsError(f"{name}, line {line}: {why}")


@app.command()
def export(
    target: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="JSON Lines; - is standard output."),
    ] = STANDARD,
    rater: Rater = None,
    since: Since = None,
    store: Store = None,
) -> None:
    """Give out the records as JSON Lines, the oldest first; training reads such a file.

    Example: `diplotone feedback export -o corrections.jsonl`
    """
    with _opened(store) as opened:
        lines = (
            json.dumps(record.model_dump(mode="json"), ensure_ascii=False) + "\n"
            for record in opened.records(rater, _time(since, "--since"))
        )
        if target == STANDARD:
            sys.stdout.writelines(lines)
            return
        path = Path(target)
        draft = path.with_name(f".{path.name}.draft")
        try:
            with draft.open("w", encoding="utf-8") as stream:
                stream.writelines(lines)
            draft.replace(path)
        except OSError as cause:
            draft.unlink(missing_ok=True)
            raise SettingsError(f"{target} cannot be written: {cause.strerror}.") from None


@app.command("list")
def listed(
    rater: Rater = None,
    since: Since = None,
    limit: Annotated[int, typer.Option(min=1, help="This many, the newest.")] = 20,
    store: Store = None,
) -> None:
    """Show the newest records in a table.

    Example: `diplotone feedback list --rater desk-2 --limit 50`
    """
    table = Table("id", "time", "rater", "quote", "hostility", "formality", "given", "note")
    with _opened(store) as opened:
        for record in opened.records(rater, _time(since, "--since"), limit):
            given = record.scored
            table.add_row(
                record.id,
                record.created[:16].replace("T", " "),
                record.rater,
                record.quote or (record.quote_sha256 or "")[:12] or f"request {record.request_id}",
                _shown(record.hostility),
                _shown(record.formality),
                f"{given.hostility:.2f} / {given.formality:.2f}" if given else "",
                record.note,
            )
    show(table)


def _shown(correction: float | str | None) -> str:
    return f"{correction:.2f}" if isinstance(correction, float) else correction or ""


@app.command()
def delete(
    ids: Annotated[
        list[str] | None, typer.Option("--id", metavar="ID", help="This record.")
    ] = None,
    rater: Rater = None,
    before: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only what is older than this time.")
    ] = None,
    store: Store = None,
) -> None:
    """Delete records for good: by id, all of a rater, or what is older than a time.

    Example: `diplotone feedback delete --rater desk-2`
    """
    if not ids and rater is None and before is None:
        raise SettingsError("Say what to delete: --id, --rater or --before.")
    with _opened(store) as opened:
        gone = opened.delete(ids=ids or (), rater=rater, before=_time(before, "--before"))
    say(f"{gone:,} records deleted.")
