"""``read_article``: from the text of an article to its quotes, speakers and exchange."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from service.articles.drafting import Drafting
from service.articles.drafts import Draft
from service.articles.exchange import exchange_of, speakers_of
from service.articles.layout import Paragraph, paragraphs_of, read_layout
from service.articles.marks import Quoted, pair_marks
from service.articles.pieces import own_pieces, own_words
from service.articles.records import Article, Mention, Quote
from service.articles.syntax import Syntax


def read_article(text: str, title: str | None = None, syntax: Syntax | None = None) -> Article:
    """Read an article.

    Rules only, unless a parser is given: no model, no network, no state. Never raises, whatever the
    text; takes time in proportion to its length.

    Args:
        text: the article as sent; any length, any marks. All offsets are code points into it.
        title: its headline, if that is not part of the text; kept for the reader, not quoted from.
        syntax: a parser that adds to the rules, or None; with one, it takes nearly all the time.

    Returns:
        The quotes in order with kind, speaker, cue and addressee, the speakers, and who answers
        whom. Nothing is scored: ``Quote.words`` is what a scorer should be given.
    """
    with _collector_at_rest():
        return _read(text, title, syntax)


def _read(text: str, title: str | None, syntax: Syntax | None) -> Article:
    spans = paragraphs_of(text)
    layout = read_layout(text, spans)
    quoted = _with_speeches(pair_marks(text, spans), layout)
    drafts = Drafting(text, layout, quoted, syntax).drafts()
    quotes = _quotes(text, drafts)
    lemmas = [draft.lemma for draft in drafts]
    labelled = [draft.labelled for draft in drafts]
    return Article(title, quotes, speakers_of(quotes), exchange_of(quotes, lemmas, labelled))


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from walking a tree that only grows: half the time otherwise."""
    awake = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if awake:
            gc.enable()


def _with_speeches(found: list[Quoted], layout: Sequence[Paragraph]) -> list[Quoted]:
    """Add the lines of a transcript, which are quotes without marks, around the marks in them."""
    speeches = [p for p in layout if p.role == "speech" and p.body < p.end]
    if not speeches:
        return found
    added: list[Quoted] = []
    rows = iter(found)
    row = next(rows, None)
    for paragraph in speeches:
        while row is not None and row.outer_start < paragraph.body:
            row = next(rows, None)
        speech = Quoted(
            paragraph.body, paragraph.end, paragraph.body, paragraph.end, None,
            paragraph.goes_on, "speech",
        )  # fmt: skip
        whole = row is not None and row.outer_start == speech.start and row.outer_end == speech.end
        if not whole:
            added.append(speech)
        while row is not None and row.outer_end <= paragraph.end:
            if row.parent is None and not whole:
                row.parent = speech
            row = next(rows, None)
    return sorted(
        [*found, *added], key=lambda q: (q.outer_start, -q.outer_end, q.family != "speech")
    )


def _quotes(text: str, drafts: Sequence[Draft]) -> tuple[Quote, ...]:
    index = {id(draft): i for i, draft in enumerate(drafts)}
    quotes = []
    for draft in drafts:
        pieces = own_pieces(text, draft)
        related = draft.continues or draft.parent
        speaker = None if draft.kind == "mention" else draft.speaker(text)
        quotes.append(
            Quote(
                text=text[draft.quoted.start : draft.quoted.end],
                start=draft.quoted.start,
                end=draft.quoted.end,
                kind=draft.kind,
                speaker=speaker,
                cue=draft.cue if speaker is not None else None,
                addressee=_addressee(draft) if speaker is not None else None,
                part_of=index.get(id(related)) if related is not None else None,
                pieces=pieces,
                words=own_words(text, pieces),
            )
        )
    return tuple(quotes)


def _addressee(draft: Draft) -> Mention | None:
    phrase = draft.addressee
    if phrase is None:
        return None
    name = draft.addressed.name if draft.addressed is not None else None
    return Mention(phrase.text, phrase.start, phrase.end, name)
