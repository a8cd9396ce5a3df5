"""An upstream made of bytes: what it sends, when, and where it breaks off is up to the test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

Headers = list[tuple[str, str]]


@dataclass
class Asked:
    """A request as it came in: the head's lines and the body."""

    line: str
    headers: Headers
    body: bytes

    def values(self, name: str) -> list[str]:
        """Return the values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Scripted:
    """A server in the running loop that plays one step for each request, the last one for ever."""

    steps: list[Callable[[asyncio.StreamWriter], Awaitable[None]]]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Scripted:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.origin = f"http://127.0.0.1:{port}"
        self.url = self.origin + "/v1"
        return self

    async def __aexit__(self, *problem: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *rest = head.strip().split("\r\n")
            headers = [(name, value.strip()) for name, _, value in (r.partition(":") for r in rest)]
            length = next((int(v) for k, v in headers if k.lower() == "content-length"), 0)
            self.asked.append(Asked(line, headers, await reader.readexactly(length)))
            self.reached.set()
            await self.steps[min(len(self.asked), len(self.steps)) - 1](writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.finished.set()
            writer.close()


def head(status: str, headers: Headers) -> bytes:
    """Return the head of an answer after which the connection ends."""
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")


def answer(
    body: bytes, status: str = "200 OK", *headers: tuple[str, str], kind: str = "application/json"
) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    """Return the step of an answer with a length."""

    async def step(writer: asyncio.StreamWriter) -> None:
        fields = [("Content-Type", kind), ("Content-Length", str(len(body))), *headers]
        writer.write(head(status, fields) + body)

    return step


def stream(
    *parts: bytes | float | asyncio.Event, cut: bool = False, reset: bool = False
) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    """Return the step of an event stream: bytes are a chunk, numbers seconds, events are awaited.

    One that is ``cut`` lacks its last chunk; ``reset`` also drops the connection hard.
    """

    async def step(writer: asyncio.StreamWriter) -> None:
        fields = [("Content-Type", "text/event-stream; charset=utf-8")]
        writer.write(head("200 OK", [*fields, ("Transfer-Encoding", "chunked")]))
        for part in parts:
            if isinstance(part, bytes):
                writer.write(b"%x\r\n%s\r\n" % (len(part), part))
                await writer.drain()
            elif isinstance(part, asyncio.Event):
                await part.wait()
            else:
                await asyncio.sleep(part)
        if reset:
            writer.transport.abort()
        elif not cut:
            writer.write(b"0\r\n\r\n")

    return step


def event(kind: str, **fields: Any) -> bytes:
    """Return an event as the API frames it."""
    data = json.dumps({"type": kind, **fields}, separators=(",", ":"))
    return f"event: {kind}\ndata: {data}\n\n".encode()
