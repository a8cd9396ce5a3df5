"""The server's own OpenAPI description, made from the routes it has."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from mockserver import __version__
from mockserver.schema.base import Json

PATH: Final = "/_mock/openapi.json"
_SOURCE: Final = re.compile(r" \(api-contract [^)]*\)")


async def openapi(request: web.Request) -> web.Response:
    """The OpenAPI description of this server."""
    return web.json_response(description(request.app))


def description(app: web.Application) -> Json:
    """Return the OpenAPI description of an application."""
    # It takes a while to load, and few ask for it.
    from mockserver.openapi import Route, describe

    routes = [
        Route(route.method, route.resource.canonical, _summary(route.handler.__doc__))
        for route in app.router.routes()
        if route.resource is not None
    ]
    return describe(routes, version=__version__)


def _summary(text: str | None) -> str:
    return _SOURCE.sub("", (text or "").partition("\n")[0])
