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

    def error(self) -> dict[str, Any]:
        """The body of the API's answer."""
        return {
            "error": {
                "message": self.message,
                "type": "invalid_request_error",
                "param": self.param,
                "code": self.code,
            }
        }


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
    # Combinations.
    Row(
        {"previous_response_id": "resp_x", "conversation": "conv_x"},
        None,
        "mutually_exclusive_parameters",
        "Mutually exclusive parameters: ''. "
        "Ensure you are only providing one of: 'pre..._id' or 'conversation'.",
    ),
]


def refusal(row: Row) -> dict[str, Any]:
    """Return the body of the answer to the row's request, which has to be refused."""
    body = {"model": "gpt-4o-mini", "input": INPUT, **row.body}
    with pytest.raises(ApiError) as caught:
        parse_request({key: value for key, value in body.items() if value is not ABSENT})
    assert caught.value.status == 400
    return caught.value.body()


def described(row: Row) -> str:
    """Name a row by its code and parameter."""
    return f"{row.code}-{row.param}"


@pytest.mark.parametrize("row", ROWS, ids=described)
def test_a_request_is_refused_in_the_words_of_the_api(row: Row) -> None:
    """Each faulty request is a 400 with exactly the API's param, code and message."""
    assert refusal(row) == row.error()


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
