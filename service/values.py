"""The kinds of values that settings take: several with commas between them, each one checked."""

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from service.adapters.names import NAMES

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _check_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    if not all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in origins):
        raise PydanticCustomError(
            "origin", "each origin should be * or scheme and host, like https://desk.example.org"
        )
    return origins


def _check_networks(networks: tuple[str, ...]) -> tuple[str, ...]:
    try:
        for network in networks:
            ipaddress.ip_network(network)
    except ValueError:
        raise PydanticCustomError(
            "network", "each proxy should be an address or a network, like 10.0.0.0/8"
        ) from None
    return networks


def _check_adapters(adapters: tuple[str, ...]) -> tuple[str, ...]:
    if not set(adapters) <= set(NAMES):
        raise PydanticCustomError("adapter", f"each adapter should be one of {', '.join(NAMES)}")
    return adapters


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Several values with commas between them."""

Origins = Annotated[Listed, AfterValidator(_check_origins)]
"""Origins of the web, or ``*``."""
Networks = Annotated[Listed, AfterValidator(_check_networks)]
"""Addresses or networks of IP."""
Adapters = Annotated[Listed, AfterValidator(_check_adapters)]
"""Names of adapters."""
