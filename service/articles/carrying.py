"""Speakers of quotes whose own sentence names none: carried over from the sentence before."""

from dataclasses import dataclass, field

from service.articles.drafts import Draft
from service.articles.narrative import ReadParagraph, ReadSentence
from service.articles.people import Cast
from service.articles.phrase import Phrase
from service.articles.somebody import Somebody
from service.articles.verbs import cues
from service.articles.wordlists import listed

_TEXTS = listed("""
    text statement address speech letter remarks message declaration
""")


@dataclass(slots=True)
class Memory:
    """What came before, as far as it matters for who speaks next.

    Attributes:
        last: the last quote that states something.
        paragraph: the reading of the paragraph before, if it is the reporter's.
        drafts: the quotes of the paragraph before.
        current: the quotes of this paragraph so far.
        carried: the first quote of the last sentence that had to be given a speaker here.
    """

    last: Draft | None = None
    paragraph: ReadParagraph | None = None
    drafts: list[Draft] = field(default_factory=list)
    current: list[Draft] = field(default_factory=list)
    carried: Draft | None = None

    def turn_page(self, reading: ReadParagraph | None) -> None:
        """Go on to the next paragraph."""
        self.paragraph, self.drafts, self.current = reading, self.current, []


def carry(
    draft: Draft, reading: ReadParagraph, index: int, at: int, memory: Memory, cast: Cast
) -> None:
    """Give a quote without attribution the speaker of what stands right before it, if that is sure.

    Args:
        draft: the quote.
        reading: its paragraph.
        index: its sentence there.
        at: its place among the chunks of the sentence.
        memory: what came before.
        cast: who is who.
    """
    read = reading.sentences[index]
    led = at > 1 and read.chunks[at - 1].low == ":" and read.chunks[at - 2].low not in cues()
    if not read.alone and not led:
        return
    carried = memory.carried
    if carried is not None and carried.sentence is read.sentence:
        draft.take_speaker(carried)  # one answer for all quotes of a sentence, looked for once
        return
    memory.carried = draft
    if index:
        before = reading.sentences[index - 1]
        if (said := _said_in(before, read, memory.current)) is not None:
            draft.take_speaker(said)
        else:
            _take(draft, subject_of(before, cast))
    elif memory.paragraph is not None and memory.paragraph.sentences:
        _from_paragraph(draft, memory, cast)


def _said_in(before: ReadSentence, read: ReadSentence, drafts: list[Draft]) -> Draft | None:
    """Return the last quote of the sentence before that has a speaker, or None."""
    for draft in reversed(drafts):
        if draft.sentence is before.sentence and draft.has_speaker:
            return draft
        if draft.sentence not in (before.sentence, read.sentence):
            return None
    return None


def _take(draft: Draft, found: tuple[Phrase, Somebody] | None) -> None:
    if found is not None:
        draft.phrase, draft.somebody = found


def _from_paragraph(draft: Draft, memory: Memory, cast: Cast) -> None:
    before = memory.paragraph
    assert before is not None  # noqa: S101 - the caller looked
    closing = before.sentences[-1]
    if closing.chunks and closing.chunks[-1].low == ":":
        _take(draft, subject_of(closing, cast))
        return
    if not closing.quotes and (author := author_of(closing, cast)) is not None:
        _take(draft, author)
        return
    said = [d for d in memory.drafts if d.kind != "mention"]
    speakers = {id(d.somebody) for d in said}
    if said and len(speakers) == 1 and said[-1].somebody is not None and closing.quotes:
        draft.take_speaker(said[-1])


def author_of(read: ReadSentence, cast: Cast) -> tuple[Phrase, Somebody] | None:
    """Return by whom a sentence says that a text is: the statement made by the minister."""
    chunks = read.chunks
    for at, chunk in enumerate(chunks):
        if chunk.low not in _TEXTS:
            continue
        for index in range(at + 1, min(len(chunks) - 1, at + 8)):
            phrase = chunks[index + 1].phrase
            if chunks[index].low in ("by", "from") and phrase is not None:
                somebody = cast.who(phrase)
                return (phrase, somebody) if somebody is not None else None
    return None


def subject_of(read: ReadSentence, cast: Cast) -> tuple[Phrase, Somebody] | None:
    """Return who speaks or acts in a sentence, if it is one that can be quoted next."""
    sentence = read.sentence
    for cue in sorted(sentence.subjects, reverse=True):
        phrase = sentence.subjects[cue]
        if phrase is None or cue in sentence.passive:
            continue
        somebody = cast.who(phrase)
        if somebody is not None and somebody.sort != "place":
            return phrase, somebody
    if (lead := sentence.lead) is not None:
        somebody = cast.who(lead)
        if somebody is not None and somebody.is_person:
            return lead, somebody
    return None
