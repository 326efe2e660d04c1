"""The behaviour suite: what a score must do, stated case by case and counted by group.

The cases lie in ``data/behaviour/*.toml``. Each table is a group, with ``about`` (one line on what
it shows) and a list for each kind of case (see ``training.expectations``):

    ["use and mention"]
    about = "what this speaker says counts"
    minimum = [{ text = "...", scale = "hostility", low = 0.1, high = 0.4 }]
    pair = [{ less = "...", more = "...", scale = "hostility", margin = 0.2 }]
    invariance = [{ text = "...", variants = ["..."], scale = "both", tolerance = 0.0 }]

``margin`` and ``tolerance`` are 0.05 where not given. Texts that share long passages name them in
braces, ``text = "{opening} {thanks}"``, and the group's table ``passages`` holds them.
"""

import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from data.errors import DataError
from data.records import Name, Record, Text
from model.plan import Points
from model.scores import DECIMALS, SCALES
from training.evaluate import Figures
from training.expectations import Case, Finding, Invariance, Minimum, Pair, Scores

BEHAVIOUR = Path(__file__).parents[1] / "data" / "behaviour"


class _Group(Record):
    """A table of a file."""

    about: Name
    passages: dict[str, Text] = {}
    minimum: Annotated[tuple[Minimum, ...], Field(strict=False)] = ()
    pair: Annotated[tuple[Pair, ...], Field(strict=False)] = ()
    invariance: Annotated[tuple[Invariance, ...], Field(strict=False)] = ()


def read_cases(path: Path = BEHAVIOUR) -> list[Case]:
    """Read the cases of one TOML file, or of all in a folder, in their order.

    Raises:
        DataError: a file or a case cannot be used; names file, group, kind and number (from 1).
    """
    cases: list[Case] = []
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    for file in files:
        seen = {case.group for case in cases}
        for group, table in _read_toml(file).items():
            if group in seen:
                raise DataError(file, "another file has this group already", field=group)
            cases += _cases_of(file, group, table)
    if not cases:
        raise DataError(path, "holds no behaviour cases")
    return cases


def behaviour_figures(score: Callable[[Sequence[str]], Points], cases: Sequence[Case]) -> Figures:
    """Score each distinct text once, in one call, and count which cases hold.

    Args:
        score: gives scores of shape (texts, 2), such as ``ToneScorer.points``.
        cases: what is expected.

    Returns:
        ``{"cases", "passed", "groups": {group: {"cases", "passed", "rate"}}, "failed": [...]}``,
        fit for JSON. ``rate`` is from 0 to 1. A failed case has its group, kind and texts, the
        ``scale``, what was ``wanted`` in words and what was ``found``.
    """
    texts = list(dict.fromkeys(text for case in cases for text in case.texts))
    points = score(texts).tolist() if texts else []
    rows = [dict(zip(SCALES, row, strict=True)) for row in points]
    scores: Scores = dict(zip(texts, rows, strict=True))
    findings = [(case, case.find(scores)) for case in cases]
    counts = Counter(case.group for case in cases)
    passed = Counter(case.group for case, finding in findings if finding.passed)
    return {
        "cases": len(cases),
        "passed": passed.total(),
        "groups": {
            group: {"cases": count, "passed": passed[group], "rate": passed[group] / count}
            for group, count in counts.items()
        },
        "failed": [_failure(case, finding) for case, finding in findings if not finding.passed],
    }


def behaviour_table(figures: Figures) -> str:
    """Return a Markdown table of the rates by group, with a last row for all cases."""
    lines = ["| group | cases | passed | rate |", "| --- | --- | --- | --- |"]
    total = {"cases": figures["cases"], "passed": figures["passed"]}
    for group, row in [*figures["groups"].items(), ("all", total)]:
        rate = f"{row['passed'] / row['cases']:.1%}" if row["cases"] else ""
        lines.append(f"| {group} | {row['cases']} | {row['passed']} | {rate} |")
    return "\n".join(lines)


def _failure(case: Case, finding: Finding) -> Figures:
    return {
        "group": case.group,
        "kind": case.kind,
        **finding.texts,
        "scale": finding.scale,
        "wanted": finding.wanted,
        "found": round(finding.found, DECIMALS),
    }


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(path, f"cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise DataError(path, f"not TOML in UTF-8 ({error})") from error


def _cases_of(path: Path, name: str, table: object) -> list[Case]:
    """Build the cases of one table of a file."""
    passages = table.get("passages") if isinstance(table, dict) else None
    context = {"group": name, "passages": passages if isinstance(passages, dict) else {}}
    try:
        group = _Group.model_validate(table, context=context)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = [part + 1 if isinstance(part, int) else part for part in fault["loc"]]
        raise DataError(path, fault["msg"], field=".".join(map(str, [name, *place]))) from error
    cases: list[Case] = [*group.minimum, *group.pair, *group.invariance]
    if not cases:
        raise DataError(path, "the group has no cases", field=name)
    return cases
