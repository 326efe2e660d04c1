"""The reporter's words, paragraph by paragraph: sentences with the attributions they hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from service.articles.attribution import attribute
from service.articles.attributions import Attribution
from service.articles.chunks import Chunk, is_adverbial, read_chunks
from service.articles.clauses import Sentence
from service.articles.layout import Paragraph
from service.articles.marks import Quoted
from service.articles.phrase import Phrase
from service.articles.phrases import PhraseReader
from service.articles.syntax import Syntax, with_people, with_sayings
from service.articles.tokens import Token, sentences
from service.articles.verbs import cues

_MARKS = frozenset([".", ",", "!", "?", "…", "...", "—", "–", "-", "--", ";"])


@dataclass(slots=True)
class ReadSentence:
    """A sentence of the reporter.

    Attributes:
        sentence: its chunks and subjects.
        quotes: its quotes, each with its place among the chunks and its attribution.
        alone: whether nothing but quotes stands in it.
    """

    sentence: Sentence
    quotes: list[tuple[int, Quoted, Attribution | None]]
    alone: bool

    @property
    def chunks(self) -> list[Chunk]:
        """Its chunks in order."""
        return self.sentence.chunks


@dataclass(slots=True)
class ReadParagraph:
    """A paragraph with its sentences, or a range inside a quote read the same way."""

    paragraph: Paragraph | None
    sentences: list[ReadSentence] = field(default_factory=list)

    @property
    def phrases(self) -> Iterable[Phrase]:
        """All phrases of the paragraph, in order."""
        for read in self.sentences:
            for chunk in read.chunks:
                if chunk.phrase is not None:
                    yield chunk.phrase


def proper_words(paragraphs: Iterable[Sequence[Token]]) -> frozenset[str]:
    """Return the words, in lower case, that stand with a capital right after another word."""
    return frozenset(
        token.low
        for tokens in paragraphs
        for before, token in zip(tokens, tokens[1:], strict=False)
        if token.is_capital and before.kind == "word" and not token.text.isupper()
    )


def read_range(
    text: str,
    tokens: Sequence[Token],
    proper: frozenset[str],
    paragraph: Paragraph | None = None,
    syntax: Syntax | None = None,
) -> ReadParagraph:
    """Read the tokens of a paragraph, or of the inside of a quote, by rules and maybe a parser."""
    reader = PhraseReader(text, tokens, proper)
    read = ReadParagraph(paragraph)
    if not tokens:
        return read

    def attributes(_: Sequence[Token], index: int) -> bool:
        return _only_attributes(reader, index)

    found = sentences(text, tokens, attributes)
    parsed = syntax.parse(text, [tokens[b.start : b.stop] for b in found]) if syntax else ()
    for bounds, known in zip_longest(found, parsed):
        chunks = read_chunks(reader, bounds)
        if known is not None:
            chunks = with_people(chunks, known, bounds.start)
        sentence = Sentence(chunks)
        attributed = attribute(sentence)
        if known is not None:
            attributed = with_sayings(attributed, sentence, known, bounds.start)
        places = [index for index, chunk in enumerate(chunks) if chunk.token.quoted is not None]
        quotes = [(at, *found) for at, found in zip(places, attributed, strict=True)]
        alone = all(chunk.kind == "quote" or chunk.low in _MARKS for chunk in chunks)
        read.sentences.append(ReadSentence(sentence, quotes, alone))
    return read


def _only_attributes(reader: PhraseReader, index: int) -> bool:
    """Tell whether tokens only say who has just spoken: Olsen asked. Olsen told reporters."""
    tokens = reader.tokens
    phrase = reader.read(index, initial=True)
    if phrase is None:
        return False
    at = phrase.last
    while at < len(tokens) and is_adverbial(Chunk("word", tokens[at].low, at, at + 1, tokens[at])):
        at += 1
    if at >= len(tokens) or (cue := cues().get(tokens[at].low)) is None:
        return False
    at += 1
    if cue.form not in ("past", "s"):
        return False
    if at < len(tokens) and "tell" in cue.groups and (whom := reader.read(at)) is not None:
        at = whom.last
    return at >= len(tokens) or tokens[at].low in (".", ",", ";") or tokens[at].kind == "quote"
