"""Faults of function calls, which only an answer with tools can have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api import Api, types
from openai import OpenAI

from mockserver import MockServer

OF_CALLS = {"truncate_arguments"}
"""The faults that are shown here."""

TOOL = {
    "type": "function",
    "name": "look_up",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
        "additionalProperties": False,
    },
}
BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "hi", "tools": [TOOL]}


def faulty(server: MockServer, scenario: str) -> tuple[list[Any], list[Any]]:
    """Return the events of the same stream without and with a fault."""
    told = []
    for flags in ("tool_calls:2", f"tool_calls:2,{scenario}"):
        server.clear()
        with Api(server.url) as api:
            headers = {"x-mock-scenario": flags}
            body = {**BODY, "stream": True}
            raw = api.request("POST", "/responses", json=body, headers=headers).text
        lines = [line for line in raw.splitlines() if line.startswith("data: ")]
        told.append([json.loads(line[6:]) for line in lines])
    return told[0], told[1]


@pytest.mark.parametrize("call", [0, 1])
def test_arguments_break_off_wherever_they_are_told(mockserver: MockServer, call: int) -> None:
    """Delta, done, item and response agree on what is left; the other call is whole."""
    clean, cut = faulty(mockserver, f"truncate_arguments:{call}")
    assert types(cut) == types(clean)
    assert [event["sequence_number"] for event in cut] == list(range(len(cut)))
    calls, whole = cut[-1]["response"]["output"], clean[-1]["response"]["output"]
    left = calls[call]["arguments"]
    with pytest.raises(json.JSONDecodeError):
        json.loads(left)
    assert whole[call]["arguments"].startswith(left)
    assert calls[1 - call] == whole[1 - call]
    of_call = [event for event in cut if event.get("item_id") == calls[call]["id"]]
    deltas = [event["delta"] for event in of_call if event["type"].endswith(".delta")]
    done = [event["arguments"] for event in of_call if event["type"].endswith(".done")]
    items = [event["item"] for event in cut if event["type"] == "response.output_item.done"]
    assert (deltas, done, items[call]) == ([left], [left], calls[call])
    assert mockserver.calls[-1].faults == ("truncate_arguments",)


def test_arguments_of_a_body_break_off(api: Api, mockserver: MockServer) -> None:
    """A body has the first half of them."""
    whole = api.create(BODY)["output"][0]["arguments"]
    mockserver.clear()
    left = api.create(BODY, "truncate_arguments")["output"][0]["arguments"]
    assert left == whole[: len(whole) // 2]
    assert mockserver.calls[-1].faults == ("truncate_arguments",)


def test_without_such_a_call_nothing_breaks_off(api: Api, mockserver: MockServer) -> None:
    """An answer with fewer calls is whole, and the journal knows of no fault."""
    api.create(BODY, "truncate_arguments:1")
    clean, cut = faulty(mockserver, "truncate_arguments:2")
    assert (clean, mockserver.calls[-1].faults) == (cut, ())


def test_the_sdk_s_stream_cannot_read_what_is_left(client: OpenAI) -> None:
    """The helper parses the arguments of strict functions, and raises."""
    headers = {"x-mock-scenario": "truncate_arguments"}
    tools: Any = [TOOL]
    with client.responses.stream(
        model="gpt-4.1", input="hi", tools=tools, extra_headers=headers
    ) as stream:
        with pytest.raises(json.JSONDecodeError):
            stream.get_final_response()
