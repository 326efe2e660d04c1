"""Settings: one typed, frozen object, read from ``DIPLOTONE_`` variables when asked to.

Flags win over variables: the command line passes them to ``Settings.load`` as keyword arguments.
"""

import difflib
import os
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from model.text import MAX_CHARACTERS
from service.errors import SettingsError

PREFIX = "DIPLOTONE_"

ELSEWHERE = ("DIPLOTONE_CACHE",)
"""Variables of the other rooms (where training keeps downloads): not ours, and no mistake."""


class Settings(BaseSettings):
    """What an operator can set; each field is the variable ``DIPLOTONE_`` plus its name."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    artifact: Path | None = Field(
        default=None, description="Folder of the model artifact; the released one when not set."
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address to serve on; 0.0.0.0 opens the service to the network.",
    )
    port: int = Field(
        default=8000, ge=0, le=65535, description="TCP port to serve on; 0 takes any free one."
    )
    max_characters: int = Field(
        default=MAX_CHARACTERS,
        ge=1,
        le=1_000_000,
        description="Longest quote, in Unicode code points.",
    )
    max_quotes: int = Field(
        default=256, ge=1, le=10_000, description="Most quotes in one batch request."
    )
    max_body_bytes: int = Field(
        default=2 * 1024 * 1024, ge=1024, description="Largest request body, in bytes."
    )
    queue_items: int = Field(
        default=2048,
        ge=1,
        description="Most texts that wait for the scorer; requests beyond are refused with 429. "
        "A quote counts more when sentences or highlights are asked for.",
    )
    deadline_seconds: float = Field(
        default=30,
        gt=0,
        le=3600,
        allow_inf_nan=False,
        description="Longest a request waits for its scores before it is answered with 504.",
    )
    threads: int | None = Field(
        default=None,
        ge=1,
        le=1024,
        description="Texts scored side by side; the processors available when not set.",
    )
    docs: bool = Field(default=True, description="Serve /docs and /openapi.json.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe log line that is written."
    )
    log_text: bool = Field(
        default=False,
        description="Write quotes and exception texts to the log; off, so that none leaks.",
    )

    @classmethod
    def load(cls, **flags: object) -> Self:
        """Read the variables, overridden by flags.

        Args:
            flags: values by field name; a None counts as not given.

        Raises:
            SettingsError: a variable is unknown or a value is out of bounds; names it.
        """
        _refuse_unknown(set(cls.model_fields))
        given: dict[str, Any] = {name: value for name, value in flags.items() if value is not None}
        try:
            return cls(**given)
        except ValidationError as cause:
            raise settings_error(cause) from cause


def settings_error(cause: ValidationError) -> SettingsError:
    """Turn pydantic's error into one sentence that names the variable and not its value."""
    first = cause.errors(include_input=False, include_url=False)[0]
    name = PREFIX + str(first["loc"][0] if first["loc"] else "").upper()
    reason = first["msg"][:1].lower() + first["msg"][1:]
    return SettingsError(f"{name} cannot be used: {reason}.")


def _refuse_unknown(fields: set[str]) -> None:
    """Refuse a ``DIPLOTONE_`` variable that no setting reads: most often a slip of the pen."""
    known = [PREFIX + field.upper() for field in sorted(fields)]
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in (*known, *ELSEWHERE):
            near = difflib.get_close_matches(name.upper(), known, n=1)
            advice = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
            raise SettingsError(f"{name} is not a setting; {advice}")
