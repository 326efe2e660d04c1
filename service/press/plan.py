"""The plan of one article: which texts the scorer must see, and how their scores go back.

Every door makes the plan and assembles the answer here; only the scorer's call in between is the
door's own, so that the same article gets the same numbers through each.
"""

from collections.abc import Sequence
from dataclasses import replace

from model.long import joined, parts_of
from model.scores import ToneScore
from model.text import MAX_CHARACTERS
from service.articles.article import read_article
from service.articles.records import Quote
from service.articles.syntax import Syntax
from service.press.limits import (
    MAX_ARTICLE_CHARACTERS,
    MAX_ARTICLE_QUOTES,
    check_article,
    check_count,
    check_title,
)
from service.press.offsets import in_article
from service.press.records import ScoredArticle, ScoredQuote
from service.press.speakers import tones_of


class ArticlePlan:
    """An article that has been read and waits for its scores.

    Args:
        text: the article as sent.
        title: its headline, or None.
        longest: most code points that the scorer takes at once.
        max_characters: longest article accepted, in code points.
        max_quotes: most texts to score.
        syntax: a parser that adds to the rules, or None.

    Raises:
        ArticleError: the article cannot be read, or has more quotes than the limit.
    """

    def __init__(
        self,
        text: str,
        title: str | None = None,
        longest: int = MAX_CHARACTERS,
        max_characters: int = MAX_ARTICLE_CHARACTERS,
        max_quotes: int = MAX_ARTICLE_QUOTES,
        syntax: Syntax | None = None,
    ) -> None:
        self._article = read_article(
            check_article(text, max_characters), check_title(title), syntax
        )
        self._parts = [
            parts_of(quote.words, longest) if quote.states else [] for quote in self._article.quotes
        ]
        check_count(sum(map(len, self._parts)), max_quotes)

    @property
    def texts(self) -> list[str]:
        """The texts to score, in the order in which ``assemble`` wants the scores.

        One for each quote that states something: the words of its speaker, without what is nested
        in it. A longer one than the scorer takes is several texts.
        """
        return [
            quote.words[start:end]
            for quote, parts in zip(self._article.quotes, self._parts, strict=True)
            for start, end in parts
        ]

    def assemble(self, scores: Sequence[ToneScore]) -> ScoredArticle:
        """Put the scores of ``texts`` where they belong."""
        quotes, at = [], 0
        for quote, parts in zip(self._article.quotes, self._parts, strict=True):
            score = joined(scores[at : at + len(parts)], parts)
            quotes.append(ScoredQuote(quote, _in_article(score, quote)))
            at += len(parts)
        speakers = tones_of(self._article.speakers, quotes)
        return ScoredArticle(self._article.title, tuple(quotes), speakers, self._article.exchange)


def _in_article(score: ToneScore | None, quote: Quote) -> ToneScore | None:
    if score is None:
        return None
    found = (score.sentences, score.highlights)
    by_sentence, highlights = (rows and in_article(rows, quote.pieces) for rows in found)
    return replace(score, sentences=by_sentence, highlights=highlights)
