"""The load: keep-alive connections that each send a request as soon as they have the answer."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from statistics import median
from typing import Any, cast

import uvloop
from servers import Server, floor, mockserver

LIMIT = 200_000
"""The most requests of one round, whatever time it has."""

CONNECTIONS = 16
WARM_UP = 0.5
"""Seconds that each is driven before the first round."""

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True)
class Round:
    """What one round came to: answers, the seconds it took, the server's processor seconds."""

    answers: int
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


@dataclass(frozen=True)
class Comparison:
    """Rounds of the floor and of ours, taken in turns, and an answer of ours."""

    bare: list[Round]
    ours: list[Round]
    answer: bytes

    def report(self, unit: str) -> str:
        """Return the rates, the costs and our share of the floor, a line each."""
        pairs = list(zip(self.bare, self.ours, strict=True))
        rates = [ours.rate / bare.rate for bare, ours in pairs]
        costs = [bare.cost / ours.cost for bare, ours in pairs]
        return (
            f"  floor  {_rates(self.bare, unit)}\n"
            f"  ours   {_rates(self.ours, unit)}\n"
            f"  share  median {median(rates):.1%}, best {max(rates):.1%} of the rate; "
            f"median {median(costs):.1%}, best {max(costs):.1%} by processor time"
        )


def compare(requests: Sequence[bytes], *, stream: bool, rounds: int, seconds: float) -> Comparison:
    """Drive the floor and ours in turns.

    Many short rounds say more than a few long ones where the machine's speed changes meanwhile.
    """
    with mockserver() as ours:
        answer = ask(ours, requests[0])
        with floor(answer, stream=stream) as bare:
            for server in (bare, ours):
                drive(server, requests, seconds=WARM_UP)
            pairs = [
                (drive(bare, requests, seconds=seconds), drive(ours, requests, seconds=seconds))
                for _ in range(rounds)
            ]
    return Comparison([pair[0] for pair in pairs], [pair[1] for pair in pairs], answer)


def post(body: Mapping[str, Any]) -> bytes:
    """Return the bytes of a create, with the headers that a client sends."""
    raw = json.dumps(body).encode()
    return (
        "POST /v1/responses HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n"
        "authorization: Bearer test\r\ncontent-type: application/json\r\n"
        f"user-agent: benchmark\r\ncontent-length: {len(raw)}\r\n\r\n"
    ).encode() + raw


def ask(server: Server, request: bytes) -> bytes:
    """Send one request and return the whole answer, headers included."""
    wave = _Wave([request], limit=1, seconds=30.0)
    uvloop.run(wave.run(server, connections=1))
    return wave.last


def drive(
    server: Server, requests: Sequence[bytes], *, seconds: float, limit: int = LIMIT
) -> Round:
    """Send the requests in turns for some seconds, or ``limit`` of them if that is over sooner."""
    return uvloop.run(_Wave(requests, limit, seconds).run(server, CONNECTIONS))


def _rates(rounds: list[Round], unit: str) -> str:
    rates = [each.rate for each in rounds]
    return (
        f"median {median(rates):,.0f}, best {max(rates):,.0f} {unit}/s; "
        f"{median(each.cost for each in rounds):.0f} µs of the server's processor for each"
    )


class _Wave:
    """One round of load: what is to be sent, and what has been received so far."""

    def __init__(self, requests: Sequence[bytes], limit: int, seconds: float) -> None:
        self.requests = cycle(requests)
        self.last = b""
        self._limit = limit
        self._seconds = seconds
        self._sent = self._answers = 0
        self._deadline = 0.0
        self._over: asyncio.Future[float] | None = None

    async def run(self, server: Server, connections: int) -> Round:
        """Drive the server until the time or the requests are used up."""
        loop = asyncio.get_running_loop()
        over = self._over = loop.create_future()
        lines = [
            (await loop.create_connection(lambda: _Line(self), "127.0.0.1", server.port))[0]
            for _ in range(min(connections, self._limit))
        ]
        cpu, start = server.cpu(), time.perf_counter()
        self._deadline = start + self._seconds
        for line in lines:
            self._sent += 1
            line.write(next(self.requests))
        try:
            end = await asyncio.wait_for(over, self._seconds + 30.0)
            return Round(self._answers, end - start, server.cpu() - cpu)
        finally:
            for line in lines:
                line.close()

    def answered(self) -> bool:
        """Note one answer; tell whether the connection is to send another request."""
        self._answers += 1
        now = time.perf_counter()
        if now >= self._deadline or self._answers == self._limit:
            assert self._over is not None
            if not self._over.done():
                self._over.set_result(now)
            return False
        self._sent += 1
        return self._sent <= self._limit

    def fail(self, problem: Exception) -> None:
        """End the round with an error."""
        assert self._over is not None
        if not self._over.done():
            self._over.set_exception(problem)


class _Line(asyncio.Protocol):
    """One connection: reads an answer to its end, then sends the next request."""

    def __init__(self, wave: _Wave) -> None:
        self._wave = wave
        self._received = b""
        self._length: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write to."""
        self._transport = cast(asyncio.WriteTransport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the round, unless it is over."""
        self._wave.fail(exc or ConnectionError("the server closed a connection"))

    def data_received(self, data: bytes) -> None:
        """Collect the answer; once it is whole, go on."""
        self._received += data
        if not self._is_whole():
            return
        self._wave.last, self._received, self._length = self._received, b"", None
        if self._wave.answered():
            self._transport.write(next(self._wave.requests))

    def _is_whole(self) -> bool:
        if self._length is None:
            head = self._received.find(b"\r\n\r\n")
            if head < 0:
                return False
            if not self._received.startswith(b"HTTP/1.1 200 "):
                self._wave.fail(RuntimeError(self._received[:600].decode("latin-1")))
                return False
            match = _LENGTH.search(self._received, 0, head + 2)
            self._length = head + 4 + int(match[1]) if match else -1
        if self._length < 0:
            return self._received.endswith(_LAST_CHUNK)
        return len(self._received) == self._length
