"""Opens the adapters that the settings name."""

from fastapi import FastAPI

from service.adapters import moderations, perspective, tei, v2
from service.adapters.names import NAMES
from service.adapters.shape import Shape
from service.settings import Settings


def open_doors(app: FastAPI, settings: Settings) -> None:
    """Add the routes of the adapters that are on, and what gives their errors their shape.

    To be called when all that may refuse a request is around the app, but not yet what logs it.
    """
    every = dict(
        zip(
            NAMES,
            (perspective.ADAPTER, moderations.ADAPTER, tei.ADAPTER, v2.ADAPTER),
            strict=True,
        )
    )
    chosen = [adapter for name, adapter in every.items() if name in settings.adapters]
    for adapter in chosen:
        app.include_router(adapter.router)
    if chosen:
        app.add_middleware(Shape, adapters=chosen)
