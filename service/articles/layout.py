"""The outer shape of an article: paragraphs, headlines, bylines, datelines and "Name:" lines."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from model.spans import Span
from service.articles.function_words import NO_LABELS
from service.articles.wordlists import listed

Role = Literal["body", "heading", "byline", "speech"]

_LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
_BYLINE = re.compile(r"(?:by|reporting by|editing by|additional reporting|written by)\s+\S", re.I)
_TIME = r"\d{1,2}[.:h]\d{2}(?:\s?[ap]\.?m\.?)?(?:\s[A-Z]{2,4}\b)?"
_ONLY_TIME = re.compile(_TIME)
_STAMP = re.compile(rf"{_TIME}\s*(?:[-–—:|]\s*)?(?=\S)")
# OSLO, March 4 (Agency) - ...; PORT MORESBY: ...; MOSCOW, August 30. /Agency/. ...
_CAPITALS_LINE = re.compile(
    r"[A-ZÀ-Þ][A-ZÀ-Þ .'’-]{2,30}(?=\s?[,(:/—–-])(?:[^\n\"“«:]{0,50}?)"
    r"(?:\s?--\s|\s?[—–]\s?|\s-\s|:\s|\.?\s/[^/\n]{1,20}/\.?\s)\s*"
)
_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tues|wednes|thurs|fri|satur|sun"
_CITY_LINE = re.compile(
    r"[A-ZÀ-Þ][\w'’.-]+(?:\s[A-ZÀ-Þ][\w'’.-]+){0,2}"
    rf"(?:,\s[^\n\"“«]{{0,12}}?(?:\d|(?i:\b(?:{_MONTH})))[^\n\"“«]{{0,20}}?|\s?\([^)\n]{{1,30}}\))"
    r"(?:\s?--\s|\s?[—–]\s|\s-\s|\.\s)\s*"
)
_LABEL = re.compile(r"(?P<label>[^\W\d_][^\n:!?\"“”«»]{0,70}?)\s?:\s+(?=\S)")
_ASKED = re.compile(r"(?P<label>[QA])[.:]\s+(?=\S)")
# Mr. Rather. Why now?  The President. Glad to do it.
_POINTED = re.compile(
    r"(?P<label>(?:The\s[A-Z]\w+|(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gen|Gov|Amb|Prime Minister|Minister|"
    r"Secretary|President|Chancellor|Ambassador)\.?\s[A-Z][\w’'-]+))\.\s+(?=[A-Z\[])"
)
_PARENTHESIS = re.compile(r"\([^()]*\)")
_SMALL = listed("of the for and to de da von van bin al la le der des du")
_QUESTIONS = frozenset(["q", "a", "question", "answer"])
_MANY = 3
_LONGEST_HEADING = 130


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, or a line where lines are paragraphs.

    Attributes:
        start: first code point that is no white space.
        end: code point after the last one.
        role: what it is.
        body: first code point after a dateline, a time or a speech label.
        label: range of the speech label in front, or None.
        goes_on: whether it continues the speech of the paragraph before, without a label.
    """

    start: int
    end: int
    role: Role
    body: int
    label: Span | None = None
    goes_on: bool = False


def _blocks(text: str) -> list[Span]:
    """Return the lines with text; lines of a hard-wrapped text joined up to the next empty line."""
    lines = [Span(*m.span()) for m in _LINE.finditer(text) if not m[0].isspace()]
    gaps = [text.count("\n", a.end, b.start) > 1 for a, b in zip(lines, lines[1:], strict=False)]
    inner = [line for line, gap in zip(lines, gaps, strict=False) if not gap]
    lengths = [line.end - line.start for line in inner]
    stopped = sum(text[line.end - 1] in ".!?\"”'’" for line in inner)
    if len(inner) < 5 or not 50 <= median(lengths) <= 100 or stopped * 2 > len(inner):
        return lines
    joined = [lines[0]]
    for line, gap in zip(lines[1:], gaps, strict=True):
        if gap:
            joined.append(line)
        else:
            joined[-1] = Span(joined[-1].start, line.end)
    return joined


def _trimmed(text: str, span: Span) -> Span:
    piece = text[span.start : span.end]
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, span.end - (len(piece) - len(piece.rstrip())))


def paragraphs_of(text: str) -> list[Span]:
    """Return the paragraphs as ranges without white space around them."""
    return [_trimmed(text, block) for block in _blocks(text)]


def _label(text: str, span: Span) -> Span | None:
    """Return the range of a speech label at the start of a paragraph, however it is used."""
    found = _ASKED.match(text, span.start, span.end) or _LABEL.match(text, span.start, span.end)
    if not found or text[found.end()].islower():
        return None
    name = found["label"]
    words = _PARENTHESIS.sub(" ", name).split()
    proper = all(w[0].isupper() or w in _SMALL or not w[0].isalpha() for w in words)
    usual = {w.casefold().strip("’'s") for w in words} - {""} <= NO_LABELS
    if not words or len(words) > 7 or not proper or (usual and name.casefold() not in _QUESTIONS):
        return None
    return Span(*found.span("label"))


def _speeches(text: str, spans: Sequence[Span]) -> dict[int, Span]:
    """Return the labels of a transcript by paragraph; none where the article is no transcript."""
    labels = {i: label for i, span in enumerate(spans) if (label := _label(text, span))}
    pointed = {
        i: Span(*found.span("label"))
        for i, span in enumerate(spans)
        if (found := _POINTED.match(text, span.start, span.end))
    }
    if len(pointed) > 2 * len(labels):
        labels = pointed | labels
    names = Counter(text[a:b].casefold() for a, b in labels.values())
    asked = _QUESTIONS & names.keys()
    repeated = len(labels) >= 2 and max(names.values(), default=0) >= 2
    most = len(labels) >= _MANY and len(labels) * 2 >= len(spans)
    return labels if len(asked) >= 2 or repeated or most else {}


def _role(text: str, span: Span, index: int) -> Role:
    length = span.end - span.start
    if length < _LONGEST_HEADING and _BYLINE.match(text, span.start, span.end):
        return "byline"
    if _ONLY_TIME.fullmatch(text, span.start, span.end):
        return "byline"
    unstopped = text[span.end - 1] not in (".:;,…" if index == 0 else ".!?:;,…\"”»'’")
    return "heading" if index < 2 and length < _LONGEST_HEADING and unstopped else "body"


def _body(text: str, span: Span, index: int) -> int:
    """Return where the text proper begins, after a time or a dateline."""
    if stamp := _STAMP.match(text, span.start, span.end):
        return stamp.end()
    if index < 6:
        for pattern in (_CAPITALS_LINE, _CITY_LINE):
            if line := pattern.match(text, span.start, span.end):
                return line.end()
    return span.start


def read_layout(text: str, spans: Sequence[Span]) -> list[Paragraph]:
    """Say of each paragraph what it is.

    Args:
        text: the article.
        spans: its paragraphs, from ``paragraphs_of``.
    """
    labels = _speeches(text, spans)
    first, last = min(labels, default=0), max(labels, default=-1)
    transcript = len(labels) >= _MANY and len(labels) * 2 >= last - first + 1
    paragraphs = []
    for index, span in enumerate(spans):
        if label := labels.get(index):
            body = (
                label.end
                + len(text[label.end : span.end])
                - len(text[label.end : span.end].lstrip(" .:\t\u00a0"))
            )
            paragraphs.append(Paragraph(span.start, span.end, "speech", body, label))
        elif transcript and first < index < last and text[span.start] not in "[(":
            paragraphs.append(Paragraph(*span, "speech", span.start, goes_on=True))
        else:
            body = _body(text, span, index)
            role = _role(text, span, index) if body == span.start else "body"
            paragraphs.append(Paragraph(*span, role, body))
    return paragraphs
