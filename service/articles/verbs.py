"""Cues: the verbs and nouns that say that somebody says something, with all their forms.

Four groups behave differently. *Say* verbs may stand before or after their subject ("said Olsen").
*Tell* verbs name whom they address ("told reporters"). *Call* verbs put a quote on something
("called it ..."), so their passive turns speaker and object round. *Voice* verbs take a noun
("expressed ...", "accused them of ...").
"""

from functools import cache
from typing import Literal, NamedTuple

from service.articles.wordlists import listed

Group = Literal["say", "tell", "call", "voice"]
Form = Literal["base", "s", "past", "participle", "ing"]

_SAY = listed("""
    say add note state declare announce reply respond retort answer counter continue conclude
    explain recall remember observe remark comment insist maintain argue contend claim allege
    assert affirm reaffirm reiterate repeat stress underline underscore emphasize emphasise
    clarify confirm admit acknowledge concede confess agree disagree complain protest grumble
    groan moan mutter murmur whisper mumble joke quip laugh chuckle giggle smile grin sneer
    scoff snort sniff sigh sob weep cry shout yell scream roar bellow thunder boom bark snap
    growl hiss rage fume storm seethe rant blast gush enthuse rave beam exclaim interject
    interrupt intervene chant sing write tweet post read type blog text email telephone think
    believe reckon suggest hint imply predict forecast speculate wonder ask inquire enquire
    query plead beg implore pray vow pledge swear promise boast brag crow gloat caution lament
    regret mourn rue fret worry marvel muse ponder reflect reveal disclose report tell testify
    attest avow proclaim pronounce decree rule hold venture volunteer offer propose interpose
    rejoin echo reason surmise summarise summarize elaborate expand specify stipulate opine
    philosophise deadpan drawl stammer stutter splutter wheeze purr gasp whimper mouth utter
    urge warn threaten thank apologise apologize demand deplore deny disavow dictate preach sum
    hit go shoot fire chip pipe put speak point
""")
_TELL = listed("""
    tell warn remind assure reassure inform notify advise urge ask beg implore exhort entreat
    order instruct command invite address lecture caution challenge counsel scold rebuke
    reprimand upbraid chide berate admonish taunt mock tease heckle accuse thank congratulate
    promise answer brief alert call beseech
""")
_CALL = listed("""
    call describe brand dub label term characterise characterize portray depict paint denounce
    condemn criticise criticize attack slam blast lambast lambaste decry deride ridicule mock
    dismiss reject denigrate disparage hail praise laud applaud welcome celebrate commend salute
    extol regard consider deem view see style compare liken castigate excoriate pillory damn
    scorn savage trash rubbish pan bash slate tout acclaim brush
""")
_VOICE = listed("""
    express voice convey offer extend demand request seek pledge promise vow threaten propose
    accuse blame charge fault apologise apologize appeal invoke cite reference evoke urge warn
    caution advise signal register lodge issue deliver send reserve commit pronounce vent
    proclaim announce object protest speak talk complain condemn deplore lament regret bemoan
    rail
""")
_DOUBLED = set(
    listed("""
    quip sob snap brag chip sum slam dub trash chat blog wrap ban hit pan
""")
)
_DOUBLED -= {"trash", "hit"}
_IRREGULAR = """
say said said|tell told told|write wrote written|read read read|think thought thought|go went gone
speak spoke spoken|swear swore sworn|weep wept wept|sing sang sung|hold held held|hit hit hit
shoot shot shot|put put put|see saw seen|send sent sent|seek sought sought
forecast forecast forecast|beseech besought besought
"""
_NOUNS = listed("""
    claim claims allegation allegations accusation accusations assertion assertions assurance
    statement warning warnings threat threats promise promises pledge vow description call calls
    demand demands suggestion insistence comment comments remark remarks admission boast
    complaint complaints criticism argument prediction reply response answer verdict words
    denunciation condemnation declaration reference tribute apology vision view conviction
    belief question plea appeal message advice line assessment explanation conclusion motto
    position mantra punchline retort note tweet post caption
""")

SPLIT_VERBS = {
    "hit": ("back", "out"), "go": ("on", "further"), "shoot": ("back",), "fire": ("back",),
    "chip": ("in",), "pipe": ("up",), "put": ("it",), "sum": ("up", "it"), "point": ("out",),
    "brush": ("aside", "off"),
}  # fmt: skip
"""Verbs, as lemmas, that are cues only before one of these words."""

DENYING = frozenset(["deny", "disavow"])
"""Verbs, as lemmas, whose subject refuses the words."""

TEXTS = listed("""
    statement letter note communiqué communique post tweet text message address speech release
    declaration email reply response
""")
"""Nouns for what somebody says in writing or at length."""

DOCUMENTS = listed("""
    report study poll survey treaty law article rule sign banner placard poster headline caption
    book constitution agreement contract accord document resolution draft memo log dictionary
    story map bill act clause chapter paragraph website site page label inscription plaque
    notice ad advertisement film video recording song poem play answerphone voicemail proverb
    legend rumour rumor data figures evidence result results record records history fact time
    year day
""")
"""Nouns for what is read, not for who speaks."""

PLAIN_SAYING = listed("""
    say add reply respond explain insist ask shout joke mutter whisper recall remark declare
    tell write warn admit argue laugh answer retort
""")
"""Verbs, as lemmas, that make a speaker of whatever noun is their subject."""

QUOTING = listed("""
    quoted quotes quoting cited cites citing heard overheard caught filmed recorded remembers
    remembered recalled recalls
""")
"""Verbs whose object is the speaker: "the agency quoted the minister as saying"."""

NEGATED = listed("""
    declined declines declining refused refuses refusing failed fails failing denied denies
    denying deny neglected hesitated forgot stopped avoided
""")
"""Verbs after which the words are not the subject's own."""

OBJECT_CONTROL = listed("""
    asked asks ask asking urged urges urge urging told tells tell telling ordered orders invited
    invites forced forces wanted wants allowed allows encouraged persuaded called pressed begged
    instructed advised reminded warned expected
""")
"""Verbs whose infinitive belongs to their object: in "urged it to return", "it" returns."""


class Cue(NamedTuple):
    """One form of one verb.

    Attributes:
        lemma: the verb.
        form: which form; a past that is also a participle counts as past.
        groups: what the verb can do.
    """

    lemma: str
    form: Form
    groups: frozenset[Group]


def _forms(lemma: str, irregular: dict[str, tuple[str, str]]) -> dict[str, Form]:
    stem = lemma + lemma[-1] if lemma in _DOUBLED else lemma
    soft = lemma[:-1] if lemma.endswith("e") and not lemma.endswith("ee") else stem
    third = lemma + ("es" if lemma.endswith(("s", "x", "z", "ch", "sh", "go")) else "s")
    past = soft + "ed"
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        third, past = lemma[:-1] + "ies", lemma[:-1] + "ied"
    participle = past
    if lemma in irregular:
        past, participle = irregular[lemma]
    gerund = (
        ("hitting" if lemma == "hit" else "putting") if lemma in ("hit", "put") else soft + "ing"
    )
    return {lemma: "base", participle: "participle", gerund: "ing", third: "s", past: "past"}


@cache
def cues() -> dict[str, Cue]:
    """Return every form of every cue verb, in lower case."""
    groups: dict[str, set[Group]] = {}
    lists: tuple[tuple[Group, frozenset[str]], ...] = (
        ("say", _SAY), ("tell", _TELL), ("call", _CALL), ("voice", _VOICE)
    )  # fmt: skip
    for group, lemmas in lists:
        for lemma in lemmas:
            groups.setdefault(lemma, set()).add(group)
    rows = (row.split() for line in _IRREGULAR.split("\n") for row in line.split("|") if row)
    irregular = {lemma: (past, participle) for lemma, past, participle in rows}
    return {
        word: Cue(lemma, form, frozenset(some))
        for lemma, some in sorted(groups.items())
        for word, form in _forms(lemma, irregular).items()
    }


@cache
def cue_nouns() -> frozenset[str]:
    """Return the nouns of saying, in lower case: "the minister's claim that ..."."""
    return _NOUNS


REPLYING = listed("""
    reply respond retort answer counter rejoin hit shoot fire reject dismiss rebuke
""")
"""Verbs, as lemmas, that say that this answers what was said before."""

NAMING = listed("""
    so-called known dubbed nicknamed titled entitled named billed christened headlined captioned
    labelled labeled styled
""")
"""Words right before a quote that names something instead of saying it."""

WORKS = listed("""
    book film movie novel song anthem poem poems play memoir memoirs documentary album painting
    essay report programme program petition operation exercise manoeuvre ship vessel trawler
    boat yacht pub bar restaurant cafe hotel show series podcast magazine newspaper column
    campaign item resolution project initiative plan scheme mission festival exhibition opera
    ballet game trophy cup
""")
"""Nouns right before a quote with a capital that is the name of such a thing."""

EXPRESSIONS = listed("""
    word words term phrase expression name hashtag slogan motto label nickname title tag
""")
"""Nouns right before a quote of words as words."""
