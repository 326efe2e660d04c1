"""Many files in one command: which inputs, and an output of the same name for each."""

import glob
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from service.corpus.errors import CorpusError, unwritable
from service.corpus.files import FORMATS, STANDARD, Job
from service.corpus.packed import split_packing
from service.corpus.parts import RUN, changed, parts_folder
from service.corpus.run import kind_of

if TYPE_CHECKING:
    from model.scorer import ToneScorer

RECEIPTS = ".done"
"""Folder in the output's folder that records which outputs are finished."""


def names_many(sources: Sequence[str]) -> bool:
    """Tell whether arguments name many files: several, a folder, or a pattern."""
    if len(sources) > 1:
        return True
    path = Path(sources[0])
    return path.is_dir() or (glob.has_magic(sources[0]) and not path.exists())


def jobs_of(sources: Sequence[str], job: Job) -> list[Job]:
    """Return a job for each input, its output in one folder, which is made.

    Args:
        sources: files, folders and patterns.
        job: the folder of the outputs for its target, and the options.

    Raises:
        CorpusError: nothing matches, two inputs have one name, or the folder cannot be used.
    """
    if STANDARD in (*sources, job.target):
        raise CorpusError(
            f"{STANDARD} is one stream: with several inputs, name files, and a folder with -o."
        )
    out = Path(job.target)
    _check_folder(out, sources)
    taken: dict[str, Path] = {}
    for path in files_of(sources, tuple(FORMATS)):
        if path.resolve().is_relative_to(out.resolve()):
            raise CorpusError(f"The input {path} lies in the output folder {out}; name another.")
        other = taken.setdefault(path.name, path)
        if other is not path:
            raise CorpusError(
                f"{other} and {path} would both be written to {out / path.name}; score them in "
                "two commands with two folders."
            )
    try:
        out.mkdir(exist_ok=True)
    except OSError as cause:
        raise unwritable(out, cause) from cause
    return [replace(job, source=str(p), target=str(out / p.name)) for p in taken.values()]


def receipt_of(job: Job) -> Path:
    """Return where to keep that an output in a folder is finished."""
    target = Path(job.target)
    return target.parent / RECEIPTS / f"{target.name}.json"


def require_same_kind(jobs: Sequence[Job], load: Callable[[], "ToneScorer"]) -> None:
    """Check that what is in a folder was made with the same options and model, before any is added.

    An input that changed is another matter: its output alone is made anew.

    Args:
        jobs: as ``jobs_of`` returned them.
        load: gives the scorer; called where there is something to compare with.

    Raises:
        CorpusError: names what changed.
    """
    for job in jobs:
        for note in _notes_of(job):
            try:
                written = json.loads(note.read_bytes())
            except (OSError, ValueError):
                continue  # none, or it is not known, and then what is there is made anew
            earlier = written.get("run", written) if isinstance(written, dict) else {}
            if words := changed(json.dumps(earlier).encode(), kind_of(job, load()), note.name):
                folder = Path(job.target).parent
                raise CorpusError(
                    f"{folder} holds outputs of an earlier run, but {words} since; add --restart "
                    "to begin anew, or name another folder."
                )


def forget(jobs: Sequence[Job]) -> None:
    """Forget what an earlier run has done, of all files at once.

    So that a run that begins anew and is stopped can be gone on with, and not only begun once more.
    """
    for job in jobs:
        for note in _notes_of(job):
            note.unlink(missing_ok=True)


def _notes_of(job: Job) -> tuple[Path, Path]:
    """Return what says that an output is finished, and what says that it is begun."""
    return receipt_of(job), parts_folder(Path(job.target)) / RUN


def files_of(sources: Sequence[str], suffixes: Sequence[str]) -> list[Path]:
    """Return the files that arguments name, in order, each once.

    Args:
        sources: files as they are, folders for their files of these suffixes, and patterns
            (``*``, ``?``, ``[``, ``**``) for the files they match.
        suffixes: what a folder is searched for, in lower case, that of compression left off.

    Raises:
        CorpusError: a folder or pattern has none.
    """
    found = [path for source in sources for path in _matches(source, suffixes)]
    return list({path.resolve(): path for path in reversed(found)}.values())[::-1]


def _matches(source: str, suffixes: Sequence[str]) -> Iterator[Path]:
    path = Path(source)
    if path.is_dir():
        paths = [p for p in sorted(path.iterdir()) if p.is_file() and p.name[0] not in "._"]
        paths = [p for p in paths if split_packing(p)[0] in suffixes]
        if not paths:
            raise CorpusError(f"The folder {source} holds none of {', '.join(suffixes)}.")
        yield from paths
    elif glob.has_magic(source) and not path.exists():
        paths = [Path(p) for p in sorted(glob.glob(source, recursive=True)) if Path(p).is_file()]  # noqa: PTH207 - pathlib's knows no absolute patterns
        if not paths:
            raise CorpusError(f"{source} matches no file; put it in quotation marks, as it is.")
        yield from paths
    else:
        yield path


def _check_folder(out: Path, sources: Sequence[str]) -> None:
    for source in map(Path, sources):
        if source.is_dir() and out.resolve().is_relative_to(source.resolve()):
            raise CorpusError(
                f"The output {out} lies inside the input folder {source}, where a later run would "
                "take it for an input; name a folder elsewhere."
            )
    if out.is_dir():
        return
    what = f"{sources[0]} is a folder" if Path(sources[0]).is_dir() else "There are many inputs"
    if out.exists() or split_packing(out)[0] in FORMATS:
        raise CorpusError(
            f"{what}: name a folder for the outputs with -o; {out} is the name of a file."
        )
    if not out.absolute().parent.is_dir():
        raise CorpusError(f"The folder {out.absolute().parent} does not exist; make it first.")
