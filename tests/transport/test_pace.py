"""Pace: delay, first token, tokens per second and jitter, on a clock that a test moves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientSession
from samples import CASSETTES, request

from mockserver import MockServer
from mockserver.clock import VirtualClock

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "hi"}


@pytest.fixture(params=["synthesised", "recorded"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[MockServer]:
    """A server in this loop whose clock stands still."""
    files = [CASSETTES / f"{name}.yaml" for name in ("stream", "text")]
    options: dict[str, Any] = {"synthesised": {}, "recorded": {"cassettes": files, "strict": True}}
    options = {"keepalive_seconds": 0.0, **options[request.param]}
    async with MockServer(clock=VirtualClock(), **options) as running:
        yield running


def clock_of(server: MockServer) -> VirtualClock:
    """Return the clock that the server was given."""
    assert isinstance(server._clock, VirtualClock)
    return server._clock


async def timed(server: MockServer, scenario: str, name: str) -> tuple[list[float], bytes]:
    """Return the clock's moments at which each event came, the last that of the end, and all."""
    clock: Any = clock_of(server)
    headers = {"x-mock-scenario": scenario}
    moments: list[float] = []
    received = b""
    async with ClientSession() as session:
        asking = asyncio.ensure_future(
            session.post(f"{server.url}/responses", json=request(name), headers=headers)
        )
        answer: aiohttp.ClientResponse | None = None
        reading: asyncio.Future[bytes] | None = None
        for _ in range(20_000):
            await asyncio.sleep(0.0005)
            if answer is None and asking.done():
                answer = asking.result()
                reading = asyncio.ensure_future(answer.content.readany())
            while reading is not None and reading.done():
                data = reading.result()
                received += data
                moments += [clock.now()] * max(data.count(b"\n\n"), not data)
                if not data:
                    return moments, received
                assert answer is not None
                reading = asyncio.ensure_future(answer.content.readany())
                await asyncio.sleep(0.0005)
            if clock._sleepers:
                clock.advance(clock._sleepers[0][0] - clock.now())
    raise AssertionError("the answer does not end")


@pytest.mark.parametrize("name", ["text", "stream"])
async def test_a_delay_comes_before_everything(server: MockServer, name: str) -> None:
    """Nothing is answered before it is over."""
    moments, _ = await timed(server, "delay:3s", name)
    assert set(moments) == {3.0}


async def test_a_delay_comes_before_an_error(server: MockServer) -> None:
    """An error is an answer too."""
    moments, received = await timed(server, "http:429,delay:2s", "text")
    assert moments[-1] == 2.0
    assert json.loads(received)["error"]["code"] == "rate_limit_exceeded"


async def test_tokens_come_one_by_one(server: MockServer) -> None:
    """The first item waits for the first token, and each delta for its turn."""
    moments, received = await timed(server, "ttft:2s,tps:4", "stream")
    deltas = received.count(b"event: response.output_text.delta")
    assert moments[-1] == pytest.approx(2 + deltas / 4, abs=0.26)
    assert sorted(moments) == moments


async def test_jitter_adds_seeded_waits(server: MockServer) -> None:
    """Equal requests take equally long, and each wait is no longer than the flag says."""
    plain, _ = await timed(server, "ttft:1s,tps:10", "stream")
    runs = []
    for _ in range(2):
        server.clear()
        await asyncio.sleep(0)
        start = clock_of(server).now()
        moments, received = await timed(server, "ttft:1s,tps:10,jitter:200ms", "stream")
        runs.append([round(moment - start, 6) for moment in moments])
    deltas = received.count(b"event: response.output_text.delta")
    assert runs[0][-1] == runs[1][-1]
    added = runs[0][-1] - plain[-1]
    assert 0.05 * deltas < added < 0.2 * (deltas + 2)


async def test_jitter_spreads_the_delay(server: MockServer) -> None:
    """The delay is longer by a part of the jitter, which alone is no delay."""
    moments, _ = await timed(server, "http:503,delay:1s,jitter:500ms", "text")
    assert 1.0 < moments[-1] < 1.5
    start = clock_of(server).now()
    moments, _ = await timed(server, "http:503,jitter:500ms", "text")
    assert moments[-1] == start


async def test_a_body_takes_as_long_as_its_stream_would(server: MockServer) -> None:
    """The pace of tokens holds for JSON too, though nobody sees them come."""
    moments, received = await timed(server, "ttft:2s,tps:4,jitter:10ms", "text")
    assert json.loads(received)["status"] == "completed"
    assert 2.0 < moments[-1] < 60.0
