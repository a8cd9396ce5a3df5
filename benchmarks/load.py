"""The load and the servers under it: everything the benchmarks share."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import uvloop

LIMIT = 200_000
"""The most requests of one round, whatever time it has."""

_FLOOR = Path(__file__).with_name("floor.py")
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_LAST = b"0\r\n\r\n"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A server in a process of its own, on a loopback port."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Return the processor seconds that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> float:
        """Return the resident memory of the process in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        match = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        assert match is not None
        return int(match[1]) / 1024


@dataclass(frozen=True)
class Round:
    """What one round of load came to: answers, bytes of them, and seconds of each kind."""

    answers: int
    received: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds

    @property
    def cost(self) -> float:
        """Microseconds of the server's processor per answer."""
        return self.cpu / self.answers * 1e6


@contextmanager
def mockserver(*flags: str) -> Iterator[Server]:
    """Run ``mockserver serve`` on a free port."""
    with _spawned([sys.executable, "-m", "mockserver", "serve", "--port", "0", *flags]) as server:
        yield server


@contextmanager
def floor(answer: bytes, *, stream: bool) -> Iterator[Server]:
    """Run the bare handler that sends the headers and the body of ``answer`` again and again."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    fields = [line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:]]
    body = b"".join(_chunks(rest)) if stream else rest
    plan = {"headers": fields, "body": body.decode(), "stream": stream}
    with _spawned([sys.executable, str(_FLOOR)], json.dumps(plan)) as server:
        yield server


def post(body: Mapping[str, Any], path: str = "/v1/responses") -> bytes:
    """Return the bytes of a JSON request, with the headers that a client would send."""
    raw = json.dumps(body).encode()
    return (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n"
        "authorization: Bearer test\r\ncontent-type: application/json\r\n"
        f"user-agent: benchmark\r\ncontent-length: {len(raw)}\r\n\r\n"
    ).encode() + raw


def ask(server: Server, request: bytes) -> bytes:
    """Send one request and return the whole answer, headers included."""
    answers: list[bytes] = []
    _run(server, request, connections=1, seconds=30.0, limit=1, keep=answers.append)
    return answers[0]


def drive(server: Server, request: bytes, *, seconds: float, connections: int = 16) -> Round:
    """Send the request over keep-alive connections, one at a time on each, for some seconds."""
    return _run(server, request, connections=connections, seconds=seconds, limit=LIMIT)


def count(server: Server, request: bytes, *, answers: int, seconds: float = 60.0) -> Round:
    """Send the request so many times, unless the seconds run out first."""
    return _run(server, request, connections=16, seconds=seconds, limit=answers)


def compare(
    request: bytes, *, stream: bool, rounds: int, seconds: float
) -> tuple[list[Round], list[Round], bytes]:
    """Return rounds of the floor, rounds of ours, taken in turns, and one answer of ours."""
    with mockserver() as ours:
        answer = ask(ours, request)
        with floor(answer, stream=stream) as bare:
            for server in (bare, ours):
                drive(server, request, seconds=seconds / 2)
            pairs = [
                (drive(bare, request, seconds=seconds), drive(ours, request, seconds=seconds))
                for _ in range(rounds)
            ]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs], answer


def summary(values: Sequence[float], *, best: Callable[[Sequence[float]], float] = max) -> str:
    """Return the median and the best of some figures, as text."""
    return f"median {median(values):,.0f}, best {best(values):,.0f}"


@contextmanager
def _spawned(command: list[str], plan: str | None = None) -> Iterator[Server]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(plan or "")
        process.stdin.close()
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError(f"{' '.join(command)} did not start")
        yield Server(urlsplit(url).port or 0, process.pid)
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def _run(
    server: Server,
    request: bytes,
    *,
    connections: int,
    seconds: float,
    limit: int,
    keep: Callable[[bytes], None] | None = None,
) -> Round:
    wave = _Wave(request, limit, keep)
    return uvloop.run(wave.run(server, connections, seconds))


class _Wave:
    """One round of load: the connections, and what they have received so far."""

    def __init__(
        self, request: bytes, limit: int, keep: Callable[[bytes], None] | None = None
    ) -> None:
        self.request = request
        self.keep = keep
        self.received = 0
        self._left = limit
        self._answers = 0
        self._deadline = 0.0
        self._over: asyncio.Future[float] | None = None

    async def run(self, server: Server, connections: int, seconds: float) -> Round:
        """Drive the server until the time or the requests are used up."""
        loop = asyncio.get_running_loop()
        self._over = loop.create_future()
        lines = [
            (await loop.create_connection(lambda: _Line(self), "127.0.0.1", server.port))[0]
            for _ in range(connections)
        ]
        cpu, start = server.cpu(), time.perf_counter()
        self._deadline = start + seconds
        for line in lines:
            if self.more():
                line.write(self.request)
        loop.call_soon(self._stay_awake, loop)
        try:
            end = await asyncio.wait_for(self._over, seconds + 30.0)
        finally:
            for line in lines:
                line.close()
        return Round(self._answers, self.received, end - start, server.cpu() - cpu)

    def _stay_awake(self, loop: asyncio.AbstractEventLoop) -> None:
        # A client that sleeps has to be woken by every answer, which costs a slow server more
        # processor time than a fast one, whose client never gets to sleep.
        assert self._over is not None
        if not self._over.done():
            loop.call_soon(self._stay_awake, loop)

    def more(self) -> bool:
        """Tell whether another request is to be sent, and count it."""
        self._left -= 1
        return self._left >= 0

    def answered(self) -> bool:
        """Note one answer; tell whether the connection may go on."""
        self._answers += 1
        now = time.perf_counter()
        if now < self._deadline and self.more():
            return True
        assert self._over is not None
        if not self._over.done() and (now >= self._deadline or self._left < 0):
            self._settle(now)
        return False

    def fail(self, problem: Exception) -> None:
        """End the round with an error."""
        assert self._over is not None
        if not self._over.done():
            self._over.set_exception(problem)

    def _settle(self, now: float) -> None:
        assert self._over is not None
        self._over.set_result(now)


class _Line(asyncio.Protocol):
    """One connection: reads an answer to its end, then sends the next request."""

    def __init__(self, wave: _Wave) -> None:
        self._wave = wave
        self._missing: int | None = None
        self._tail = b""
        self._parts: list[bytes] = []
        self._inside = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport) or hasattr(transport, "write")
        self._transport: Any = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._wave.fail(exc or ConnectionError("the server closed a connection"))

    def data_received(self, data: bytes) -> None:
        wave = self._wave
        wave.received += len(data)
        if wave.keep is not None:
            self._parts.append(data)
        if self._inside:
            ended = self._more(data)
        else:
            ended = self._begin(data)
        if not ended:
            return
        self._inside = False
        if wave.keep is not None:
            wave.keep(b"".join(self._parts))
        if wave.answered():
            self._transport.write(wave.request)

    def _begin(self, data: bytes) -> bool:
        if not data.startswith(b"HTTP/1.1 200 "):
            self._wave.fail(RuntimeError(data[:600].decode("latin-1")))
            return False
        self._inside = True
        head = data.find(b"\r\n\r\n") + 4
        match = _LENGTH.search(data, 0, head)
        self._missing = int(match[1]) if match else None
        self._tail = b""
        return self._more(data[head:])

    def _more(self, data: bytes) -> bool:
        """Take a part of the body; tell whether it was the last."""
        if self._missing is not None:
            self._missing -= len(data)
            return self._missing == 0
        self._tail = (self._tail + data)[-len(_LAST) :]
        return self._tail == _LAST


def _chunks(rest: bytes) -> Iterator[bytes]:
    """Yield the chunks of a body in chunked transfer coding."""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        yield rest[:length]
        rest = rest[length + 2 :]
