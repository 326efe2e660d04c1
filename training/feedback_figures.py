"""What people's feedback says of the raters, of the released artifact and of the new one.

How far raters agree with each other, how far the released artifact agrees with their mean, and in
how many of the wishes for a higher or a lower score the new artifact moved that way.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from data.feedback import FEEDBACK
from model.artifact import MANIFEST
from model.plan import Points
from model.scorer import ToneScorer
from model.scores import SCALES, Scale
from training.evaluate import Figures, artifact_name, own_figures
from training.feedback import Feedback
from training.krippendorff import alpha
from training.metrics import agreement

Score = Callable[[Sequence[str]], Points]


def feedback_figures(feedback: Feedback, score: Score, released: Path) -> Figures:
    """Return what the evaluation says of the feedback.

    Args:
        feedback: the merged records.
        score: scores of texts by the new artifact, shape (texts, 2).
        released: folder of the released artifact, which may not exist.

    Returns:
        The feedback's ``facts``, and ``agreement`` (``{scale: {"texts", "alpha"}}``, over texts
        that two named raters rated), ``released`` (``{"name", scale: {"texts", "alpha",
        "pearson"}}`` against the raters' mean; None where there is none), ``directions``
        (``{scale: {"asked", "followed", "share"}}``). What too few texts tell is None.

    Raises:
        ArtifactError: the released artifact cannot be trusted.
    """
    return feedback.facts | {
        "agreement": {scale: _agreement(feedback, scale) for scale in SCALES},
        "released": _released(feedback, released),
        "directions": _directions(feedback, score),
    }


def _agreement(feedback: Feedback, scale: Scale) -> Figures:
    units = [
        [degree for (name, _), degree in one.ratings[scale].items() if name]
        for one in feedback.rated
    ]
    return {"texts": sum(len(unit) > 1 for unit in units), "alpha": alpha(units)}


def _released(feedback: Feedback, folder: Path) -> Figures | None:
    if not feedback.rated or not (folder / MANIFEST).exists():
        return None
    scorer = ToneScorer.load(folder)
    points = scorer.points([one.text for one in feedback.rated])
    scorer.close()
    found: Figures = {"name": artifact_name(scorer.artifact)}
    for i, scale in enumerate(SCALES):
        means = [one.mean(scale) for one in feedback.rated]
        pairs = [(mean, points[row, i]) for row, mean in enumerate(means) if mean is not None]
        both = np.array(pairs).reshape(-1, 2)
        enough = len(both) > 1
        found[scale] = {
            "texts": len(both),
            "alpha": alpha(list(both)),
            "pearson": agreement(both[:, 1], both[:, 0], scale).pearson if enough else None,
        }
    return found


def _directions(feedback: Feedback, score: Score) -> Figures:
    wishes = feedback.directions
    points = score([wish.text for wish in wishes]) if wishes else np.empty((0, len(SCALES)))
    found: Figures = {}
    for i, scale in enumerate(SCALES):
        moves = [
            (points[row, i] - wish.shown) * (1 if wish.higher else -1)
            for row, wish in enumerate(wishes)
            if wish.scale == scale
        ]
        followed = sum(bool(move > 0) for move in moves)
        share = followed / len(moves) if moves else None
        found[scale] = {"asked": len(moves), "followed": followed, "share": share}
    return found


def agreement_lines(found: Figures) -> Iterator[str]:
    """Say in sentences how far raters and artifacts agree, and which wishes were followed."""
    for scale, row in found["agreement"].items():
        if row["texts"]:
            yield (
                f"{scale}: raters agree with each other at alpha {shown(row['alpha'])} "
                f"on {row['texts']:,} texts that two or more rated."
            )
    if found["released"]:
        for scale in SCALES:
            row = found["released"][scale]
            yield (
                f"{scale}: released {found['released']['name']} agrees with their mean at alpha "
                f"{shown(row['alpha'])}, r {shown(row['pearson'])} on {row['texts']:,} texts."
            )
    for scale, row in found["directions"].items():
        if row["asked"]:
            yield (
                f"{scale}: the new artifact moved as asked in {row['followed']:,} of "
                f"{row['asked']:,} wishes for a higher or lower score ({row['share']:.0%})."
            )


def shown(value: float | None) -> str:
    """Return a figure for people; "unknown" where too few texts tell."""
    return "unknown" if value is None else f"{value:.3f}"


def print_feedback(findings: Figures, console: Console) -> None:
    """Print what was found on the feedback, and old against new on the held-out part of it."""
    if FEEDBACK not in findings:
        return
    for line in agreement_lines(findings[FEEDBACK]):
        console.print(f"Feedback, {line}", highlight=False, soft_wrap=True)
    figures = findings["splits"].get(FEEDBACK)
    for scale, row in own_figures(figures).items() if figures else ():
        rival = figures["systems"].get(figures["rival"])
        console.print(
            f"Feedback held out, {scale}: MAE "
            + (f"{rival[scale]['mae']:.3f} to " if rival else "")
            + f"{row['mae']:.3f}, r "
            + (f"{rival[scale]['pearson']:.3f} to " if rival else "")
            + f"{row['pearson']:.3f} on {figures['rows']:,} texts",
            highlight=False,
            soft_wrap=True,
        )
