"""Made-up rows with made-up scores, for the tests of what `evaluate` measures and shows."""

import numpy as np

from data.records import Quote
from model.intervals import Band, Calibration
from model.scores import SCALES
from training.evaluate import Figures, Scored, figures_of, labels_of


def some_bands() -> Calibration:
    band = (Band(upto=1, below=0.2, above=0.2, rows=100),)
    return Calibration(method="made up", coverage=0.9, bands=dict.fromkeys(SCALES, band))


def some_quotes(count: int, seed: int = 1) -> list[Quote]:
    rng = np.random.default_rng(seed)
    return [
        Quote(
            id=f"row-{i}",
            text=" ".join(["We", "thank", "them"] + ["very"] * int(rng.integers(0, 70))),
            hostility=float(rng.random()),
            formality=float(rng.random()),
            source=f"own/{'abc'[i % 3]}",
            group=f"own/{i}",
            raters=None,
        )
        for i in range(count)
    ]


def some_scored(count: int = 90, error: float = 0.1, seed: int = 1) -> Scored:
    quotes = some_quotes(count, seed)
    labels = labels_of(quotes)
    noise = np.random.default_rng(seed + 1).normal(0, error, labels.shape)
    return Scored(quotes, labels, np.clip(labels + noise, 0, 1))


def some_figures(scored: Scored, name: str = "ours 1.0.0") -> Figures:
    return figures_of(
        scored, name, some_bands(), {"half": lambda texts: np.full((len(texts), 2), 0.5)}
    )
