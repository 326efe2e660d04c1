"""Writes the model card from the same figures that the gates and the manifest use."""

from pathlib import Path
from typing import Any

from huggingface_hub import ModelCardData

from model.artifact import CARD, BaseModelSource, read_artifact
from model.intervals import Calibration
from model.levels import LEVELS
from model.scores import SCALES
from training.behaviour import behaviour_table
from training.config import TrainConfig
from training.evaluate import Figures
from training.metrics import figure_cells
from training.package import folder_name
from training.swaps import swap_table

_TEXT = """---
{header}
---

# {name} {version}

Scores quoted diplomatic statements on two scales from 0 to 1: **hostility**, the antagonism that
the words express towards anyone, and **formality**, their register. The scores are degrees, not
probabilities. Each comes with an interval that should hold the label of {coverage:.0%} of unseen
quotes like those it was calibrated on.

## Use

Load the folder with diplotone (`diplotone score "deep regret"`), or the safetensors of the run
folder with `transformers.pipeline("text-classification", folder, top_k=None)`, which gives the
same two numbers but for int8 (the difference is stated below). Prepare its inputs with
`model.text.prepare`.

Meant for: comparing statements, following the tone of an exchange or a corpus over time, finding
the quotes worth reading. English only.

**Uses to avoid:** a verdict on a person, a state, or on who is right; any automatic action taken
on a score alone; texts that are not statements; languages other than English; comparing single
scores whose intervals overlap.

## Levels

{levels}

## Training

Fine-tuned from `{base}` (weights SHA-256 `{base_sha}`)
on {rows} labelled quotes{fitting}
Labels are the means of independent language-model raters who applied the codebook; no human
diplomat rated them. Data SHA-256 `{data_sha}`.

{sources}

## Evaluation

Every system scored the same rows in the same run. MAE is on the 0 to 1 scale; coverage and width
are those of the interval.

{tables}

### By source

{by_source}

### Intervals for a source that they were not calibrated on

Calibrated without each source in turn. The network itself was trained on rows of most of them;
`corpus/news-quotes` is the one that neither has seen.

{left_out}

### int8 against fp32

{int8}

### Names

{swaps}

### Behaviour

Cases written for the purpose: a score within a band, one score above another, a score that must
not move. Those that fail are listed in the run's `evaluation.json`.

{behaviour}

## What it is bad at

{bad_at}

A text whose words are rare in what the network learnt from gets the warning `unfamiliar`: {unlike}.
`off_topic` are texts that are no statements (code, recipes, medicine, ...).

A quote is judged without its context. Coverage does not carry over to genres that the calibration
rows lack; see the coverage by source above. The network reads no capitals.
"""

BAD_RATE = 0.7
"""Groups of behaviour cases that hold less often are named among what the model is bad at."""


def write_card(
    run: Path,
    config: TrainConfig,
    base: BaseModelSource,
    data: dict[str, Any],
    calibration: Calibration,
    found: Figures,
) -> None:
    """Write the card of a run into its folder; ``found`` is what ``evaluation.json`` holds."""
    figures: dict[str, Figures] = found["splits"]
    header = ModelCardData(
        language="en",
        license="apache-2.0",
        base_model=config.base_model,
        pipeline_tag="text-classification",
        tags=["diplomacy", "hostility", "formality", "regression"],
        metrics=["pearsonr", "spearmanr", "mae"],
    )
    text = _TEXT.format(
        header=header.to_yaml(),
        name=config.name,
        version=config.version,
        coverage=calibration.coverage,
        levels=_levels(),
        base=base.name,
        base_sha=base.sha256,
        rows=f"{data['rows']['train']:,}",
        fitting=_fitting(config),
        data_sha=data["sha256"],
        sources=_sources(data["sources"]),
        tables="\n\n".join(f"**{n}**\n\n{systems_table(f)}" for n, f in figures.items()),
        by_source=_by_source(figures),
        left_out=_left_out(found["left_out"]),
        int8=_int8(found["int8"]),
        swaps=swap_table(found["swaps"]),
        behaviour=behaviour_table(found["behaviour"]),
        bad_at=_bad_at(found["behaviour"]),
        unlike=", ".join(f"{share:.1%} of `{name}`" for name, share in found["unlike"].items()),
    )
    (run / CARD).write_text(text, encoding="utf-8")


def systems_table(figures: Figures) -> str:
    """Return a Markdown table of every system on one split."""
    lines = [
        f"{figures['rows']} rows",
        "",
        "| system | scale | Pearson | Spearman | MAE | coverage | width |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for system, scales in figures["systems"].items():
        for scale, row in scales.items():
            lines.append(f"| {system} | {scale} | {' | '.join(figure_cells(row))} |")
    return "\n".join(lines)


def _by_source(figures: dict[str, Figures]) -> str:
    lines = [
        "| source | rows | scale | Pearson | Spearman | MAE | coverage | width |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for split in figures.values():
        for source, rows in split["sources"].items():
            for scale in SCALES:
                cells = " | ".join(figure_cells(rows[scale]))
                lines.append(f"| {source} | {rows['rows']} | {scale} | {cells} |")
    return "\n".join(lines)


def _levels() -> str:
    lines = ["| scale | from | level | reads like |", "| --- | --- | --- | --- |"]
    for scale in SCALES:
        lines += [f"| {scale} | {v.start:g} | {v.name} | {v.meaning} |" for v in LEVELS[scale]]
    return "\n".join(lines)


def _sources(sources: list[Figures]) -> str:
    if not sources:
        return "No real labels were used."
    lines = ["| source | status | rows |", "| --- | --- | --- |"]
    lines += [f"| {s['source']} | {s['status']} | {s['rows_had']} |" for s in sources]
    return "\n".join(lines)


def _fitting(config: TrainConfig) -> str:
    """Say how the weights were fitted, or whose were kept and how those were."""
    if config.epochs:
        return (
            f"{_taught(config)}, seed {config.seed}, at most {config.epochs} epochs at a peak rate "
            f"of {config.learning_rate}."
        )
    assert config.start_from  # noqa: S101 - TrainConfig holds it
    earlier = TrainConfig.model_validate(read_artifact(config.start_from).manifest.config)
    how = _fitting(earlier) if earlier.epochs else "."
    kept = f"The weights are those of `{folder_name(config.start_from)}`"
    return f"{how} {kept}, exported, calibrated and measured anew."


def _taught(config: TrainConfig) -> str:
    said = ""
    if config.feedback:
        said = f", people's feedback among them (`{folder_name(config.feedback)}`),"
    if config.teacher:
        said += (
            f" and on up to {config.teacher_texts:,} unlabelled public sentences scored by "
            f"`{folder_name(config.teacher)}`"
        )
    if config.start_from:
        said += f", starting from `{folder_name(config.start_from)}`"
    if config.average_with:
        other = folder_name(config.average_with)
        said += f" (its weights are the mean of this run's and those of `{other}`)"
    return said


def _left_out(left_out: Figures) -> str:
    lines = ["| source | rows | scale | coverage | width |", "| --- | --- | --- | --- | --- |"]
    for source, rows in left_out.items():
        for scale in SCALES:
            row = rows[scale]
            cells = f"{row['coverage']:.3f} | {row['width']:.3f}"
            lines.append(f"| {source} | {rows['rows']} | {scale} | {cells} |")
    return "\n".join(lines)


def _bad_at(behaviour: Figures) -> str:
    """Name the groups of cases that hold least often."""
    weak = {g: row["rate"] for g, row in behaviour["groups"].items() if row["rate"] < BAD_RATE}
    if not weak:
        return f"Every group of behaviour cases holds at least {BAD_RATE:.0%} of the time."
    named = ", ".join(f"{g} ({rate:.0%})" for g, rate in sorted(weak.items(), key=lambda x: x[1]))
    return f"Of the behaviour cases these hold least often: {named}."


def _int8(int8: Figures) -> str:
    lines = [
        f"{int8['rows']} rows; serving runs int8, the difference is to PyTorch in fp32.",
        "",
        "| scale | mean | 99th percentile | largest | Pearson |",
        "| --- | --- | --- | --- | --- |",
    ]
    for scale in SCALES:
        row = int8[scale]
        cells = " | ".join(f"{row[k]:.4f}" for k in ("mean", "p99", "max"))
        lines.append(f"| {scale} | {cells} | {row['pearson']:.5f} |")
    return "\n".join(lines)
