"""An answer with faults on its way: played part by part, and severed where they say so."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import AsyncIterator, Callable, MutableMapping
from typing import Final

from aiohttp import ClientConnectionResetError, web
from multidict import CIMultiDict

from mockserver.dialects import parsed
from mockserver.faults import Form, Head, Part, Severed, Way, chain, fitting
from mockserver.schema.base import Json, pretty
from mockserver.web.keys import CALL, FLAGS, SPACE

_RESET: Final = struct.pack("ii", 1, 0)
"""Linger for no time: to close is to reset."""

_PATIENCE: Final = 200
_PAUSE: Final = 0.005
_log = logging.getLogger("mockserver")


async def settle(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Send an answer that has not been sent through the faults of its request, and note it down."""
    if isinstance(response, web.Response):
        response = await _plain(request, response)
    # Nobody was told a status when it broke off before the head.
    request[CALL].status = response.status if response.prepared else None
    return response


async def _plain(request: web.Request, response: web.Response) -> web.StreamResponse:
    data = bytes(response.body) if isinstance(response.body, bytes | bytearray) else b""
    headers = CIMultiDict(response.headers)
    headers.popall("content-length", None)

    async def parts() -> AsyncIterator[Part]:
        if data:
            yield Part(data, parsed(data))

    return await _deliver(request, Head(response.status, headers), parts(), "body", pretty)


async def stream(
    request: web.Request,
    headers: MutableMapping[str, str],
    frames: AsyncIterator[bytes],
    encode: Callable[[Json], bytes],
) -> web.StreamResponse:
    """Send the frames of a stream through the faults of its request."""

    async def parts() -> AsyncIterator[Part]:
        async for frame in frames:
            yield Part(frame, _event(frame))

    return await _deliver(request, Head(200, CIMultiDict(headers)), parts(), "stream", encode)


def _event(frame: bytes) -> Json | None:
    """Return the JSON object in a frame, recorded ones included; None when there is none."""
    lines = [line[5:] for line in frame.splitlines() if line.startswith(b"data:")]
    return parsed(b"\n".join(lines))


async def _deliver(
    request: web.Request,
    head: Head,
    parts: AsyncIterator[Part],
    form: Form,
    encode: Callable[[Json], bytes],
) -> web.StreamResponse:
    faults = fitting(request[FLAGS].faults, form)
    way = Way(form, request[SPACE].clock, encode, request[CALL].note_fault)
    response = web.StreamResponse()
    try:
        for fault in faults:
            await fault.begin(way, head)
        response = web.StreamResponse(status=head.status, headers=head.headers)
        await _write(request, response, chain(faults, parts, way))
    except Severed as end:
        await _sever(request, response, end)
    except ClientConnectionResetError:
        request[CALL].disconnected = True
        response.force_close()
    return response


async def _write(
    request: web.Request, response: web.StreamResponse, parts: AsyncIterator[Part]
) -> None:
    await response.prepare(request)
    call = request[CALL]
    try:
        async for part in parts:
            if part.data:
                await response.write(part.data)
                call.note_sent(part.data)
    except (Severed, ClientConnectionResetError):
        raise
    except Exception as problem:  # the head is out: to end the body early is all there is to say
        _log.exception("%s %s failed in its answer", request.method, request.rel_url.raw_path)
        raise Severed("drop") from problem
    await response.write_eof()
    call.finished = True


async def _sever(request: web.Request, response: web.StreamResponse, end: Severed) -> None:
    """End the answer as a fault says, after all that was written so far."""
    transport = request.transport
    if transport is None:
        return
    if end.how == "end":
        await response.write_eof()
        return
    if end.garbage:
        transport.write(end.garbage)
    await sever(transport, end)


async def sever(transport: asyncio.Transport, end: Severed) -> None:
    """Close or reset a connection once what was written has left."""
    if end.how == "reset":
        await _flushed(transport)
        connection = transport.get_extra_info("socket")
        if connection is not None:
            with socket.socket(fileno=socket.dup(connection.fileno())) as twin:
                twin.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()
    else:
        transport.close()


async def _flushed(transport: asyncio.Transport) -> None:
    """Wait until a transport has handed everything on, for a second at most."""
    for _ in range(_PATIENCE):
        await asyncio.sleep(_PAUSE)
        if not transport.get_write_buffer_size():
            return
