"""Refusals of parameters that have another JSON type than they should."""

from __future__ import annotations

import pytest
from test_request_refusals import Row, described, refusal, wrong

ROWS = [
    wrong("previous_response_id", "a string", "an object", previous_response_id={"a": 1}),
    wrong("prompt", "an object", "a string", prompt="x"),
    wrong("moderation", "an object", "a string", moderation="x"),
    wrong("tools", "an array of tools", "a string", tools="x"),
    wrong("metadata", "a metadata object", "a string", metadata="x"),
    wrong("metadata.k", "a string", "an integer", metadata={"k": 7}),
    wrong("metadata.k", "a string", "null", metadata={"k": None}),
    wrong("text", "an object", "a string", text="x"),
    wrong("temperature", "a decimal", "a string", temperature="hot"),
    wrong("temperature", "a decimal", "a boolean", temperature=True),
    wrong("top_p", "a decimal", "a string", top_p="wide"),
    wrong("presence_penalty", "a decimal", "a string", presence_penalty="x"),
    wrong("frequency_penalty", "a decimal", "an array", frequency_penalty=[]),
    wrong("parallel_tool_calls", "a boolean", "a string", parallel_tool_calls="yes"),
    wrong("stream", "a boolean", "a string", stream="yes"),
    wrong("stream", "a boolean", "an integer", stream=1),
    wrong("stream_options", "an object", "a string", stream_options="x"),
    wrong("background", "a boolean", "a string", background="yes"),
    wrong("max_output_tokens", "an integer", "a string", max_output_tokens="x"),
    wrong("max_output_tokens", "an integer", "a decimal", max_output_tokens=16.5),
    wrong("max_tool_calls", "an integer", "a string", max_tool_calls="x"),
    wrong("reasoning", "an object", "a string", reasoning="low"),
    wrong(
        "reasoning.effort",
        "one of 'minimal', 'low', 'medium', or 'high'",
        "an integer",
        reasoning={"effort": 5},
    ),
    wrong(
        "reasoning.effort",
        "one of one of 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', or 'max' or integer",
        "an array",
        reasoning={"effort": ["low"]},
    ),
    wrong("user", "a string", "an object", user={"a": 1}),
    wrong("safety_identifier", "a string", "an integer", safety_identifier=7),
    wrong("prompt_cache_options", "an object", "a string", prompt_cache_options="x"),
    wrong("prompt_cache_key", "a string", "an object", prompt_cache_key={"a": 1}),
    wrong(
        "prompt_cache_retention",
        "one of 'in_memory' or '24h'",
        "an object",
        prompt_cache_retention={"a": 1},
    ),
    wrong("truncation", "one of 'auto' or 'disabled'", "an object", truncation={"a": 1}),
    wrong("instructions", "a string", "an object", instructions={"a": 1}),
    wrong("store", "a boolean", "a string", store="yes"),
    wrong(
        "service_tier",
        "one of 'auto', 'default', 'fast', 'flex', or 'priority'",
        "an object",
        service_tier={"a": 1},
    ),
    wrong("top_logprobs", "an integer", "a string", top_logprobs="x"),
    wrong("context_management", "an array of objects", "a string", context_management="x"),
    wrong(
        "include",
        "an array of one of 'fil...lts', 'web...lts', 'web...ces', 'mes...url', 'com...url', "
        "'cod...uts', 'rea...ent', or 'mes...obs'",
        "a string",
        include="x",
    ),
    wrong(
        "tool_choice",
        "one of an object or 'none', 'auto', or 'required'",
        "an integer",
        tool_choice=7,
    ),
    wrong("conversation", "one of a string or object", "an integer", conversation=7),
]


@pytest.mark.parametrize("row", ROWS, ids=described)
def test_a_parameter_of_another_type_is_refused_in_the_words_of_the_api(row: Row) -> None:
    """The message says what was expected and what came."""
    assert refusal(row) == row.error()
