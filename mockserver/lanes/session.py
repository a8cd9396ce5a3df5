"""A session: what one connection asks, and what it is told (api-contract §13)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from mockserver.engine import Engine
from mockserver.faults import Severed
from mockserver.journal import Call
from mockserver.lanes.creates import Decision, Find
from mockserver.lanes.faulty import frame
from mockserver.lanes.queues import Lane, Lanes, lane_of
from mockserver.lanes.turns import Turns
from mockserver.namespace import Namespace
from mockserver.schema.base import Json, parse_object
from mockserver.schema.errors import ApiError
from mockserver.schema.faults import unsupported_value
from mockserver.sources.miss import CassetteMiss

Send = Callable[[bytes], Awaitable[None]]
Sever = Callable[[Severed], Awaitable[None]]
_Job: TypeAlias = tuple[Json, Call, Decision | None]
_CREATE: Final = "response.create"
_STEER: Final = "response.steer"
_log = logging.getLogger("mockserver")


class Session:
    """One connection without its socket.

    ``send`` takes each event as the text that is to go out and raises ConnectionError once the
    client has gone; ``sever`` ends the connection as a fault says; ``find`` looks recordings up;
    ``headers`` are the connection's and ``scenario`` the flags there, if any; ``query`` is noted
    with every call.
    """

    def __init__(
        self,
        engine: Engine,
        space: Namespace,
        *,
        send: Send,
        sever: Sever,
        find: Find,
        scenario: str | None = None,
        query: str = "",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._space = space
        self._send = send
        self._sever = sever
        self._query = query
        self._lanes: Lanes[_Job] = Lanes(self._serve)
        self._turns = Turns(
            engine,
            space,
            emit=self._emit,
            send=send,
            find=find,
            scenario=scenario,
            headers=headers,
        )

    async def decide(self, event: Json, body: Json) -> Decision:
        """Return what is in force for a create, which counts once: hand it to ``receive``."""
        return await self._turns.decide(event, body)

    async def receive(self, text: str, decision: Decision | None = None) -> None:
        """Take one frame. What is wrong with it is told, and the connection goes on.

        ``decision`` is what is in force for a create, if that was asked for already.
        """
        try:
            event = parse_object(text.encode())
            kind = event.get("type")
            if kind == _CREATE:
                await self._queue(event, len(text), decision)
            elif kind == _STEER:
                await self._turns.steer(event)
            elif kind is None:
                raise ApiError.missing("type")
            else:
                raise unsupported_value(str(kind), (_CREATE, _STEER)).under("type").error()
        except ApiError as error:
            await self.refuse(error)

    async def refuse(self, error: ApiError, lane: Lane = None, *, param: bool = True) -> None:
        """Send an error frame (api-contract §13.3), with or without its ``param``."""
        detail: Json = {"type": error.type, "code": error.code, "message": error.message}
        if param:
            detail["param"] = error.param
        if error.headers:
            detail["headers"] = error.headers
        await self._emit({"type": "error", "error": detail, "status": error.status}, lane)

    async def idle(self) -> None:
        """Wait until all that was asked is answered."""
        await self._lanes.idle()

    async def close(self) -> None:
        """Stop at once."""
        await self._lanes.close()

    async def reject(self, event: Json, size: int, error: ApiError) -> None:
        """Note a create that nobody is to answer, and tell why."""
        lane = event.get("stream_id")
        await self._fail(error, lane if isinstance(lane, str) else None, self._note(event, size))

    async def _queue(self, event: Json, size: int, decision: Decision | None) -> None:
        call = self._note(event, size)
        lane: Lane = None
        try:
            lane = lane_of(event.get("stream_id"))
            await self._lanes.put(lane, (event, call, decision))
        except ApiError as error:
            await self._fail(error, lane, call)

    def _note(self, event: Json, size: int) -> Call:
        now = self._space.clock.now()
        call = Call(
            "WS", "/responses", self._query, body=event, stream=True, started=now, size=size
        )
        self._space.calls.append(call)
        return call

    async def _fail(self, error: ApiError, lane: Lane, call: Call) -> None:
        call.ended = self._space.clock.now()
        call.status, call.error = error.status, error.code or error.type
        call.answered_by, call.rule = call.answered_by or "error", call.rule or error.rule
        call.miss = error.message if isinstance(error, CassetteMiss) else None
        await self.refuse(error, lane)

    async def _serve(self, lane: Lane, job: _Job) -> None:
        """Answer one create, or tell why it is refused."""
        event, call, decision = job
        try:
            await self._turns.answer(lane, event, call, decision)
            call.ended = self._space.clock.now()
            return
        except Severed as end:
            call.ended = self._space.clock.now()
            await self._sever(end)
            return
        except (ConnectionError, asyncio.CancelledError):
            call.disconnected, call.ended = True, self._space.clock.now()
            raise
        except ApiError as problem:
            error = problem
        except Exception as problem:  # whatever happens, the client gets the API's error
            _log.exception("a create over a WebSocket failed", exc_info=problem)
            error = ApiError.fault()
        await self._fail(error, lane, call)
        await self._turns.evict(lane, event.get("previous_response_id"), error)

    async def _emit(self, event: Json, lane: Lane) -> None:
        await self._send(frame(event, lane))
