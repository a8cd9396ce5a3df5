"""Refusals of what is inside a request: items, content parts, tools, formats."""

from __future__ import annotations

from typing import Any

import pytest
from test_request_refusals import (
    INPUT,
    TOOL,
    USER,
    Row,
    described,
    invalid,
    missing,
    refusal,
    value,
    wrong,
)

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


def content(*parts: Any, role: str = "user") -> list[Any]:
    """Return an input of one message with these parts."""
    return [{"role": role, "content": list(parts)}]


def sources(param: str, names: str, **body: Any) -> Row:
    """Something comes from nowhere, or from two places."""
    return Row(
        body,
        param,
        "missing_mutually_exclusive_parameters",
        f"Missing mutually exclusive parameters: '{param}'. Ensure you are providing exactly one "
        f"of: {names}.",
    )


def picture(url: str, expected: str) -> Row:
    """The URL of a picture leads to none."""
    return Row(
        {"input": content({"type": "input_image", "image_url": url})},
        "input[0].content[0].image_url",
        "invalid_value",
        f"Invalid 'input[0].content[0].image_url'. Expected {expected}",
    )


DATA_URL = (
    "a base64-encoded data URL with an image MIME type "
    "(e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got"
)
IMAGE = {"type": "input_image", "image_url": "https://example.com/a.png"}
SERVER = {"type": "mcp", "server_label": "a"}

ROWS = [
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
    sources(
        "input[0].content[0]",
        "'file_id' or 'image_url'",
        input=content({"type": "input_image", "file_id": None}),
    ),
    sources(
        "input[0].content[0]",
        "'file_id' or 'image_url'",
        input=content({**IMAGE, "file_id": "file-1"}),
    ),
    sources(
        "input[0].output[0]",
        "'file_data', 'file_id', or 'file_url'",
        input=[
            {
                "type": "function_call_output",
                "call_id": "call_1",
                "output": [{"type": "input_file", "filename": "a.pdf"}],
            }
        ],
    ),
    picture("a.png", "a valid URL, but got a value with an invalid format."),
    picture("data:text/plain;base64,aGk=", f"{DATA_URL} unsupported MIME type 'text/plain'."),
    picture("data:image/png,abc", f"{DATA_URL} a value without the ';base64' separator."),
    picture("data:image/png;base64,", f"{DATA_URL} empty base64-encoded bytes."),
    picture("data:image/png;base64,<bytes>", f"{DATA_URL} an invalid base64-encoded value."),
    missing("input[0].content[0].type", input=content({"text": "x"})),
    wrong(
        "input[0].content[0].image_url",
        "an image URL",
        "an object",
        input=content({"type": "input_image", "image_url": {"url": "https://example.com/a"}}),
    ),
    value(
        "input[0].content[0].type",
        "",
        "'input_text', 'input_image', 'input_audio', 'output_text', 'refusal', 'input_file', "
        "'computer_screenshot', 'summary_text', and 'encrypted_content'.",
        input=content({"type": 7, "text": "x"}),
    ),
    wrong(
        "input[0].content[0].file_data",
        "a string",
        "an integer",
        input=content({"type": "input_file", "file_data": 7}),
    ),
    Row(
        {"input": content({"type": "input_file", "file_data": "data:audio/mpeg;base64,AAAA"})},
        "input[0].content[0].file_data",
        "invalid_value",
        "Invalid file data: 'input[0].content[0].file_data'. Expected a base64-encoded data URL "
        "with a valid file MIME type (e.g. 'data:text/plain;base64,SGVsbG8sIFdvcmxkIQ=='), but got "
        "unsupported MIME type 'audio/mpeg'. Please see https://platform.openai.com/docs/"
        "assistants/tools/file-search#supported-files for supported file types.",
    ),
    # Tools and the choice among them.
    wrong(
        "tools[0].headers.k",
        "a string",
        "an integer",
        tools=[{"type": "mcp", "server_label": "s", "headers": {"k": 7}}],
    ),
    wrong(
        "tools[0].headers",
        "an object",
        "an array",
        tools=[{"type": "mcp", "server_label": "s", "headers": []}],
    ),
    wrong(
        "tools[0].require_approval",
        "one of an object or 'always' or 'never'",
        "a boolean",
        tools=[{"type": "mcp", "server_label": "s", "require_approval": True}],
    ),
    wrong(
        "tools[0].vector_store_ids",
        "an array of strings",
        "a string",
        tools=[{"type": "file_search", "vector_store_ids": "vs_1"}],
    ),
    value(
        "tools[0].filters.type",
        "near",
        "'eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin', 'and', and 'or'.",
        tools=[
            {
                "type": "file_search",
                "vector_store_ids": [],
                "filters": {"type": "near", "key": "a", "value": 1},
            }
        ],
    ),
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
    sources("tools[0]", "'server_url', 'connector_id', or 'tunnel_id'", tools=[SERVER]),
    sources(
        "tools[0]",
        "'server_url', 'connector_id', or 'tunnel_id'",
        tools=[{**SERVER, "server_url": "https://example.com", "connector_id": "connector_gmail"}],
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
        {
            "tools": [{"type": "mcp", "server_label": "one", "server_url": "https://example.com"}],
            "tool_choice": {"type": "mcp", "server_label": "other"},
        },
        "tool_choice",
        None,
        "Tool choice 'other' not found in 'tools' parameter.",
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
]


@pytest.mark.parametrize("row", ROWS, ids=described)
def test_what_is_inside_a_request_is_refused_in_the_words_of_the_api(row: Row) -> None:
    """The path to the faulty place is in the message and in the param."""
    assert refusal(row) == row.error()
