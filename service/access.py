"""Who may ask: a request without a known API key ends here, before its body is read.

A path needs a key unless it is named below, so that a route which is added later is closed until
someone opens it.
"""

from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import RequestError
from service.handlers import documented
from service.keys import KeyRing

API_KEY = "X-API-Key"

_HEALTH = frozenset({"/healthz", "/readyz"})  # probes have no key
_FOR_PEOPLE = frozenset({"/", "/docs", "/openapi.json", "/metrics"})
_ASSETS = ("/web/", "/docs/assets/")
_CHALLENGE = 'Bearer realm="diplotone"'


class Access:
    """Lets a request through when its key is known, and notes the key's name for log and quota.

    Args:
        app: what comes next.
        keys: the known keys.
        everywhere: ask for a key on the pages and the metrics too.
    """

    def __init__(self, app: ASGIApp, keys: KeyRing, everywhere: bool) -> None:
        self._app = app
        self._keys = keys
        self._everywhere = everywhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or raise RequestError (401)."""
        if scope["type"] == "http" and needs_key(scope["path"], self._everywhere):
            sent = sent_key(Headers(scope=scope))
            if sent is None:
                raise RequestError(
                    401,
                    "unauthorized",
                    "This address needs an API key; send it as Authorization: Bearer KEY or as "
                    f"{API_KEY}: KEY.",
                    headers={"WWW-Authenticate": _CHALLENGE},
                )
            owner = self._keys.owner(sent.encode("latin-1"))
            if owner is None:
                raise RequestError(
                    401,
                    "unauthorized",
                    "The API key is not known; ask whoever runs this service for another.",
                    headers={"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'},
                )
            scope["state"]["key"] = owner
        await self._app(scope, receive, send)


def needs_key(path: str, everywhere: bool) -> bool:
    """Tell whether a path asks for a key where there are keys.

    Args:
        path: path of a request or of a route.
        everywhere: as the setting of that name.
    """
    if path in _HEALTH:
        return False
    return everywhere or not (path in _FOR_PEOPLE or path.startswith(_ASSETS))


def sent_key(headers: Headers) -> str | None:
    """Return the key that a request carries; a bearer token, even an empty one, goes first."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return headers.get(API_KEY, "").strip() or None


def describe_keys(document: dict[str, Any], everywhere: bool) -> dict[str, Any]:
    """Add to an OpenAPI document how a key is sent, and which operations need one."""
    document["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "header": {"type": "apiKey", "in": "header", "name": API_KEY},
    }
    (entry,) = documented(401).values()
    reference = {"schema": {"$ref": "#/components/schemas/ErrorBody"}}
    content = {"application/json": reference | entry["content"]["application/json"]}
    answer = {"description": entry["description"], "content": content}
    for path, operations in document["paths"].items():
        if needs_key(path, everywhere):
            for operation in operations.values():
                operation["security"] = [{"bearer": []}, {"header": []}]
                operation["responses"]["401"] = answer
    return document
