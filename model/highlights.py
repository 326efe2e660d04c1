"""Which words drive a score: leave one span out, score again, take the difference.

The difference is exact for this model and needs no gradient (occlusion; Li, Monroe and Jurafsky
2016, "Understanding Neural Networks through Representation Erasure"). Contributions are signed and
need not add up to the score, since words act together.
"""

from collections.abc import Sequence

from model.spans import Span, clauses, sentences, words

MAX_WORDS = 48
"""Up to this many words each word is left out on its own; beyond, each clause."""

MAX_SPANS = 64
"""Most spans left out of one quote, which bounds the work of one request."""


def spans_to_leave_out(text: str) -> list[Span]:
    """Return words of a short quote, else clauses, else sentences, else runs of sentences."""
    for cut, most in ((words, MAX_WORDS), (clauses, MAX_SPANS), (sentences, MAX_SPANS)):
        spans = cut(text)
        if len(spans) <= most:
            return spans  # none for punctuation alone
    size = -(-len(spans) // MAX_SPANS)
    runs = [spans[i : i + size] for i in range(0, len(spans), size)]
    return [Span(run[0].start, run[-1].end) for run in runs]


def left_out(text: str, windows: Sequence[Span], span: Span) -> list[str]:
    """Return the text of each window with the part of it that lies in ``span`` left out."""
    out = []
    for window in windows:
        start = min(max(span.start, window.start), window.end)
        end = max(min(span.end, window.end), start)
        out.append(text[window.start : start] + text[end : window.end])
    return out
