"""The tokenizer: prepared text in, token ids out, and windows for what is longer than one.

No padding and no truncation happen here: a quote is run at its own length, alone, so its score
cannot depend on what else was in the batch.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from model import spans
from model.errors import ArtifactError
from model.spans import Span
from model.text import prepare

Ids = npt.NDArray[np.int64]
"""Token ids of one window, shape (tokens,), special tokens included."""

SPECIAL_TOKENS = 2  # [CLS] and [SEP]


class TextEncoder:
    """Turns text into token ids of at most ``window`` tokens.

    Args:
        tokenizer: a ``tokenizers`` tokenizer with its post-processor for special tokens.
        window: most tokens the network takes at once, special tokens included.
    """

    def __init__(self, tokenizer: Tokenizer, window: int) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer
        self.window = window

    @classmethod
    def load(cls, path: Path, window: int) -> "TextEncoder":
        """Read ``tokenizer.json``.

        Raises:
            ArtifactError: the file is not a tokenizer.
        """
        try:
            return cls(Tokenizer.from_file(str(path)), window)
        except Exception as cause:  # tokenizers raises bare Exception
            raise ArtifactError(f"{path} is not a tokenizer: {cause}.") from cause

    @property
    def vocabulary(self) -> int:
        """Number of token ids, which must equal the rows of the network's embedding."""
        return int(self._tokenizer.get_vocab_size())

    def encode(self, texts: Sequence[str]) -> list[Ids]:
        """Encode raw texts, one array each; an array may be longer than a window."""
        prepared = [prepare(text) for text in texts]
        encodings = self._tokenizer.encode_batch_fast(prepared)
        return [np.asarray(e.ids, dtype=np.int64) for e in encodings]

    def surely_fits(self, text: str) -> bool:
        """Tell whether a text is so short that it fits one window, whatever its tokens.

        An ASCII character gives at most one token, any other at most three (a Hangul syllable is
        three letters), so most quotes need not be encoded to know.
        """
        return len(text) * (1 if text.isascii() else 3) <= self.window - SPECIAL_TOKENS

    def windows(self, text: str) -> list[Span]:
        """Cut a long text into ranges that fit a window each and leave no word out.

        Sentences are packed together while they fit; a sentence longer than a window is cut
        between words, and a word longer than a window (a URL, a run of symbols) anywhere.
        """
        pieces: list[tuple[Span, int]] = []
        for sentence in spans.sentences(text):
            pieces.extend(self._fitting(text, sentence))
        packed: list[tuple[Span, int]] = []
        for span, length in pieces:
            if packed and packed[-1][1] + length <= self.window - SPECIAL_TOKENS:
                last, total = packed.pop()
                packed.append((Span(last.start, span.end), total + length))
            else:
                packed.append((span, length))
        return [span for span, _ in packed]

    def _fitting(self, text: str, span: Span) -> list[tuple[Span, int]]:
        """Return the span with its token count, halved until each part fits a window."""
        length = len(self.encode([text[span.start : span.end]])[0]) - SPECIAL_TOKENS
        if length <= self.window - SPECIAL_TOKENS:
            return [(span, length)]
        middle = (span.start + span.end) // 2
        gap = text.rfind(" ", span.start + 1, middle)
        cut = gap if gap > span.start else middle
        return self._fitting(text, Span(span.start, cut)) + self._fitting(text, Span(cut, span.end))
