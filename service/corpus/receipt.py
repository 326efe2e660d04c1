"""What a finished output is made of, so that the same run over many files leaves it as it is."""

import json
from dataclasses import dataclass
from pathlib import Path

from service.corpus.parts import Run, put


@dataclass(frozen=True, slots=True)
class Receipt:
    """The record of one output.

    Attributes:
        path: where it is kept.
        target: the output.
        run: what the output is made of.
    """

    path: Path
    target: Path
    run: Run

    def read(self) -> tuple[int, int] | None:
        """Return the rows of the output and how many of them could not be scored.

        None where no run of the same kind has finished, or the output is not as it left it.
        """
        try:
            kept = json.loads(self.path.read_bytes())
            same = kept["run"] == json.loads(json.dumps(self.run))
            if same and kept["bytes"] == self.target.stat().st_size:
                return int(kept["rows"]), int(kept["failed"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # then it is not known, and the run is done again
        return None

    def write(self, rows: int, failed: int) -> None:
        """Keep that the output is finished; OSError where that cannot be written."""
        size = self.target.stat().st_size
        kept = {"run": self.run, "rows": rows, "failed": failed, "bytes": size}
        content = json.dumps(kept, indent=2).encode()
        self.path.parent.mkdir(exist_ok=True)
        put(self.path, lambda stream: stream.write(content))
