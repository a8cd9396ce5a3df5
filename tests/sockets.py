"""A raw WebSocket to a server, whose every frame is judged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import WSMsgType
from oracle import check_event, check_stream, check_wire

Event = dict[str, Any]
BODY: Event = {"model": "gpt-4.1", "input": "hi"}
STEERED: Event = {"model": "gpt-6-sol", "input": "hi"}
WEATHER: Event = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
TERMINAL = ("response.completed", "response.incomplete", "response.failed")


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


def output_of(response: Event, output: str = "18") -> Event:
    call = next(item for item in response["output"] if item["type"] == "function_call")
    return {"type": "function_call_output", "call_id": call["call_id"], "output": output}
