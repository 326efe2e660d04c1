"""How much one caller may ask for: a bucket of items for each, filled again minute by minute.

The headers are those of draft-ietf-httpapi-ratelimit-headers-06, the last draft with one field for
each number, which is what clients and gateways read today.
"""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from starlette.types import Scope

from service.errors import NotReady, Overloaded, RateLimited

MOST_CALLERS = 10_000
"""Most callers remembered; whoever was not seen for longest, and has refilled most, goes first."""
HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy")

_MINUTE = 60
_ROUNDING = 1e-6  # items; who waited as long as told is not sent away over a bit
_IPV6_SITE = 64  # bits; whoever has one IPv6 address has a whole /64 of them


class Standing(NamedTuple):
    """Where a caller stands after asking for some items.

    Attributes:
        limit: items a minute.
        remaining: items that are left now.
        reset: seconds until the bucket is full, or, when refused, until the request is admitted.
        refused: the items were not granted.
    """

    limit: int
    remaining: int
    reset: int
    refused: bool

    def headers(self) -> dict[str, str]:
        """Return what the answer says of it."""
        values = (self.limit, self.remaining, self.reset, f"{self.limit};w={_MINUTE}")
        return dict(zip(HEADERS, map(str, values), strict=True))


class Quota:
    """Token buckets, one for each caller.

    A request for more than a minute's items is admitted when the bucket is full, since it could
    never be served otherwise, and the caller then waits until the debt is paid.

    Args:
        per_minute: items that a bucket holds, and that flow into it in a minute.
        clock: seconds that never go back.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str, items: int) -> Standing:
        """Take items out of a caller's bucket if it holds them; a negative number puts back."""
        now = self._clock()
        level, since = self._buckets.pop(caller, (float(self._limit), now))
        level = min(self._limit, level + (now - since) * self._limit / _MINUTE)
        lacking = min(items, self._limit) - level
        refused = lacking > _ROUNDING and items > 0
        if not refused:
            level = min(self._limit, level - items)
            lacking = self._limit - level
        self._buckets[caller] = (level, now)
        if len(self._buckets) > MOST_CALLERS:
            self._buckets.popitem(last=False)
        seconds = math.ceil((lacking - _ROUNDING / 2) * _MINUTE / self._limit)
        left = max(0, math.floor(level + _ROUNDING))
        return Standing(self._limit, left, max(int(refused), seconds), refused)


@contextmanager
def charged(scope: Scope, quota: Quota | None, items: int) -> Iterator[None]:
    """Charge a caller for what is done inside; what was not even begun is given back.

    Args:
        scope: of the request; its answer will say where the caller stands.
        quota: None where there is no limit.
        items: as ``service.items.items_of`` counts.

    Raises:
        RateLimited: the caller must wait.
    """
    if quota is None:
        yield
        return
    caller = caller_of(scope)
    standing = quota.take(caller, items)
    scope["state"]["headers"] = standing.headers()
    if standing.refused:
        raise RateLimited(
            f"The limit is {standing.limit:,} items a minute, and this request needs {items:,}; "
            f"try again in {standing.reset:,} s.",
            standing.reset,
        )
    try:
        yield
    except (Overloaded, NotReady):
        scope["state"]["headers"] = quota.take(caller, -items).headers()
        raise


def caller_of(scope: Scope) -> str:
    """Return whom to charge: the name of the key or, without one, the network address."""
    if key := scope["state"].get("key"):
        return f"key {key}"
    try:
        address = ipaddress.ip_address((scope.get("client") or ("",))[0])
    except ValueError:  # a local socket has no address
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), _IPV6_SITE), strict=False))
    return str(address)
