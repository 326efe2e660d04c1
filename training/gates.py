"""The gates a new artifact must pass before it replaces the released one.

Both artifacts score the same rows in the same run. Each gate is one sentence with its figures, so
that a refusal says what to mend.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from model.scores import SCALES
from training.evaluate import Figures, own_figures

WORSE_PEARSON = 0.005
WORSE_MAE = 0.003
FLOOR_PEARSON = 0.6
INT8_MEAN = 0.005
INT8_PEARSON = 0.999
COVERAGE_SLACK = 0.08


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
    candidate: Mapping[str, Figures],
    released: Mapping[str, Figures] | None,
    int8: Figures,
    coverage: float,
    sampled: bool,
) -> list[Gate]:
    """Judge an artifact.

    Args:
        candidate: figures of the new artifact by split.
        released: figures of the released artifact on the same rows, None where there is none.
        int8: distance of the new artifact's int8 scores from fp32.
        coverage: nominal coverage of its intervals.
        sampled: whether it was trained on a sample of the rows only.
    """
    gates = [Gate(not sampled, "trained on all rows" if not sampled else "trained on a sample")]
    for scale in SCALES:
        gap, r = int8[scale]["mean"], int8[scale]["pearson"]
        gates.append(
            Gate(
                gap < INT8_MEAN and r > INT8_PEARSON,
                f"int8 {scale}: mean difference to fp32 {gap:.4f} (under {INT8_MEAN}), "
                f"r {r:.5f} (over {INT8_PEARSON})",
            )
        )
    for split, figures in candidate.items():
        rival = released[split] if released else None
        gates.extend(_split_gates(split, figures, rival, coverage))
    return gates


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
