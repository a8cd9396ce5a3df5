"""Streams: derived from the finished response, told as the API tells them."""

from __future__ import annotations

from typing import Any

import pytest
from api import Api, types
from openai import AsyncOpenAI, OpenAI
from samples import request
from test_create import TIME, WEATHER, Event

STREAMED: dict[str, dict[str, Any]] = {
    "text": {"model": "gpt-4.1", "input": "hi"},
    "reasoning": request("reasoning"),
    "tools": request("tools"),
    "custom": request("custom_tool"),
    "search": request("web_search"),
    "structured": request("structured"),
    "logprobs": {
        "model": "gpt-4.1",
        "input": "hi",
        "include": ["message.output_text.logprobs"],
        "top_logprobs": 2,
    },
    "cut": {"model": "gpt-4.1", "input": "hi", "max_output_tokens": 16},
}


def test_a_text_stream_has_the_events_of_the_api_in_order(api: Api) -> None:
    """The skeleton of every text stream (api-contract §8.6, §8.7)."""
    assert types(api.stream(STREAMED["text"])) == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]


def test_keys_of_an_event_come_in_the_order_of_the_wire(api: Api) -> None:
    """``type`` first, the rest by alphabet."""
    for event in api.stream(STREAMED["search"]):
        assert list(event) == ["type", *sorted(event.keys() - {"type"})]


@pytest.mark.parametrize("name", STREAMED)
def test_the_sdk_accumulates_a_stream_to_its_final_response(client: OpenAI, name: str) -> None:
    """``responses.stream`` ends with exactly what the terminal event carries."""
    terminal: Any = None
    with client.responses.stream(**STREAMED[name]) as stream:
        for event in stream:
            if event.type in ("response.completed", "response.incomplete"):
                terminal = event.response
        if name == "cut":
            assert terminal.status == "incomplete"
            return
        final = stream.get_final_response()
    assert final.to_dict() == terminal.to_dict()


def test_the_sdk_parses_a_structured_stream(client: OpenAI) -> None:
    """``text_format`` on a stream gives the parsed model at its end."""
    with client.responses.stream(model="gpt-4.1", input="hi", text_format=Event) as stream:
        for _ in stream:
            pass
        assert isinstance(stream.get_final_response().output_parsed, Event)


async def test_the_asyncio_sdk_reads_a_stream(async_client: AsyncOpenAI) -> None:
    """The asynchronous client gets the same events."""
    stream = await async_client.responses.create(model="gpt-4.1", input="hi", stream=True)
    assert [event.type async for event in stream][-1] == "response.completed"
    await async_client.close()


@pytest.mark.parametrize("name", STREAMED)
def test_deltas_carry_no_padding_when_told_so(api: Api, name: str) -> None:
    """``include_obfuscation: false`` drops the key from every delta."""
    events = api.stream({**STREAMED[name], "stream_options": {"include_obfuscation": False}})
    assert not [event for event in events if "obfuscation" in event]


def test_refusals_are_streamed_without_padding(api: Api) -> None:
    """Refusal deltas are the ones that never carry padding (api-contract §8.5)."""
    events = api.stream(STREAMED["text"], scenario="refusal:No.")
    assert "response.refusal.delta" in types(events)
    assert not [event for event in events if "obfuscation" in event]


def test_a_streamed_response_can_be_fetched(api: Api) -> None:
    """What a stream ended with is what a GET returns, with billing."""
    final = api.stream(STREAMED["text"])[-1]["response"]
    fetched = api.retrieve(final["id"])
    assert fetched.pop("billing") == {"payer": "developer"}
    assert fetched == final


def test_a_tool_loop_over_streams_ends(client: OpenAI) -> None:
    """Two streamed turns: a call, then a message."""
    with client.responses.stream(model="gpt-4.1", input="hi", tools=[WEATHER, TIME]) as stream:
        first = stream.get_final_response()
    call: Any = first.output[0]
    output: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "18"}
    with client.responses.stream(
        model="gpt-4.1", input=[output], previous_response_id=first.id, tools=[WEATHER, TIME]
    ) as stream:
        assert stream.get_final_response().output[0].type == "message"
