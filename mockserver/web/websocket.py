"""WebSocket mode: one JSON event per text frame, over ``GET /responses`` (api-contract §13)."""

from __future__ import annotations

import asyncio
import logging
from typing import Final
from weakref import WeakSet

from aiohttp import WSCloseCode, WSMsgType, web

from mockserver.cassette import Request
from mockserver.flags import Flags
from mockserver.lanes import Session
from mockserver.schema.base import Json, compact
from mockserver.schema.errors import ApiError
from mockserver.sources.cassette import Recorded
from mockserver.web import recorded
from mockserver.web.keys import DIALECT, ENGINE, SPACE
from mockserver.web.place import place

_OPEN: Final[web.AppKey[WeakSet[Connection]]] = web.AppKey("websockets", WeakSet)
_log = logging.getLogger("mockserver")


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
    call.scenario = engine.flags(space, request.headers.get("x-mock-scenario"), {}).text or None
    socket = web.WebSocketResponse(max_msg_size=engine.settings.max_body, compress=False)
    await socket.prepare(request)
    call.status, call.answered_by = socket.status, "state"
    connection = Connection(request, socket)
    request.app[_OPEN].add(connection)
    try:
        await connection.serve()
    finally:
        await connection.session.close()
    return socket


class Connection:
    """A socket that is open, with the session on it; ``stopping`` lets it end its answers."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        engine, space, _ = place(request)
        self.stopping = asyncio.Event()
        self.session = Session(
            engine,
            space,
            send=self._send,
            find=_Finder(request),
            scenario=request.headers.get("x-mock-scenario"),
            query=request.rel_url.raw_query_string,
        )
        self._socket = socket
        self._dialect = request.get(DIALECT)
        self._clock = request[SPACE].clock
        self._end = self._clock.now() + engine.settings.websocket_lifetime

    async def serve(self) -> None:
        """Read and answer until the client leaves, the time is up or the server stops."""
        reading = asyncio.ensure_future(self._read())
        ending = asyncio.ensure_future(self._clock.sleep_until(self._end))
        stopping = asyncio.ensure_future(self.stopping.wait())
        tasks = (reading, ending, stopping)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if not reading.cancelled():
            await self._left(reading.exception())
        elif self.stopping.is_set():
            await self.session.idle()
            await self._socket.close(code=WSCloseCode.GOING_AWAY)
        elif not ending.cancelled():
            await self._expire()

    async def _left(self, problem: BaseException | None) -> None:
        """Close after the client has left; anything else that ended the reading is our fault."""
        if problem is not None and not isinstance(problem, ConnectionError):
            _log.error("a WebSocket connection broke", exc_info=problem)
            await self._socket.close(code=WSCloseCode.INTERNAL_ERROR)

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                await self.session.receive(message.data)
            elif message.type is WSMsgType.BINARY:
                await self.session.refuse(
                    ApiError("Invalid message: events are sent as text frames, not binary ones.")
                )

    async def _send(self, event: Json) -> None:
        told = event if self._dialect is None else self._dialect.tell(event)
        await self._socket.send_str(compact(told).decode())

    async def _expire(self) -> None:
        """Say that the connection has lasted long enough, and close it (api-contract §13.3)."""
        await self.session.close()
        error = ApiError(
            "Responses websocket connection limit reached (60 minutes). Create a new websocket "
            "connection to continue.",
            code="websocket_connection_limit_reached",
        )
        await self.session.refuse(error, param=False)
        await self._socket.close(code=WSCloseCode.GOING_AWAY)


class _Finder:
    """Looks a create up as the streaming POST that asks the same (api-contract §13.2)."""

    def __init__(self, request: web.Request) -> None:
        self._engine = request.app[ENGINE]
        self._space = request[SPACE]
        self._url = request.rel_url
        self._headers = request.headers

    def __call__(self, body: Json, flags: Flags) -> Recorded | None:
        cassettes = self._engine.sources(self._space)
        if cassettes is None or flags.chooses_answer:
            return None
        url = self._url
        asked = Request("POST", url.raw_path, url.raw_query_string, compact(body), self._headers)
        found = cassettes.answer(asked, self._space.played, streamed=True)
        if found is None and self._engine.strict(self._space):
            raise recorded.missed(self._engine, self._space, asked)
        return found
