"""An English pipeline of spaCy as a ``Syntax``. Nothing of spaCy is imported before it parses."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from service.articles.syntax import Parsed, Saying
from service.articles.tokens import Token, tokenise
from service.articles.verbs import cues

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.tokens import Token as Word

_SUBJECTS = frozenset(["nsubj", "csubj"])
_BESIDE = frozenset(["parataxis", "ccomp", "advcl", "relcl", "acl"])  # where parsers put "he said"
_HOLDING = frozenset(["ccomp", "parataxis", "dobj", "oprd"])  # how a verb holds what is said
_MOST_WORDS = 12  # of a quote; of a longer one only as many are shown to the parser
_HIGHEST = 12  # steps up the tree


class SpacySyntax:
    """Parses with a pipeline that was loaded.

    Args:
        pipeline: what of it parses dependencies and finds people is used; it may lack either.
    """

    def __init__(self, pipeline: "Language") -> None:
        self._pipeline = pipeline

    def parse(self, text: str, sentences: Sequence[Sequence[Token]]) -> Sequence[Parsed]:
        """Return what the pipeline says of each sentence; see ``Syntax``."""
        with self._pipeline.memory_zone():  # else each new word stays for good
            made = [self._doc(text, tokens) for tokens in sentences]
            docs = self._pipeline.pipe([doc for doc, _ in made])
            return [_parsed(doc, own) for doc, (_, own) in zip(docs, made, strict=True)]

    def _doc(self, text: str, tokens: Sequence[Token]) -> "tuple[Doc, list[int]]":
        """Return a sentence as the pipeline takes it, and for each word the index of its token."""
        from spacy.tokens import Doc

        words, own = list[str](), list[int]()
        for index, token in enumerate(tokens):
            shown = [token.text] if token.quoted is None else list(_shown(text, token))
            words += shown
            own += [index] * len(shown)
        # It is one sentence, whatever is quoted in it.
        starts: list[bool | int | None] = [index == 0 for index in range(len(words))]
        return Doc(self._pipeline.vocab, words=words, sent_starts=starts), own


def _shown(text: str, token: Token) -> Iterator[str]:
    """Return the first words of a quote between marks, none of which ends a sentence."""
    assert token.quoted is not None  # noqa: S101 - the caller looked
    words = tokenise(text, token.quoted.start, token.quoted.end, ())
    yield '"'
    for word in words[:_MOST_WORDS]:
        yield "," if word.text in ".!?…;:" else word.text
    if len(words) > _MOST_WORDS and words[-1].kind == "mark":
        yield ","
    yield '"'


def _parsed(doc: "Doc", own: Sequence[int]) -> Parsed:
    parsed = Parsed()
    for entity in doc.ents:
        if entity.label_ == "PERSON":
            parsed.people.update(own[entity.start : entity.end])
    if doc.has_annotation("DEP"):
        places: dict[int, list[Word]] = {}
        for word in doc:
            places.setdefault(own[word.i], []).append(word)
        for token, words in places.items():
            saying = _governing(words, own) if len(words) > 1 else None
            if saying is not None:
                parsed.sayings[token] = saying
    return parsed


def _governing(words: Sequence["Word"], own: Sequence[int]) -> Saying | None:
    """Return the verb that a quote hangs on: above it in the tree, or beside what is above."""
    inside = {word.i for word in words}
    tops = [word for word in words if word.head.i not in inside or word.head == word]
    at = next((word for word in tops if word.dep_ != "punct"), tops[0])
    held = False
    for _ in range(_HIGHEST):
        for verb in (at, *(child for child in at.children if child.dep_ in _BESIDE)):
            if verb.i in inside or not _may_say(verb, held or verb != at):
                continue
            subject = _subject(verb)
            if subject is not None and subject.i not in inside:
                cue = cues().get(verb.lower_)
                return Saying(own[verb.i], cue.lemma if cue else verb.lemma_, own[subject.i])
        if at.head == at:
            return None
        at, held = at.head, at.dep_ in _HOLDING
    return None


def _may_say(verb: "Word", holds: bool) -> bool:
    """Tell whether a verb may be one of saying: a known one, or one that holds what is said."""
    return verb.lower_ in cues() or (holds and verb.tag_ in ("VBD", "VBZ"))


def _subject(verb: "Word") -> "Word | None":
    """Return who does what a verb says: its own subject, or that of the verb it is joined to."""
    for _ in range(_HIGHEST):
        if any(child.dep_ in ("neg", "nsubjpass") for child in verb.children):
            return None
        subject = next((child for child in verb.children if child.dep_ in _SUBJECTS), None)
        if subject is not None or verb.dep_ not in ("conj", "xcomp"):
            return subject
        verb = verb.head
    return None
