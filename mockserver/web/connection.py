"""A WebSocket connection: what comes goes to its session, and it ends in one of many ways."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode, WSMsgType, web

from mockserver.dialects import parsed
from mockserver.faults import Severed
from mockserver.flags import HEADER
from mockserver.lanes import Session
from mockserver.schema.base import compact
from mockserver.schema.errors import ApiError
from mockserver.web import delivery
from mockserver.web.finder import Finder
from mockserver.web.keys import DIALECT
from mockserver.web.place import place

if TYPE_CHECKING:
    from mockserver.web.inbox import Inbox
    from mockserver.web.upstream_socket import UpstreamSocket

_log = logging.getLogger("mockserver")


class Connection:
    """A socket that is open, with the session on it; ``stopping`` lets it end its answers."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        engine, space, _ = place(request)
        self.stopping = asyncio.Event()
        find = Finder(request)
        self.session = Session(
            engine,
            space,
            send=self._send,
            sever=self._sever,
            find=find,
            scenario=request.headers.get(HEADER),
            query=request.rel_url.raw_query_string,
            headers=request.headers,
        )
        self._request = request
        self._socket = socket
        self._dialect = request.get(DIALECT)
        self._upstream: UpstreamSocket | None = None
        self._inbox: Session | Inbox = self.session
        if engine.recorder is not None:
            from mockserver.web.inbox import Inbox
            from mockserver.web.upstream_socket import UpstreamSocket

            self._upstream = UpstreamSocket(request, socket.send_str)
            self._inbox = Inbox(request, self.session, find, self._upstream)
        self._clock = space.clock
        self._end = space.clock.now() + engine.settings.websocket_lifetime

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
            if self._upstream is not None:
                await self._upstream.idle()
            await self._socket.close(code=WSCloseCode.GOING_AWAY)
        elif self._clock.now() < self._end:
            # The clock let go of all that waited: the namespace has been cleared.
            await self._socket.close(code=WSCloseCode.GOING_AWAY)
        else:
            await self._expire()

    async def close(self) -> None:
        """Stop at once; what the upstream has begun is read on for the cassette."""
        await self.session.close()
        if self._upstream is not None:
            self._upstream.leave()

    async def _left(self, problem: BaseException | None) -> None:
        """Close after the client has left; anything else that ended the reading is our fault."""
        if problem is not None and not isinstance(problem, ConnectionError):
            _log.error("a WebSocket connection broke", exc_info=problem)
            await self._socket.close(code=WSCloseCode.INTERNAL_ERROR)

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                await self._inbox.receive(message.data)
            elif message.type is WSMsgType.BINARY:
                await self.session.refuse(
                    ApiError("Invalid message: events are sent as text frames, not binary ones.")
                )

    async def _send(self, text: bytes) -> None:
        if self._dialect is not None and (event := parsed(text)) is not None:
            text = compact(self._dialect.tell(event))
        await self._socket.send_str(text.decode())

    async def _sever(self, end: Severed) -> None:
        """End the connection as a fault says: with a farewell, without one, or by a reset."""
        transport = self._request.transport
        if end.how == "end" or transport is None:
            await self._socket.close()
            return
        if end.garbage:
            transport.write(end.garbage)
        await delivery.sever(transport, end)

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
