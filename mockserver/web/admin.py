"""What is not the API's: health, and the description of the server."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from mockserver.web import description
from mockserver.web.keys import ENGINE

_PATHS: Final = frozenset({"/healthz", "/readyz", description.PATH})


def routes() -> list[web.AbstractRouteDef]:
    """Return the routes that are not the API's."""
    return [
        web.get("/healthz", healthz),
        web.get("/readyz", readyz),
        web.get(description.PATH, description.openapi),
    ]


def owns(request: web.Request) -> bool:
    """Tell whether a request is for one of these routes."""
    return request.method in ("GET", "HEAD") and request.rel_url.raw_path in _PATHS


async def healthz(request: web.Request) -> web.Response:
    """The process is up."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """The cassettes and rules are loaded; files that could not be read are named."""
    engine = request.app[ENGINE]
    library = None if engine.cassettes is None else engine.cassettes.library
    documents, size = await engine.records.store.size()
    return web.json_response(
        {
            "status": "ok",
            "interactions": 0 if library is None else len(library),
            "problems": [
                *([] if library is None else map(str, library.problems)),
                *engine.scenarios.problems,
            ],
            "responses": documents,
            "bytes": size,
        }
    )
