"""``score_article``: from the text of an article and a scorer to who said what, and how."""

from model.scorer import ToneScorer
from service.articles.syntax import Syntax
from service.press.limits import MAX_ARTICLE_CHARACTERS, MAX_ARTICLE_QUOTES
from service.press.plan import ArticlePlan
from service.press.records import ScoredArticle


def score_article(
    scorer: ToneScorer,
    text: str,
    title: str | None = None,
    max_characters: int = MAX_ARTICLE_CHARACTERS,
    max_quotes: int = MAX_ARTICLE_QUOTES,
    *,
    sentences: bool = False,
    explain: bool = False,
    syntax: Syntax | None = None,
) -> ScoredArticle:
    """Read an article and score what its speakers say.

    Only a speaker's own words are scored: not the reporter's prose, not scare quotes and titles,
    and what is nested in a quote only for the one who said it.

    Args:
        scorer: gives the scores.
        text: the article; offsets in the result are code points into it.
        title: its headline; not quoted from.
        max_characters: longest article accepted, in code points.
        max_quotes: most quotes that are scored; one longer than the scorer takes counts as several.
        sentences: also score each sentence of each quote.
        explain: also give what each word, clause or sentence contributes.
        syntax: a parser that adds to the rules, from ``readers.syntax_of``; None is rules alone.

    Returns:
        The quotes in order, each with speaker and tone, the speakers, and who answers whom. An
        article in which nobody is quoted has none of these.

    Raises:
        ArticleError: the article is blank, too long, not whole characters, or has too many quotes.
        ScoringError: the runtime failed.

    Example:
        >>> article = score_article(ToneScorer.load(), text)
        >>> [(q.quote.text, q.tone.hostility.score) for q in article.quotes if q.tone]
    """
    plan = ArticlePlan(text, title, scorer.max_characters, max_characters, max_quotes, syntax)
    texts = plan.texts
    scores = scorer.score(texts, sentences=sentences, explain=explain) if texts else []
    return plan.assemble(scores)
