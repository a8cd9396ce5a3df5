"""WebSocket mode: one JSON event per text frame, over ``GET /responses`` (api-contract §13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from aiohttp import web

from mockserver.flags import HEADER, flags_of
from mockserver.schema.errors import ApiError
from mockserver.web.place import place

if TYPE_CHECKING:
    from mockserver.web.connection import Connection

_OPEN: Final[web.AppKey[WeakSet[Connection]]] = web.AppKey("websockets", WeakSet)


def prepare(app: web.Application) -> None:
    """Let an application's connections end when it shuts down."""
    connections: WeakSet[Connection] = WeakSet()
    app[_OPEN] = connections
    app.on_shutdown.append(_stop)


async def _stop(app: web.Application) -> None:
    connections = app[_OPEN]
    for connection in list(connections):
        connection.stopping.set()


async def connect(request: web.Request) -> web.StreamResponse:
    """GET /responses, upgraded; errors before the upgrade are plain HTTP."""
    engine, space, call = place(request)
    if request.headers.get("upgrade", "").lower() != "websocket":
        raise ApiError(
            "This endpoint takes WebSocket connections; to create a response, POST to it.",
            status=426,
            headers={"upgrade": "websocket"},
        )
    call.scenario = flags_of(request.headers.get(HEADER), None, space.scenario).text or None
    from mockserver.web.connection import Connection  # what has no sockets does without lanes

    socket = web.WebSocketResponse(max_msg_size=engine.settings.max_body, compress=False)
    await socket.prepare(request)
    call.status, call.answered_by = socket.status, "state"
    connection = Connection(request, socket)
    request.app[_OPEN].add(connection)
    try:
        await connection.serve()
    finally:
        await connection.close()
    return socket
