"""Recorded interactions on the wire: asked before routing and validation, served as they were."""

from __future__ import annotations

from collections.abc import Iterator

from aiohttp import web
from multidict import CIMultiDict

from mockserver.cassette import Request
from mockserver.cassette.sse import numbered
from mockserver.engine import Engine
from mockserver.flags import Flags
from mockserver.history import asks
from mockserver.lifecycle import Plan, end
from mockserver.namespace import Namespace
from mockserver.schema.base import Json, pretty
from mockserver.sources import pace
from mockserver.sources.cassette import Recorded
from mockserver.sources.miss import CassetteMiss
from mockserver.web import sse
from mockserver.web.answers import wait_of
from mockserver.web.keys import CALL, ENGINE, FLAGS, SPACE


async def answer(request: web.Request, raw: bytes) -> web.StreamResponse | None:
    """Return the recording of a request, or None when there is none."""
    started = request[SPACE].clock.now()
    found = find(request, raw)
    return None if found is None else await serve(request, found, started)


def find(request: web.Request, raw: bytes) -> Recorded | None:
    """Take the recording of a request, which counts as played."""
    space = request[SPACE]
    cassettes = request.app[ENGINE].sources(space)
    assert cassettes is not None
    return cassettes.answer(_request(request, raw), space.played, streamed=_streamed(request))


async def serve(request: web.Request, found: Recorded, started: float) -> web.StreamResponse:
    """Answer with a recording, and put the response that it holds on record.

    ``started`` is the moment of the request, from which a recorded pace counts.
    """
    engine, space, call = request.app[ENGINE], request[SPACE], request[CALL]
    flags = request[FLAGS]
    call.answered_by = "cassette"
    call.recording = found.interaction.place
    if found.interaction.status >= 400:
        call.retry_after = wait_of(CIMultiDict(found.interaction.headers))
    if found.response is not None:
        call.asks = asks(found.response["output"])
        call.response_id = found.response["id"]
        plan = await engine.remember(
            space,
            found.response,
            (call.body or {}).get("input"),
            streamed=_streamed(request),
            phased=found.phased,
        )
        if plan.background and (found.phased or found.interaction.is_stream):
            await engine.deliveries.follow(space.name, space.clock, plan, flags.webhook)
        if found.phased:
            found = found._replace(document=engine.view(space, plan))
    return await _send(request, found, flags, started)


def _streamed(request: web.Request) -> bool:
    return request[CALL].stream or request.query.get("stream") == "true"


async def refuse(request: web.Request, raw: bytes) -> web.StreamResponse | None:
    """Raise CassetteMiss where nothing but a recording may answer (vcr §4.4)."""
    if _of_state(request):
        return None
    raise miss(request.app[ENGINE], request[SPACE], request, raw)


def miss(engine: Engine, space: Namespace, request: web.Request, raw: bytes) -> CassetteMiss:
    """Return the 424 that says what is recorded instead."""
    return missed(engine, space, _request(request, raw))


def missed(engine: Engine, space: Namespace, asked: Request) -> CassetteMiss:
    """Return the 424 for what was asked, over whatever transport."""
    cassettes = engine.sources(space)
    assert cassettes is not None
    return cassettes.miss(asked, space.played)


def issued(request: web.Request, raw: bytes) -> None:
    """Let the cassettes know of a response that did not come from them."""
    engine, space, call = request.app[ENGINE], request[SPACE], request[CALL]
    cassettes = engine.sources(space)
    if cassettes is not None and call.response_id is not None:
        cassettes.issued(_request(request, raw), space.played, call.response_id)


def _of_state(request: web.Request) -> bool:
    """Tell whether what the server remembers may answer although nothing is recorded."""
    return request.match_info.http_exception is None and (
        "id" in request.match_info or request.method == "GET"
    )


def _request(request: web.Request, raw: bytes) -> Request:
    url = request.rel_url
    return Request(request.method, url.raw_path, url.raw_query_string, raw, request.headers)


async def _send(
    request: web.Request, found: Recorded, flags: Flags, started: float
) -> web.StreamResponse:
    recording = found.interaction
    if found.events is not None:
        frames = [sse.frame(event) for event in found.events]
    elif recording.is_stream and found.document is None:
        frames = numbered(recording.frames())
    else:
        return await _plain(request, found, flags, started)
    headers, clock = _headers(found), request[SPACE].clock
    waits = pace.delays(found, len(frames), request.app[ENGINE].settings.speed)
    if waits or flags.paced:
        asked = waits or _flagged(request, frames, flags)
        return await sse.send(request, headers, pace.timed(frames, asked, clock, started))
    return await sse.send_all(request, headers, frames)


def _flagged(request: web.Request, frames: list[bytes], flags: Flags) -> Iterator[float]:
    deltas = (b".delta" in frame[:80] for frame in frames)
    return pace.flagged(deltas, flags, request[CALL].response_id or request.rel_url.raw_path)


async def _plain(
    request: web.Request, found: Recorded, flags: Flags, started: float
) -> web.Response:
    clock, headers = request[SPACE].clock, _headers(found)
    waits = pace.delays(found, 1, request.app[ENGINE].settings.speed)
    async for _ in pace.timed(waits, waits, clock, started):
        pass
    if flags.paced and not waits and found.response is not None:
        await clock.sleep_until(end(_told(found.response, flags, started)))
    body = found.interaction.body if found.document is None else pretty(found.document)
    if found.document is not None:
        headers["content-type"] = "application/json"
    recording = found.interaction
    return web.Response(
        body=body, status=recording.status, reason=recording.reason or None, headers=headers
    )


def _told(response: Json, flags: Flags, started: float) -> Plan:
    """Return the plan of a recorded response whose tokens are told at the pace of the flags."""
    return Plan(
        response=response, started=started, ttft=flags.ttft, tps=flags.tps, jitter=flags.jitter
    )


def _headers(found: Recorded) -> CIMultiDict[str]:
    headers = CIMultiDict(found.interaction.headers)
    if found.events is not None:
        headers["content-type"] = sse.CONTENT_TYPE
    return headers
