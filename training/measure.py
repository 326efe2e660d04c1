"""Measures a finished network through the served path, and writes what was found beside it.

One set of numbers feeds everything: the gates, the model card, the page, the manifest.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.feedback import FEEDBACK
from model.artifact import MANIFEST, NETWORK, TOKENIZER, Artifact, BaseModelSource
from model.encoder import TextEncoder
from model.familiarity import Familiarity
from model.intervals import Calibration
from model.reference import Reference
from model.runtime import OnnxNetwork
from model.scorer import ToneScorer
from model.scores import SCALES
from training.behaviour import behaviour_figures, read_cases
from training.calibrate import (
    fit_calibration,
    left_out_coverage,
    no_calibration,
    row_weights,
)
from training.card import write_card
from training.changes import CHANGES, changes_entry
from training.config import TrainConfig
from training.evaluate import (
    Figures,
    Scored,
    artifact_name,
    figures_of,
    fitted_baselines,
    int8_difference,
    own_figures,
    released_rivals,
    score_split,
    torch_points,
)
from training.familiarity import fit_familiarity, unlike_shares
from training.feedback_figures import feedback_figures
from training.ladders import ladder_rows
from training.loop import LOG
from training.package import draft_manifest, write_manifest
from training.page import write_page
from training.plots import plot_evaluation, plot_learning_curves
from training.reference import fit_reference
from training.rows import Rows
from training.score_map import Moved, moved_from, score_map
from training.swaps import ALL_NAMES, swap_figures

EVALUATION = "evaluation.json"
CALIBRATION = "calibration.json"
PAGE = "evaluation.html"
INT8_ROWS = 1_000
"""Validation rows on which int8 is compared with fp32."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured on a finished network.

    Attributes:
        calibration: its interval table.
        familiarity: by what it knows texts unlike its training texts.
        reference: what the held-out rows looked like.
        scored: the held-out splits with its scores.
        ladders: contrast sets with its scores, for the page.
        moved: the held-out rows with the released artifact's scores too; None where there is none.
        findings: everything measured, fit for JSON: ``splits`` (figures of every system by split),
            ``int8``, ``swaps``, ``behaviour``, ``left_out`` (coverage by left-out source),
            ``unlike`` (share of texts called unlike the training texts, by split), ``moved``
            (what ``score_map`` returned, where there is a released artifact), ``feedback`` (what
            ``feedback_figures`` returned, where there is feedback).
    """

    calibration: Calibration
    familiarity: Familiarity
    reference: Reference
    scored: dict[str, Scored]
    ladders: dict[str, Scored]
    moved: Moved | None
    findings: Figures


def measure(
    run: Path, rows: Rows, source: BaseModelSource, config: TrainConfig, released: Path
) -> Outcome:
    """Score every held-out row through the served path; calibrate on the validation rows.

    The released artifact scores the same rows, where there is one.
    """
    unmeasured = draft_manifest(config, source, no_calibration(config.coverage))
    encoder = TextEncoder.load(run / TOKENIZER, config.window_tokens)
    artifact = Artifact(run, unmeasured, "")
    scorer = ToneScorer(artifact, encoder, OnnxNetwork(run / NETWORK, config.threads))
    validation = score_split(scorer, rows.quotes("validation"))
    calibration = fit_calibration(
        validation.points, validation.labels, config.coverage, row_weights(validation.quotes)
    )
    scored = {name: score_split(scorer, quotes) for name, quotes in rows.held_out.items()}
    ladders = {name: score_split(scorer, quotes) for name, quotes in ladder_rows(rows).items()}
    swaps = swap_figures(scorer.points)
    behaviour = behaviour_figures(scorer.points, read_cases())
    told = rows.feedback and feedback_figures(rows.feedback, scorer.points, released)
    scorer.close()
    rivals = released_rivals(released, run, rows.held_out)
    baselines = fitted_baselines(rows, config)
    name = artifact_name(artifact)
    held_out = {"validation": validation, **scored}
    texts = {split: [quote.text for quote in part.quotes] for split, part in held_out.items()}
    fp32 = torch_points(run, texts["validation"][:INT8_ROWS])
    familiarity = fit_familiarity(run, encoder, texts["validation"])
    # Texts that people chose to correct are no picture of what the artifact will see.
    usual = {split: part for split, part in scored.items() if split != FEEDBACK}
    moved = moved_from({split: r for split, r in rivals.items() if split in usual}, usual, name)
    findings = {
        "splits": {
            split: figures_of(part, name, calibration, baselines, rivals.get(split))
            for split, part in scored.items()
        },
        "int8": int8_difference(validation.points[: len(fp32)], fp32),
        "swaps": swaps,
        "behaviour": behaviour,
        "left_out": left_out_coverage([validation, *usual.values()], config.coverage),
        "unlike": unlike_shares(run, encoder, familiarity, texts),
    } | ({"moved": score_map(moved)} if moved else {})
    findings |= {FEEDBACK: told} if told else {}
    reference = fit_reference(run, encoder, usual)
    return Outcome(calibration, familiarity, reference, scored, ladders, moved, findings)


def measure_released(folder: Path, findings: Figures) -> Figures | None:
    """Return the name of the released artifact and the findings that the gates compare with.

    Args:
        folder: the released artifact; None is returned where there is none.
        findings: what ``measure`` found, with the figures of the released artifact beside its own.

    Raises:
        ArtifactError: the artifact cannot be trusted.
    """
    if not (folder / MANIFEST).exists():
        return None
    scorer = ToneScorer.load(folder)
    splits = {
        split: {"systems": {figures["rival"]: figures["systems"][figures["rival"]]}}
        for split, figures in findings["splits"].items()
    }
    behaviour = behaviour_figures(scorer.points, read_cases())
    scorer.close()
    return {"name": scorer.manifest.name, "splits": splits, "behaviour": behaviour}


def write(
    run: Path,
    config: TrainConfig,
    source: BaseModelSource,
    rows: Rows,
    outcome: Outcome,
    commit: str | None,
    released: Figures | None,
) -> Artifact:
    """Write everything measured into the run folder, the manifest last.

    ``released`` is what ``measure_released`` returned.
    """
    found, calibration = outcome.findings, outcome.calibration
    (run / EVALUATION).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    table = calibration.model_dump_json(indent=2)
    (run / CALIBRATION).write_text(table + "\n", encoding="utf-8")
    if (run / LOG).exists():  # weights that were kept as they are have none
        plot_learning_curves(run)
    plot_evaluation(run, outcome.scored, calibration)
    name = f"{config.name} {config.version}"
    kinds = found["swaps"], found["behaviour"]
    sets = outcome.scored | outcome.ladders
    told = found.get(FEEDBACK)
    write_page(run / PAGE, sets, found["splits"], calibration, name, *kinds, outcome.moved, told)
    (run / CHANGES).write_text(changes_entry(config, found, released), encoding="utf-8")
    data = rows.summary()
    write_card(run, config, source, data, calibration, found)
    metrics = {"rows_by_split": data["rows"]} | _headline(found)
    known = outcome.familiarity
    return write_manifest(
        run, config, source, calibration, known, data, metrics, commit, outcome.reference
    )


def _headline(found: Figures) -> dict[str, Any]:
    """Return the figures that the manifest and ``GET /v1/model`` show."""
    splits = {
        name: {"rows": figures["rows"], **own_figures(figures)}
        for name, figures in found["splits"].items()
    }
    names = found["swaps"]["kinds"][ALL_NAMES]
    return splits | {
        "int8_mean_difference": {scale: found["int8"][scale]["mean"] for scale in SCALES},
        "name_swap_mean_range": {scale: names[scale]["mean_range"] for scale in SCALES},
        "behaviour_rate": found["behaviour"]["passed"] / found["behaviour"]["cases"],
    }
