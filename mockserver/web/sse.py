"""Server-sent events as the API frames them, over an aiohttp response."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from typing import Final

from aiohttp import ClientConnectionResetError, web
from multidict import CIMultiDict

from mockserver.dialects import Dialect
from mockserver.schema.base import Json, compact
from mockserver.web import delivery
from mockserver.web.keys import CALL, DIALECT, FLAGS

CONTENT_TYPE: Final = "text/event-stream; charset=utf-8"
Fields = dict[str, str] | CIMultiDict[str]
_CHUNK: Final = 64 * 1024
_log = logging.getLogger("mockserver")


def frame(event: Json) -> bytes:
    """Return an event's bytes: two lines and a blank one, LF only (api-contract §8.1)."""
    return b"event: %s\ndata: %s\n\n" % (event["type"].encode(), compact(event))


async def send(
    request: web.Request, headers: Fields, frames: AsyncIterator[bytes]
) -> web.StreamResponse:
    """Write frames as they come; a client that leaves ends it quietly, a fault of ours cuts it."""
    dialect = request.get(DIALECT)
    if dialect is not None:
        frames = _translated(frames, dialect)
    if FLAGS in request and request[FLAGS].faults:
        headers.setdefault("content-type", CONTENT_TYPE)
        return await delivery.stream(request, headers, frames, frame)
    response, call = await _open(request, headers), request[CALL]
    try:
        async for part in frames:
            await response.write(part)
            call.note_sent(part)
        call.finished = True
        await response.write_eof()
    except ClientConnectionResetError:
        call.disconnected = not call.finished
        response.force_close()
    except Exception:  # the head is out: to end the body early is all that is left to say
        _log.exception("%s %s failed in its stream", request.method, request.rel_url.raw_path)
        if request.transport is not None:
            request.transport.close()
    return response


async def send_all(
    request: web.Request, headers: Fields, frames: Iterable[bytes]
) -> web.StreamResponse:
    """Write frames that are all due now, in few large chunks."""
    faulty = FLAGS in request and request[FLAGS].faults
    return await send(request, headers, _singly(frames) if faulty else _chunks(frames))


async def _singly(frames: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in frames:
        yield part


async def _chunks(frames: Iterable[bytes]) -> AsyncIterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for part in frames:
        waiting.append(part)
        size += len(part)
        if size >= _CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


async def _translated(frames: AsyncIterator[bytes], dialect: Dialect) -> AsyncIterator[bytes]:
    """Yield frames, or chunks of whole ones, in a dialect."""
    async for part in frames:
        yield dialect.tell_frame(part)


async def _open(request: web.Request, headers: Fields) -> web.StreamResponse:
    response = web.StreamResponse(headers=headers)
    if "content-type" not in headers:
        response.headers["content-type"] = CONTENT_TYPE
    await response.prepare(request)
    return response
