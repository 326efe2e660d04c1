"""Is the quote's column there, and is there room for the new ones? One answer for each format."""

import difflib
from collections.abc import Sequence

from service.corpus.errors import CorpusError

_SHOWN = 20


def require_column(
    names: Sequence[str],
    column: str,
    place: str,
    option: str = "--column",
    holds: str = "quotes",
) -> None:
    """Check that one column, and only one, has the name.

    Args:
        names: the columns there are.
        column: the one that was asked for.
        place: file, and line where there is one.
        option: the option that names it.
        holds: what it should hold.

    Raises:
        CorpusError: names the columns there are, and near matches.
    """
    if names.count(column) == 1:
        return
    if column in names:
        raise CorpusError(f"{place}: the column {column!r} is there twice; rename one of them.")
    folded = {name.strip().casefold(): name for name in names}
    near = difflib.get_close_matches(column.strip().casefold(), folded, n=3)
    advice = (
        "did you mean " + " or ".join(f"{option} {folded[name]!r}" for name in near) + "?"
        if near
        else f"name the one that holds the {holds} with {option}."
    )
    raise CorpusError(f"{place}: no column {column!r} among {listed(names)}; {advice}")


def refuse_taken(names: Sequence[str], new: Sequence[str], place: str) -> None:
    """Check that no column has the name of one that scoring adds.

    Raises:
        CorpusError: names those that do.
    """
    if taken := [name for name in new if name in names]:
        plural = "s" if len(taken) > 1 else ""
        raise CorpusError(
            f"{place}: the column{plural} {listed(taken)} would be overwritten; rename or drop "
            f"{'them' if plural else 'it'}, or score the original file."
        )


def refuse_repeated(names: Sequence[str], place: str) -> None:
    """Check that every column has a name of its own, as JSON needs.

    Raises:
        CorpusError: names the first that does not.
    """
    for name in names:
        if names.count(name) > 1:
            raise CorpusError(
                f"{place}: the column {name!r} is there twice, which JSON cannot hold; rename one."
            )


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence has them: quoted, the first of very many and how many more."""
    shown = ", ".join(repr(name) for name in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown
