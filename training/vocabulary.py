"""Fits the tokenizer to the task: blind to names, and rid of tokens that cost more than they give.

A general English vocabulary holds a thousand reserved tokens, the letters of a dozen scripts and
words that no statement uses. The network pays 384 parameters for each. A word in another script
becomes [UNK], and the scorer warns of another language anyway; a dropped word is cut into pieces.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from model.artifact import TOKENIZER
from model.text import prepare
from training.config import TrainConfig
from training.names import neutral_normaliser

TOKENIZER_CONFIG = "tokenizer_config.json"


def is_needed(token: str) -> bool:
    """Tell whether English text can need a token: no reserved one, no letter but Latin ones."""
    if token.startswith("[unused"):
        return False
    letters = (c for c in token if unicodedata.category(c)[0] in "LM")
    return all("LATIN" in unicodedata.name(c, "") for c in letters)


def fitted_tokenizer(
    base: Path,
    run: Path,
    network: PreTrainedModel,
    config: TrainConfig,
    texts: Sequence[str],
) -> PreTrainedTokenizerBase:
    """Put the run's tokenizer into its folder, and fit the network to it.

    Args:
        base: folder of the base encoder.
        run: folder that gets ``tokenizer.json`` and its settings.
        network: the classifier, whose embedding loses the rows of the dropped tokens, in place.
        config: how many tokens to keep and whether to be blind to names.
        texts: the training texts, which say what words are in use.

    Returns:
        The tokenizer as Transformers loads it from the run folder.
    """
    content: dict[str, Any] = json.loads((base / TOKENIZER).read_text("utf-8"))
    if config.neutral_names:
        content["normalizer"] = neutral_normaliser(content["normalizer"])
    if config.vocabulary and content["model"]["type"] == "WordPiece":
        kept = _trim(content, _used(content, texts), config.vocabulary)
        embedding = network.get_input_embeddings()
        assert isinstance(embedding, nn.Embedding)  # noqa: S101 - for the type checker
        with torch.no_grad():
            weight = embedding.weight[torch.tensor(kept)].clone()
        network.resize_token_embeddings(len(kept), mean_resizing=False)
        with torch.no_grad():
            network.get_input_embeddings().weight.copy_(weight)  # type: ignore[operator]
    (run / TOKENIZER).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    write_tokenizer_config(base, run)
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(run)
    return tokenizer


def renewed_tokenizer(earlier: Path, run: Path) -> None:
    """Put an earlier tokenizer into a run folder, with the list and the rules of names of today.

    Args:
        earlier: folder with ``tokenizer.json``.
        run: folder that gets one.

    Raises:
        OSError, ValueError: there is none.
    """
    content: dict[str, Any] = json.loads((earlier / TOKENIZER).read_text("utf-8"))
    normaliser = content["normalizer"] or {}
    for part in normaliser.get("normalizers", ()):
        if part["type"] == "BertNormalizer":  # ours; the rules of names stand around it
            content["normalizer"] = neutral_normaliser(part)
    (run / TOKENIZER).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def write_tokenizer_config(base: Path, run: Path) -> None:
    """Write the base encoder's settings for a tokenizer of ours into a run folder."""
    settings = json.loads((base / TOKENIZER_CONFIG).read_text("utf-8"))
    # The class of the base encoder builds a normaliser of its own; this one takes the file's.
    settings["tokenizer_class"] = "PreTrainedTokenizerFast"
    (run / TOKENIZER_CONFIG).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def _used(content: dict[str, Any], texts: Sequence[str]) -> Counter[str]:
    """Count the tokens of the training texts."""
    tokenizer = Tokenizer.from_str(json.dumps(content))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    found = tokenizer.encode_batch([prepare(text) for text in texts], add_special_tokens=False)
    return Counter(token for encoding in found for token in encoding.tokens)


def _trim(content: dict[str, Any], used: Counter[str], most: int) -> list[int]:
    """Renumber the tokens of a ``tokenizer.json``, in place; return the old ids that stay.

    Where more than ``most`` are needed, whole words go, those that the training texts use least.
    """
    special = {token["content"] for token in content["added_tokens"]}
    old = content["model"]["vocab"]
    order = sorted(old, key=lambda token: int(old[token]))
    kept = [token for token in order if token in special or is_needed(token)]
    # The numbers of a vocabulary rise as its words get rarer, which decides among the unused.
    words = [t for t in kept if t not in special and not t.startswith("##") and len(t) > 1]
    rarest = sorted(words, key=lambda token: (used[token], -int(old[token])))
    dropped = set(rarest[: max(0, len(kept) - most)])
    kept = [token for token in kept if token not in dropped]
    new = {token: number for number, token in enumerate(kept)}
    content["model"]["vocab"] = new
    for token in content["added_tokens"]:
        token["id"] = new[token["content"]]
    post = content["post_processor"]
    for token in post.get("special_tokens", {}).values():
        token["ids"] = [new[name] for name in token["tokens"]]
    for name in ("sep", "cls"):  # the other layout
        if name in post:
            post[name][1] = new[post[name][0]]
    return [int(old[token]) for token in kept]
