"""What the model is measured against, on the same rows in the same run.

A model is worth its cost only where it beats these: the mean, word counts, the same encoder
without fine-tuning, and a sentiment lexicon.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.pipeline import make_pipeline
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from model.plan import Points
from model.text import prepare

Predict = Callable[[Sequence[str]], Points]
"""Texts in, points of shape (texts, 2) out; NaN where a system has no such scale."""


def constant(labels: Points) -> Predict:
    """Predict the training mean whatever the text."""
    mean = labels.mean(axis=0)
    return lambda texts: np.tile(mean, (len(texts), 1))


def tfidf_ridge(texts: Sequence[str], labels: Points) -> Predict:
    """Ridge regression on TF-IDF weights of words and word pairs."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    pipeline = make_pipeline(vectorizer, Ridge(alpha=1.0)).fit(texts, labels)
    return lambda rows: np.clip(pipeline.predict(rows), 0, 1)


def frozen_ridge(texts: Sequence[str], labels: Points, base: Path) -> Predict:
    """Ridge regression on the mean-pooled outputs of the encoder before fine-tuning."""
    embed = _embedder(base)
    ridge = RidgeCV(alphas=np.logspace(-3, 2, 6)).fit(embed(texts), labels)
    return lambda rows: np.clip(ridge.predict(embed(rows)), 0, 1)


def vader(texts: Sequence[str]) -> Points:
    """VADER's compound sentiment turned into a hostility from 0 to 1; it has no formality."""
    analyzer = SentimentIntensityAnalyzer()
    compound = [analyzer.polarity_scores(text)["compound"] for text in texts]
    return np.stack([(1 - np.array(compound)) / 2, np.full(len(texts), np.nan)], axis=1)


def fit_baselines(texts: Sequence[str], labels: Points, base: Path) -> dict[str, Predict]:
    """Fit every baseline on the training rows."""
    return {
        "constant": constant(labels),
        "TF-IDF + ridge": tfidf_ridge(texts, labels),
        "frozen encoder + ridge": frozen_ridge(texts, labels, base),
        "VADER": vader,
    }


def _embedder(base: Path) -> Callable[[Sequence[str]], Points]:
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    encoder = AutoModel.from_pretrained(base).eval()

    def embed(texts: Sequence[str]) -> Points:
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out = np.empty((len(texts), encoder.config.hidden_size))
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            batch = tokenizer(
                [prepare(texts[i]) for i in rows],
                padding=True,
                truncation=True,
                max_length=192,
                return_tensors="pt",
            )
            with torch.inference_mode():
                states = encoder(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1)
            out[rows] = ((states * mask).sum(1) / mask.sum(1)).numpy()
        return out

    return embed
