"""Lists of words, written as text so that they stay readable."""


def listed(*texts: str) -> frozenset[str]:
    """Return the words of texts, which white space separates."""
    return frozenset(word for text in texts for word in text.split())
