"""The table by speaker: how many quotes, how hostile and formal on average, and which most."""

from collections.abc import Sequence

from model.levels import level_of
from model.scores import DECIMALS, SCALES, Degree, Scale, ToneScore
from service.articles.records import Speaker
from service.press.records import MeanDegree, ScoredQuote, SpeakerTone


def tones_of(speakers: Sequence[Speaker], quotes: Sequence[ScoredQuote]) -> tuple[SpeakerTone, ...]:
    """Return how everybody who is quoted sounds, in the order given."""
    return tuple(_tone(speaker, quotes) for speaker in speakers)


def _tone(speaker: Speaker, quotes: Sequence[ScoredQuote]) -> SpeakerTone:
    tones = {i: tone for i in speaker.quotes if (tone := quotes[i].tone) is not None}
    hostility, formality = (_mean(scale, list(tones.values())) for scale in SCALES)
    # max takes the first of equals, and the quotes are in order.
    most = [max(tones, key=lambda i: _degree(tones[i], s).score, default=None) for s in SCALES]  # noqa: B023
    return SpeakerTone(speaker.name, speaker.quotes, len(tones), hostility, formality, *most)


def _mean(scale: Scale, tones: Sequence[ToneScore]) -> MeanDegree | None:
    if not tones:
        return None
    degrees = [_degree(tone, scale) for tone in tones]
    mean, low, high = (
        round(sum(getattr(degree, end) for degree in degrees) / len(degrees), DECIMALS)
        for end in ("score", "low", "high")
    )
    return MeanDegree(mean, low, high, level_of(scale, mean))


def _degree(tone: ToneScore, scale: Scale) -> Degree:
    degree: Degree = getattr(tone, scale)
    return degree
