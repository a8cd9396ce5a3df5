"""A client on a bare socket: it shows what is on the wire, however broken."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Document = dict[str, Any]


@dataclass
class Wire:
    """All that came for one request.

    ``chunks`` are the chunks of the body that were whole, ``rest`` what came after them,
    ``whole`` tells whether the body's last chunk came, ``ending`` how the connection ended
    (``eof``, ``reset`` or ``silence``), ``seconds`` how long it took.
    """

    raw: bytes
    ending: str
    seconds: float
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    rest: bytes = b""
    whole: bool = False

    @property
    def body(self) -> bytes:
        """The body, as far as it came in whole chunks."""
        return b"".join(self.chunks)

    @property
    def frames(self) -> list[bytes]:
        """The frames of a stream that ended with a blank line."""
        return [frame + b"\n\n" for frame in self.body.split(b"\n\n")[:-1]]

    @property
    def events(self) -> list[Document]:
        """The events of a stream, comments left out."""
        frames = [frame for frame in self.frames if not frame.startswith(b":")]
        return [json.loads(frame.partition(b"data: ")[2]) for frame in frames]

    @property
    def document(self) -> Document:
        """The JSON of a plain body."""
        found: Document = json.loads(self.body)
        return found


def ask(url: str, body: Document, scenario: str = "", *, patience: float = 10.0) -> Wire:
    """Create a response over a connection of its own, and take whatever comes."""
    payload = json.dumps(body).encode()
    head = (
        f"POST {urlsplit(url).path}/responses HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n"
        f"X-Mock-Scenario: {scenario}\r\nConnection: close\r\n\r\n"
    )
    started = time.monotonic()
    raw, ending = exchange(url, head.encode() + payload, patience)
    return _read(Wire(raw, ending, time.monotonic() - started))


def exchange(url: str, request: bytes, patience: float = 10.0) -> tuple[bytes, str]:
    """Send bytes; return all that comes back, and how the connection ended."""
    at = urlsplit(url)
    received = b""
    with socket.create_connection((str(at.hostname), at.port or 80), timeout=patience) as line:
        line.sendall(request)
        try:
            while data := line.recv(65536):
                received += data
        except ConnectionResetError:
            return received, "reset"
        except TimeoutError:
            return received, "silence"
    return received, "eof"


def _read(wire: Wire) -> Wire:
    head, blank, body = wire.raw.partition(b"\r\n\r\n")
    if not blank or not head.startswith(b"HTTP/1.1 "):
        wire.rest = wire.raw
        return wire
    status, *lines = head.decode().split("\r\n")
    wire.status = int(status.split()[1])
    pairs = (line.partition(":") for line in lines)
    wire.headers = {name.lower(): value.strip() for name, _, value in pairs}
    if "content-length" in wire.headers:
        wire.chunks, wire.whole = [body], len(body) == int(wire.headers["content-length"])
        return wire
    while body and not wire.whole:
        size, line, after = body.partition(b"\r\n")
        if not line or not size or size.strip(b"0123456789abcdefABCDEF"):
            break
        length = int(size, 16)
        wire.whole = length == 0
        if length:
            wire.chunks.append(after[:length])
        body = after[length + 2 :]
    wire.rest = body
    return wire
