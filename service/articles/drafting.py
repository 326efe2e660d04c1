"""Puts the readings together, in reading order: each quote with its kind and its speaker."""

from collections.abc import Sequence

from service.articles.attributions import Attribution
from service.articles.carrying import Memory, carry
from service.articles.drafts import Draft
from service.articles.kinds import is_fragment, mentions
from service.articles.labels import Labels
from service.articles.layout import Paragraph
from service.articles.marks import Quoted
from service.articles.narrative import ReadParagraph, proper_words, read_range
from service.articles.people import Cast
from service.articles.syntax import Syntax
from service.articles.tokens import Token, tokenise


class Drafting:
    """Works through an article once.

    Args:
        text: the article.
        layout: its paragraphs.
        quoted: its quoted stretches, in order, lines of a transcript among them.
        syntax: a parser that adds to the rules, or None.
    """

    def __init__(
        self,
        text: str,
        layout: Sequence[Paragraph],
        quoted: Sequence[Quoted],
        syntax: Syntax | None = None,
    ) -> None:
        self.text = text
        self._syntax = syntax
        self.layout = layout
        self.cast = Cast()
        self._found: list[Draft] = []
        self._memory = Memory()
        self._inside: dict[int, list[Quoted]] = {}
        for stretch in quoted:
            if stretch.parent is not None:
                self._inside.setdefault(id(stretch.parent), []).append(stretch)
        self._outermost = [stretch for stretch in quoted if stretch.parent is None]
        self._proper: frozenset[str] = frozenset()
        self._labels = Labels(text, layout, self.cast)

    def drafts(self) -> list[Draft]:
        """Return all quotes in order."""
        tokens, speeches = self._tokens()
        self._proper = proper_words(tokens.values())
        readings = {
            index: read_range(self.text, some, self._proper, self.layout[index], self._syntax)
            for index, some in tokens.items()
        }
        body = {i: r for i, r in readings.items() if self.layout[i].role == "body"}
        self.cast.foretell([phrase for reading in body.values() for phrase in reading.phrases])
        for index in range(len(self.layout)):
            if index in body:
                self._narrate(body[index])
                self._memory.turn_page(body[index])
            elif index in speeches:
                self._speak(self.layout[index], speeches[index])
                self._memory.turn_page(None)
        for index in sorted(readings.keys() - body.keys()):
            self._memory = Memory()
            self._narrate(readings[index])
        return sorted(self._found, key=lambda d: (d.quoted.outer_start, -d.quoted.outer_end))

    def _tokens(self) -> tuple[dict[int, list[Token]], dict[int, list[Quoted]]]:
        """Return the tokens of the reporter's paragraphs and the stretches of the others."""
        tokens: dict[int, list[Token]] = {}
        speeches: dict[int, list[Quoted]] = {}
        at = 0
        for index, paragraph in enumerate(self.layout):
            here = []
            while at < len(self._outermost) and self._outermost[at].outer_start < paragraph.end:
                here.append(self._outermost[at])
                at += 1
            if paragraph.role == "speech":
                speeches[index] = here
            elif paragraph.role != "byline" or here:
                start = min([paragraph.body, *(q.outer_start for q in here)])
                tokens[index] = tokenise(self.text, start, paragraph.end, here)
        return tokens, speeches

    # -- the reporter's paragraphs ------------------------------------------------------

    def _narrate(self, reading: ReadParagraph) -> None:
        for index, read in enumerate(reading.sentences):
            self.cast.read(read.sentence)
            for at, quoted, attribution in read.quotes:
                draft = Draft(quoted, sentence=read.sentence)
                if not self._continued(draft, attribution):
                    self._attribute(draft, reading, index, at, attribution)
                self._keep(draft)

    def _continued(self, draft: Draft, attribution: Attribution | None) -> bool:
        """Join a quote that runs on from the paragraph before; tell whether it is one."""
        last = self._memory.last
        if not draft.quoted.continues or last is None:
            return False
        own = attribution.phrase if attribution is not None else None
        if own is not None and own.name and last.somebody not in (None, self.cast.who(own)):
            return False
        draft.kind, draft.continues = "continuation", last
        if attribution is not None and attribution.phrase is not None and not last.has_speaker:
            self._assign(draft, attribution)
            before: Draft | None = last
            while before is not None and not before.has_speaker:
                before.take_speaker(draft)
                before = before.continues
        else:
            draft.take_speaker(last)
        return True

    def _attribute(
        self,
        draft: Draft,
        reading: ReadParagraph,
        index: int,
        at: int,
        attribution: Attribution | None,
    ) -> None:
        read = reading.sentences[index]
        words = self.text[draft.quoted.start : draft.quoted.end]
        if mentions(words, read.chunks, at, attribution, read.alone):
            draft.kind = "mention"
            return
        if attribution is not None and attribution.phrase is not None:
            self._assign(draft, attribution)
        elif attribution is None:
            carry(draft, reading, index, at, self._memory, self.cast)
        if self._carries_on(draft, reading, index, at):
            draft.kind, draft.continues = "continuation", self._memory.last
        elif is_fragment(words, read.chunks, at):
            draft.kind = "fragment"

    def _assign(self, draft: Draft, attribution: Attribution) -> None:
        phrase = attribution.phrase
        if phrase is None:
            return
        draft.phrase, draft.somebody = phrase, self.cast.who(phrase)
        draft.cue, draft.lemma = attribution.cue, attribution.lemma
        draft.cue_at = attribution.at
        if (addressee := attribution.addressee) is not None:
            draft.addressee, draft.addressed = addressee, self.cast.who(addressee)
            if draft.addressed is None and addressee.sort == "pronoun":
                with self.cast.scenes.aside(draft.somebody):  # nobody tells it to themselves
                    draft.addressed = self.cast.meet(addressee)

    def _carries_on(self, draft: Draft, reading: ReadParagraph, index: int, at: int) -> bool:
        """Tell whether only an attribution stands between a quote and the one before it."""
        last = self._memory.last
        if last is None or last not in self._memory.current[-1:] or last.somebody is None:
            return False
        if last.kind not in ("statement", "continuation") or draft.somebody is not last.somebody:
            return False
        read = reading.sentences[index]
        if last.sentence is read.sentence:
            return draft.cue_at is None or draft.cue_at == last.cue_at
        if not index or last.sentence is not reading.sentences[index - 1].sentence:
            return False
        return all(chunk.low in (",", "—", "–") for chunk in read.chunks[:at])

    def _keep(self, draft: Draft) -> None:
        self._found.append(draft)
        if draft.kind != "mention":
            self._memory.last = draft
            self._memory.current.append(draft)
        if draft.somebody is not None:
            self.cast.scenes.appear(draft.somebody)
        self._nest(draft)

    # -- transcripts and quotes in quotes -----------------------------------------------

    def _speak(self, paragraph: Paragraph, stretches: Sequence[Quoted]) -> None:
        for quoted in stretches:
            draft = Draft(quoted, labelled=True)
            last = self._memory.last
            if paragraph.label is not None:
                draft.label = paragraph.label
                draft.somebody = self._labels.who(paragraph.label, self._proper)
            elif last is not None:
                draft.kind, draft.continues = "continuation", last
                draft.take_speaker(last)
            self._keep(draft)

    def _nest(self, outer: Draft) -> None:
        """Draft the quotes inside a quote, each for the one who is said to have said it."""
        inside = self._inside.get(id(outer.quoted))
        if not inside:
            return
        tokens = tokenise(self.text, outer.quoted.start, outer.quoted.end, inside)
        reading = read_range(self.text, tokens, self._proper, syntax=self._syntax)
        with self.cast.scenes.aside(outer.somebody):
            for read in reading.sentences:
                self.cast.read(read.sentence)
                for at, quoted, attribution in read.quotes:
                    draft = Draft(quoted, "nested", parent=outer)
                    words = self.text[quoted.start : quoted.end]
                    if mentions(words, read.chunks, at, attribution, read.alone):
                        draft.kind = "mention"
                    elif attribution is not None:
                        self._assign(draft, attribution)
                    outer.children.append(draft)
                    self._found.append(draft)
                    self._nest(draft)
