"""Drops the tokens that English text never needs, so that the pooling layer costs no size.

A multilingual-minded English vocabulary holds a thousand reserved tokens and the letters of a
dozen scripts. Without them a word in another script becomes [UNK], and the scorer warns of another
language anyway. English text is cut exactly as before.
"""

import json
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from model.artifact import TOKENIZER

TOKENIZER_CONFIG = "tokenizer_config.json"


def is_needed(token: str) -> bool:
    """Tell whether English text can need a token: no reserved one, no letter but Latin ones."""
    if token.startswith("[unused"):
        return False
    letters = (c for c in token if unicodedata.category(c)[0] in "LM")
    return all("LATIN" in unicodedata.name(c, "") for c in letters)


def trimmed_tokenizer(
    base: Path, run: Path, network: PreTrainedModel, trim: bool
) -> PreTrainedTokenizerBase:
    """Put the base encoder's tokenizer into the run folder, and fit the network to it.

    Args:
        base: folder of the base encoder.
        run: folder that gets ``tokenizer.json`` and its settings.
        network: the classifier, whose embedding loses the rows of the dropped tokens, in place.
        trim: drop tokens; otherwise the vocabulary stays whole.

    Returns:
        The tokenizer as Transformers loads it from the run folder.
    """
    content: dict[str, Any] = json.loads((base / TOKENIZER).read_text("utf-8"))
    if trim and content["model"]["type"] == "WordPiece":
        kept = _trim(content)
        embedding = network.get_input_embeddings()
        assert isinstance(embedding, nn.Embedding)  # noqa: S101 - for the type checker
        with torch.no_grad():
            weight = embedding.weight[torch.tensor(kept)].clone()
        network.resize_token_embeddings(len(kept), mean_resizing=False)
        with torch.no_grad():
            network.get_input_embeddings().weight.copy_(weight)  # type: ignore[operator]
    (run / TOKENIZER).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    shutil.copyfile(base / TOKENIZER_CONFIG, run / TOKENIZER_CONFIG)
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(run, config=network.config)
    return tokenizer


def _trim(content: dict[str, Any]) -> list[int]:
    """Renumber the tokens of a ``tokenizer.json``, in place; return the old ids that stay."""
    special = {token["content"] for token in content["added_tokens"]}
    old = content["model"]["vocab"]
    order = sorted(old, key=lambda token: int(old[token]))
    kept = [token for token in order if token in special or is_needed(token)]
    new = {token: number for number, token in enumerate(kept)}
    content["model"]["vocab"] = new
    for token in content["added_tokens"]:
        token["id"] = new[token["content"]]
    for token in content["post_processor"]["special_tokens"].values():
        token["ids"] = [new[name] for name in token["tokens"]]
    return [int(old[token]) for token in kept]
