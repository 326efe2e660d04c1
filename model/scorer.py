"""ToneScorer: the one scorer that stands behind every door.

A list of quotes goes in, a list of the same length and order comes out. The text of every window,
sentence and left-out span of all quotes is collected first and run in one call.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from model.artifact import NETWORK, TOKENIZER, Artifact, Manifest, default_folder, read_artifact
from model.caution import language_detector
from model.encoder import SPECIAL_TOKENS, Ids, TextEncoder
from model.errors import ArtifactError, ScoringError
from model.familiarity import SURPRISAL, FamiliarityGauge, Wording
from model.plan import Plan, Points, points_of
from model.runtime import OnnxNetwork
from model.scores import ToneScore
from model.text import MAX_CHARACTERS, check


class ToneScorer:
    """Scores quotes with one verified artifact. Safe to call from several threads.

    Args:
        artifact: the verified folder.
        encoder: its tokenizer.
        network: its network.
        max_characters: longest quote accepted, in code points.
        gauge: tells texts unlike the training texts; None where the artifact has no such table.
    """

    def __init__(
        self,
        artifact: Artifact,
        encoder: TextEncoder,
        network: OnnxNetwork,
        max_characters: int = MAX_CHARACTERS,
        gauge: FamiliarityGauge | None = None,
    ) -> None:
        self.artifact = artifact
        self.max_characters = max_characters
        self._encoder = encoder
        self._network = network
        self._gauge = gauge

    @classmethod
    def load(
        cls,
        folder: Path | str | None = None,
        *,
        threads: int | None = None,
        max_characters: int = MAX_CHARACTERS,
    ) -> "ToneScorer":
        """Verify an artifact, load it and score once so that it is warm.

        Args:
            folder: artifact folder; by default the one DIPLOTONE_ARTIFACT names, else the
                released one.
            threads: quotes run side by side; the processors available by default.
            max_characters: longest quote accepted, in code points.

        Raises:
            ArtifactError: the folder cannot be trusted or does not fit together.
        """
        artifact = read_artifact(Path(folder) if folder else default_folder())
        encoder = TextEncoder.load(artifact.folder / TOKENIZER, artifact.manifest.window_tokens)
        network = OnnxNetwork(artifact.folder / NETWORK, threads)
        gauge = None
        if familiarity := artifact.manifest.familiarity:
            table = artifact.folder / SURPRISAL
            gauge = FamiliarityGauge.load(table, encoder.vocabulary, familiarity)
        scorer = cls(artifact, encoder, network, max_characters, gauge)
        try:
            scorer._points(encoder.encode(["The delegations will meet on Tuesday."]))
        except ScoringError as cause:
            raise ArtifactError(
                f"The network in {artifact.folder} does not fit its tokenizer: {cause}"
            ) from cause
        language_detector()
        return scorer

    @property
    def manifest(self) -> Manifest:
        """What the artifact says of itself."""
        return self.artifact.manifest

    def score(
        self, quotes: Sequence[str], *, sentences: bool = False, explain: bool = False
    ) -> list[ToneScore]:
        """Score quotes, each on its own.

        Args:
            quotes: texts as sent, 1 to ``max_characters`` code points each.
            sentences: also score each sentence.
            explain: also give the contribution of each word, clause or sentence.

        Returns:
            One score a quote, in the order given.

        Raises:
            QuoteError: a quote is blank, too long or no text; carries its index.
            ScoringError: the runtime failed.
        """
        plans = self._plans(quotes, sentences, explain)
        calibration = self.manifest.calibration
        return [
            plan.assemble(points, calibration, self._wording(ids[: plan.windows]))
            for plan, points, ids in self._run(plans)
        ]

    def points(self, quotes: Sequence[str]) -> Points:
        """Return bare scores, shape (quotes, 2), unrounded; for evaluation and calibration."""
        rows = [plan.pooled(points)[0] for plan, points, _ in self._run(self._plans(quotes))]
        return np.stack(rows)

    def _plans(
        self, quotes: Sequence[str], by_sentence: bool = False, explain: bool = False
    ) -> list[Plan]:
        checked = [check(quote, self.max_characters, i) for i, quote in enumerate(quotes)]
        return [Plan(quote, self._encoder, by_sentence, explain) for quote in checked]

    def _run(self, plans: Sequence[Plan]) -> Iterator[tuple[Plan, Points, list[Ids]]]:
        """Run the texts of all plans in one call; give each plan its points and its tokens."""
        encoded = self._encoded(plans)
        points, at = self._points([ids for some in encoded for ids in some]), 0
        for plan, some in zip(plans, encoded, strict=True):
            yield plan, points[at : at + len(some)], some
            at += len(some)

    def _encoded(self, plans: Sequence[Plan]) -> list[list[Ids]]:
        """Return the tokens of the texts of each plan, encoding in one call what is not known."""
        texts = [list(zip(plan.texts, plan.known, strict=True)) for plan in plans]
        fresh = [text for some in texts for text, ids in some if ids is None]
        new = iter(self._encoder.encode(fresh))
        return [[next(new) if ids is None else ids for _, ids in some] for some in texts]

    def _wording(self, windows: Sequence[Ids]) -> Wording:
        if self._gauge:
            return self._gauge.wording(windows)
        return Wording(sum(len(ids) - SPECIAL_TOKENS for ids in windows))

    def _points(self, encoded: Sequence[Ids]) -> Points:
        """Score windows, each distinct one once."""
        slots: dict[bytes, int] = {}
        distinct: list[Ids] = []
        rows = []
        for ids in encoded:
            slot = slots.setdefault(ids.tobytes(), len(distinct))
            if slot == len(distinct):
                distinct.append(ids)
            rows.append(slot)
        return points_of(self._network.logits(distinct))[rows]

    def close(self) -> None:
        """Let running calls finish and end the threads."""
        self._network.close()
