"""What a comparison means, in words, as a table and as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from model.reference import Measure, Reference
from model.scores import SCALES
from service.drift.counting import Counted
from service.drift.distance import Distance, Verdict

WORDS: Mapping[Measure, tuple[str, str]] = {
    "hostility": ("more hostile", "less hostile"),
    "formality": ("more formal", "less formal"),
    "tokens": ("longer texts", "shorter texts"),
    "surprisal": ("rarer words", "commoner words"),
    "language": ("less of it English", "more of it English"),
}
"""What it means that a measure lies higher, or lower, than in the reference."""
_ORDER: tuple[Verdict, ...] = ("alike", "shifted", "different")


@dataclass(frozen=True, slots=True)
class Findings:
    """A corpus beside a reference.

    Attributes:
        source: name of the corpus.
        model: name and version of the artifact.
        beside: what the reference is, for a sentence.
        reference: its histograms.
        counted: those of the corpus.
        distances: one a measure.
    """

    source: str
    model: str
    beside: str
    reference: Reference
    counted: Counted
    distances: Mapping[Measure, Distance]

    @property
    def verdict(self) -> Verdict:
        """The worst of the measures' verdicts."""
        return max((d.verdict for d in self.distances.values()), key=_ORDER.index)

    @property
    def largest(self) -> float:
        """The largest index of all measures."""
        return max(d.psi for d in self.distances.values())

    def sentence(self) -> str:
        """Say what was found and what to do."""
        moved = [m for m, d in self.distances.items() if d.verdict != "alike"]
        texts = [m for m in moved if m not in SCALES]
        if not moved:
            return (
                f"{self.source} looks like {self.beside}: nothing here speaks against the figures "
                "that were measured there."
            )
        if texts:
            return (
                f"{self.source} is not like {self.beside} ({self._told(texts, moved)}): what was "
                "measured there need not hold here. Rate some of its rows yourself and run "
                "`diplotone evaluate`."
            )
        return (
            f"The texts of {self.source} are like {self.beside}, and their tone is not "
            f"({self._told(moved, moved)}). That may be what they are; scores that were rare "
            "there were tested on fewer rows."
        )

    def _told(self, first: list[Measure], moved: list[Measure]) -> str:
        """Name what moved, some measures first."""
        ordered = [*first, *(m for m in moved if m not in first)]
        told = []
        for measure in ordered:
            found = self.distances[measure]
            words = WORDS[measure][0 if found.rises else 1]
            told.append(words if found.verdict == "different" else f"somewhat {words}")
        return ", ".join(told)

    def table(self) -> Table:
        """Return a row for each measure."""
        rows = self.counted.reference.rows
        title = f"{self.source}: {rows:,} rows beside {self.reference.rows:,}"
        table = Table(title=Text(title, "italic"), title_justify="left")
        table.add_column("measure")
        for name in ("PSI", "by chance up to", "KS distance"):
            table.add_column(name, justify="right")
        table.add_column("verdict")
        for measure, found in self.distances.items():
            numbers = (f"{value:.3f}" for value in (found.psi, found.chance, found.ks))
            table.add_row(measure, *numbers, found.verdict)
        return table

    def figures(self) -> dict[str, Any]:
        """Return everything, fit for JSON."""
        return {
            "source": self.source,
            "model": self.model,
            "rows": self.counted.reference.rows,
            "unscored": self.counted.unscored,
            "reference": {
                "is": self.beside,
                "rows": self.reference.rows,
                "splits": list(self.reference.splits),
            },
            "verdict": self.verdict,
            "sentence": self.sentence(),
            "largest_psi": self.largest,
            "measures": {measure: asdict(found) for measure, found in self.distances.items()},
        }
