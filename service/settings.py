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
from service.press.limits import MAX_ARTICLE_CHARACTERS, MAX_ARTICLE_QUOTES
from service.values import Adapters, Listed, Networks, Origins

PREFIX = "DIPLOTONE_"

ELSEWHERE = ("DIPLOTONE_CACHE",)
"""Variables of the other rooms (where training keeps downloads): not ours, and no mistake."""


class Settings(BaseSettings):
    """What an operator can set; each field is the variable ``DIPLOTONE_`` plus its name.

    ``docs/settings.md`` is a table of these fields; a test holds it to them.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    artifact: Path | None = Field(
        default=None,
        description="Folder of the model artifact; the released one when not set.",
        examples=["/srv/diplotone/model"],
    )
    also: Listed = Field(
        default=(),
        description="Folders of further artifacts, which a request may name by `model`.",
        examples=["/srv/diplotone/1.1.0"],
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address to serve on; 0.0.0.0 opens the service to the network.",
        examples=["0.0.0.0"],  # noqa: S104 - an example
    )
    port: int = Field(
        default=8000,
        ge=0,
        le=65535,
        description="TCP port to serve on; 0 takes any free one.",
        examples=[9000],
    )
    max_characters: int = Field(
        default=MAX_CHARACTERS,
        ge=1,
        le=1_000_000,
        description="Longest quote, in Unicode code points.",
        examples=[2000],
    )
    max_quotes: int = Field(
        default=256,
        ge=1,
        le=10_000,
        description="Most quotes in one batch request.",
        examples=[64],
    )
    max_article_characters: int = Field(
        default=MAX_ARTICLE_CHARACTERS,
        ge=1,
        le=10_000_000,
        description="Longest article, in Unicode code points.",
        examples=[50000],
    )
    max_article_quotes: int = Field(
        default=MAX_ARTICLE_QUOTES,
        ge=1,
        le=10_000,
        description="Most quotes of one article that are scored; one with more is refused with "
        "413. A quote longer than the longest quote counts as several.",
        examples=[500],
    )
    article_reader: str = Field(
        default="rules",
        min_length=1,
        description="What reads articles: rules, spacy (rules and a parser; needs the extra "
        "`spacy`), or spacy: and the name or folder of another English pipeline of spaCy.",
        examples=["spacy"],
    )
    max_body_bytes: int = Field(
        default=2 * 1024 * 1024,
        ge=1024,
        description="Largest request body, in bytes.",
        examples=[262144],
    )
    receive_seconds: float = Field(
        default=20,
        gt=0,
        le=3600,
        allow_inf_nan=False,
        description="Longest that a caller may take to send the head of a request, and again its "
        "body; then it is answered with 408 and the connection closed.",
        examples=[5],
    )
    queue_items: int = Field(
        default=2048,
        ge=1,
        description="Most texts that wait for the scorer; requests beyond are refused with 429. "
        "A quote counts more when sentences or highlights are asked for.",
        examples=[512],
    )
    queue_seconds: float = Field(
        default=2,
        gt=0,
        le=3600,
        description="Longest that what waits may be expected to take, by the speed of the last "
        "calls; requests beyond are refused with 429.",
        examples=[0.5],
    )
    deadline_seconds: float = Field(
        default=30,
        gt=0,
        le=3600,
        allow_inf_nan=False,
        description="Longest a request waits for its scores before it is answered with 504.",
        examples=[10],
    )
    threads: int | None = Field(
        default=None,
        ge=1,
        le=1024,
        description="Texts scored side by side; the processors available when not set.",
        examples=[4],
    )
    api_keys_file: Path | None = Field(
        default=None,
        description="File of hashed API keys, a line each as `diplotone key NAME` makes it; read "
        "again when it changes. When not set, no one is asked for a key.",
        examples=["/etc/diplotone/api-keys"],
    )
    api_keys_everywhere: bool = Field(
        default=False,
        description="Ask for a key on /, /docs, /openapi.json and /metrics too; /healthz and "
        "/readyz never ask.",
        examples=["true"],
    )
    rate_limit: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000_000,
        description="Items a minute for each API key or, without keys, each client address; no "
        "limit when not set. A quote is one item, and more when sentences or highlights are asked "
        "for.",
        examples=[600],
    )
    trusted_proxies: Networks = Field(
        default=(),
        description="Addresses or networks of the proxies whose X-Forwarded-For is believed.",
        examples=["10.0.0.0/8, 192.0.2.7"],
    )
    cors_origins: Origins = Field(
        default=(),
        description="Origins whose pages may call the service from a browser; * is any.",
        examples=["https://desk.example.org"],
    )
    adapters: Adapters = Field(
        default=(),
        description="Other services' addresses to answer too: perspective, moderations, tei, v2. "
        "docs/migrating.md says what they are.",
        examples=["perspective, moderations"],
    )
    feedback: str | None = Field(
        default=None,
        min_length=1,
        description="Where `POST /v1/feedback` keeps corrections: the path of a SQLite file, or a "
        "SQLAlchemy URL. When not set, there is no such address. Needs the extra `feedback`.",
        examples=["/var/lib/diplotone/feedback.db"],
    )
    feedback_text: bool = Field(
        default=False,
        description="Keep the quote's text with a correction; off, only its SHA-256 is kept, and "
        "nobody can train on it.",
        examples=["true"],
    )
    feedback_days: int | None = Field(
        default=None,
        ge=1,
        le=36_500,
        description="Delete corrections older than so many days, at the start and once a day; "
        "they are kept for good when not set.",
        examples=[365],
    )
    docs: bool = Field(
        default=True, description="Serve /docs and /openapi.json.", examples=["false"]
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe log line that is written.", examples=["warning"]
    )
    log_text: bool = Field(
        default=False,
        description="Write quotes and exception texts to the log; off, so that none leaks.",
        examples=["true"],
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
