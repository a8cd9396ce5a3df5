"""Faults over a WebSocket: on the wire, in the journal, and with the official SDK."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType
from openai import OpenAI
from samples import CASSETTES, request
from test_faults_calls import OF_CALLS
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK

from mockserver import MockServer
from mockserver.faults.registry import FAULTS

Event = dict[str, Any]
ENDS = ("response.completed", "error")


@dataclass
class Heard:
    """The frames of one answer, and the code with which the connection closed before its end."""

    texts: list[str]
    closed: int | None

    @property
    def events(self) -> list[Event]:
        return [json.loads(text) for text in self.texts]


async def hear(url: str, body: Event, scenario: str = "") -> Heard:
    """Create over a connection of its own, and listen until the answer or the connection ends."""
    heard = Heard([], None)
    headers = {"x-mock-scenario": scenario}
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(f"{url}/responses", headers=headers) as socket:
            await socket.send_str(json.dumps({"type": "response.create", **body}))
            while True:
                message = await socket.receive(timeout=10)
                if message.type is not WSMsgType.TEXT:
                    heard.closed = socket.close_code
                    return heard
                heard.texts.append(message.data)
                if any(f'"type":"{end}"' in message.data for end in ENDS):
                    return heard


Check = Callable[[Heard, Heard], None]


def closed(clean: Heard, faulty: Heard) -> None:
    assert (faulty.texts, faulty.closed) == ([], 1006)


def garbled(clean: Heard, faulty: Heard) -> None:
    assert not faulty.texts
    assert faulty.closed in (1002, 1009)


def reset(clean: Heard, faulty: Heard) -> None:
    assert (faulty.texts, faulty.closed) == (clean.texts[:5], 1006)


def cut(clean: Heard, faulty: Heard) -> None:
    assert (faulty.texts, faulty.closed) == (clean.texts[:5], 1000)


def same(clean: Heard, faulty: Heard) -> None:
    assert faulty.texts == clean.texts


def nested(clean: Heard, faulty: Heard) -> None:
    assert faulty.texts[:-1] == clean.texts[:5]
    assert faulty.events[-1]["error"]["code"] == "rate_limit_exceeded"


def flat(clean: Heard, faulty: Heard) -> None:
    assert faulty.texts[:-1] == clean.texts[:5]
    assert faulty.events[-1]["code"] == "server_error"


def doubled(clean: Heard, faulty: Heard) -> None:
    assert faulty.texts == [*clean.texts[:6], *clean.texts[5:]]


def swapped(clean: Heard, faulty: Heard) -> None:
    first, second = clean.texts[5:7]
    assert faulty.texts == [*clean.texts[:5], second, first, *clean.texts[7:]]


def missing(clean: Heard, faulty: Heard) -> None:
    assert faulty.texts == [*clean.texts[:5], *clean.texts[6:]]


def gap(clean: Heard, faulty: Heard) -> None:
    numbers = [event["sequence_number"] for event in faulty.events]
    assert numbers == [*range(5), *range(6, len(clean.texts) + 1)]


def event(clean: Heard, faulty: Heard) -> None:
    assert faulty.events[5]["type"] == "response.future.delta"
    assert len(faulty.texts) == len(clean.texts) + 1


def failing(clean: Heard, faulty: Heard) -> None:
    assert faulty.texts[:5] == clean.texts[:5]
    assert faulty.events[5]["type"] == "error"  # at which this listener leaves


def without_usage(clean: Heard, faulty: Heard) -> None:
    assert faulty.texts[:-1] == clean.texts[:-1]
    assert faulty.events[-1]["response"]["usage"] is None


def item(clean: Heard, faulty: Heard) -> None:
    assert faulty.texts[:-3] == clean.texts[:-1]
    assert faulty.events[-1]["response"]["output"][-1]["type"] == "future_call"


def enum(clean: Heard, faulty: Heard) -> None:
    assert faulty.events[-1]["response"]["status"] == "future_completed"


def broken(clean: Heard, faulty: Heard) -> None:
    assert faulty.texts[5] == clean.texts[5].removesuffix("}")
    assert faulty.texts[6:] == clean.texts[6:]


SOCKET: dict[str, Check] = {
    "refuse": closed,
    "hang:50ms": closed,
    "reset": closed,
    "reset:5": reset,
    "cut:5": cut,
    "stall:5/50ms": same,
    "garbage": garbled,
    "error_nested:5/rate_limit_exceeded": nested,
    "error_flat:5": flat,
    "fail_at:5": failing,
    "null_usage": without_usage,
    "duplicate:5": doubled,
    "reorder:5": swapped,
    "drop:5": missing,
    "gap:5": gap,
    "unknown_event:5": event,
    "unknown_item": item,
    "unknown_enum:status": enum,
    "malformed:5": broken,
    "bandwidth:800kbps": same,
}
"""What each fault does to the frames of an answer."""


@pytest.fixture(scope="module", params=["synthesised", "recorded"])
def server(request: pytest.FixtureRequest) -> Iterator[MockServer]:
    """A server that makes answers up, or has them on a cassette."""
    files = [CASSETTES / "stream.yaml"]
    options: dict[str, Any] = {"synthesised": {}, "recorded": {"cassettes": files, "strict": True}}
    with MockServer(**options[request.param]) as running:
        yield running


def body() -> Event:
    return {key: value for key, value in request("stream").items() if key != "stream"}


def test_every_fault_is_shown() -> None:
    """The table has every fault that fits a WebSocket."""
    shown = {scenario.partition(":")[0] for scenario in SOCKET} | OF_CALLS
    assert shown == {name for name, fault in FAULTS.items() if "socket" in fault.forms}


@pytest.mark.parametrize("scenario", SOCKET)
async def test_a_fault_is_in_the_frames_and_in_the_journal(
    server: MockServer, scenario: str
) -> None:
    """The frames are what the fault says, the journal names it, and the record is whole."""
    server.clear()
    clean = await hear(server.url, body())
    server.clear()
    faulty = await hear(server.url, body(), scenario)
    SOCKET[scenario](clean, faulty)
    [_, call] = server.calls
    assert (call.method, call.faults) == ("WS", (scenario.partition(":")[0],))
    response = clean.events[-1]["response"]
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{server.url}/responses/{call.response_id}") as answer:
            found = await answer.json()
    assert {**found, "billing": 0} == {**response, "billing": 0}


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {text.partition(":")[0] for text in SOCKET}))
async def test_a_fault_of_http_leaves_frames_alone(server: MockServer, fault: str) -> None:
    """What has no meaning over a WebSocket does nothing there, and is not in the journal."""
    server.clear()
    clean = await hear(server.url, body())
    server.clear()
    faulty = await hear(server.url, body(), FAULTS[fault].example)
    assert faulty.texts == clean.texts
    assert server.calls[-1].faults == ()


async def test_a_lane_goes_on_after_an_error_event(server: MockServer) -> None:
    """An error event ends the answer and not the connection; each create counts by itself."""
    server.clear()
    headers = {"x-mock-scenario": "error_nested:2,times:1"}
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(f"{server.url}/responses", headers=headers) as socket:
            if server.settings.strict:
                await socket.send_str(json.dumps({"type": "response.create", **body()}))
                assert [(await socket.receive_json())["type"] for _ in range(3)][-1] == "error"
                return
            last = []
            for _ in range(2):
                create = {"type": "response.create", **body(), "stream_id": "one"}
                await socket.send_str(json.dumps(create))
                told = await socket.receive_json()
                while told["type"] not in ENDS:
                    assert told["stream_id"] == "one"
                    told = await socket.receive_json()
                last.append(told["type"])
    assert last == ["error", "response.completed"]


SDK: dict[str, type[Exception] | str] = {
    "refuse": ConnectionClosedError,
    "hang:50ms": ConnectionClosedError,
    "reset": ConnectionClosedError,
    "reset:5": ConnectionClosedError,
    "cut:5": ConnectionClosedOK,
    "stall:5/50ms": "response.completed",
    "garbage": ConnectionClosedError,
    "error_nested:5": "error",
    "error_flat:5": "error",
    "fail_at:5": "error",
    "null_usage": "response.completed",
    "duplicate:5": "response.completed",
    "reorder:5": "response.completed",
    "drop:5": "response.completed",
    "gap:5": "response.completed",
    "unknown_event:5": "response.completed",
    "unknown_item": "response.completed",
    "unknown_enum:status": "response.completed",
    "malformed:5": json.JSONDecodeError,
    "bandwidth:800kbps": "response.completed",
}
"""What ``connection.recv()`` raises, or the last event that it returns."""


def last(connection: Any) -> str:
    """Read an answer to its end."""
    while (told := str(connection.recv().type)) not in ENDS:
        pass
    return told


@pytest.mark.parametrize("scenario", SDK)
def test_a_fault_with_the_sdk(server: MockServer, scenario: str) -> None:
    """The SDK's connection raises as the transport does, or returns events to the end."""
    assert {text.partition(":")[0] for text in SDK} == {text.partition(":")[0] for text in SOCKET}
    server.clear()
    expected = SDK[scenario]
    sdk = OpenAI(base_url=server.url, api_key="x", max_retries=0)
    headers = {"x-mock-scenario": scenario}
    with sdk, sdk.responses.connect(extra_headers=headers) as connection:
        connection.response.create(**body())
        if isinstance(expected, str):
            assert last(connection) == expected
            return
        with pytest.raises(expected):
            last(connection)
        if expected is json.JSONDecodeError:
            assert last(connection) == "response.completed"
