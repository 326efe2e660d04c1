"""A regular expression for any of many words, written so that it is quick to fail.

A plain alternation tries every word at every place; a tree of common beginnings tries a letter.
"""

import re
from collections.abc import Iterable
from typing import Any

NEVER = r"(?!)"
"""Matches nowhere."""


def any_of(names: Iterable[str], plural: bool = False) -> str:
    """Return a regex for any of the names, as a tree of common beginnings, the longest first."""
    tree: dict[str, Any] = {}
    for name in names:
        node = tree
        for letter in name:
            node = node.setdefault(letter, {})
        node[""] = {}
    if not tree:
        return NEVER
    end = "(?:s)?" if plural else ""
    return rf"{_branch(tree)}{end}(?!\w)"


def _branch(node: dict[str, Any]) -> str:
    parts = [_letter(letter) + _branch(rest) for letter, rest in node.items() if letter]
    if not parts:
        return ""
    joined = parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"
    return f"(?:{joined})?" if "" in node else joined


def _letter(letter: str) -> str:
    return "['’]" if letter == "'" else re.escape(letter)
