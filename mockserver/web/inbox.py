"""Who answers the frames of a WebSocket connection: the session here, or the upstream."""

from __future__ import annotations

from aiohttp import web

from mockserver.journal import Call
from mockserver.lanes import Session
from mockserver.lanes.creates import Decision, admitted, request_of
from mockserver.schema.base import Json, parse_object
from mockserver.schema.errors import ApiError
from mockserver.web import modes, proxied
from mockserver.web.finder import Finder
from mockserver.web.keys import SPACE
from mockserver.web.place import place
from mockserver.web.upstream_socket import UpstreamSocket


class Inbox:
    """Takes each frame to whoever answers it."""

    def __init__(
        self, request: web.Request, session: Session, find: Finder, upstream: UpstreamSocket
    ) -> None:
        self._request = request
        self._session = session
        self._find = find
        self._upstream = upstream

    async def receive(self, text: str) -> None:
        """Take one frame."""
        try:
            event = parse_object(text.encode())
        except ApiError:
            event = {}  # the session says what is wrong with it
        if event.get("type") == "response.create":
            await self._create(text, event)
            return
        try:
            if self._upstream.knows(event.get("previous_response_id")):
                await self._upstream.steer(text, event)
            else:
                await self._session.receive(text)
        except ApiError as error:
            await self._refuse(event, error)

    async def _create(self, text: str, event: Json) -> None:
        """Have a create answered here or there; what is in force for it is decided once."""
        try:
            body = admitted(place(self._request)[0], event)
            decision = await self._session.decide(event, body)
            goes_on = self._is_for_upstream(event, body, decision)
        except ApiError as error:
            await self._session.reject(event, len(text), error)
            return
        if goes_on:
            await self._pass_on(text, event)
        else:
            await self._session.receive(text, decision)

    def _is_for_upstream(self, event: Json, body: Json, decision: Decision) -> bool:
        flags, chosen = decision
        ruled = chosen is not None and chosen.answers
        engine, space, _ = place(self._request)
        if ruled or flags.chooses_answer or not proxied.records(engine, space):
            return False
        if event.get("generate") is False or not modes.replays_first(self._request.app):
            return True
        return not self._find.look_ahead(body, flags)

    async def _pass_on(self, text: str, event: Json) -> None:
        space = self._request[SPACE]
        query = self._request.rel_url.raw_query_string
        now = space.clock.now()
        call = Call("WS", "/responses", query, body=event, stream=True, started=now)
        call.answered_by = "upstream"
        space.calls.append(call)
        try:
            await self._upstream.create(text, event, request_of(event), call)
        except ApiError as error:
            call.status, call.error = error.status, error.code or error.type
            await self._refuse(event, error)
        finally:
            call.ended = space.clock.now()

    async def _refuse(self, event: Json, error: ApiError) -> None:
        lane = event.get("stream_id")
        await self._session.refuse(error, lane if isinstance(lane, str) else None)
