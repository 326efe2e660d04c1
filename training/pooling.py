"""A pooling layer: the last layer of the encoder, started so that it averages all tokens.

A standard BERT classifier reads the first token only, while sentence encoders were taught to be
averaged. A layer whose attention starts out even over all tokens, and passes their mean on, gives
the first token that average plus itself, in an architecture that every BERT implementation loads;
fine-tuning then lets it weigh the tokens.
"""

import copy
from typing import Any

import torch
from torch import nn
from transformers import (
    BertForSequenceClassification,
    MPNetForSequenceClassification,
    PreTrainedModel,
)

from training.errors import ConfigError

# Small and not zero: with both projections at zero neither would ever get a gradient.
_START = 0.02


def add_pooling_layer(network: PreTrainedModel, layers: int | None = None) -> None:
    """Add the pooling layer to a BERT or MPNet classifier, in place.

    Args:
        network: a classifier before fine-tuning.
        layers: keep this many of the encoder's own layers, from the bottom; None for all.

    Raises:
        ConfigError: the network is of another kind, or has fewer layers.
    """
    if isinstance(network, BertForSequenceClassification):
        stack, head = network.bert.encoder.layer, "bert.pooler.dense"
    elif isinstance(network, MPNetForSequenceClassification):
        stack, head = network.mpnet.encoder.layer, "classifier.dense"
    else:
        raise ConfigError(
            f"pooling = 'layer' needs a BERT or MPNet encoder and this is "
            f"{type(network).__name__}; use pooling = 'first'."
        )
    if layers is not None and not 1 <= layers <= len(stack):
        raise ConfigError(f"layers = {layers}, but the encoder has {len(stack)}.")
    del stack[layers or len(stack) :]
    layer = copy.deepcopy(stack[-1])
    _start_as_mean(layer)
    stack.append(layer)
    network.config.num_hidden_layers = len(stack)
    pooler = network.get_submodule(head)
    assert isinstance(pooler, nn.Linear)  # noqa: S101 - for the type checker
    nn.init.orthogonal_(pooler.weight)
    nn.init.zeros_(pooler.bias)
    with torch.no_grad():
        pooler.weight.mul_(0.5)  # keeps to the part of tanh that is near linear


@torch.no_grad()
def _start_as_mean(layer: nn.Module) -> None:
    parts: Any = layer  # torch types every submodule as "tensor or module"
    if hasattr(parts.attention, "attn"):  # MPNet, whose bias by distance stays: not quite even
        heads = parts.attention.attn
        query, key, value, out = heads.q, heads.k, heads.v, heads.o
        after = parts.attention.LayerNorm
    else:
        heads, result = parts.attention.self, parts.attention.output
        query, key, value, out = heads.query, heads.key, heads.value, result.dense
        after = result.LayerNorm
    for projection in (query, key, parts.intermediate.dense):
        nn.init.normal_(projection.weight, std=_START)
        nn.init.zeros_(projection.bias)
    # Together the two projections are the identity. Each on its own is a rotation, since int8 would
    # spend its whole range on the diagonal of an identity and round away what is learned beside it.
    nn.init.orthogonal_(value.weight)
    out.weight.copy_(value.weight.T)
    for linear in (value, out):
        nn.init.zeros_(linear.bias)
    nn.init.zeros_(parts.output.dense.weight)
    nn.init.zeros_(parts.output.dense.bias)
    for norm in (after, parts.output.LayerNorm):
        nn.init.ones_(norm.weight)
        nn.init.zeros_(norm.bias)
