"""Who is meant by the label of a speech: "MS HOLLIS:", "Q:", "Petra Malm (presenter):"."""

import re
from collections.abc import Sequence

from model.spans import Span
from service.articles.layout import Paragraph
from service.articles.people import Cast
from service.articles.phrases import PhraseReader
from service.articles.somebody import Somebody
from service.articles.tokens import tokenise

_PARENTHESIS = re.compile(r"\s*\(([^()]*)\)\s*")
_ANSWER = frozenset(["a", "answer"])


class Labels:
    """The speech labels of an article.

    Args:
        text: the article.
        layout: its paragraphs.
        cast: who is who.
    """

    def __init__(self, text: str, layout: Sequence[Paragraph], cast: Cast) -> None:
        self._text = text
        self._cast = cast
        self._known: dict[str, Somebody] = {}

    def who(self, label: Span, proper: frozenset[str]) -> Somebody:
        """Return who speaks under a label; the same label always means the same."""
        text = self._text[label.start : label.end]
        key = text.casefold()
        if key not in self._known:
            self._known[key] = self._find(label, text, proper)
        return self._known[key]

    def _find(self, label: Span, text: str, proper: frozenset[str]) -> Somebody:
        if (
            text.casefold() in _ANSWER
            and (answering := self._cast.names.first_person()) is not None
        ):
            return answering
        initials = text if text.isupper() and 2 <= len(text) <= 3 else ""
        if initials and (initialled := self._cast.names.with_initials(initials)) is not None:
            return initialled
        spans = [label]
        if found := _PARENTHESIS.search(text):
            inside = Span(label.start + found.start(1), label.start + found.end(1))
            spans = [inside, Span(label.start, label.start + found.start())]
        for named in (True, False):
            for span in spans:
                somebody = self._read(span, proper, named)
                if somebody is not None:
                    return somebody
        return Somebody(text, "name", named=False)

    def _read(self, span: Span, proper: frozenset[str], named: bool) -> Somebody | None:
        tokens = tokenise(self._text, span.start, span.end, ())
        phrase = PhraseReader(self._text, tokens, proper).read(0) if tokens else None
        if phrase is None or phrase.last != len(tokens) or phrase.sort == "pronoun":
            return None
        return self._cast.meet(phrase) if bool(phrase.name) == named else None
