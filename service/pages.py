"""The two pages for people: one to try a text on, one to read the API's documentation.

Neither loads anything from another host. The first is a handful of files in ``service/web``, which
are read when the app is built and served by name, so that no request ever reaches the disk. The
second comes from a package, and its script runs by its hash alone.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import PurePath
from typing import NamedTuple

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from service.access import describe_keys
from service.middleware import CSP
from service.settings import Settings

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_DOCS_LINK = re.compile(r"\n[^\n]*<a href=\"docs\">[^\n]*")
_RULES = (
    "default-src 'none'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)
# Trusted types: a script that wrote markup into the page, which none of ours does, would fail.
PAGE_POLICY = "; ".join(
    (
        *_RULES,
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

ASSETS = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")
"""Files of the documentation's page."""

WEB = (
    "article.js",
    "detail.js",
    "elements.js",
    "example.js",
    "export.js",
    "icon.svg",
    "link.js",
    "page.js",
    "plane.js",
    "reading.js",
    "results.css",
    "results.js",
    "scales.js",
    "service.js",
    "style.css",
    "tables.js",
    "timeline.js",
)
"""Files of the page, in ``service/web``; no other name is ever looked up."""


class _File(NamedTuple):
    """A file of the page.

    Attributes:
        body: its bytes.
        media: its media type.
        tag: its entity tag, which changes whenever the bytes do.
    """

    body: bytes
    media: str
    tag: str

    def answer(self, request: Request, headers: Mapping[str, str] | None = None) -> Response:
        """Return the file, or 304 for a browser that has it already; it asks every time."""
        sent = {"ETag": self.tag, "Cache-Control": "no-cache", **(headers or {})}
        held = request.headers.get("if-none-match", "")
        if self.tag in (tag.strip().removeprefix("W/") for tag in held.split(",")):
            return Response(status_code=304, headers=sent)
        return Response(self.body, media_type=self.media, headers=sent)


def install(app: FastAPI, settings: Settings) -> None:
    """Add the pages; the documentation only when the settings want it."""
    router = APIRouter(include_in_schema=False)
    _add_page(router, settings.docs)
    if settings.docs:
        _add_docs(app, router, settings)
    app.include_router(router)


def _add_page(router: APIRouter, docs: bool) -> None:
    """Serve the page and its files; without documentation it has no link to it."""
    folder = files("service").joinpath("web")
    html = folder.joinpath("index.html").read_text(encoding="utf-8")
    page = _file(html if docs else _DOCS_LINK.sub("", html), "text/html")
    parts = {
        name: _file(folder.joinpath(name).read_text("utf-8"), MEDIA[PurePath(name).suffix])
        for name in WEB
    }

    @router.get("/")
    async def index(request: Request) -> Response:
        return page.answer(request, {CSP: PAGE_POLICY})

    @router.get("/web/{name}")
    async def part(name: str, request: Request) -> Response:
        if name not in parts:
            raise HTTPException(404)
        return parts[name].answer(request)


def _file(text: str, media: str) -> _File:
    body = text.encode()
    return _File(body, media, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _add_docs(app: FastAPI, router: APIRouter, settings: Settings) -> None:
    """Serve Swagger UI from the copy that the package fastapi-offline ships."""
    folder = files("fastapi_offline").joinpath("static")

    @router.get("/openapi.json")
    async def openapi() -> JSONResponse:
        document = app.openapi()
        if settings.api_keys_file:
            describe_keys(document, settings.api_keys_everywhere)
        return JSONResponse(document)

    @router.get("/docs")
    async def docs(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        assets = f"{root}/docs/assets"
        answer = get_swagger_ui_html(
            openapi_url=f"{root}/openapi.json",
            title="diplotone: documentation",
            swagger_js_url=f"{assets}/swagger-ui-bundle.js",
            swagger_css_url=f"{assets}/swagger-ui.css",
            swagger_favicon_url=f"{assets}/favicon.png",
        )
        html = bytes(answer.body).decode()
        # Swagger UI styles its elements one by one and draws its icons from data addresses.
        answer.headers[CSP] = (
            f"{_policy(html)}; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
        )
        return answer

    @router.get("/docs/assets/{name}")
    async def asset(name: str) -> FileResponse:
        if name not in ASSETS:
            raise HTTPException(404)
        return FileResponse(str(folder.joinpath(name)))


def _policy(html: str) -> str:
    """Return a policy that lets exactly the scripts of a page run, and files of ours."""
    scripts = ["'self'"]
    for content in _INLINE.findall(html):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        scripts.append(f"'sha256-{digest}'")
    return "; ".join((*_RULES, f"script-src {' '.join(scripts)}"))
