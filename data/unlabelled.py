"""Sentences of the public sources that nobody rated, for a teacher to score.

They come from the same verified files as the real labels, cut into sentences and freed of
duplicates. Sentences of documents that a held-out split draws on are left out whole, as is
every sentence that any labelled row holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sentencex import segment

from data.records import RealLabel
from data.resolve import local_files
from data.slices import normalise, passages
from data.sources import Source

LEAST_WORDS, MOST_WORDS, MOST_CHARACTERS = 3, 70, 600
# Words that posts in other languages do not share; English hardly does without them.
_ENGLISH = re.compile(
    r"\b(the|and|of|to|are|we|you|for|with|that|this|it|not|our|have|has|will|was|were|they|your|"
    r"by|from|his|their|been|what|when|who|there|would|should|all|but)\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://\S+|www\.\S+")


class Sentence(NamedTuple):
    """An unlabelled sentence and the source that it stands in."""

    source: str
    text: str


def unlabelled_sentences(
    labels: Sequence[RealLabel],
    sources: Mapping[str, Source],
    *,
    mirror: Path | None,
    cache: Path,
    held_out: Collection[str],
    known: Collection[str],
) -> list[Sentence]:
    """Every distinct English sentence of the files at hand, in the order of the files.

    `held_out` names documents (`Quote.group`) to leave out, `known` the texts of labelled rows.
    Nothing is fetched: resolving the labels has done that.
    """
    fields = {label.source: label.field for label in labels}
    seen = {_key(text) for text in known}
    closed = set(held_out)
    found: list[Sentence] = []
    for name, files in local_files(labels, sources, mirror=mirror, cache=cache).items():
        for file, path in sorted(files.items()):
            for document, passage in passages(sources[name], file, path.read_bytes(), fields[name]):
                if document in closed:
                    continue
                for text in _sentences(passage):
                    key = _key(text)
                    if key not in seen:
                        seen.add(key)
                        found.append(Sentence(name, text))
    return found


def _sentences(passage: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n|\r\n\s*\r\n", passage):
        for sentence in segment("en", normalise(paragraph)):
            text = _LINK.sub("", sentence).strip()
            count = len(text.split())
            fits = LEAST_WORDS <= count <= MOST_WORDS and len(text) <= MOST_CHARACTERS
            if fits and _is_english(text, count):
                yield text


def _is_english(text: str, words: int) -> bool:
    letters = sum(c.isascii() for c in text)
    return letters > 0.9 * len(text) and len(_ENGLISH.findall(text)) >= max(1, words // 8)


def _key(text: str) -> str:
    """The words alone, so that case, marks and spaces make no second sentence."""
    return " ".join(re.findall(r"\w+", text.lower()))
