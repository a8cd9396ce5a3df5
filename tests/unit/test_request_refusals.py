"""Every refusal of a request, word for word: status, type, param, code and message."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from mockserver.schema.errors import ApiError
from mockserver.schema.validation import parse_request

INPUT = "ping"
TOOL = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}
USER = {"role": "user", "content": INPUT}
ABSENT = object()

ITEM_TYPES = (
    "'additional_tools', 'agent_message', 'apply_patch_call', 'apply_patch_call_output', "
    "'code_interpreter_call', 'compaction', 'compaction_trigger', 'computer_call', "
    "'computer_call_output', 'custom_tool_call', 'custom_tool_call_output', 'file_search_call', "
    "'function_call', 'function_call_output', 'image_generation_call', 'item_reference', "
    "'local_shell_call', 'local_shell_call_output', 'mcp_approval_request', "
    "'mcp_approval_response', 'mcp_call', 'mcp_list_tools', 'message', 'multi_agent_call', "
    "'multi_agent_call_output', 'program', 'program_output', 'reasoning', 'shell_call', "
    "'shell_call_output', 'tool_search_call', 'tool_search_output', and 'web_search_call'."
)
ROLES = "'assistant', 'system', 'developer', and 'user'."
INCLUDES = (
    "'file_search_call.results', 'web_search_call.results', 'web_search_call.action.sources', "
    "'message.input_image.image_url', 'computer_call_output.output.image_url', "
    "'code_interpreter_call.outputs', 'reasoning.encrypted_content', "
    "and 'message.output_text.logprobs'."
)
MOVED = (
    "Unsupported parameter: '{}'. In the Responses API, this parameter has moved to '{}'. "
    "Try again with the new parameter. See the API documentation for more information: "
    "https://platform.openai.com/docs/api-reference/responses/create."
)
NOTHING_TO_ANSWER = (
    "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation' must be provided."
)


class Row(NamedTuple):
    """Parameters of a request, and what the API says to them."""

    body: dict[str, Any]
    param: str | None
    code: str | None
    message: str


def wrong(param: str, expected: str, got: str, **body: Any) -> Row:
    """Return the row of a value of another JSON type."""
    message = f"Invalid type for '{param}': expected {expected}, but got {got} instead."
    return Row(body, param, "invalid_type", message)


def missing(param: str, **body: Any) -> Row:
    """Return the row of a key that is not there."""
    message = f"Missing required parameter: '{param}'."
    return Row(body, param, "missing_required_parameter", message)


def unknown(param: str, hint: str = "", **body: Any) -> Row:
    """Return the row of a key the API does not know."""
    return Row(body, param, "unknown_parameter", f"Unknown parameter: '{param}'.{hint}")


def value(param: str, sent: str, supported: str, **body: Any) -> Row:
    """Return the row of a string that is none of those allowed."""
    message = f"Invalid value: '{sent}'. Supported values are: {supported}"
    return Row(body, param, "invalid_value", message)


def invalid(param: str, code: str, rest: str, **body: Any) -> Row:
    """Return the row of a value beyond a limit."""
    return Row(body, param, code, f"Invalid '{param}': {rest}")


def content(*parts: Any, role: str = "user") -> list[Any]:
    """Return an input of one message with these parts."""
    return [{"role": role, "content": list(parts)}]


ROWS = [
    # Model and input.
    missing("model", model=ABSENT),
    wrong("model", "a string", "an object", model=None),
    wrong("model", "a string", "an integer", model=7),
    Row({"model": ""}, "model", "model_not_found", "The requested model '' does not exist."),
    missing("input", input=ABSENT),
    wrong("input", "a string", "an object", input=None),
    wrong("input", "one of a string or array of input items", "an object", input={"a": 1}),
    wrong("input", "one of a string or array of input items", "an integer", input=7),
    Row({"input": ""}, None, "missing_required_parameter", NOTHING_TO_ANSWER),
    Row({"input": []}, None, "missing_required_parameter", NOTHING_TO_ANSWER),
    # Keys.
    unknown("zzz_unknown", zzz_unknown=1),
    unknown("n", n=2),
    unknown("seed", seed=1),
    unknown("logprobs", logprobs=True),
    unknown("max_tokens", max_tokens=16),
    unknown("functions", functions=[]),
    unknown("logit_bias", logit_bias={}),
    unknown("generate", generate=True),
    unknown("stream_id", stream_id="a"),
    unknown("stop", " Did you mean 'store'?", stop=["ZZ"]),
    unknown("text.zzz", text={"zzz": 1}),
    unknown("reasoning.bogus", reasoning={"bogus": 1}),
    unknown("reasoning.generate_summary", reasoning={"generate_summary": "concise"}),
    unknown("stream_options.include_usage", stream_options={"include_usage": True}),
    unknown("prompt_cache_options.bogus", prompt_cache_options={"bogus": 1}),
    unknown("input[0].bogus", input=[{**USER, "bogus": 1}]),
    unknown("input[0].phase", input=[{**USER, "phase": "final_answer"}]),
    unknown("tools[0].n", tools=[{"type": "image_generation", "n": 1}]),
    unknown("tools[0].strict", tools=[{"type": "web_search", "strict": False}]),
    unknown(
        "input[0].parsed_arguments",
        input=[
            {
                "type": "function_call",
                "call_id": "call_1",
                "name": "f",
                "arguments": "{}",
                "parsed_arguments": {},
            }
        ],
    ),
    Row(
        {"messages": [USER]},
        None,
        "unsupported_parameter",
        MOVED.format("messages", "input"),
    ),
    Row(
        {"messages": [USER], "input": ABSENT},
        None,
        "unsupported_parameter",
        MOVED.format("messages", "input"),
    ),
    Row(
        {"response_format": {"type": "text"}},
        None,
        "unsupported_parameter",
        MOVED.format("response_format", "text.format"),
    ),
    # Types.
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
    # Values.
    value("include[0]", "bogus", INCLUDES, include=["bogus"]),
    value("text.verbosity", "bogus", "'low', 'medium', and 'high'.", text={"verbosity": "bogus"}),
    value(
        "reasoning.effort",
        "bogus",
        "'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'.",
        reasoning={"effort": "bogus"},
    ),
    value(
        "reasoning.summary",
        "bogus",
        "'concise', 'detailed', and 'auto'.",
        reasoning={"summary": "bogus"},
    ),
    value("truncation", "bogus", "'auto' and 'disabled'.", truncation="bogus"),
    value(
        "service_tier",
        "bogus",
        "'auto', 'default', 'fast', 'flex', and 'priority'.",
        service_tier="bogus",
    ),
    value("prompt_cache_retention", "x", "'in_memory' and '24h'.", prompt_cache_retention="x"),
    value("tool_choice", "bogus", "'none', 'auto', and 'required'.", tool_choice="bogus"),
    # Limits.
    invalid(
        "max_output_tokens",
        "integer_below_min_value",
        "integer below minimum value. Expected a value >= 16, but got 15 instead.",
        max_output_tokens=15,
    ),
    invalid(
        "max_tool_calls",
        "integer_below_min_value",
        "integer below minimum value. Expected a value >= 1, but got 0 instead.",
        max_tool_calls=0,
    ),
    invalid(
        "top_logprobs",
        "integer_above_max_value",
        "integer above maximum value. Expected a value <= 20, but got 21 instead.",
        top_logprobs=21,
    ),
    invalid(
        "temperature",
        "decimal_below_min_value",
        "decimal below minimum value. Expected a value >= 0, but got -1 instead.",
        temperature=-1,
    ),
    invalid(
        "temperature",
        "decimal_above_max_value",
        "decimal above maximum value. Expected a value <= 2, but got 2.5 instead.",
        temperature=2.5,
    ),
    invalid(
        "top_p",
        "decimal_above_max_value",
        "decimal above maximum value. Expected a value <= 1, but got 1.5 instead.",
        top_p=1.5,
    ),
    invalid(
        "metadata",
        "object_above_max_properties",
        "too many properties. Expected an object with at most 16 properties, "
        "but got an object with 17 properties instead.",
        metadata={f"k{index}": "v" for index in range(17)},
    ),
    invalid(
        "metadata.k",
        "string_above_max_length",
        "string too long. Expected a string with maximum length 512, "
        "but got a string with length 513 instead.",
        metadata={"k": "v" * 513},
    ),
    Row(
        {"metadata": {"k" * 70: "v"}},
        "metadata." + "k" * 70,
        "property_name_above_max_length",
        "Invalid property name in 'metadata': 'kkk...kkk' is too long. "
        "Expected a string with maximum length 64, but got a string with length 70 instead.",
    ),
    invalid(
        "safety_identifier",
        "string_above_max_length",
        "string too long. Expected a string with maximum length 128, "
        "but got a string with length 129 instead.",
        safety_identifier="s" * 129,
    ),
    invalid(
        "context_management",
        "empty_array",
        "empty array. Expected an array with minimum length 1, but got an empty array instead.",
        context_management=[],
    ),
    invalid(
        "context_management[0].compact_threshold",
        "integer_below_min_value",
        "integer below minimum value. Expected a value >= 1000, but got 5 instead.",
        context_management=[{"type": "compaction", "compact_threshold": 5}],
    ),
    # Input items.
    wrong("input[0]", "an input item", "an integer", input=[7]),
    wrong("input[0]", "an input item", "null", input=[None]),
    value("input[0]", "", ITEM_TYPES, input=[{"type": 7, **USER}]),
    value("input[0]", "bogus_item", ITEM_TYPES, input=[{"type": "bogus_item"}]),
    value("input[0]", "bogus", ROLES, input=[{"role": "bogus", "content": INPUT}]),
    value("input[0]", "", ROLES, input=[{}]),
    value("input[1]", "", ROLES, input=[USER, {"type": "message", "content": INPUT}]),
    missing("input[0].content", input=[{"role": "user"}]),
    wrong(
        "input[0].content",
        "one of an array of objects or string",
        "null",
        input=[{"role": "user", "content": None}],
    ),
    value(
        "input[0].phase",
        "bogus",
        "'commentary' and 'final_answer'.",
        input=[{"role": "assistant", "content": "OK", "phase": "bogus"}],
    ),
    missing("input[0].summary", input=[{"type": "reasoning", "id": "rs_1"}]),
    invalid(
        "input[0].id",
        "invalid_value",
        "'call_1'. Expected an ID that begins with 'fc'.",
        input=[
            {
                "type": "function_call",
                "id": "call_1",
                "call_id": "call_1",
                "name": "f",
                "arguments": "{}",
            }
        ],
    ),
    invalid(
        "input[0].call_id",
        "empty_string",
        "empty string. Expected a string with minimum length 1, but got an empty string instead.",
        input=[{"type": "function_call_output", "call_id": "", "output": "x"}],
    ),
    wrong(
        "input[0].output",
        "one of a string or array of objects",
        "an object",
        input=[{"type": "function_call_output", "call_id": "call_1", "output": {}}],
    ),
    # Content parts.
    value(
        "input[0].content[0].type",
        "bogus",
        "'input_text', 'input_image', 'input_audio', 'output_text', 'refusal', 'input_file', "
        "'computer_screenshot', 'summary_text', and 'encrypted_content'.",
        input=content({"type": "bogus", "text": "x"}),
    ),
    value(
        "input[0].content[0]",
        "output_text",
        "'input_text', 'input_image', 'input_file', 'scoped_content', and 'input_audio'.",
        input=content({"type": "output_text", "text": "x"}),
    ),
    value(
        "input[0].content[0]",
        "input_text",
        "'output_text' and 'refusal'.",
        input=content({"type": "input_text", "text": "x"}, role="assistant"),
    ),
    value(
        "input[0].output[0]",
        "output_text",
        "'input_text', 'input_image', and 'input_file'.",
        input=[
            {
                "type": "function_call_output",
                "call_id": "call_1",
                "output": [{"type": "output_text", "text": "x"}],
            }
        ],
    ),
    missing("input[0].content[0].text", input=content({"type": "input_text"})),
    missing("input[0].content[0].type", input=content({"text": "x"})),
    wrong(
        "input[0].content[0].image_url",
        "an image URL",
        "an object",
        input=content({"type": "input_image", "image_url": {"url": "https://example.com/a"}}),
    ),
    # Tools and the choice among them.
    missing("tools[0].type", tools=[{}]),
    missing("tools[0].name", tools=[{"type": "function"}]),
    missing("tools[0].name", tools=[{"type": "function", "function": {"name": "f"}}]),
    missing("tools[0].server_label", tools=[{"type": "mcp"}]),
    missing("tools[0].container", tools=[{"type": "code_interpreter"}]),
    invalid(
        "tools[0].name",
        "invalid_value",
        "string does not match pattern. "
        "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
        tools=[{**TOOL, "name": "a.b"}],
    ),
    invalid(
        "tools[0].name",
        "empty_string",
        "empty string. Expected a string with minimum length 1, but got an empty string instead.",
        tools=[{**TOOL, "name": ""}],
    ),
    missing(
        "tools[0].tools[0].name",
        tools=[{"type": "namespace", "name": "n", "tools": [{"type": "function"}]}],
    ),
    missing("tool_choice.name", tools=[TOOL], tool_choice={"type": "function"}),
    missing(
        "tool_choice.name",
        tools=[TOOL],
        tool_choice={"type": "function", "function": {"name": "f"}},
    ),
    Row(
        {"tools": [TOOL], "tool_choice": {"type": "function", "name": "g"}},
        "tool_choice",
        None,
        "Tool choice 'g' not found in 'tools' parameter.",
    ),
    Row(
        {"tool_choice": {"type": "image_generation"}},
        "tool_choice",
        None,
        "Tool choice 'image_generation' not found in 'tools' parameter.",
    ),
    Row(
        {"tool_choice": "required"},
        "tool_choice",
        None,
        "Tool choice 'required' must be specified with 'tools' parameter.",
    ),
    # Structured output.
    missing("text.format.type", text={"format": {}}),
    value(
        "text.format.type",
        "bogus",
        "'json_object', 'text', and 'json_schema'.",
        text={"format": {"type": "bogus"}},
    ),
    missing("text.format.name", text={"format": {"type": "json_schema"}}),
    missing(
        "text.format.name",
        text={"format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}},
    ),
    missing("text.format.schema", text={"format": {"type": "json_schema", "name": "n"}}),
    Row(
        {"text": {"format": {"type": "json_object"}}, "instructions": "Answer in JSON."},
        "input",
        None,
        "Response input messages must contain the word 'json' in some form "
        "to use 'text.format' of type 'json_object'.",
    ),
    # Combinations.
    Row(
        {"previous_response_id": "resp_x", "conversation": "conv_x"},
        None,
        "mutually_exclusive_parameters",
        "Mutually exclusive parameters: ''. "
        "Ensure you are only providing one of: 'pre..._id' or 'conversation'.",
    ),
]


def described(row: Row) -> str:
    """Name a row by its code and parameter."""
    return f"{row.code}-{row.param}"


@pytest.mark.parametrize("row", ROWS, ids=described)
def test_a_request_is_refused_in_the_words_of_the_api(row: Row) -> None:
    """Each faulty request is a 400 with exactly the API's param, code and message."""
    body = {"model": "gpt-4o-mini", "input": INPUT, **row.body}
    with pytest.raises(ApiError) as caught:
        parse_request({key: value for key, value in body.items() if value is not ABSENT})
    assert caught.value.status == 400
    assert caught.value.body() == {
        "error": {
            "message": row.message,
            "type": "invalid_request_error",
            "param": row.param,
            "code": row.code,
        }
    }


@pytest.mark.parametrize(
    "name",
    [
        "instructions",
        "max_output_tokens",
        "metadata",
        "reasoning",
        "store",
        "stream",
        "temperature",
        "text",
        "tools",
        "tool_choice",
        "truncation",
        "user",
        "conversation",
        "previous_response_id",
    ],
)
def test_null_is_as_good_as_absent_for_a_parameter_that_may_be_left_out(name: str) -> None:
    """A null parameter is accepted and reads as not given."""
    request = parse_request({"model": "gpt-4o-mini", "input": INPUT, name: None})
    assert getattr(request, name) is None


@pytest.mark.parametrize(
    "context",
    [{"previous_response_id": "resp_x"}, {"conversation": "conv_x"}, {"prompt": {"id": "p"}}],
)
@pytest.mark.parametrize("body", [{}, {"input": []}, {"input": ""}])
def test_an_input_is_not_needed_when_the_context_is_given(
    context: dict[str, Any], body: dict[str, Any]
) -> None:
    """A previous response, a conversation or a prompt stands in for the input."""
    assert parse_request({"model": "gpt-4o-mini", **context, **body}).input in ("", [])


def test_a_stored_prompt_may_bring_the_model_along() -> None:
    """With a prompt, both model and input may be left out."""
    request = parse_request({"prompt": {"id": "pmpt_1", "version": "2", "variables": {"a": "b"}}})
    assert request.prompt == {"id": "pmpt_1", "version": "2", "variables": {"a": "b"}}
