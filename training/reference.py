"""The histograms of the rows that an artifact was tested on, for its manifest."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from model.caution import is_english
from model.encoder import TextEncoder
from model.familiarity import SURPRISAL, read_surprisal
from model.reference import Counting, Reference
from model.scores import DECIMALS, SCALES
from training.evaluate import Scored


def fit_reference(run: Path, encoder: TextEncoder, scored: Mapping[str, Scored]) -> Reference:
    """Count scores, lengths, surprisal and language of all rows together.

    Args:
        run: run folder with the table of surprisal.
        encoder: its tokenizer.
        scored: the sets that its figures are reported on, with its scores.
    """
    surprisal = read_surprisal(run / SURPRISAL, encoder.vocabulary)
    counting = Counting()
    for part in scored.values():
        texts = [quote.text for quote in part.quotes]
        counting.add_texts(texts, encoder, surprisal)
        counting.add("language", [float(not is_english(text)) for text in texts])
        for i, scale in enumerate(SCALES):
            # As the service rounds them, so that both fall into the same bin.
            counting.add(scale, np.round(part.points[:, i], DECIMALS))
    return counting.reference(sum(len(part.quotes) for part in scored.values()), list(scored))
