"""Pairs quotation marks of every common style, whatever is unbalanced; never fails, linear time.

The direction of a mark comes from its own shape and from the characters beside it. Marks pair
within a paragraph, so that one that is missing spoils no other paragraph; a quote runs on over
paragraphs only where the next one repeats its opening mark or plainly closes it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from model.spans import Span

_FAMILIES = {
    **dict.fromkeys(('"', "“", "”", "„", "‟", "＂", "″", "``", "''"), "double"),
    **dict.fromkeys(("'", "‘", "’", "‚", "‛", "`"), "single"),
    **dict.fromkeys("«»", "guillemet"),
    **dict.fromkeys("‹›", "small guillemet"),
    **dict.fromkeys("「」", "corner"),
    **dict.fromkeys("『』", "white corner"),
}
_OPENING = frozenset(["“", "„", "‟", "``", "‘", "‚", "‛", "`", "«", "‹", "「", "『"])
_CLOSING = frozenset(["”", "''", "’", "»", "›", "」", "』"])
_MARK = re.compile(r"``|''|[\"“”„‟＂″'‘’‚‛`«»‹›「」『』]")
_BEFORE_OPENING = frozenset("([{<>—–-/:;,…¿¡")
_AFTER_CLOSING = frozenset(".,;:!?)]}<—–-/…")
# 'tis, the '90s, rock 'n' roll: an apostrophe stands for letters left out.
_ELISION = re.compile(r"\d\ds?\b|(?:tis|twas|em|til|n['’])(?![^\W_])")
_REPORTED = re.compile(
    r",?\s+(?:(?:[A-Z][\w’-]*\.?\s+){1,4}|(?:he|she|they|it)\s+)(?:has\s+)?"
    r"(?:said|says|added|told|wrote|replied|asked|insisted|warned|declared)\b"
)
_TAIL = 80  # code points at the end of a paragraph that may hold an attribution
_DEEPEST = 12  # quotes in one another; beyond it marks pair, but make no quote
_WORDY = re.compile(r"[^\W_]")
_NEAR = 3  # paragraphs over which a quote whose marks are not repeated may still run on


@dataclass(slots=True, eq=False)
class Quoted:
    """A stretch between marks.

    Attributes:
        start: first code point of the words, white space left out.
        end: code point after them.
        outer_start: first code point of the opening mark.
        outer_end: code point after the closing mark.
        parent: the stretch that holds this one, or None.
        continues: whether it goes on with the stretch that the paragraph before left open.
        family: which sort of marks.
    """

    start: int
    end: int
    outer_start: int
    outer_end: int
    parent: "Quoted | None"
    continues: bool
    family: str


class _Mark(NamedTuple):
    start: int
    end: int
    family: str
    opens: bool
    closes: bool
    native: int  # 1 for an opening shape, -1 for a closing one, 0 for neither


def _read_mark(text: str, match: re.Match[str]) -> _Mark | None:
    """Classify one mark by the characters beside it; None for an apostrophe."""
    start, end = match.span()
    shape, before, after = match[0], text[start - 1 : start], text[end : end + 1]
    family = _FAMILIES[shape]
    if shape in "'’‘" and (before.isalnum() and after.isalnum() or _ELISION.match(text, end)):
        return None
    loose = not before or before.isspace() or before in _BEFORE_OPENING
    opens = (loose or before in _FAMILIES) and bool(after) and not after.isspace()
    free = not after or after.isspace() or after in _AFTER_CLOSING or after in _FAMILIES
    closes = bool(before) and not before.isspace() and free
    native = (shape in _OPENING) - (shape in _CLOSING)
    return _Mark(start, end, family, opens, closes, native)


def _doubtful(text: str, mark: _Mark) -> bool:
    """Tell whether a closing single mark may be the apostrophe of "the ministers' plan"."""
    before, after = text[mark.start - 1 : mark.start], text[mark.end : mark.end + 2]
    return before in "sxzSXZ" and after[:1].isspace() and after[1:].isalnum()


def _possessives(text: str, marks: Sequence[_Mark]) -> set[int]:
    """Return where apostrophes stand that a surer closing mark follows before the next opens."""
    found, surer = set(), False
    for mark in reversed(marks):
        if mark.family != "single":
            continue
        if mark.opens and not mark.closes:
            surer = False
        elif mark.closes and _doubtful(text, mark):
            if surer:
                found.add(mark.start)
        elif mark.closes:
            surer = True
    return found


class _Pairing:
    """The stack of marks that are open, and what was found so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Quoted] = []
        self._stack: list[Quoted] = []
        self._open: dict[str, int] = {}
        self._beyond: dict[str, int] = {}

    def begin(self, start: int, words: int, family: str, continues: bool) -> None:
        parent = self._stack[-1] if self._stack else None
        self._stack.append(Quoted(words, -1, start, -1, parent, continues, family))
        self._open[family] = self._open.get(family, 0) + 1

    def take(self, mark: _Mark, continues: bool = False) -> None:
        """Open or close with a mark, or pass over it."""
        is_open = self._open.get(mark.family, 0) > 0
        if mark.native:
            opening = mark.native > 0
            if opening and is_open and mark.closes and not mark.opens:
                opening = False
            elif not opening and not is_open and mark.family != "single":
                opening = mark.opens and not mark.closes
        else:
            opening = mark.opens if mark.opens != mark.closes else not is_open
        if opening and (mark.native or mark.opens or mark.family != "single"):
            if len(self._stack) < _DEEPEST:
                self.begin(mark.start, mark.end, mark.family, continues)
            else:
                self._beyond[mark.family] = self._beyond.get(mark.family, 0) + 1
        elif not opening and self._beyond.get(mark.family):
            self._beyond[mark.family] -= 1
        elif not opening and is_open:
            self._close(mark)

    def _close(self, mark: _Mark) -> None:
        # A lone apostrophe must not end a quote in other marks, so it closes the innermost only.
        if mark.family == "single" and self._stack[-1].family != "single":
            return
        while (last := self._pop()).family != mark.family:
            self._give_up(last, mark.start)
        self._keep(last, mark.start, mark.end)

    def _pop(self) -> Quoted:
        last = self._stack.pop()
        self._open[last.family] -= 1
        return last

    def outermost(self) -> Quoted | None:
        return self._stack[0] if self._stack else None

    def end_paragraph(self, end: int, runs_on: bool) -> None:
        """Close what is open: the outermost runs on, or all of it has lost its closing mark."""
        self._beyond.clear()
        while self._stack:
            last = self._pop()
            if runs_on and not self._stack:
                self._keep(last, end, end)
            else:
                self._give_up(last, end)

    def _keep(self, quoted: Quoted, end: int, outer_end: int) -> None:
        piece = self.text[quoted.start : end]
        quoted.start += len(piece) - len(piece.lstrip())
        quoted.end, quoted.outer_end = end - (len(piece) - len(piece.rstrip())), outer_end
        if _WORDY.search(piece):
            self.found.append(quoted)
        else:
            quoted.end = -1

    def _give_up(self, quoted: Quoted, end: int) -> None:
        """End a stretch without closing mark where its words most likely end, or drop it."""
        if quoted.family == "single" or quoted.parent is not None:
            return
        inner = min((q.outer_start for q in self._children(quoted)), default=end)
        words = self.text[quoted.start : inner]
        if reported := _REPORTED.search(words):
            stop = reported.start()
        else:
            stop = len(words.rstrip())
            if words[:1].islower() and words[stop - 1 : stop] == ".":
                stop -= 1
        self._keep(quoted, quoted.start + stop, quoted.start + stop)

    def _children(self, quoted: Quoted) -> list[Quoted]:
        """Return the stretches found after this one opened; they come last in the list."""
        children = []
        for other in reversed(self.found):
            if other.outer_start < quoted.outer_start:
                break
            children.append(other)
        return children


def _runs_on(
    text: str, left: Quoted, paragraph_end: int, upcoming: Sequence[Span], mark: _Mark | None
) -> bool:
    """Tell whether an open stretch goes on in the next paragraph; ``mark`` is the next mark."""
    if mark is None or not upcoming or mark.family != left.family:
        return False
    if mark.start == upcoming[0].start:
        lead = text[max(0, left.outer_start - 2) : left.outer_start].strip(" ")
        starts = not lead or lead[-1:] in ":,\n"
        goes_on = (mark.opens or mark.native > 0) and (left.family != "single" or starts)
    else:
        closes = mark.closes and not mark.opens and mark.native <= 0
        goes_on = closes and left.family != "single" and mark.start < upcoming[-1].end
    tail = text[max(left.start, paragraph_end - _TAIL) : paragraph_end] if goes_on else ""
    # "We lost, Olsen said.
    return goes_on and not any(found[0][0] == "," for found in _REPORTED.finditer(tail))


def pair_marks(text: str, paragraphs: Sequence[Span]) -> list[Quoted]:
    """Return the quoted stretches in order of their opening mark.

    Args:
        text: the article.
        paragraphs: ranges of it, in order, none starting or ending with white space.
    """
    marks = [mark for m in _MARK.finditer(text) if (mark := _read_mark(text, m))]
    possessive = _possessives(text, marks)
    marks = [mark for mark in marks if mark.start not in possessive]
    pairing, at = _Pairing(text), 0
    runs_on: str | None = None
    for index, paragraph in enumerate(paragraphs):
        if runs_on and not (at < len(marks) and marks[at].start == paragraph.start):
            pairing.begin(paragraph.start, paragraph.start, runs_on, continues=True)
            runs_on = None
        while at < len(marks) and marks[at].start < paragraph.end:
            pairing.take(marks[at], continues=runs_on is not None)
            runs_on, at = None, at + 1
        left = pairing.outermost()
        upcoming = paragraphs[index + 1 : index + 1 + _NEAR]
        goes_on = left is not None and _runs_on(
            text, left, paragraph.end, upcoming, marks[at] if at < len(marks) else None
        )
        runs_on = left.family if left and goes_on else None
        pairing.end_paragraph(paragraph.end, goes_on)
    return _linked(pairing.found)


def _linked(found: list[Quoted]) -> list[Quoted]:
    """Sort, and let each stretch point to the nearest one around it that was kept."""
    found.sort(key=lambda q: (q.outer_start, -q.outer_end))
    around: list[Quoted] = []
    for quoted in found:
        while around and around[-1].outer_end <= quoted.outer_start:
            around.pop()
        quoted.parent = around[-1] if around else None
        around.append(quoted)
    return found
