"""The pace of a replay: as it was recorded, faster, or at once."""

from __future__ import annotations

import asyncio
import json
import math
import time
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest
from scripted import Scripted, stream

from mockserver import MockServer
from mockserver.cassette import Interaction
from mockserver.sources.cassette import Recorded
from mockserver.sources.pace import delays

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "hi"}
SPAN = 0.6
"""Seconds that the recorded stream lasts."""


@pytest.fixture(scope="module")
def made() -> list[bytes]:
    """The frames of a real stream."""
    with MockServer() as api:
        found = httpx2.post(f"{api.url}/responses", json=BODY | {"stream": True}).content
    return [frame + b"\n\n" for frame in found.split(b"\n\n") if frame]


@pytest.fixture
async def cassette(made: list[bytes], tmp_path: Path) -> Path:
    """A stream that came at an even pace, a frame at a time."""
    file = tmp_path / "it.yaml"
    steps = [part for frame in made for part in (SPAN / len(made), frame)]
    async with Scripted([stream(*steps)]) as upstream:
        options: dict[str, Any] = {"upstream": upstream.url, "record_mode": "once"}
        async with MockServer(**options, cassettes=(file,)) as server:
            assert len(await arrivals(server.url)) == len(made)
    return file


async def arrivals(url: str, **body: Any) -> list[float]:
    """Return the seconds after the request at which each event of a stream came."""
    started, found, rest = time.perf_counter(), [], b""
    body = {**BODY, "stream": True, **body}
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{url}/responses", json=body) as answer:
            assert answer.status == 200
            async for part in answer.content.iter_any():
                *whole, rest = (rest + part).split(b"\n\n")
                found += [time.perf_counter() - started] * len(whole)
    return found


@pytest.mark.parametrize("speed", ["realtime", "3"])
async def test_a_replay_spans_the_recorded_time(speed: str, cassette: Path) -> None:
    """Events are spread over the recorded span, or its part at a higher speed."""
    async with MockServer(cassettes=(cassette,), strict=True, speed=speed) as server:
        found = await arrivals(server.url)
    assert len(set(found)) > len(found) / 2
    recorded = sum(server.engine.cassettes.library.interactions[0].timings)  # type: ignore[union-attr]
    expected = recorded / (1 if speed == "realtime" else 3)
    # Never early; how late depends on what else the machine has to do.
    assert expected - 0.002 <= found[-1] < expected * 1.05 + 0.15


async def test_a_replay_is_told_at_once_by_default(cassette: Path) -> None:
    """Nothing is waited for, whatever the recording says."""
    async with MockServer(cassettes=(cassette,), strict=True) as server:
        assert (await arrivals(server.url))[-1] < SPAN / 2


async def test_a_stream_told_as_a_document_takes_as_long(cassette: Path) -> None:
    """A client that does not stream waits for as long as the recorded one did."""
    async with MockServer(cassettes=(cassette,), strict=True, speed="realtime") as server:
        started = time.perf_counter()
        async with httpx2.AsyncClient() as http:
            assert (await http.post(f"{server.url}/responses", json=BODY)).status_code == 200
        assert time.perf_counter() - started >= SPAN - 0.01


async def test_a_recording_keeps_its_pace_over_a_websocket(
    cassette: Path, made: list[bytes]
) -> None:
    """Frames over a WebSocket come at the times of the recorded events."""
    async with MockServer(cassettes=(cassette,), strict=True, speed="realtime") as server:
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(f"{server.url}/responses") as ws,
        ):
            started = time.perf_counter()
            await ws.send_json({"type": "response.create", **BODY})
            kinds = []
            while not kinds or kinds[-1] != "response.completed":
                kinds.append(json.loads(await ws.receive_str())["type"])
            assert time.perf_counter() - started >= SPAN - 0.01
    assert len(kinds) == len(made)


async def test_two_replays_at_a_time_do_not_slow_each_other(cassette: Path) -> None:
    """Ten clients get the span that one gets."""
    options: dict[str, Any] = {"repeat": "last", "speed": "realtime"}
    async with MockServer(cassettes=(cassette,), strict=True, **options) as server:
        found = await asyncio.gather(*(arrivals(server.url) for _ in range(10)))
    assert all(SPAN - 0.01 <= each[-1] < SPAN * 2 for each in found)


def test_the_flags_set_the_pace_of_what_has_none() -> None:
    """A recording without timings follows ttft, at whatever speed."""
    file = Path(__file__).parents[2] / "cassettes" / "stream.yaml"
    with MockServer(
        cassettes=(file,), strict=True, speed="realtime", scenario="ttft:200ms"
    ) as server:
        asked = {"model": "gpt-4.1", "input": "Count from one to five.", "stream": True}
        recording = server.engine.cassettes.library.interactions[0]  # type: ignore[union-attr]
        assert recording.timings == ()
        started = time.perf_counter()
        answer = httpx2.post(
            f"{server.url}/responses",
            content=recording.request_body or json.dumps(asked).encode(),
            headers={"content-type": "application/json"},
        )
        assert answer.status_code == 200
        assert time.perf_counter() - started >= 0.2


def recording(body: bytes, timings: tuple[float, ...]) -> Recorded:
    """Return a recorded stream with these timings."""
    headers = (("content-type", "text/event-stream"),)
    interaction = Interaction(
        "it.yaml", 1, "POST", "http://a/v1/x", (), b"", 200, "OK", headers, body, timings
    )
    return Recorded(interaction)


@pytest.mark.parametrize(
    ("count", "speed", "events", "expected"),
    [
        (3, "realtime", False, [0.5, 1.0, 0.25]),
        (3, "2", False, [0.25, 0.5, 0.125]),
        (3, "0.5", False, [1.0, 2.0, 0.5]),
        (3, "max", False, []),
        (2, "realtime", True, [0.5, 1.25]),
        (1, "realtime", False, [1.75]),
        (5, "realtime", False, [0.35] * 5),
        (0, "realtime", False, []),
    ],
)
def test_delays_follow_the_speed_and_the_form(
    count: int, speed: str, events: bool, expected: list[float]
) -> None:
    """As many parts as were recorded keep their own delays; others share the whole evenly."""
    found = recording(b'data: {"a":1}\n\n: comment\n\ndata: {"b":2}\n\n', (0.5, 1.0, 0.25))
    waits = delays(found, count, speed, events=events)
    assert len(waits) == len(expected)
    assert all(math.isclose(one, two) for one, two in zip(waits, expected, strict=True))


def test_a_recording_without_timings_is_not_waited_for() -> None:
    """Nothing is made up."""
    assert delays(recording(b"data: {}\n\n", ()), 1, "realtime") == []
