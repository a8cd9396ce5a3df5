"""WebSocket mode: the same answers as over HTTP, made up or recorded, as frames."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from api import Api, types
from openai import AsyncOpenAI, OpenAI
from openai.lib.responses_websocket import (
    AsyncResponsesWebSocketSession,
    ResponsesWebSocketError,
    ResponsesWebSocketLimits,
    ResponsesWebSocketSession,
)
from openai.types.responses.responses_client_event import ResponseCreate
from samples import request
from sockets import BODY, TERMINAL, WEATHER, Event, Socket, open_socket, output_of

from mockserver import MockServer

LIMITS = ResponsesWebSocketLimits(
    max_lanes=8,
    max_events_per_lane=4096,
    max_events=16384,
    max_bytes_per_lane=2**24,
    max_bytes=2**26,
)


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
