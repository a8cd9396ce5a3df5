"""WebSocket mode: lanes side by side, and what a connection remembers of each."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sockets import BODY, TERMINAL, Event, Socket, judged, open_socket

from mockserver import MockServer
from mockserver.clock import VirtualClock


async def test_lanes_run_side_by_side_and_each_in_order(socket: Socket) -> None:
    """A slow create holds up its own lane and no other one."""
    slow = {**BODY, "metadata": {"mock_scenario": "ttft:300ms"}}
    await socket.create(slow, stream_id="slow")
    await socket.create(stream_id="slow")
    await socket.create(stream_id="quick")
    await socket.create()
    lanes: dict[str | None, list[Event]] = {}
    ended: list[str | None] = []
    while len(ended) < 4:
        event = await socket.receive()
        lane = event.get("stream_id")
        lanes.setdefault(lane, []).append(event)
        if event["type"] in TERMINAL:
            ended.append(lane)
    assert ended == ["quick", None, "slow", "slow"]
    first = next(n for n, event in enumerate(lanes["slow"]) if event["type"] in TERMINAL) + 1
    for events in (
        lanes["slow"][:first],
        lanes["slow"][first:],
        lanes["quick"],
        lanes[None],
    ):
        judged(events)
    assert "stream_id" not in lanes[None][0]


async def test_sixteen_run_and_the_rest_waits() -> None:
    """The seventeenth create begins when another one has ended (api-contract §13.4)."""
    clock = VirtualClock()
    async with MockServer(clock=clock) as server, open_socket(server.url) as socket:
        held = {**BODY, "metadata": {"mock_scenario": "ttft:1s"}}
        for number in range(20):
            await socket.create(held, stream_id=f"lane-{number}")
        begun = [await socket.receive() for _ in range(32)]
        assert {event["stream_id"] for event in begun} == {f"lane-{n}" for n in range(16)}
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.raw.receive(), 0.1)
        clock.advance(1.0)
        seen: list[Event] = []
        while sum(event["type"] in TERMINAL for event in seen) < 16:
            seen.append(await socket.receive())
        while sum(event["type"] == "response.created" for event in seen) < 4:
            seen.append(await socket.receive())


async def test_a_connection_has_thirty_two_named_lanes(socket: Socket) -> None:
    """One more is refused; lanes in use and the default one go on."""
    for number in range(32):
        await socket.response(stream_id=f"{number}")
    await socket.create(stream_id="one.more")
    error = await socket.refused()
    assert (error["status"], error["code"]) == (400, "websocket_stream_limit_reached")
    assert error["stream_id"] == "one.more"
    assert "(32)" in error["message"]
    assert await socket.response()
    assert await socket.response(stream_id="7")


@pytest.mark.parametrize("stream_id", ["", "a b", "ä", "a" * 257, 7, ["a"]])
async def test_a_stream_id_must_be_a_plain_word(socket: Socket, stream_id: Any) -> None:
    """Anything else is refused, and the connection goes on."""
    await socket.create(stream_id=stream_id)
    error = await socket.refused()
    assert (error["status"], error["code"]) == (400, "invalid_stream_id")
    assert "stream_id" not in error
    assert await socket.response(stream_id="a" * 256)


async def test_an_unstored_response_is_continued_with_its_whole_context(socket: Socket) -> None:
    """A chain with ``store: false`` keeps what was said, though only the latest is remembered."""
    unstored = {**BODY, "store": False}
    first = await socket.response(unstored)
    second = await socket.response(unstored, previous_response_id=first["id"])
    third = await socket.response(unstored, previous_response_id=second["id"])
    counts = [turn["usage"]["input_tokens"] for turn in (first, second, third)]
    assert counts[2] - counts[1] == pytest.approx(counts[1] - counts[0], rel=0.6)
    assert counts[0] < counts[1] < counts[2]


async def test_only_the_latest_response_of_a_lane_is_remembered(
    socket: Socket, mockserver: MockServer
) -> None:
    """An earlier one, or one of another connection, is not found."""
    unstored = {**BODY, "store": False}
    first = await socket.response(unstored)
    second = await socket.response(unstored)
    await socket.create(unstored, previous_response_id=first["id"])
    error = await socket.refused()
    assert (error["status"], error["code"]) == (400, "previous_response_not_found")
    async with open_socket(mockserver.url) as other:
        await other.create(unstored, previous_response_id=second["id"])
        assert (await other.refused())["code"] == "previous_response_not_found"
    assert await socket.response(unstored, previous_response_id=second["id"])


async def test_another_lane_forks_what_a_lane_remembers(socket: Socket) -> None:
    """Each lane has a latest response of its own; all of them can be continued anywhere."""
    unstored = {**BODY, "store": False}
    source = await socket.response(unstored, stream_id="source")
    fork = await socket.response(unstored, stream_id="fork", previous_response_id=source["id"])
    assert await socket.response(unstored, stream_id="fork", previous_response_id=source["id"])
    await socket.create(unstored, stream_id="fork", previous_response_id=fork["id"])
    assert (await socket.refused())["code"] == "previous_response_not_found"


@pytest.mark.parametrize(
    "broken", [{"temperature": 9}, {"metadata": {"mock_scenario": "http:500"}}]
)
async def test_a_failed_continuation_forgets_the_parent_of_its_lane(
    socket: Socket, broken: Event
) -> None:
    """A fork that fails leaves it; a stored parent comes back from the store (§13.4)."""
    unstored = {**BODY, "store": False}
    parent = await socket.response(unstored, stream_id="a")
    await socket.create({**unstored, **broken}, stream_id="b", previous_response_id=parent["id"])
    assert (await socket.refused())["status"] in (400, 500)
    child = await socket.response(unstored, stream_id="b", previous_response_id=parent["id"])
    assert child["previous_response_id"] == parent["id"]
    await socket.create({**unstored, **broken}, stream_id="a", previous_response_id=parent["id"])
    assert (await socket.refused())["status"] in (400, 500)
    await socket.create(unstored, stream_id="a", previous_response_id=parent["id"])
    assert (await socket.refused())["code"] == "previous_response_not_found"
    stored = await socket.response(stream_id="a")
    await socket.create({**BODY, **broken}, stream_id="a", previous_response_id=stored["id"])
    await socket.refused()
    assert await socket.response(stream_id="a", previous_response_id=stored["id"])


async def test_items_of_an_unstored_response_can_be_referred_to(socket: Socket) -> None:
    """A reference to a remembered item stands for it; over HTTP it would be lost."""
    first = await socket.response({**BODY, "store": False})
    reference = {"type": "item_reference", "id": first["output"][0]["id"]}
    again = await socket.response({**BODY, "input": [reference], "store": False})
    assert again["usage"]["input_tokens"] > 0
    await socket.create({**BODY, "input": [{"type": "item_reference", "id": "msg_nope"}]})
    assert (await socket.refused())["status"] == 404
