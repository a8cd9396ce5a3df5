"""Flags of what is in the answer: calls, text, size and usage, alike in every form."""

from __future__ import annotations

from typing import Any

import pytest
from api import Api
from openai import OpenAI
from samples import request

from mockserver import MockServer

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "hi"}
THINKING: dict[str, Any] = {"model": "gpt-5", "input": "hi"}


def function(name: str, *fields: str) -> dict[str, Any]:
    properties = {field: {"type": "string"} for field in fields}
    parameters = {"type": "object", "properties": properties, "required": list(fields)}
    return {"type": "function", "name": name, "parameters": parameters}


TOOLS = [function("get_weather", "city"), function("send_mail", "to")]


def called(response: dict[str, Any]) -> list[str]:
    return [item["name"] for item in response["output"] if item["type"] == "function_call"]


def both(api: Api, body: dict[str, Any], scenario: str) -> dict[str, Any]:
    """Return the response as JSON, having seen that the stream tells one of the same shape."""
    response = api.create(body, scenario)
    told = api.stream(body, scenario)[-1]["response"]
    assert [item["type"] for item in told["output"]] == [
        item["type"] for item in response["output"]
    ]
    assert called(told) == called(response)
    return response


@pytest.mark.parametrize(
    ("scenario", "names"),
    [
        ("tool_call", ["get_weather"]),
        ("tool_call:send_mail", ["send_mail"]),
        ("tool_call:unheard_of", ["unheard_of"]),
        ("tool_calls:3", ["get_weather", "send_mail", "get_weather"]),
        ("tool_call:send_mail,tool_calls:2", ["send_mail", "send_mail"]),
    ],
)
def test_tools_are_called_as_the_flags_say(api: Api, scenario: str, names: list[str]) -> None:
    """The tools on offer are called with arguments that fit, others with none."""
    response = both(api, {**BODY, "tools": TOOLS}, scenario)
    assert called(response) == names
    calls = [item["call_id"] for item in response["output"]]
    assert len(set(calls)) == len(names)
    assert ('"city":' in response["output"][0]["arguments"]) == (names[0] == "get_weather")


def test_a_call_is_made_though_nothing_is_on_offer(api: Api) -> None:
    """Without tools a function is made up; a reasoning model thinks before it calls."""
    assert called(both(api, BODY, "tool_calls:2")) == ["tool", "tool"]
    response = both(api, THINKING, "tool_call:look_up")
    assert [item["type"] for item in response["output"]] == ["reasoning", "function_call"]


def test_a_call_is_made_again_after_its_output(api: Api) -> None:
    """The flag wins over what the turn would have been."""
    body = {**BODY, "tools": TOOLS}
    first = api.create(body, "tool_call:send_mail")
    output = {
        "type": "function_call_output",
        "call_id": first["output"][0]["call_id"],
        "output": "sent",
    }
    again = {**body, "previous_response_id": first["id"], "input": [output]}
    assert called(api.create(again, "tool_call:send_mail")) == ["send_mail"]
    assert called(api.create(again)) == []


def test_a_tool_without_a_name_goes_by_its_type(api: Api) -> None:
    """Such as the shell, which the client runs."""
    body = {"model": "gpt-5.1", "input": "hi", "tools": [{"type": "apply_patch"}, TOOLS[0]]}
    response = api.create(body, "tool_call:apply_patch")
    assert response["output"][-1]["type"] == "apply_patch_call"


@pytest.mark.parametrize(
    ("flag", "text"),
    [
        ('text:"Hello, world: 100%"', "Hello, world: 100%"),
        ("text:One%2C two", "One, two"),
        ("text:gr%C3%BC%C3%9Fe", "grüße"),
    ],
)
def test_the_message_says_the_text(api: Api, client: OpenAI, flag: str, text: str) -> None:
    """Nothing but the text, also where tools are on offer or a form of output is asked for."""
    form = {"type": "json_schema", "name": "f", "schema": {"type": "object"}}
    for extra in ({}, {"tools": TOOLS}, {"text": {"format": form}}):
        response = both(api, {**BODY, **extra}, flag)
        assert response["output"][-1]["content"][0]["text"] == text
    final: Any = client.responses.create(**BODY, extra_headers={"x-mock-scenario": flag})
    assert final.output_text == text


@pytest.mark.parametrize("tokens", [1, 2, 16, 500, 4000])
@pytest.mark.parametrize("body", [BODY, THINKING], ids=["plain", "thinking"])
def test_the_output_has_so_many_tokens(api: Api, body: dict[str, Any], tokens: int) -> None:
    """Usage reports them, thinking included, and the text is as long as they say."""
    response = both(api, body, f"tokens:{tokens}")
    usage = response["usage"]
    thinking = usage["output_tokens_details"]["reasoning_tokens"]
    least = 8 if tokens < 16 else 0  # a message has a frame, which weighs something by itself
    assert tokens <= usage["output_tokens"] <= max(tokens, least)
    assert thinking <= tokens
    text = response["output"][-1]["content"][0]["text"]
    assert len(text) >= tokens - thinking - 8
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_a_limit_holds_though_more_tokens_are_asked_for(api: Api) -> None:
    """``max_output_tokens`` cuts what the flag made too long."""
    response = api.create({**BODY, "max_output_tokens": 50}, "tokens:200")
    assert (response["status"], response["usage"]["output_tokens"]) == ("incomplete", 50)


USAGE: dict[str, dict[str, int]] = {
    "usage.input_tokens:9000": {"input": 9000},
    "usage.output_tokens:77": {"output": 77},
    "usage.input_tokens:9000,usage.output_tokens:77": {"input": 9000, "output": 77, "total": 9077},
    "usage.total_tokens:5000": {"total": 5000},
    "usage.total_tokens:5000,usage.input_tokens:4000": {"input": 4000, "output": 1000},
    "usage.total_tokens:5000,usage.output_tokens:4000": {"input": 1000, "output": 4000},
    "usage.total_tokens:1": {"total": 1},
    "usage.cached_tokens:2048": {"cached": 2048},
    "usage.cached_tokens:100,usage.input_tokens:150": {"cached": 100, "input": 150},
    "usage.cache_write_tokens:300": {"written": 300},
    "usage.reasoning_tokens:400": {"thinking": 400},
    "usage.reasoning_tokens:5,usage.output_tokens:5": {"thinking": 5, "output": 5},
    "usage.output_tokens:0": {"output": 0, "thinking": 0},
}
"""Counts that are named, and what is reported of them."""


@pytest.mark.parametrize("scenario", USAGE)
@pytest.mark.parametrize("body", [BODY, THINKING], ids=["plain", "thinking"])
def test_usage_reports_the_counts_and_adds_up(
    api: Api, body: dict[str, Any], scenario: str
) -> None:
    """Counts that are named stand; the others follow, within the rules of api-contract §4."""
    usage = both(api, body, scenario)["usage"]
    found = {
        "input": usage["input_tokens"],
        "output": usage["output_tokens"],
        "total": usage["total_tokens"],
        "cached": usage["input_tokens_details"]["cached_tokens"],
        "written": usage["input_tokens_details"]["cache_write_tokens"],
        "thinking": usage["output_tokens_details"]["reasoning_tokens"],
    }
    assert {key: found[key] for key in USAGE[scenario]} == USAGE[scenario]
    assert found["total"] == found["input"] + found["output"]
    assert min(found.values()) >= 0
    assert max(found["cached"], found["written"]) <= found["input"]
    assert found["thinking"] <= found["output"]


@pytest.mark.parametrize(
    "scenario",
    [
        "usage.input_tokens:1,usage.output_tokens:1,usage.total_tokens:3",
        "usage.input_tokens:5,usage.total_tokens:3",
        "usage.cached_tokens:9,usage.input_tokens:5",
        "usage.reasoning_tokens:9,usage.output_tokens:5",
    ],
)
def test_counts_that_cannot_be_true_together_are_refused(api: Api, scenario: str) -> None:
    """The error says what belongs to what."""
    error = api.refused(BODY, scenario)
    assert (error["status"], error["code"]) == (400, "invalid_scenario_flag")
    assert "The total is the sum" in error["message"]


@pytest.mark.mockserver(cassette="text.yaml", assert_all_played=False)
def test_the_shape_wins_over_a_recording(api: Api, mockserver: MockServer) -> None:
    """A request whose flags say what the answer is gets that answer."""
    response = api.create(request("text"), "text:not recorded")
    assert response["output"][0]["content"][0]["text"] == "not recorded"
    assert mockserver.calls[0].answered_by == "synthesiser"
