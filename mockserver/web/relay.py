"""An upstream's answer on its way to a client: passed on as it comes, kept before its last byte."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import ClientResponse, web

from mockserver.clock import Clock
from mockserver.upstream import Capture, Cut
from mockserver.upstream.headers import to_client
from mockserver.web.keys import CALL

_EMPTY: Final = frozenset({204, 304})
_log = logging.getLogger("mockserver")

Keep = Callable[[Capture], Awaitable[None]]
"""Puts a whole answer onto the cassette; returns when it is safe there, and never raises."""


class Relay:
    """One answer for one client. The client may leave; the answer is read to its end all the same.

    ``clock`` gives the moments of the recorded pace.
    """

    def __init__(self, request: web.Request, capture: Capture, clock: Clock, keep: Keep) -> None:
        self._request = request
        self._call = request[CALL]
        self._capture = capture
        self._clock = clock
        self._keep = keep
        self._gone = False
        self._response = web.StreamResponse()

    async def run(self, answer: ClientResponse) -> web.StreamResponse:
        """Pass an answer on to its end; one that is cut off is passed on as cut, and not kept."""
        self._begin(answer)
        held = b""
        async with answer:
            try:
                held = await self._pass(answer)
            except Cut as cut:
                self._cut(cut)
                return self._response
        await self._keep(self._capture)
        await self._open()
        await self._write(held)
        await self._end()
        return self._response

    def _begin(self, answer: ClientResponse) -> None:
        self._capture.receive(answer)
        self._response = web.StreamResponse(
            status=answer.status, reason=answer.reason, headers=to_client(answer.headers)
        )

    async def _pass(self, answer: ClientResponse) -> bytes:
        """Write the body as it arrives; return what would make it complete for the client.

        The end of a body without a length is the end of the transfer; of one with a length, and of
        an empty one, it is the last byte, which is therefore held back.
        """
        length = answer.content_length
        if self._request.method == "HEAD" or answer.status in _EMPTY or length == 0:
            await answer.read()
            return b""
        await self._open()
        seen = 0
        async for chunk in answer.content.iter_any():
            self._capture.add(chunk, self._clock.now())
            seen += len(chunk)
            if length is not None and seen >= length:
                return chunk
            await self._write(chunk)
        return b""

    async def _open(self) -> None:
        """Send the head at once, so that the client knows of the answer before its first byte."""
        if self._gone or self._response.prepared:
            return
        try:
            writer = await self._response.prepare(self._request)
            if writer is not None:
                writer.send_headers()
        except ConnectionError:
            self._leave()

    async def _write(self, data: bytes) -> None:
        if self._gone or not data:
            return
        try:
            await self._response.write(data)
        except ConnectionError:
            self._leave()
        else:
            self._call.note_sent(data, events=self._call.stream)

    async def _end(self) -> None:
        if self._gone:
            return
        try:
            await self._response.write_eof()
        except ConnectionError:
            self._leave()
        else:
            self._call.finished = True

    def _leave(self) -> None:
        self._gone = self._call.disconnected = True
        self._response.force_close()

    def _cut(self, cut: BaseException) -> None:
        """End the client's connection where the upstream's has ended."""
        what = str(cut) or type(cut).__name__
        _log.warning(
            "%s %s: the upstream cut its answer off, which is not recorded: %s",
            self._capture.method,
            self._request.rel_url.raw_path,
            what,
        )
        self._leave()
        self._call.disconnected = False  # it was not the client who left
        if self._request.transport is not None:
            self._request.transport.close()
