"""Who is quoted, and who answers whom."""

from collections.abc import Sequence

from service.articles.records import Evidence, Quote, Speaker, Turn
from service.articles.verbs import REPLYING


def speakers_of(quotes: Sequence[Quote]) -> tuple[Speaker, ...]:
    """Return everybody who is quoted, in order of their first quote."""
    rows: dict[str, list[int]] = {}
    for index, quote in enumerate(quotes):
        if quote.states and quote.speaker is not None and quote.speaker.resolved is not None:
            rows.setdefault(quote.speaker.resolved, []).append(index)
    return tuple(Speaker(name, tuple(indexes)) for name, indexes in rows.items())


def exchange_of(
    quotes: Sequence[Quote], lemmas: Sequence[str | None], labelled: Sequence[bool]
) -> tuple[Turn, ...]:
    """Return the turns in order, each with the one it answers where the article shows that.

    A turn answers the last turn of the one it addresses; with a verb of replying, or as the next
    line of a transcript, the turn before it.

    Args:
        quotes: all quotes of the article; nested ones are in no turn.
        lemmas: the verb that introduces each, or None.
        labelled: whether each is a line of a transcript.
    """
    turns: list[Turn] = []
    latest: dict[str, int] = {}
    for name, indexes in _runs(quotes):
        answers, evidence = _answered(name, indexes, quotes, lemmas, labelled, latest, len(turns))
        latest[name] = len(turns)
        turns.append(Turn(name, tuple(indexes), answers, evidence))
    return tuple(turns)


def _runs(quotes: Sequence[Quote]) -> list[tuple[str, list[int]]]:
    runs: list[tuple[str, list[int]]] = []
    for index, quote in enumerate(quotes):
        if not quote.states or quote.kind == "nested":
            continue
        name = quote.speaker.resolved if quote.speaker is not None else None
        if name is None:
            continue
        if runs and runs[-1][0] == name:
            runs[-1][1].append(index)
        else:
            runs.append((name, [index]))
    return runs


def _answered(
    name: str,
    indexes: Sequence[int],
    quotes: Sequence[Quote],
    lemmas: Sequence[str | None],
    labelled: Sequence[bool],
    latest: dict[str, int],
    count: int,
) -> tuple[int | None, Evidence | None]:
    for index in indexes:
        addressee = quotes[index].addressee
        whom = addressee.resolved if addressee is not None else None
        if whom is not None and whom != name and whom in latest:
            return latest[whom], "addressee"
    if count and labelled[indexes[0]]:
        return count - 1, "transcript"
    if count and any(lemmas[index] in REPLYING for index in indexes[:2]):
        return count - 1, "reply"
    return None, None
