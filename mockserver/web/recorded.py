"""Recorded interactions on the wire: asked before routing and validation, served as they were."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web
from multidict import CIMultiDict

from mockserver.cassette import Request
from mockserver.cassette.sse import numbered
from mockserver.engine import Engine
from mockserver.flags import Flags
from mockserver.history import asks
from mockserver.namespace import Namespace
from mockserver.schema.base import pretty
from mockserver.schema.errors import ApiError
from mockserver.sources.cassette import Recorded
from mockserver.web import sse
from mockserver.web.answers import wait_of
from mockserver.web.keys import CALL, ENGINE, SPACE

_MISS_TYPE: Final = "mock_server_error"
_log = logging.getLogger("mockserver")


async def answer(request: web.Request, raw: bytes) -> web.StreamResponse | None:
    """Return the recording of a request, or None when there is none and another source may answer.

    Raises ApiError 424 on a miss when the server is strict (vcr §4.4).
    """
    engine, space, call = request.app[ENGINE], request[SPACE], request[CALL]
    cassettes = engine.sources(space)
    if cassettes is None:
        return None
    flags = engine.flags(space, request.headers.get("x-mock-scenario"), call.body or {})
    if flags.chooses_answer:
        return None
    asked = _request(request, raw)
    streamed = call.stream or request.query.get("stream") == "true"
    found = cassettes.answer(asked, space.played, streamed=streamed)
    if found is None:
        if engine.strict(space) and not _of_state(request):
            raise miss(engine, space, request, raw)
        return None
    call.answered_by, call.scenario = "cassette", flags.text or None
    call.recording = found.interaction.place
    if found.interaction.status >= 400:
        call.retry_after = wait_of(CIMultiDict(found.interaction.headers))
    if found.response is not None:
        call.asks = asks(found.response["output"])
        call.response_id = found.response["id"]
        await engine.remember(space, found.response, (call.body or {}).get("input"))
    return await _send(request, found, flags)


def miss(engine: Engine, space: Namespace, request: web.Request, raw: bytes) -> ApiError:
    """Return the 424 that says what is recorded instead, and log the same text."""
    return missed(engine, space, _request(request, raw))


def missed(engine: Engine, space: Namespace, asked: Request) -> ApiError:
    """Return the 424 for what was asked, over whatever transport."""
    cassettes = engine.sources(space)
    assert cassettes is not None
    found = cassettes.miss(asked, space.played)
    _log.warning("%s", found.text())
    return ApiError(
        found.text(),
        status=424,
        type=_MISS_TYPE,
        code=found.code,
        headers={"x-should-retry": "false"},
    )


def _of_state(request: web.Request) -> bool:
    """Tell whether what the server remembers may answer although nothing is recorded."""
    return request.match_info.http_exception is None and (
        "id" in request.match_info or request.method == "GET"
    )


def _request(request: web.Request, raw: bytes) -> Request:
    url = request.rel_url
    return Request(request.method, url.raw_path, url.raw_query_string, raw, request.headers)


async def _send(request: web.Request, found: Recorded, flags: Flags) -> web.StreamResponse:
    recording = found.interaction
    if found.events is not None:
        frames = [sse.frame(event) for event in found.events]
    elif recording.is_stream and found.document is None:
        frames = numbered(recording.frames())
    else:
        body = recording.body if found.document is None else pretty(found.document)
        return _plain(found, body)
    headers = _headers(found)
    if flags.ttft is None and flags.tps is None:
        return await sse.send_all(request, headers, frames)
    return await sse.send(request, headers, _paced(request, frames, flags))


async def _paced(request: web.Request, frames: list[bytes], flags: Flags) -> AsyncIterator[bytes]:
    """Yield recorded frames at the pace that the flags set."""
    clock = request[SPACE].clock
    moment = clock.now() + (flags.ttft or 0.0)
    for frame in frames:
        await clock.sleep_until(moment)
        moment += 1 / flags.tps if flags.tps and b".delta" in frame[:80] else 0.0
        yield frame


def _plain(found: Recorded, body: bytes) -> web.Response:
    headers = _headers(found)
    if found.document is not None:
        headers["content-type"] = "application/json"
    recording = found.interaction
    return web.Response(
        body=body, status=recording.status, reason=recording.reason or None, headers=headers
    )


def _headers(found: Recorded) -> CIMultiDict[str]:
    headers = CIMultiDict(found.interaction.headers)
    if found.events is not None:
        headers["content-type"] = sse.CONTENT_TYPE
    return headers
