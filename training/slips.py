"""Slips of the keyboard, put into clean sentences.

People type in haste. A student that never saw a slip takes a misspelt word for an unknown one,
while its teacher can be asked about the same sentence without the slip.
"""

import random
import re

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    key: row[max(0, i - 1) : i] + row[i + 1 : i + 2] for row in _KEYS for i, key in enumerate(row)
}
LEAST_LETTERS = 4
"""Shorter words are left alone, since a slip often makes another word of them."""
WORDS_A_SLIP = 9
"""A text gets one slip, and one more for each so many words."""
_WORD = re.compile(rf"[A-Za-z]{{{LEAST_LETTERS},}}")


def with_slips(text: str, chance: random.Random) -> str:
    """Return the text with a few letters swapped, dropped, doubled or mistyped.

    One text in four loses its capitals and apostrophes too, as posts do. A text without a word of
    at least ``LEAST_LETTERS`` letters comes back as it is.

    Args:
        text: a clean sentence or fragment.
        chance: decides which words and how; the same state gives the same slips.
    """
    words = list(_WORD.finditer(text))
    wanted = min(len(words), 1 + len(text.split()) // WORDS_A_SLIP)
    for match in sorted(chance.sample(words, wanted), key=lambda m: -m.start()):
        text = text[: match.start()] + _slipped(match.group(), chance) + text[match.end() :]
    return text.lower().replace("'", "") if chance.random() < 0.25 else text


def _slipped(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)  # the first letter is seldom wrong
    before, letter, after = word[:at], word[at], word[at + 1 :]
    match chance.randrange(4):
        case 0:
            return before + after[0] + letter + after[1:]
        case 1:
            return before + after
        case 2:
            return before + letter + letter + after
        case _:
            return before + chance.choice(_NEIGHBOURS[letter.lower()]) + after
