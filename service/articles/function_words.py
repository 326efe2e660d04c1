"""Small words of English by what they do in a sentence."""

from service.articles.wordlists import listed

DETERMINERS = listed("""
    the a an this that these those his her its their our my your one another some several many
    both two three four five six seven eight nine ten dozens hundreds most all every each no any
    own such same few
""")
DEFINITE = listed("""
    the this that these those his her its their our my your both
""")
POSSESSIVES = listed("his her its their our my your whose")
PLURALS = listed("""
    these those some several many both two three four five six seven eight nine ten dozens
    hundreds most all few
""")
PERSONAL = {"he": "m", "she": "f", "it": "", "they": "", "i": "", "we": "", "you": ""}
"""Personal pronouns in the subject's case, with their gender."""
OBJECTS = {"him": "he", "her": "she", "them": "they"}
"""Pronouns of those to whom something is done, with their form as a subject."""
INDEFINITE = listed("""
    one both another others some many neither several two three none each
""")
"""Words that can stand for somebody by themselves: "one said"."""
RELATIVE = listed("who which that")

BE = listed("is are was were be been being am 's 're")
HAVE = listed("has have had having 've 'd")
MODAL = listed("""
    will would can could may might shall should must did do does 'll
""")
AUXILIARY = BE | HAVE | MODAL
PREPOSITIONS = listed("""
    of for at in from to on with against about over under after before during since until till
    between among through by as into onto upon within without toward towards near beside behind
    beyond despite per via amid outside inside across along around off than like unlike
    alongside following regarding concerning including citing versus
""")
CLAUSE_OPENERS = listed("after before since until till as than")
"""Prepositions that also open a clause, so that the phrase behind them may be its subject."""
CONJUNCTIONS = listed("and but or nor yet so then")
SUBORDINATORS = listed("""
    when while whilst after before as if because since although though unless until where
    whereas whether that how why what once
""")
ADVERBS = listed("""
    also then later once twice again still now only just even always often never ever soon
    already yesterday today tomorrow tonight meanwhile earlier afterwards afterward however
    instead nevertheless too first last back here there thus further both all merely simply
    recently quietly loudly famously reportedly allegedly apparently promptly immediately not
    long ago straight away more less once-again overnight together elsewhere alone very quite
    rather
""")
OTHERS = listed("""
    if when while because although though unless whether who whom whose which what how why where
    there here yes no not nothing something anything everything everyone everybody nobody
    somebody someone anyone him her me us them neither nor mine hers theirs yours ours himself
    herself itself themselves myself yourself ourselves it he she they i we you this that these
    those than as so too very much more less own
""")
VERBS = listed("""
    made make makes making took take takes taking gave give gives giving got get gets getting
    came come comes coming left leave leaves leaving led lead leads leading met meet meets
    meeting won win wins lost lose loses beat saw see sees seen found find finds kept keep keeps
    let lets set sets put puts ran run runs sat sit sits stood stand stands sold sell bought buy
    brought bring brings sent send sends spent spend fell fall felt feel knew know knows known
    grew grow went go goes going gone began begin begins became become becomes wants want need
    needs seems seem looks look plans says say means mean meant backs lacks opens remains showed
    shows show chose drew draws draw broke breaks break cut cuts hit hits lay lies lie paid pay
    pays rose rise rises built build caught held hold holds wore wears wear drove fought faces
    face facing urges urge rejects reject hails hail slams slam warns warn vows vow blasts blast
    tells tell calls
""")
"""Frequent verbs of no cue that must not be taken for a word before a noun."""

STOP = (
    DETERMINERS | AUXILIARY | PREPOSITIONS | CONJUNCTIONS | SUBORDINATORS | ADVERBS | OTHERS | VERBS
)
"""Words that never stand inside the name of somebody, save after a determiner at its front."""

STARTERS = listed("""
    according asked speaking answering contacted reached responding replying addressing writing
    taking following given amid despite under hours minutes days weeks months years late early
    next last officially sources several perhaps nowhere nobody everybody everyone anyone well
    good thank thanks let photo picture hello dear please sorry welcome never today reaction
    local fuming furious former outside inside founded born based fellow press full statement
    news latest read more elsewhere abroad analysis breaking live note
""")
"""Words that begin sentences with a capital and are no names."""
NO_LABELS = listed("""
    date place contact venue subject re from to cc note notes photo photos picture pictures
    source sources image video credit caption update updated breaking live exclusive analysis
    opinion comment correction related background summary watch listen tags by reporting editing
    file location time topic price tel phone email website references read see also key points
    headline abstract keywords warning reminder more next previous full text editors
""")
"""Words before a colon that introduce no speaker."""
