"""Warnings: reasons to trust a score less, found in the text and its tokens, not in its score."""

import functools

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from model.errors import ToneError
from model.scores import ToneWarning
from model.spans import words
from model.text import has_words, prepare

ENGLISH_FLOOR = 0.01
"""Below this share of the detector's belief a text counts as not English.

It is low on purpose: short diplomatic phrases look foreign to a detector ("deep regret" gets
0.08), while running text in another language gets far less.
"""


@functools.cache
def language_detector() -> LanguageIdentifier:
    """Load py3langid once; a fraction of a second, so the scorer calls it before it is ready.

    Raises:
        ToneError: it is unpacked into a temporary file of 66 MiB, and there is no room for one.
    """
    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as cause:
        reason = (cause.strerror or str(cause)).lower()
        raise ToneError(
            f"Cannot unpack the language check into the folder for temporary files: {reason}. "
            "Give /tmp 128 MiB that can be written, or name another folder with TMPDIR."
        ) from cause


def english_belief(text: str) -> float:
    """Return how sure the detector is that the text is English, 0 to 1."""
    return float(dict(language_detector().rank(text)).get("en", 0.0))


def is_english(quote: str) -> bool:
    """Tell whether a quote has words and gets no warning about its language."""
    if not has_words(quote):
        return False
    text = prepare(quote)
    # The first of a hundred languages has more than the floor; ranking them all takes half as long
    # again.
    return language_detector().classify(text)[0] == "en" or english_belief(text) >= ENGLISH_FLOOR


def warnings_for(quote: str, windows: int, unlike: bool) -> tuple[ToneWarning, ...]:
    """Return the warnings of a quote.

    Args:
        quote: as sent.
        windows: in how many it was scored.
        unlike: whether its words are far from those of the training texts.
    """
    found: list[ToneWarning] = []
    if not has_words(quote):
        message = "Nothing but punctuation, digits or symbols: the score says little."
        return (ToneWarning("no_words", message),)
    if not is_english(quote):
        message = "The text is probably not English; the model knows only English."
        found.append(ToneWarning("language", message))
    elif unlike:
        message = "Its words are rare in what the model learnt from; the score may be a guess."
        found.append(ToneWarning("unfamiliar", message))
    if len(words(quote)) <= 2:
        message = "One or two words carry little tone; see the interval."
        found.append(ToneWarning("short", message))
    if windows > 1:
        message = (
            f"Longer than one window: scored in {windows} windows of whole sentences where they "
            "fit; the score is their mean, weighted by tokens."
        )
        found.append(ToneWarning("windows", message))
    return tuple(found)
