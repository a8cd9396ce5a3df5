"""WebSocket mode: input for a response that is still being told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI
from sockets import BODY, STEERED, TERMINAL, WEATHER, Event, Socket, judged, open_socket

from mockserver import MockServer
from mockserver.clock import VirtualClock


@asynccontextmanager
async def steered() -> AsyncIterator[tuple[Socket, VirtualClock]]:
    """A connection to a server whose clock stands still."""
    clock = VirtualClock()
    async with (
        MockServer(clock=clock, keepalive_seconds=0) as server,
        open_socket(server.url) as socket,
    ):
        yield socket, clock


def paced(flags: str, **extra: Any) -> Event:
    return {**STEERED, "metadata": {"mock_scenario": flags}, **extra}


async def advance(clock: VirtualClock, seconds: float) -> None:
    """Move time on in small steps, so that every waiting event gets its turn."""
    for _ in range(100):
        clock.advance(seconds / 99)  # sums of many steps round
        await asyncio.sleep(0)


async def test_a_steered_response_ends_and_its_successor_follows() -> None:
    """Steered before its first item, it ends incomplete; the successor inherits its settings."""
    async with steered() as (socket, clock):
        await socket.create(paced("ttft:10s", store=False, instructions="Be brief."), stream_id="s")
        begun = await socket.until("response.in_progress")
        old = begun[0]["response"]["id"]
        await advance(clock, 1)
        await socket.steer(old, "Rather say bye.")
        seen = judged([*begun, *await socket.until(*TERMINAL)], steered=True)
        final = seen[-1]["response"]
        assert seen[-1]["type"] == "response.incomplete"
        assert final["incomplete_details"] == {"reason": "steered"}
        assert (final["output"], final["usage"]["output_tokens"]) == ([], 0)
        created = await socket.receive()
        assert created["type"] == "response.created"
        assert created["stream_id"] == "s"
        assert created["response"]["previous_response_id"] == old
        assert created["response"]["instructions"] == "Be brief."
        await advance(clock, 10)
        events = judged([created, *await socket.until(*TERMINAL)])
        assert events[-1]["response"]["status"] == "completed"


async def test_an_accepted_steer_is_told_at_once() -> None:
    """The event names the steer and its response, and takes the next number of the stream."""
    async with steered() as (socket, _):
        await socket.create(paced("ttft:10s"))
        begun = await socket.until("response.in_progress")
        old = begun[0]["response"]["id"]
        content = [{"type": "input_text", "text": "Bye."}]
        await socket.steer(old, [{"type": "message", "role": "user", "content": content}])
        event = await socket.receive()
        assert event["type"] == "response.steer.accepted"
        assert event["sequence_number"] == 2
        assert event["steer"]["previous_response_id"] == old
        assert re.fullmatch(r"steer_[0-9a-f]{32}", event["steer"]["id"])
        assert list(event) == ["type", "sequence_number", "steer"]


async def test_a_response_in_its_last_item_completes_and_is_succeeded() -> None:
    """The item that is being told is finished; after the last one that is a normal completion."""
    async with steered() as (socket, clock):
        await socket.create(paced("tps:10"))
        begun = await socket.until("response.content_part.added")
        old = begun[0]["response"]["id"]
        await socket.steer(old, "One.")
        accepted = await socket.until("response.steer.accepted")
        await socket.steer(old, "Two.")
        accepted += await socket.until("response.steer.accepted")
        await advance(clock, 60)
        seen = judged([*begun, *accepted, *await socket.until(*TERMINAL)], steered=True)
        assert seen[-1]["type"] == "response.completed"
        await advance(clock, 60)
        successor = judged(await socket.until(*TERMINAL))[-1]["response"]
        assert successor["previous_response_id"] == old


async def test_a_steer_cuts_what_comes_after_the_item_being_told(mockserver: MockServer) -> None:
    """Of several items, those begun by then stay, and usage counts them alone."""
    clock = VirtualClock()
    async with MockServer(clock=clock, keepalive_seconds=0) as server:
        async with open_socket(server.url) as socket:
            await socket.create(paced("tps:10,items:message+message"))
            begun = await socket.until("response.content_part.added")
            old = begun[0]["response"]["id"]
            await socket.steer(old, "Stop.")
            begun += await socket.until("response.steer.accepted")
            await advance(clock, 60)
            seen = judged([*begun, *await socket.until(*TERMINAL)], steered=True)
            final = seen[-1]["response"]
            assert final["status"] == "incomplete"
            assert [item["status"] for item in final["output"]] == ["completed"]
            assert final["usage"]["total_tokens"] == (
                final["usage"]["input_tokens"] + final["usage"]["output_tokens"]
            )
            with_sdk = AsyncOpenAI(base_url=server.url, api_key="x", max_retries=0)
            async with with_sdk as sdk:
                stored = await sdk.responses.retrieve(old)
            assert stored.status == "incomplete"
            assert stored.output_text == final["output"][0]["content"][0]["text"]


async def test_input_waits_for_the_outputs_of_tools() -> None:
    """After a call the steer is pending; the create with the output takes the input along."""
    async with steered() as (socket, clock):
        await socket.create(paced("tps:10", tools=[WEATHER], store=False), stream_id="s")
        begun = await socket.until("response.output_item.added")
        old = begun[0]["response"]["id"]
        await socket.steer(old, "And say bye.")
        begun += await socket.until("response.steer.accepted")
        steer = begun[-1]["steer"]
        await advance(clock, 60)
        seen = [*begun, *await socket.until(*TERMINAL)]
        call = seen[-1]["response"]["output"][-1]
        assert seen[-1]["type"] == "response.completed"
        pending = await socket.receive()
        judged([*seen, pending][:-1], steered=True)
        assert pending["sequence_number"] == len(seen)
        assert pending == {
            "type": "response.steer.pending",
            "reason": "waiting_for_required_input",
            "required_input": [
                {"type": "function_call_output", "call_id": call["call_id"], "name": call["name"]}
            ],
            "sequence_number": len(seen),
            "steer": steer,
            "stream_id": "s",
        }
        body = {**STEERED, "input": [{**pending["required_input"][0], "output": "18"}]}
        body["input"][0].pop("name")
        await socket.create(body, stream_id="s", previous_response_id=old)
        events = await socket.told()
        assert events[-1]["response"]["output"][-1]["type"] == "message"
        plain = {**STEERED, "input": "hi"}
        assert await socket.response(plain, stream_id="s")


async def test_pending_input_comes_back_when_its_parent_is_lost() -> None:
    """A continuation that is refused gives the input back, with the id of its steer."""
    async with steered() as (socket, clock):
        await socket.create(paced("tps:10", tools=[WEATHER], store=False))
        old = (await socket.until("response.output_item.added"))[0]["response"]["id"]
        await socket.steer(old, "And say bye.")
        accepted = (await socket.until("response.steer.accepted"))[-1]
        await advance(clock, 60)
        await socket.until("response.steer.pending")
        await socket.create(STEERED, previous_response_id=old)
        assert (await socket.refused())["param"] == "input"
        failed = await socket.receive()
        assert failed["error"]["code"] == "successor_creation_failed"
        assert failed["steer"] == {**accepted["steer"], "input": "And say bye."}


async def test_pending_input_comes_back_when_the_lane_goes_elsewhere() -> None:
    """Another create on the lane is answered, and the input is not its own."""
    async with steered() as (socket, clock):
        await socket.create(paced("tps:10", tools=[WEATHER]))
        old = (await socket.until("response.output_item.added"))[0]["response"]["id"]
        await socket.steer(old, "And say bye.")
        await socket.until("response.steer.accepted")
        await advance(clock, 60)
        await socket.until("response.steer.pending")
        await socket.create(STEERED)
        failed = await socket.receive()
        assert failed["error"]["code"] == "response_not_active"
        assert failed["steer"]["input"] == "And say bye."
        assert (await socket.told())[-1]["response"]["previous_response_id"] is None


async def failure(socket: Socket, target: str, input: Any, **extra: Any) -> Event:
    """Send a steer that must fail; return the event."""
    await socket.steer(target, input, **extra)
    valid = isinstance(input, str)
    while (event := await socket.receive(valid=valid))["type"] != "response.steer.failed":
        pass
    assert event["error"]["type"] == "invalid_request_error"
    assert event["steer"] == {"input": input, "previous_response_id": target}
    return event


async def test_steers_fail_for_what_cannot_be_steered(socket: Socket) -> None:
    """Unknown, over, failed, or of a model that does not take them."""
    assert (await failure(socket, "resp_nope", "x"))["error"]["code"] == "response_not_found"
    over = await socket.response(STEERED, stream_id="a")
    event = await failure(socket, over["id"], "x")
    assert event["error"]["code"] == "response_already_completed"
    assert event["stream_id"] == "a"
    cut = await socket.response(paced("incomplete"))
    assert (await failure(socket, cut["id"], "x"))["error"]["code"] == "response_not_active"
    other = await socket.response(BODY)
    assert (await failure(socket, other["id"], "x"))["error"]["code"] == "steering_not_supported"
    compacting = {**STEERED, "context_management": [{"type": "compaction"}]}
    other = await socket.response(compacting)
    assert (await failure(socket, other["id"], "x"))["error"]["code"] == "steering_not_supported"


@pytest.mark.parametrize(
    "input",
    [
        "",
        [],
        [{"type": "message", "role": "developer", "content": "x"}],
        [{"type": "message", "role": "user", "content": "x", "id": "msg_1"}],
        [{"type": "message", "role": "user", "content": [{"type": "output_text", "text": "x"}]}],
        [{"type": "function_call_output", "call_id": "call_1", "output": "x"}],
        [{"type": "telepathy"}],
        ["x"],
    ],
)
async def test_steers_bring_user_messages_only(socket: Socket, input: Any) -> None:
    """Other input is given back as invalid, before anybody asks what is steered."""
    assert (await failure(socket, "resp_nope", input))["error"]["code"] == "invalid_input"
    assert await socket.response()


async def test_a_steer_names_its_response_and_nothing_else(socket: Socket) -> None:
    """A lane's id is not for the client to give; without a response there is no steer."""
    event = await failure(socket, "resp_nope", "x", stream_id="a")
    assert event["error"]["code"] == "invalid_input"
    for broken, param in (
        ({"input": "x"}, "previous_response_id"),
        ({"previous_response_id": "resp_x"}, "input"),
        ({"previous_response_id": 7, "input": "x"}, "previous_response_id"),
        ({"previous_response_id": "resp_x", "input": 7}, "input"),
    ):
        await socket.send({"type": "response.steer", **broken})
        assert (await socket.refused())["param"] == param


async def test_too_many_steers_are_refused() -> None:
    """A response takes so many and no more."""
    async with steered() as (socket, _):
        await socket.create(paced("tps:1"))
        old = (await socket.until("response.content_part.added"))[0]["response"]["id"]
        for _ in range(16):
            await socket.steer(old, "More.")
            await socket.until("response.steer.accepted")
        event = await failure(socket, old, "Too much.")
        assert event["error"]["code"] == "too_many_pending_steers"


async def test_a_successor_that_cannot_be_made_gives_the_input_back() -> None:
    """The steer fails with its id once the server finds that nothing can follow."""
    async with steered() as (socket, _):
        long = "word " * 400_000
        await socket.create(paced("ttft:10s"))
        old = (await socket.until("response.in_progress"))[0]["response"]["id"]
        for _ in range(4):
            await socket.steer(old, long)
        seen = await socket.until("response.steer.failed")
        assert seen[-1]["error"]["code"] == "successor_creation_failed"
        assert seen[-1]["steer"]["input"] == long
        assert seen[-1]["steer"]["id"].startswith("steer_")


def test_the_sdk_steers(client: OpenAI) -> None:
    """``connection.response.steer`` and its events, through the SDK's own types."""
    seen: list[Any] = []
    with client.responses.connect(extra_headers={"x-mock-scenario": "ttft:300ms"}) as connection:
        connection.response.create(model="gpt-6-sol", input="hi")
        for event in connection:
            seen.append(event)
            if event.type == "response.in_progress" and len(seen) == 2:
                connection.response.steer(input="Bye.", previous_response_id=seen[0].response.id)
            if event.type == "response.completed":
                break
    names = [event.type for event in seen]
    assert names[:5] == [
        "response.created",
        "response.in_progress",
        "response.steer.accepted",
        "response.incomplete",
        "response.created",
    ]
