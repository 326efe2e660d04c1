"""Errors of a training run; each is one sentence for the person who started it.

ToneError (model.errors)
`-- TrainingError         the run cannot start, go on or be resumed
    `-- ConfigError       a setting is unknown or out of range
"""

from model.errors import ToneError


class TrainingError(ToneError):
    """The run cannot start, go on or be resumed."""


class ConfigError(TrainingError):
    """A setting is unknown, of the wrong type or out of range."""
