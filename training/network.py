"""The network that a run starts from: a base encoder, an earlier run, or a released artifact."""

import logging
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging as hf_logging

from model.artifact import CONFIG
from model.familiarity import SURPRISAL
from model.scores import SCALES
from training.base import WEIGHTS
from training.config import TrainConfig
from training.errors import ConfigError
from training.pooling import add_pooling_layer
from training.restore import weights_of
from training.vocabulary import renewed_tokenizer, write_tokenizer_config


def load_network(base: Path, config: TrainConfig) -> PreTrainedModel:
    """Return the encoder with a fresh two-logit head that says what its outputs are."""
    network = _classifier(base, config)
    if config.pooling == "layer":
        add_pooling_layer(network, config.layers)
    return network


def load_earlier(
    earlier: Path, base: Path, run: Path, config: TrainConfig
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Return the network and tokenizer of a run or an artifact, to be trained further.

    The run folder gets the tokenizer and the surprisal of its tokens.

    Args:
        earlier: folder of a finished run, or of an artifact, whose int8 weights are restored.
        base: folder of the encoder that it once started from.
        run: the run folder.
        config: settings of the run.

    Raises:
        ConfigError: the earlier folder holds no network of ours.
    """
    try:
        renewed_tokenizer(earlier, run)
        write_tokenizer_config(base, run)
        # What it learnt from before is most of what it knows.
        shutil.copyfile(earlier / SURPRISAL, run / SURPRISAL)
        shutil.copyfile(earlier / CONFIG, run / CONFIG)
        weights = weights_of(earlier)
        save_file(weights, run / WEIGHTS, {"format": "pt"})
        network = _classifier(run, config)
        if missing := network.state_dict().keys() - weights.keys():
            raise ValueError(f"no {min(missing)}")
    except (OSError, ValueError) as cause:
        raise ConfigError(f"start_from = {earlier}: no network of ours there ({cause}).") from cause
    return network, AutoTokenizer.from_pretrained(run)


def keep(base: Path, config: TrainConfig, run: Path) -> None:
    """Put the network of ``start_from`` into the run folder as it is.

    Raises:
        ConfigError: there is none.
    """
    assert config.start_from  # noqa: S101 - TrainConfig holds it
    network, _ = load_earlier(config.start_from, base, run, config)
    network.save_pretrained(run)


def _classifier(folder: Path, config: TrainConfig) -> PreTrainedModel:
    hf_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    hf_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger("accelerate").setLevel(logging.ERROR)
    network: PreTrainedModel = AutoModelForSequenceClassification.from_pretrained(
        folder,
        num_labels=len(SCALES),
        problem_type="multi_label_classification",
        id2label=dict(enumerate(SCALES)),
        label2id={scale: i for i, scale in enumerate(SCALES)},
        hidden_dropout_prob=config.dropout,
        attention_probs_dropout_prob=config.dropout,
        dtype=torch.float32,
    )
    return network
