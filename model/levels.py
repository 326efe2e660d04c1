"""Names for stretches of the two scales, after the rows of the codebook (data/CODEBOOK.md).

The codebook describes anchors with gaps between them; a level reaches to the middle of the gap.
"""

from bisect import bisect_right
from dataclasses import dataclass

from model.scores import Scale


@dataclass(frozen=True, slots=True)
class Level:
    """One stretch of a scale.

    Attributes:
        name: one word for it.
        start: lowest score that belongs to it, 0 to 1.
        meaning: what quotes there read like.
    """

    name: str
    start: float
    meaning: str


LEVELS: dict[Scale, tuple[Level, ...]] = {
    "hostility": (
        Level("none", 0.0, "friendly, grateful, neutral or procedural"),
        Level("reserved", 0.075, "cool, polite disagreement, a hope that implies a complaint"),
        Level("concerned", 0.225, "concern, disappointment, a request to stop something"),
        Level("critical", 0.375, "formal protest, pointed criticism, rejection"),
        Level("accusing", 0.525, "condemnation, direct accusation, stern warning"),
        Level("hostile", 0.675, "contempt, denunciation, announced retaliation"),
        Level("vilifying", 0.825, "insults, vilification, menaces"),
        Level("destructive", 0.925, "dehumanising hatred or a threat of destruction"),
    ),
    "formality": (
        Level("slang", 0.0, "slang, profanity, chat style"),
        Level("casual", 0.125, "casual talk, contractions, colloquial idiom"),
        Level("conversational", 0.275, "plain spoken English"),
        Level("press", 0.425, "press-interview and news prose, no marked register"),
        Level("official", 0.575, "an official's prepared statement"),
        Level("diplomatic", 0.725, "diplomatic diction and set formulas"),
        Level("protocol", 0.875, "protocol, treaty and note-verbale language"),
    ),
}


def level_of(scale: Scale, score: float) -> str:
    """Return the name of the level that a score from 0 to 1 falls in."""
    levels = LEVELS[scale]
    return levels[bisect_right(levels, score, key=lambda level: level.start) - 1].name
