"""Builds the app: wires settings, scorer, gate, routes, handlers and what is around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from model.scores import SCALES
from service import handlers, pages, quota
from service.access import API_KEY, Access
from service.adapters.doors import open_doors
from service.articles.syntax import Syntax
from service.feedback import door as feedback
from service.installed import served_scorer
from service.intake import Intake
from service.keys import KeyRing
from service.metrics import Metrics
from service.middleware import REQUEST_ID, Envelope, Errors, HeadAsGet
from service.press import routes as press
from service.press.desk import ReadingDesk
from service.press.readers import syntax_of
from service.routes import router
from service.schemas import level_bounds
from service.scoring import ServedScorer
from service.serving import Load, Serving
from service.settings import Settings

_ABOUT = """\
A quote goes in; two **degrees** come out, hostility and formality, each from 0 to 1, each with an
interval and the name of a level. A degree says *how* hostile or formal the words are; it is not a
probability. The interval says where the raters would put it: between `low` and `high` for
the share of quotes that `GET /v1/model` gives as coverage. The words are judged, not the speaker,
the cause or the truth of what is said. English only. `POST /v1/articles` finds the quotes of an
article, and who says them, before it scores them.

Errors all have one body, with a stable `code`, a sentence, and the field at fault. Every answer
carries `X-Request-ID`: yours, if you send one."""


def create_app(
    settings: Settings, scorer: ServedScorer | None = None, load: Load = served_scorer
) -> FastAPI:
    """Build the app.

    Args:
        settings: limits, deadline, keys, documentation on or off.
        scorer: scores the quotes, and stays the caller's to close; without one the app loads the
            model when it starts (ArtifactError stops the start) and closes it.
        load: loads the model of the settings, at the start and when it is to be replaced.

    Raises:
        SettingsError: the file of API keys, or the reader of articles, cannot be used.
    """
    metrics = Metrics()
    syntax = syntax_of(settings.article_reader)
    app = FastAPI(
        title="diplotone",
        version="1",
        summary="Scores quoted diplomatic statements for hostility and formality.",
        description=describe(),
        openapi_url=None,  # pages serves it, with what it needs to be read offline
        redirect_slashes=False,
        lifespan=lambda app: _running(app, settings, scorer, load, metrics, syntax),
    )
    app.state.metrics = metrics
    app.state.service = None
    app.include_router(router)
    app.include_router(press.router)
    feedback.open_door(app, settings)
    pages.install(app, settings)
    handlers.install(app)
    _surround(app, settings, metrics)
    return app


def _surround(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """Put around the routes what every request passes, the innermost first."""
    if settings.api_keys_file:
        keys = KeyRing(settings.api_keys_file)
        app.add_middleware(Access, keys=keys, everywhere=settings.api_keys_everywhere)
    app.add_middleware(Intake, max_bytes=settings.max_body_bytes, seconds=settings.receive_seconds)
    app.add_middleware(Errors)
    app.add_middleware(HeadAsGet)
    if settings.cors_origins:
        # Outside of Access, since a browser asks for leave without a key; no cookie is ever read.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "HEAD", "POST"),
            allow_headers=("Authorization", API_KEY, REQUEST_ID),
            expose_headers=(REQUEST_ID, "Retry-After", *quota.HEADERS),
        )
    open_doors(app, settings)
    app.add_middleware(Envelope, metrics=metrics, log_text=settings.log_text)


@asynccontextmanager
async def _running(
    app: FastAPI,
    settings: Settings,
    scorer: ServedScorer | None,
    load: Load,
    metrics: Metrics,
    syntax: Syntax | None,
) -> AsyncIterator[None]:
    """Load the model if need be, open the gate, and drain it in the end."""
    serving = Serving(app.state, settings, metrics, load)
    serving.start(scorer)
    app.state.serving = serving
    app.state.desk = ReadingDesk(syntax)
    try:
        async with feedback.keeping(app, settings):
            yield
    finally:
        app.state.desk.close()
        await serving.close()


def describe() -> str:
    """Return the text at the head of the documentation, with the levels of both scales."""
    parts = [_ABOUT]
    for scale in SCALES:
        rows = [
            f"| {level.name} | {level.start:g} to {end:g} | {level.meaning} |"
            for level, end in level_bounds(scale)
        ]
        parts.append(
            f"### {scale.capitalize()}\n\n| level | score | reads like |\n| --- | --- | --- |"
        )
        parts[-1] += "\n" + "\n".join(rows)
    return "\n\n".join(parts)
