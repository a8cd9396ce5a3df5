"""Turns of a WebSocket connection that the upstream answers, frames passed on as they are."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError, web

from mockserver.journal import Call
from mockserver.lanes.queues import Lane
from mockserver.schema.base import Json, parse_object
from mockserver.schema.errors import ApiError
from mockserver.upstream import Cut
from mockserver.web import proxied
from mockserver.web.keys import ENGINE, SPACE
from mockserver.web.live_turn import LiveTurn

Pass = Callable[[str], Awaitable[None]]
"""Sends a frame's text to the client; raises ConnectionError once that one has gone."""
_STEER: Final = "response.steer"
_log = logging.getLogger("mockserver")


class UpstreamSocket:
    """The upstream's side of one connection, opened by the first frame that is for it.

    Frames go both ways untouched; turns are recorded as the equal HTTP interaction, each before
    its last event is passed on. When the client leaves, what it asked for is read to its end.
    """

    def __init__(self, request: web.Request, pass_on: Pass) -> None:
        self._request = request
        self._engine = request.app[ENGINE]
        self._pass_on = pass_on
        self._socket: ClientWebSocketResponse | None = None
        self._opening = asyncio.Lock()
        self._reading: asyncio.Task[None] | None = None
        self._turns: dict[Lane, deque[LiveTurn]] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._left = False

    def knows(self, response_id: object) -> bool:
        """Tell whether a turn under way here has the response; one not begun has none yet."""
        return isinstance(response_id, str) and self._find(response_id) is not None

    async def create(self, text: str, event: Json, body: Json, call: Call) -> None:
        """Pass a create on; ``body`` is the equal HTTP request's.

        Raises ApiError when the upstream does not take the connection.
        """
        await self._open()
        lane = _lane(event)
        url = proxied.target(self._engine, self._request)
        assert url is not None
        fields = self._fields()
        fields["Content-Type"] = "application/json"
        recorded = event.get("generate") is not False
        space = self._request[SPACE]
        slot = proxied.reserve(self._engine, space) if recorded else 0
        turn = LiveTurn.begin(url, fields, body, call, slot, space.clock, recorded=recorded)
        self._turns.setdefault(lane, deque()).append(turn)
        self._idle.clear()
        await self.send(text)

    async def steer(self, text: str, event: Json) -> None:
        """Pass a steer on; the response that it changes is no longer what was asked for."""
        turn = self._find(event.get("previous_response_id"))
        if turn is not None:
            turn.steered = True
        await self.send(text)

    async def send(self, text: str) -> None:
        """Pass a frame on that asks for no answer of its own, or a broken one."""
        socket = await self._open()
        try:
            await socket.send_str(text)
        except ConnectionError as problem:
            raise proxied.unreachable(self._engine, problem) from None

    async def idle(self) -> None:
        """Wait until all that was asked is answered."""
        await self._idle.wait()

    def leave(self) -> None:
        """The client has gone: end once all that it asked for is recorded."""
        self._left = True
        if self._reading is not None:
            self._request.app[proxied.BACKGROUND].start(self._outlive(self._reading))

    async def _outlive(self, reading: asyncio.Task[None]) -> None:
        try:
            await asyncio.wait_for(self._idle.wait(), proxied.AFTERLIFE)
        except TimeoutError:
            pass
        finally:
            if self._socket is not None:
                await self._socket.close()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _open(self) -> ClientWebSocketResponse:
        async with self._opening:
            if self._socket is None:
                self._socket = await self._connect()
                self._reading = asyncio.get_running_loop().create_task(self._read(self._socket))
            return self._socket

    async def _connect(self) -> ClientWebSocketResponse:
        upstream, url = self._engine.upstream, proxied.target(self._engine, self._request)
        assert upstream is not None
        assert url is not None
        try:
            return await upstream.connect(url, self._fields())
        except WSServerHandshakeError as problem:
            raise ApiError(
                f"The upstream refused the WebSocket connection: {problem.message}.",
                status=problem.status if problem.status >= 400 else 502,
                type="mock_server_error",
                code="upstream_unreachable",
            ) from None
        except Cut as problem:
            raise proxied.unreachable(self._engine, problem) from None

    def _fields(self) -> proxied.Sent:
        assert self._engine.upstream is not None
        return self._engine.upstream.fields(self._request.headers)

    async def _read(self, socket: ClientWebSocketResponse) -> None:
        """Pass the upstream's frames on until it or the client ends the connection."""
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._receive(message.data)
        finally:
            lost = [turn for turns in self._turns.values() for turn in turns]
            self._turns.clear()
            self._idle.set()
            self._socket = None
            if lost:
                _log.warning("%d upstream turns were cut off, which are not recorded", len(lost))
            if not self._left and self._request.transport is not None:
                self._request.transport.close()

    async def _receive(self, text: str) -> None:
        try:
            event = parse_object(text.encode())
        except ApiError:
            event = {}
        turns = self._turns.get(_lane(event))
        turn = turns[0] if turns else None
        if turns and turn is not None and turn.take(event):
            turns.popleft()
            if turn.has_successor:
                turns.appendleft(turn.successor())
            await turn.keep(self._engine, self._request[SPACE])
        await self._tell(text)
        if not any(self._turns.values()):
            self._idle.set()

    async def _tell(self, text: str) -> None:
        if self._left:
            return
        try:
            await self._pass_on(text)
        except ConnectionError:
            self._left = True

    def _find(self, response_id: object) -> LiveTurn | None:
        turns = (turn for lane in self._turns.values() for turn in lane)
        return next((turn for turn in turns if turn.response_id == response_id), None)


def _lane(event: Json) -> Lane:
    lane = event.get("stream_id")
    return lane if isinstance(lane, str) else None
