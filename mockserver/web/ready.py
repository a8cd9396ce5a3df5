"""An answer that is there as a whole: its head is written with it, and both leave at once."""

from __future__ import annotations

from typing import Final

from aiohttp import ClientConnectionResetError, HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import SERVER_SOFTWARE

from mockserver.journal import Call
from mockserver.recall import Form

_HEAD: Final = b"HTTP/1.1 200 OK\r\n%bcontent-type: %b\r\n%b\r\nDate: %b\r\nServer: %b\r\n\r\n"
_SERVER: Final = SERVER_SOFTWARE.encode()
_JSON: Final = b"application/json"
_EVENTS: Final = b"text/event-stream; charset=utf-8"


class Ready(web.StreamResponse):
    """A response that is bytes from its first line on.

    aiohttp makes a head of a dictionary that anybody may still change, which takes as long as
    all the rest of an answer told again. So this one is only for where nobody would (``OWN``),
    and for requests that it ``suits``.
    """

    def __init__(self, written: bytes) -> None:
        super().__init__()
        self._written = written
        self._left = False

    @property
    def prepared(self) -> bool:
        """Whether it has been sent."""
        return self._left

    @property
    def keep_alive(self) -> bool:
        """Whether the connection stays open, unless something closed it."""
        return super().keep_alive is not False

    @property
    def body_length(self) -> int:
        """How many bytes were sent."""
        return len(self._written) if self._left else 0

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send all of it."""
        if self._left:
            return None
        writer = request.writer
        await writer.write(self._written)
        await writer.drain()
        self._left = True
        return writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing: what is sent has its end in it."""


def suits(request: web.Request) -> bool:
    """Tell whether a request asks for an answer of the usual kind, on a connection that stays."""
    return request.version == HttpVersion11 and request.keep_alive


async def send(
    request: web.Request,
    call: Call,
    form: Form,
    lines: bytes,
    body: bytes,
    events: int | None = None,
) -> web.StreamResponse:
    """Return a JSON body with its head, for aiohttp to send, or send a stream that is all due now.

    ``lines`` are the headers as they stand in the answer, but for those of every answer; ``events``
    is how many there are in a stream, if that is known.
    """
    if form == "json":
        call.bytes, call.finished = len(body), True
        return Ready(_head(lines, _JSON, b"Content-Length: %d" % len(body)) + body)
    head = _head(lines, _EVENTS, b"Transfer-Encoding: chunked")
    response = Ready(b"%b%x\r\n%b\r\n0\r\n\r\n" % (head, len(body), body))
    try:
        await response.prepare(request)
        call.bytes, call.finished = len(body), True
        call.events = body.count(b"\n\n") if events is None else events
    except ClientConnectionResetError:
        call.disconnected = True
        response.force_close()
    return response


def _head(lines: bytes, kind: bytes, length: bytes) -> bytes:
    return _HEAD % (lines, kind, length, rfc822_formatted_time().encode(), _SERVER)
