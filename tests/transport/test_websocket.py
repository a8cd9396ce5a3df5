"""WebSocket mode: the same answers as frames, over lanes, with a memory of its own."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx2
import pytest
from aiohttp import WSMsgType
from api import Api, types
from openai import AsyncOpenAI, OpenAI
from openai.lib.responses_websocket import (
    AsyncResponsesWebSocketSession,
    ResponsesWebSocketError,
    ResponsesWebSocketLimits,
    ResponsesWebSocketSession,
)
from openai.types.responses.responses_client_event import ResponseCreate
from oracle import check_event, check_stream, check_wire
from samples import request

from mockserver import MockServer
from mockserver.clock import VirtualClock

Event = dict[str, Any]
BODY: Event = {"model": "gpt-4.1", "input": "hi"}
STEERED: Event = {"model": "gpt-6-sol", "input": "hi"}
WEATHER: Event = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
TERMINAL = ("response.completed", "response.incomplete", "response.failed")
LIMITS = ResponsesWebSocketLimits(
    max_lanes=8,
    max_events_per_lane=4096,
    max_events=16384,
    max_bytes_per_lane=2**24,
    max_bytes=2**26,
)


class Socket:
    """A raw connection that judges every frame it gets."""

    def __init__(self, raw: aiohttp.ClientWebSocketResponse) -> None:
        self.raw = raw

    async def send(self, event: Any) -> None:
        await self.raw.send_str(event if isinstance(event, str) else json.dumps(event))

    async def create(self, body: Event | None = None, **extra: Any) -> None:
        await self.send({"type": "response.create", **(BODY if body is None else body), **extra})

    async def steer(self, target: str, input: Any, **extra: Any) -> None:
        event = {"type": "response.steer", "previous_response_id": target, "input": input}
        await self.send({**event, **extra})

    async def receive(self, *, valid: bool = True) -> Event:
        message = await asyncio.wait_for(self.raw.receive(), 4)
        assert message.type is WSMsgType.TEXT, message
        event: Event = json.loads(message.data)
        if valid:
            assert not check_event(event, websocket=True)
        if "response" in event:
            assert not check_wire(event["response"], event=True)
        return event

    async def until(self, *kinds: str) -> list[Event]:
        """Return the events up to the first of these kinds."""
        seen = [await self.receive()]
        while seen[-1]["type"] not in kinds:
            seen.append(await self.receive())
        return seen

    async def told(self) -> list[Event]:
        """Return the events of one response, a stream that the oracle finds nothing wrong with."""
        return judged(await self.until(*TERMINAL))

    async def refused(self, *, valid: bool = True) -> Event:
        """Return the error frame that comes next, flat."""
        event = await self.receive(valid=valid)
        assert event["type"] == "error"
        return {**event, **event["error"]}

    async def response(self, body: Event | None = None, **extra: Any) -> Event:
        """Create a response, and return it once it is over."""
        await self.create(body, **extra)
        response: Event = (await self.told())[-1]["response"]
        return response


def judged(events: list[Event], *, steered: bool = False) -> list[Event]:
    """Return the events of one response; what steering added is set aside before they are held
    against the rules of a stream."""
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    if steered:
        told = [event for event in events if not event["type"].startswith("response.steer.")]
        events = [{**event, "sequence_number": number} for number, event in enumerate(told)]
    assert not check_stream(events)
    return events


@asynccontextmanager
async def open_socket(url: str, **options: Any) -> AsyncIterator[Socket]:
    """Connect without an SDK in between."""
    address = url.replace("http", "ws", 1) + "/responses"
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(address, max_msg_size=0, **options) as raw,
    ):
        yield Socket(raw)


@pytest.fixture
async def socket(mockserver: MockServer) -> AsyncIterator[Socket]:
    """A raw connection to the test's server."""
    async with open_socket(mockserver.url) as connected:
        yield connected


def output_of(response: Event, output: str = "18") -> Event:
    call = next(item for item in response["output"] if item["type"] == "function_call")
    return {"type": "function_call_output", "call_id": call["call_id"], "output": output}


# The same answers as over HTTP


@pytest.mark.parametrize("name", ["text", "reasoning", "tools", "web_search", "structured"])
async def test_frames_are_the_events_of_the_stream(name: str) -> None:
    """Over a socket and over SSE, equal requests get equal events, byte for byte."""
    body = {key: value for key, value in request(name).items() if key != "stream"}
    with MockServer() as server:
        with Api(server.url_for("same")) as api:
            streamed = api.stream(body)
    with MockServer() as server:
        async with open_socket(server.url_for("same")) as socket:
            await socket.create(body)
            assert await socket.told() == streamed


async def test_keys_of_a_frame_come_in_the_order_of_the_wire(socket: Socket) -> None:
    """``type`` first, the rest by alphabet, the lane's id among them."""
    await socket.create(stream_id="a")
    for event in await socket.told():
        assert list(event) == ["type", *sorted(event.keys() - {"type"})]


async def test_a_stored_response_can_be_fetched_and_continued_over_http(
    socket: Socket, mockserver: MockServer
) -> None:
    """What was created over a socket is on record once its last event has come."""
    response = await socket.response()
    with Api(mockserver.url) as api:
        assert api.retrieve(response["id"])["output"] == response["output"]
        assert len(api.input_items(response["id"])["data"]) == 1
        assert api.create({**BODY, "previous_response_id": response["id"]})


async def test_a_response_of_http_can_be_continued(socket: Socket, mockserver: MockServer) -> None:
    """A parent that the connection does not know comes from the store."""
    with Api(mockserver.url) as api:
        parent = api.create(BODY)
    child = await socket.response(previous_response_id=parent["id"])
    assert child["usage"]["input_tokens"] > parent["usage"]["input_tokens"]


def test_the_sdk_creates_over_a_connection(client: OpenAI) -> None:
    """``responses.connect`` sends a create and gets typed events."""
    with client.responses.connect() as connection:
        connection.response.create(model="gpt-4.1", input="hi")
        seen = []
        for event in connection:
            seen.append(event)
            if event.type == "response.completed":
                break
    assert seen[0].type == "response.created"
    last: Any = seen[-1]
    assert client.responses.retrieve(last.response.id).output == last.response.output


async def test_the_asyncio_sdk_runs_a_tool_loop(async_client: AsyncOpenAI) -> None:
    """A call, its output with ``store: false``, and the message that follows."""
    async with async_client.responses.connect() as connection:
        tools: Any = [WEATHER]
        await connection.response.create(model="gpt-4.1", input="hi", tools=tools, store=False)
        first: Any = [event async for event in _turn(connection)][-1]
        call = next(item for item in first.response.output if item.type == "function_call")
        output: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "18"}
        await connection.response.create(
            model="gpt-4.1",
            input=[output],
            tools=tools,
            store=False,
            previous_response_id=first.response.id,
        )
        second: Any = [event async for event in _turn(connection)][-1]
    assert [item.type for item in second.response.output] == ["message"]


async def _turn(connection: Any) -> AsyncIterator[Any]:
    async for event in connection:
        yield event
        if event.type in TERMINAL:
            return


def test_a_session_of_the_sdk_collects_final_responses_of_lanes(client: OpenAI) -> None:
    """Lanes of the synchronous session end with their own responses; an error is one lane's."""
    with client.responses.connect() as connection:
        with ResponsesWebSocketSession(connection, limits=LIMITS) as session:
            lanes = [session.default, session.lane("a"), session.lane("b")]
            for number, lane in enumerate(lanes):
                lane.send({"type": "response.create", "model": "gpt-4.1", "input": f"n{number}"})
            ids = {lane.get_final_response(timeout=10).id for lane in lanes}
            lanes[1].send(ResponseCreate(type="response.create", **BODY, temperature=9))
            with pytest.raises(ResponsesWebSocketError) as raised:
                lanes[1].get_final_response(timeout=10)
    error: Any = raised.value.event
    assert (error.status, error.error.code, error.stream_id) == (
        400,
        "decimal_above_max_value",
        "a",
    )
    assert len(ids) == 3


async def test_a_session_of_the_sdk_warms_up(async_client: AsyncOpenAI) -> None:
    """``generate: false`` gives an id and no output; the next create goes on from there."""
    async with async_client.responses.connect() as connection:
        async with AsyncResponsesWebSocketSession(connection, limits=LIMITS) as session:
            warm = ResponseCreate(type="response.create", **BODY, store=False, generate=False)
            await session.default.send(warm)
            ready = await session.default.get_final_response()
            await session.default.send(
                ResponseCreate(type="response.create", **BODY, previous_response_id=ready.id)
            )
            answer = await session.default.get_final_response()
    assert (ready.status, ready.output) == ("completed", [])
    assert ready.usage is not None
    assert ready.usage.output_tokens == 0
    assert answer.previous_response_id == ready.id
    assert answer.output_text


async def test_a_warm_up_needs_no_input(socket: Socket) -> None:
    """Only state is prepared, so that an empty input will do; ``generate`` is a boolean."""
    bodies: list[Event] = [{"model": "gpt-4.1", "input": []}, {"model": "gpt-4.1"}]
    for body in bodies:
        await socket.create(body, generate=False)
        assert types(await socket.told()) == [
            "response.created",
            "response.in_progress",
            "response.completed",
        ]
    await socket.create({"model": "gpt-4.1", "input": []}, generate=True)
    assert (await socket.refused())["code"] == "missing_required_parameter"
    await socket.create(generate="no")
    error = await socket.refused()
    assert (error["code"], error["param"]) == ("invalid_type", "generate")


# Lanes


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


# What a connection remembers


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


# Errors


@pytest.mark.parametrize(
    ("frame", "code", "param"),
    [
        ("{", "invalid_json", None),
        ("[]", "invalid_json", None),
        ("", "missing_required_parameter", "type"),
        ('{"type": null}', "missing_required_parameter", "type"),
        ('{"type": "response.cancel"}', "invalid_value", "type"),
        ('{"type": ["response.create"]}', "invalid_value", "type"),
        ('{"type": "response.create", "model": "gpt-4.1"}', "missing_required_parameter", "input"),
        (json.dumps({"type": "response.create", **BODY, "bogus": 1}), "unknown_parameter", "bogus"),
        (
            json.dumps({"type": "response.create", **BODY, "background": True}),
            "unsupported_parameter",
            "background",
        ),
        (
            json.dumps({"type": "response.create", **BODY, "previous_response_id": "resp_x"}),
            "previous_response_not_found",
            "previous_response_id",
        ),
        (
            json.dumps({"type": "response.create", **BODY, "metadata": {"mock_scenario": "oops"}}),
            "unknown_scenario_flag",
            "mock_scenario",
        ),
    ],
)
async def test_a_bad_frame_is_refused_and_the_connection_goes_on(
    socket: Socket, frame: str, code: str, param: str | None
) -> None:
    """Each error is a nested frame with its status (api-contract §13.3)."""
    await socket.send(frame)
    error = await socket.refused()
    assert (error["status"], error["code"], error["param"]) == (400, code, param)
    assert error["message"]
    assert await socket.response()


async def test_a_scenario_gives_errors_as_frames(socket: Socket) -> None:
    """An ``http`` flag is told with its status and the header that goes with it."""
    await socket.create(stream_id="a", metadata={"mock_scenario": "http:429,retry_after:2"})
    error = await socket.refused()
    assert (error["status"], error["code"], error["stream_id"]) == (429, "rate_limit_exceeded", "a")
    assert error["headers"] == {"retry-after": "2"}


async def test_flags_of_the_upgrade_hold_for_every_create(mockserver: MockServer) -> None:
    """The header of the connection beats the metadata, as it does over HTTP."""
    headers = {"x-mock-scenario": "incomplete"}
    async with open_socket(mockserver.url, headers=headers) as socket:
        for extra in ({}, {"metadata": {"mock_scenario": "completed"}}):
            response = await socket.response(**extra)
            assert response["incomplete_details"] == {"reason": "max_output_tokens"}


@pytest.mark.mockserver(error_event="flat")
async def test_a_failed_response_has_a_nested_error_event(socket: Socket) -> None:
    """The SDK knows no other form over a socket, whatever the setting says."""
    await socket.create(stream_id="a", metadata={"mock_scenario": "failed:server_error"})
    events = await socket.told()
    assert types(events)[-2:] == ["error", "response.failed"]
    assert events[-2]["error"]["code"] == "server_error"
    assert events[-2]["stream_id"] == "a"
    assert await socket.response(stream_id="a")


async def test_a_fault_of_ours_is_a_frame_with_500(
    mockserver: MockServer, socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong inside, the client is told and the lane goes on."""

    async def broken(*args: Any, **options: Any) -> None:
        raise RuntimeError("boom")

    with monkeypatch.context() as patch:
        patch.setattr(mockserver.engine, "create", broken)
        await socket.create()
        error = await socket.refused()
    assert (error["status"], error["type"]) == (500, "server_error")
    assert "boom" not in error["message"]
    assert await socket.response()


async def test_binary_frames_are_refused(socket: Socket) -> None:
    """Events are text."""
    await socket.raw.send_bytes(json.dumps({"type": "response.create", **BODY}).encode())
    assert "text" in (await socket.refused())["message"]
    assert await socket.response()


@pytest.mark.mockserver(max_body=2000)
async def test_a_frame_too_large_closes_the_connection(socket: Socket) -> None:
    """The close code says so; the largest frame is that of a request body."""
    await socket.create({**BODY, "input": "x" * 2000})
    message = await asyncio.wait_for(socket.raw.receive(), 10)
    assert message.type is WSMsgType.CLOSE
    assert message.data == 1009


# The connection


async def test_a_ping_is_answered_while_a_response_is_told(socket: Socket) -> None:
    """Control frames do not wait for lanes."""
    await socket.create(metadata={"mock_scenario": "ttft:200ms"})
    await socket.raw.ping(b"there?")
    await socket.told()


def test_a_plain_get_is_told_to_upgrade(mockserver: MockServer) -> None:
    """Without an upgrade there is an error in the API's envelope, with a request id."""
    with Api(mockserver.url) as api:
        for place in (mockserver.url, mockserver.url_for("other")):
            response = api.request("GET", f"{place}/responses")
            assert response.status_code == 426
            assert response.headers["upgrade"] == "websocket"
            assert "WebSocket" in response.json()["error"]["message"]


@pytest.mark.mockserver(require_key=True)
async def test_a_connection_needs_a_key_when_told_so(mockserver: MockServer) -> None:
    """401 comes before the upgrade."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as raised:
        async with open_socket(mockserver.url):
            pass
    assert raised.value.status == 401
    async with open_socket(mockserver.url, headers={"authorization": "Bearer sk"}) as socket:
        assert await socket.response()


async def test_unknown_flags_are_refused_before_the_upgrade(mockserver: MockServer) -> None:
    """A typing mistake in the header is a plain 400."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as raised:
        async with open_socket(mockserver.url, headers={"x-mock-scenario": "fialed"}):
            pass
    assert raised.value.status == 400


def test_the_upgrade_has_no_request_id_and_no_extensions(mockserver: MockServer) -> None:
    """HTTP answers carry one, the upgrade does not (api-contract §1.3)."""
    headers = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-extensions": "permessage-deflate",
    }
    with httpx2.stream("GET", f"{mockserver.url}/responses", headers=headers) as response:
        assert response.status_code == 101
        assert "x-request-id" not in response.headers
        assert "sec-websocket-extensions" not in response.headers


async def test_a_connection_ends_after_its_lifetime() -> None:
    """An error says why, running responses are cut, and a recoverable close code follows."""
    clock = VirtualClock()
    async with MockServer(clock=clock, websocket_lifetime=60, keepalive_seconds=0) as server:
        async with open_socket(server.url) as socket:
            assert await socket.response()
            await socket.create(metadata={"mock_scenario": "ttft:90s"})
            await socket.until("response.in_progress")
            clock.advance(60)
            # The SDK's type has the param that this one error lacks (api-contract §13.3).
            error = await socket.refused(valid=False)
            assert error["code"] == "websocket_connection_limit_reached"
            assert error["status"] == 400
            assert "param" not in error
            assert (await socket.raw.receive()).data == 1001


async def test_running_responses_end_before_the_server_stops() -> None:
    """A stop waits for what is being told, then closes as one that goes away."""
    server = MockServer(drain_seconds=5)
    await server.open()
    async with open_socket(server.url) as socket:
        await socket.create(metadata={"mock_scenario": "ttft:200ms"})
        await socket.until("response.in_progress")
        closing = asyncio.ensure_future(server.close())
        assert (await socket.until(*TERMINAL))[-1]["type"] == "response.completed"
        assert (await socket.raw.receive()).data == 1001
        await closing


async def test_an_idle_connection_does_not_hold_up_a_stop() -> None:
    """Nothing is left to wait for."""
    server = MockServer(drain_seconds=60)
    await server.open()
    async with open_socket(server.url) as socket:
        await socket.response()
        closing = asyncio.ensure_future(server.close())
        assert (await socket.raw.receive()).data == 1001
        await asyncio.wait_for(closing, 5)


async def test_a_client_that_leaves_ends_its_responses(mockserver: MockServer) -> None:
    """Nothing goes on in the server, and nothing is on record."""
    async with open_socket(mockserver.url) as socket:
        await socket.create(metadata={"mock_scenario": "ttft:60s"})
        created = (await socket.until("response.in_progress"))[0]["response"]
    with Api(mockserver.url) as api:
        assert api.request("GET", f"/responses/{created['id']}").status_code == 404
    for _ in range(100):
        if mockserver.calls[0].status == 101 and _tasks(mockserver) == 0:
            break
        await asyncio.sleep(0.02)
    assert _tasks(mockserver) == 0


def _tasks(server: MockServer) -> int:
    """Return how many lanes are worked on in the server's loop."""
    assert server._loop is not None
    return sum("Lanes._work" in repr(task.get_coro()) for task in asyncio.all_tasks(server._loop))


async def test_the_journal_has_a_call_for_each_create(
    mockserver: MockServer, socket: Socket
) -> None:
    """The upgrade is one call, and every create is one, with how it was answered."""
    response = await socket.response()
    await socket.create(metadata={"mock_scenario": "http:503"})
    await socket.refused()
    await socket.create({"model": "gpt-4.1"}, stream_id="a")
    await socket.refused()
    upgrade, *calls = mockserver.calls
    assert (upgrade.method, upgrade.path, upgrade.status) == ("GET", "/responses", 101)
    assert [(call.method, call.path, call.stream) for call in calls] == [
        ("WS", "/responses", True)
    ] * 3
    assert [(call.status, call.answered_by, call.error) for call in calls] == [
        (200, "synthesiser", None),
        (503, "scenario", "server_is_overloaded"),
        (400, "error", "missing_required_parameter"),
    ]
    assert calls[0].response_id == response["id"]
    assert calls[1].scenario == "http:503"
    assert calls[2].body == {"type": "response.create", "model": "gpt-4.1", "stream_id": "a"}


async def test_a_namespace_has_sockets_of_its_own(mockserver: MockServer) -> None:
    """State and calls of a connection belong to the namespace of its path."""
    async with open_socket(mockserver.url_for("mine")) as socket:
        response = await socket.response()
    assert len(mockserver.calls_of("mine")) == 2
    assert mockserver.calls == []
    with Api(mockserver.url_for("mine")) as api:
        assert api.retrieve(response["id"])


# Recordings


@pytest.mark.mockserver(cassette="stream.yaml", strict=True)
async def test_a_recorded_stream_is_replayed_as_frames(
    socket: Socket, mockserver: MockServer
) -> None:
    """A create is looked up as the streaming POST that asks the same (api-contract §13.2)."""
    body = {key: value for key, value in request("stream").items() if key != "stream"}
    await socket.create(body, stream_id="a")
    events = await socket.told()
    assert {event["stream_id"] for event in events} == {"a"}
    assert mockserver.calls[-1].answered_by == "cassette"
    with Api(mockserver.url) as api:
        assert api.retrieve(events[-1]["response"]["id"])
    await socket.create(body)
    error = await socket.refused()
    assert (error["status"], error["code"]) == (424, "already_played")


@pytest.mark.mockserver(cassette=["text.yaml", "error.yaml"], strict=True)
async def test_plain_recordings_and_errors_are_replayed_as_frames(socket: Socket) -> None:
    """Events are derived from a recorded body; a recorded error is an error frame."""
    response = await socket.response(request("text"))
    assert response["status"] == "completed"
    await socket.create({"model": "gpt-4.1", "input": "hi", "temperature": 9})
    error = await socket.refused()
    assert (error["status"], error["code"]) == (400, "decimal_above_max_value")


@pytest.mark.mockserver(cassette="tool_loop.yaml", assert_all_played=False)
async def test_a_replayed_response_can_be_continued(socket: Socket) -> None:
    """The connection remembers what was replayed as well."""
    first = await socket.response(request("tools"), store=True)
    second = await socket.response(
        {"model": "gpt-4.1", "input": [output_of(first, "other")], "store": False},
        previous_response_id=first["id"],
    )
    assert [item["type"] for item in second["output"]] == ["message"]


# Steering


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
