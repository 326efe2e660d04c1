"""Says what sort of quote each stretch is, above all what only names and states nothing."""

from service.articles.attributions import Attribution
from service.articles.chunks import Chunk
from service.articles.function_words import DETERMINERS, STOP
from service.articles.verbs import EXPRESSIONS, NAMING, WORKS, cues
from service.articles.wordlists import listed

_SHORT = 4
_CALLING = listed("call describe brand dub label term")
_STATING_MARKS = frozenset([":", ","])


def is_title(words: str) -> bool:
    """Tell whether words are written as the title of a work: A Seat Near the Door."""
    parts = words.split()
    if len(parts) < 2 or words[-1] in "!?" or not parts[0][0].isupper():
        return False
    long = [part for part in parts if part.casefold() not in STOP and part[0].isalpha()]
    return bool(long) and all(part[0].isupper() for part in long)


def names(words: str, chunks: list[Chunk], at: int) -> bool:
    """Tell whether the words before a quote say that it is a name: so-called, a film called."""
    after = [chunk.low for chunk in chunks[at + 1 : at + 4]]
    if after[:2] == [",", "the"] and after[2:] and after[2] in EXPRESSIONS:
        return True
    lows = [chunk.low for chunk in chunks[max(0, at - 3) : at]]
    if not lows:
        return False
    noun = lows[-2] if lows[-1] == "," and len(lows) > 1 else lows[-1]
    if lows[-1] in NAMING or noun in EXPRESSIONS or (noun in WORKS and words[:1].isupper()):
        return True
    if lows[-1] == "as" and len(lows) > 1 and lows[-2] in ("known", "billed"):
        return True
    return lows[-1] == "called" and len(lows) > 1 and lows[-2] in WORKS | EXPRESSIONS


def mentions(
    words: str, chunks: list[Chunk], at: int, attribution: Attribution | None, whole: bool
) -> bool:
    """Tell whether a quote only mentions words: a title, a scare quote, a word as a word.

    Args:
        words: those of the quote.
        chunks: the sentence around it.
        at: the quote's place among them.
        attribution: who says it, if the sentence says.
        whole: whether nothing but quotes stands in its sentence.
    """
    if attribution is not None and attribution.manner == "parsed":
        attribution = None  # what the rules take for a mention stays one
    if words.startswith("#") or names(words, chunks, at):
        return True
    if at and chunks[at - 1].kind == "possessive" and _owned(words, attribution):
        return True
    if _generic(attribution):
        return True
    said = attribution is not None and attribution.phrase is not None
    behind = attribution is not None and attribution.manner in ("behind", "signed")
    count = len(words.split())
    if is_title(words) and not (said and attribution is not None and attribution.lemma in _CALLING):
        return not (said and attribution is not None and attribution.direct)
    if said and not behind:
        return _scare(words, count, chunks, at, attribution)
    if said or whole or attribution is not None:
        return False
    stopped = words[-1] in ("!?" if at else ".!?,")
    return count <= _SHORT and not stopped and not _introduced(chunks, at)


def _owned(words: str, attribution: Attribution | None) -> bool:
    """Tell whether a few words are held against their owner: mocked the envoy's "advice"."""
    lemma = (attribution.lemma or "") if attribution is not None else ""
    cue = cues().get(lemma)
    theirs = lemma in _CALLING or (cue is not None and "voice" in cue.groups)
    return len(words.split()) <= _SHORT and not theirs


def _generic(attribution: Attribution | None) -> bool:
    """Tell whether people in general call something so: "young diplomats call it ..."."""
    if attribution is None or attribution.phrase is None or attribution.lemma != "call":
        return False
    phrase = attribution.phrase
    return attribution.cue == "call" and phrase.plural and not phrase.definite


def _introduced(chunks: list[Chunk], at: int) -> bool:
    return at > 0 and chunks[at - 1].low == ":"


def _scare(
    words: str, count: int, chunks: list[Chunk], at: int, attribution: Attribution | None
) -> bool:
    """Tell whether one word in a that-clause is only held at a distance: reached an "accord"."""
    if count != 1 or attribution is None or attribution.direct or words[-1] in ".!?":
        return False
    before = chunks[at - 1].low if at else ""
    return before in DETERMINERS and attribution.lemma not in _CALLING | {"accuse"}


def is_fragment(words: str, chunks: list[Chunk], at: int) -> bool:
    """Tell whether a quote is built into the reporter's sentence instead of standing alone."""
    before = chunks[at - 1] if at else None
    if before is None or before.kind == "quote" or before.low == ":":
        return False
    first = words.lstrip("[(…. ")[:1]
    if before.low in _STATING_MARKS or before.kind == "mark":
        earlier = chunks[at - 2] if at > 1 else None
        spoken = earlier is not None and earlier.cue is not None
        # Not in: the delegation would not, he said, "be lectured".
        spoken = spoken and not (at > 3 and chunks[at - 4].low == ",")
        return first.islower() and not spoken
    if first.islower():
        return True
    closed = words[-1] in ".!?,"
    return not closed and (before.cue is None or first.isdigit())
