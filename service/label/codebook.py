"""What a rater must have at hand: the levels of both scales with anchor phrases, and the traps.

Shortened from the codebook (data/CODEBOOK.md), which stays the rule.
"""

from typing import Any

from model.scores import SCALES
from service.schemas import level_bounds

ANCHORS = {
    "none": "we value this partnership",
    "reserved": "we see this matter differently",
    "concerned": "serious concern; regrettable",
    "critical": "deep regret; utterly unacceptable",
    "accusing": "we condemn in the strongest terms",
    "hostile": "shameless lies; they will pay a price",
    "vilifying": "a gang of criminals; lackeys and puppets",
    "destructive": "vermin; a sea of fire",
    "slang": "lol these clowns again; WHAT A JOKE!!!",
    "casual": "they're kidding themselves",
    "conversational": "I don't think that's going to work",
    "press": "full support is the way to go",
    "official": "our position has not changed",
    "diplomatic": "expressed deep regret; solemn representations",
    "protocol": "has the honour to inform",
}
"""Phrases of the codebook that stand for each level, apart by semicolons."""

TRAPS = (
    "Judge the words on the page. Who speaks, who is meant and who is right play no part.",
    "Courtesy does not cancel a threat, and sarcasm counts at its real force.",
    "Talk about violence is not hostility, unless the words attack somebody.",
    "Hostile words reported at a distance score what this speaker adds.",
    "Formality is not politeness: a rude phrase may stand in an elevated register.",
    "A fragment is scored on the words it has; where they carry no register, formality is 0.50.",
)
"""Points that often go wrong."""


def codebook() -> dict[str, Any]:
    """Return ``{"levels": {scale: [{"name", "start", "end", "meaning", "anchors"}]}, "traps"}``."""
    return {
        "levels": {
            scale: [
                {
                    "name": level.name,
                    "start": level.start,
                    "end": end,
                    "meaning": level.meaning,
                    "anchors": ANCHORS[level.name].split("; "),
                }
                for level, end in level_bounds(scale)
            ]
            for scale in SCALES
        },
        "traps": TRAPS,
    }
