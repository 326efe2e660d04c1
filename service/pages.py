"""The two pages for people: one to try a quote on, one to read the API's documentation.

Neither loads anything from another host. Scripts in them run by their hash alone, so that nothing
that found its way into a page could run.
"""

import base64
import hashlib
import re
from importlib.resources import files

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from service.access import describe_keys
from service.middleware import CSP
from service.settings import Settings

_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)

ASSETS = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")


def install(app: FastAPI, settings: Settings) -> None:
    """Add the pages; the documentation only when the settings want it."""
    router = APIRouter(include_in_schema=False)
    html = files("service").joinpath("page.html").read_text(encoding="utf-8")
    policy = _policy(html)

    @router.get("/")
    async def page() -> HTMLResponse:
        return HTMLResponse(html, headers={CSP: policy})

    if settings.docs:
        _add_docs(app, router, settings)
    app.include_router(router)


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
            _policy(html) + "; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
        )
        return answer

    @router.get("/docs/assets/{name}")
    async def asset(name: str) -> FileResponse:
        if name not in ASSETS:
            raise HTTPException(404)
        return FileResponse(str(folder.joinpath(name)))


def _policy(html: str) -> str:
    """Return a policy that lets exactly the scripts and styles of a page run."""
    sources: dict[str, list[str]] = {"script": ["'self'"], "style": []}
    for kind, content in _INLINE.findall(html):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        sources[kind].append(f"'sha256-{digest}'")
    rules = ["default-src 'none'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'"]
    rules += ["frame-ancestors 'none'", f"script-src {' '.join(sources['script'])}"]
    if sources["style"]:
        rules.append(f"style-src {' '.join(sources['style'])}")
    return "; ".join(rules)
