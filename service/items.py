"""What a request counts, in the queue as in a quota: an item a quote, or more."""

SENTENCES_WEIGHT = 3
"""What a quote counts more when its sentences are scored as well."""
EXPLAIN_WEIGHT = 24
"""What a quote counts more when its highlights are asked for: a text for each word, about."""


def items_of(quotes: int, sentences: bool, explain: bool) -> int:
    """Return the items of a request for so many quotes."""
    return quotes * (1 + SENTENCES_WEIGHT * sentences + EXPLAIN_WEIGHT * explain)
