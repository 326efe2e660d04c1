"""The gates a new artifact must pass before it replaces the released one.

Both artifacts score the same rows in the same run. Each gate is one sentence with its figures, so
that a refusal says what to mend.
"""

from dataclasses import dataclass

from data.feedback import FEEDBACK
from model.scores import SCALES
from training.evaluate import Figures, own_figures
from training.swaps import ALL_NAMES

WORSE_PEARSON = 0.005
WORSE_MAE = 0.003
FLOOR_PEARSON = 0.6
INT8_MEAN = 0.005
INT8_PEARSON = 0.999
COVERAGE_SLACK = 0.08
SWAP_MEAN, SWAP_P99 = 0.02, 0.05
WORSE_BEHAVIOUR = 0.02
MEDIAN_SHIFT = 0.03
"""How far the median score may move. People have set thresholds by the released artifact's scores.

Judged on the test rows: both artifacts have scored them in this run, and neither was fitted to them
nor chose its epoch or its intervals by them, as with the validation rows.
"""


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition with its outcome.

    Attributes:
        passed: whether it holds.
        reason: the condition with the figures it was judged by.
    """

    passed: bool
    reason: str


def judge(
    candidate: Figures,
    released: Figures | None,
    coverage: float,
    sampled: bool,
    accept_shift: bool = False,
) -> list[Gate]:
    """Judge an artifact.

    Args:
        candidate: what was measured on the new artifact; see ``training.measure.Outcome``.
        released: the same of the released artifact on the same rows, None where there is none.
        coverage: nominal coverage of its intervals.
        sampled: whether it was trained on a sample of the rows only.
        accept_shift: let it through however far the median score moves.
    """
    gates = [Gate(not sampled, "trained on all rows" if not sampled else "trained on a sample")]
    for scale in SCALES:
        gap, r = candidate["int8"][scale]["mean"], candidate["int8"][scale]["pearson"]
        gates.append(
            Gate(
                gap < INT8_MEAN and r > INT8_PEARSON,
                f"int8 {scale}: mean difference to fp32 {gap:.4f} (under {INT8_MEAN}), "
                f"r {r:.5f} (over {INT8_PEARSON})",
            )
        )
    for split, figures in candidate["splits"].items():
        if split == FEEDBACK:
            continue  # few texts, chosen because a model erred on them: reported, not judged by
        rival = released["splits"][split] if released else None
        gates.extend(_split_gates(split, figures, rival, coverage))
    gates.extend(_name_gates(candidate["swaps"]["kinds"][ALL_NAMES]))
    if released:
        gates.append(_behaviour_gate(candidate["behaviour"], released["behaviour"]))
    if released:
        gates.extend(_shift_gates(candidate.get("moved"), accept_shift))
    return gates


def _shift_gates(moved: Figures | None, accepted: bool) -> list[Gate]:
    if moved is None:  # as in runs of earlier versions
        return [Gate(accepted, "scores moved: how far was not measured; train anew")]
    gates = []
    for scale, row in moved["scales"].items():
        near = abs(row["median_shift"]) <= MEDIAN_SHIFT
        reason = (
            f"scores moved: median {scale} {row['median_old']:.3f} to {row['median_new']:.3f} "
            f"(by at most {MEDIAN_SHIFT})"
        )
        if not near:
            reason += (
                ", accepted by --accept-shift"
                if accepted
                else "; thresholds must move with it: see `diplotone compare`, then give "
                "--accept-shift"
            )
        gates.append(Gate(near or accepted, reason))
    return gates


def _name_gates(swaps: Figures) -> list[Gate]:
    return [
        Gate(
            swaps[scale]["mean_range"] < SWAP_MEAN and swaps[scale]["p99_range"] < SWAP_P99,
            f"names swapped: {scale} moves by {swaps[scale]['mean_range']:.3f} on average (under "
            f"{SWAP_MEAN}), {swaps[scale]['p99_range']:.3f} at the 99th percentile (under "
            f"{SWAP_P99})",
        )
        for scale in SCALES
    ]


def _behaviour_gate(ours: Figures, theirs: Figures) -> Gate:
    rate, before = (one["passed"] / one["cases"] for one in (ours, theirs))
    return Gate(
        rate >= before - WORSE_BEHAVIOUR,
        f"behaviour: {rate:.1%} of {ours['cases']} cases hold; released {before:.1%} "
        f"(may be worse by {WORSE_BEHAVIOUR:.0%})",
    )


def _split_gates(
    split: str, candidate: Figures, released: Figures | None, coverage: float
) -> list[Gate]:
    gates = []
    for scale in SCALES:
        ours = own_figures(candidate)[scale]
        r, mae, inside = ours["pearson"], ours["mae"], ours["coverage"]
        if released is None:
            reason = f"{split} {scale}: r {r:.3f} (at least {FLOOR_PEARSON})"
            gates.append(Gate(r >= FLOOR_PEARSON, reason))
        else:
            theirs = own_figures(released)[scale]
            gates.append(
                Gate(
                    r >= theirs["pearson"] - WORSE_PEARSON and mae <= theirs["mae"] + WORSE_MAE,
                    f"{split} {scale}: r {r:.3f}, MAE {mae:.3f}; released {theirs['pearson']:.3f}"
                    f", {theirs['mae']:.3f} (may be worse by {WORSE_PEARSON}, {WORSE_MAE})",
                )
            )
        if split == "test_real":
            reason = f"{split} {scale}: interval covers {inside:.1%} (at least "
            reason += f"{coverage - COVERAGE_SLACK:.0%})"
            gates.append(Gate(inside >= coverage - COVERAGE_SLACK, reason))
    return gates
