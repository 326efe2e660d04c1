"""What an article may be: neither blank nor too long, in whole characters, of so many quotes."""

from model.errors import QuoteError
from model.text import check
from service.errors import RequestError

MAX_ARTICLE_CHARACTERS = 200_000
"""Default limit of an article, in Unicode code points."""
MAX_ARTICLE_QUOTES = 2_000
"""Default limit of the texts that one article has scored."""
MAX_TITLE_CHARACTERS = 1000

_BLANK = "The article is blank; send its text."
_HALF = (
    "holds half of a surrogate pair, which is no character; decode the text properly before "
    "sending it."
)


class ArticleError(RequestError):
    """The article cannot be read or asks for too much; carries status, code and field."""


def check_article(text: str, limit: int = MAX_ARTICLE_CHARACTERS) -> str:
    """Return the text of an article if it can be read.

    Args:
        text: the article as sent.
        limit: most code points allowed.

    Raises:
        ArticleError: blank (control characters are blank too), too long, or holding half of a
            surrogate pair; status 422.
    """
    check_length(text, limit)
    try:
        check(text, limit)
    except QuoteError as error:
        if error.code == "quote_blank":
            raise ArticleError(422, "text_blank", _BLANK, "text") from None
        raise ArticleError(422, "text_not_unicode", f"The article {_HALF}", "text") from None
    return text


def check_length(text: str, limit: int) -> None:
    """Raise ArticleError (422) where an article has more code points than the limit."""
    if len(text) > limit:
        message = f"The article has {len(text):,} characters and the limit is {limit:,}; "
        raise ArticleError(422, "text_too_long", message + "send it in parts.", "text")


def check_title(title: str | None) -> str | None:
    """Return the title of an article; ArticleError (422) if it is too long or no text."""
    if title is None:
        return None
    if len(title) > MAX_TITLE_CHARACTERS:
        message = f"The title has {len(title):,} characters and the limit is "
        message += f"{MAX_TITLE_CHARACTERS:,}; shorten it."
        raise ArticleError(422, "invalid_field", message, "title")
    if any("\ud800" <= c <= "\udfff" for c in title):
        raise ArticleError(422, "invalid_field", f"The title {_HALF}", "title")
    return title


def check_count(count: int, limit: int = MAX_ARTICLE_QUOTES) -> None:
    """Raise ArticleError (413) where an article wants more texts scored than the limit."""
    if count > limit:
        message = f"The article has {count:,} quotes to score and the limit is {limit:,}; "
        raise ArticleError(
            413, "too_many_quotes", message + "send it in parts, for example by section.", "text"
        )
