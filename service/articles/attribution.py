"""Finds who says each quote of a sentence: before it, behind it, or around it."""

from dataclasses import replace

from service.articles.attributions import Attribution
from service.articles.before import Before
from service.articles.behind import Behind
from service.articles.clauses import Sentence
from service.articles.marks import Quoted

Found = list[tuple[Quoted, Attribution | None]]

_COORDINATED = 8  # chunks between two quotes that share the attribution behind them


def attribute(sentence: Sentence) -> Found:
    """Return each quote of a sentence with its attribution, or None where there is none."""
    before, behind = Before(sentence), Behind(sentence)
    found: Found = []
    cue: int | None = None
    source: int | None = None
    for index, chunk in enumerate(sentence.chunks):
        if chunk.cue is not None:
            cue = cue if before.weaker(index, cue) else index
        elif before.is_source(index):
            source = index
        if chunk.token.quoted is None:
            continue
        first, then = before.read(index, cue, source), behind.read(index)
        found.append((chunk.token.quoted, _better(first, then)))
        _share(found, sentence, index)
    return found


def _better(before: Attribution | None, behind: Attribution | None) -> Attribution | None:
    """Choose the verb before a quote that is built into the sentence, else the one behind."""
    if before is None or behind is None:
        return behind or before
    built_in = before.direct and before.phrase is not None and before.manner != "introduced"
    return before if built_in and not behind.inverted else behind


def _share(found: Found, sentence: Sentence, quote: int) -> None:
    """Give "dead" the attribution of "buried" in: it was "dead" and "buried", Olsen said."""
    last = found[-1][1]
    if last is None or last.manner != "behind" or len(found) < 2 or found[-2][1] is not None:
        return
    earlier = found[-2][0]
    for index in range(quote - 1, max(-1, quote - _COORDINATED - 1), -1):
        chunk = sentence.chunks[index]
        if chunk.token.quoted is earlier:
            found[-2] = (earlier, replace(last, direct=False, inverted=False))
        if chunk.token.quoted is not None or chunk.cue is not None:
            return
