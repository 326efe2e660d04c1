"""The app behind the page for raters; for this machine alone, and it loads nothing from another."""

from importlib.resources import files
from pathlib import PurePath
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from pydantic import Field
from starlette.middleware.trustedhost import TrustedHostMiddleware

from service import handlers
from service.feedback import records
from service.intake import Intake
from service.label.codebook import codebook
from service.label.desk import Desk
from service.metrics import Metrics
from service.middleware import CSP, Envelope, Errors
from service.pages import MEDIA, PAGE_POLICY
from service.reading import JsonRoute
from service.schemas import WireRequest

HOSTS = ("127.0.0.1", "localhost")
"""Names under which the page may be asked for; another site's name that leads here is refused."""
MAX_BODY_BYTES = 16 * 1024
RECEIVE_SECONDS = 20.0
FILES = {"label.css": "label", "label.js": "label", "icon.svg": "web", "style.css": "web"}
"""Files of the page and the folders of ``service`` that they lie in; no other is looked up."""

Name = Annotated[records.Name, Field(pattern=r"\S")]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Degree = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Rater(WireRequest):
    """Who asks."""

    rater: Name


class Choice(Rater):
    """Which quote is meant."""

    key: Key


class Judgement(Choice):
    """What the rater says of it."""

    hostility: Degree
    formality: Degree


# Handlers that are no coroutines: FastAPI runs them in threads, where the store may take its time.
router = APIRouter(prefix="/label", route_class=JsonRoute)


@router.get("/start")
def start(request: Request) -> dict[str, Any]:
    """Return the codebook, and the rater's name if the command gave one."""
    return {"codebook": codebook(), "rater": request.app.state.rater}


@router.post("/next")
def following(request: Request, asked: Rater) -> dict[str, Any]:
    """Return the quote to rate now."""
    return _desk(request).next(asked.rater)


@router.post("/rate", status_code=201)
def rate(request: Request, asked: Judgement) -> dict[str, Any]:
    """Save a rating; the answer comes when it is durable, and holds the next quote."""
    degrees = {"hostility": asked.hostility, "formality": asked.formality}
    return _desk(request).rate(asked.rater, asked.key, degrees)


@router.post("/skip")
def skip(request: Request, asked: Choice) -> dict[str, Any]:
    """Put a quote off."""
    return _desk(request).skip(asked.rater, asked.key)


@router.post("/undo")
def undo(request: Request, asked: Rater) -> dict[str, Any]:
    """Take back the rater's last rating."""
    return _desk(request).undo(asked.rater)


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def create_app(desk: Desk, rater: str | None = None) -> FastAPI:
    """Build the app.

    Args:
        desk: the quotes and their ratings.
        rater: who rates, if the page need not ask.
    """
    app = FastAPI(title="diplotone: label", openapi_url=None, redirect_slashes=False)
    metrics = Metrics()
    app.state.metrics, app.state.desk, app.state.rater = metrics, desk, rater
    app.include_router(router)
    _add_page(app)
    handlers.install(app)
    app.add_middleware(Intake, max_bytes=MAX_BODY_BYTES, seconds=RECEIVE_SECONDS)
    app.add_middleware(Errors)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False)
    app.add_middleware(Envelope, metrics=metrics, log_text=False)
    return app


def _add_page(app: FastAPI) -> None:
    service = files("service")
    page = service.joinpath("label", "index.html").read_text("utf-8")
    parts = {
        name: service.joinpath(folder, name).read_text("utf-8") for name, folder in FILES.items()
    }

    @app.get("/")
    async def index() -> Response:
        return Response(page, media_type="text/html", headers={CSP: PAGE_POLICY})

    @app.get("/files/{name}")
    async def part(name: str) -> Response:
        if name not in parts:
            raise HTTPException(404)
        return Response(parts[name], media_type=MEDIA[PurePath(name).suffix])
