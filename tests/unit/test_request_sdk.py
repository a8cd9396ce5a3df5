"""Every request the official SDK can type is accepted, and nothing it knows is missing here."""

from __future__ import annotations

import types
import typing
from itertools import chain
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
import typing_extensions
from openai.types.responses import input_token_count_params, response_create_params
from openai.types.responses.response_input_item_param import ResponseInputItemParam
from openai.types.responses.tool_param import ToolParam

from mockserver.schema.input import INPUT_ITEMS
from mockserver.schema.request import COUNT_FIELDS, CreateResponse
from mockserver.schema.shape import keys
from mockserver.schema.tool_choice import TOOL_CHOICES
from mockserver.schema.tools import TOOLS
from mockserver.schema.validation import check_items, parse_input_tokens, read_request

CREATE = get_type_hints(
    response_create_params.ResponseCreateParamsNonStreaming, include_extras=True
)
IDS = {
    "message": "msg_1",
    "reasoning": "rs_1",
    "function_call": "fc_1",
    "function_call_output": "fc_1",
    "custom_tool_call": "ctc_1",
    "web_search_call": "ws_1",
    "tool_search_call": "tsc_1",
}
"""Ids whose beginning the API looks at."""

ONE_OF: dict[Any, dict[str, str]] = {
    "input_image": {"file_id": "x", "image_url": "https://example.com/a.png"},
    "input_file": {"file_data": "x", "file_id": "x", "file_url": "x"},
    "mcp": {"server_url": "x", "connector_id": "connector_gmail", "tunnel_id": "x"},
}
"""Keys of which the API wants exactly one."""

PLAIN: dict[Any, list[Any]] = {
    str: ["x"],
    int: [1],
    float: [0.5, 1],
    bool: [True, False],
    object: [{"type": "eq", "key": "a filter is typed as any object", "value": "x"}],
}


def bare(annotation: Any) -> Any:
    """Take Required, NotRequired and Annotated off an annotation."""
    wrappers = (Annotated, typing.Required, typing.NotRequired)
    while get_origin(annotation) in (*wrappers, typing_extensions.Required):
        annotation = get_args(annotation)[0]
    return annotation


def members(annotation: Any) -> list[Any]:
    """Return the members of a union, however deep, without None."""
    annotation = bare(annotation)
    if get_origin(annotation) in (Union, types.UnionType):
        nested = [members(member) for member in get_args(annotation)]
        return [member for member in chain.from_iterable(nested) if member is not type(None)]
    return [annotation]


def examples(annotation: Any, depth: int = 0) -> list[Any]:
    """Return JSON values of a type: every literal, union member and key at least once."""
    found: list[Any] = []
    for member in members(annotation):
        found += _examples(member, depth)
    return found


def _examples(annotation: Any, depth: int) -> list[Any]:
    if typing_extensions.is_typeddict(annotation):
        return documents(annotation, depth)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return list(arguments)
    if origin is dict:
        return [{}, {"k": examples(arguments[1], depth + 1)[0]}]
    if origin is not None:
        inner = examples(arguments[0], depth + 1) if depth < 8 else []
        return [inner] if inner else [[]]
    return PLAIN[annotation]


def documents(declared: Any, depth: int) -> list[dict[str, Any]]:
    """Return objects of a typed dictionary: the required keys alone, then all keys in turn."""
    hints = get_type_hints(declared, include_extras=True)
    values = {name: examples(hint, depth + 1) for name, hint in hints.items()}
    rounds = max(map(len, values.values()), default=1)
    full = [
        {name: choices[turn % len(choices)] for name, choices in values.items()}
        for turn in range(rounds)
    ]
    required = {
        name: choices[0]
        for name, choices in values.items()
        if get_origin(hints[name]) in (typing.Required, typing_extensions.Required)
    }
    whole = [fit(document) for document in (required, *full)]
    return [_from_one_place(document, hints, turn) for turn, document in enumerate(whole)]


def _from_one_place(document: dict[str, Any], hints: Any, turn: int) -> dict[str, Any]:
    """Leave or give a document one of the keys that exclude each other, in turn."""
    places = ONE_OF.get(document.get("type"), {})
    if not places or not places.keys() <= hints.keys():
        return document
    name = list(places)[turn % len(places)]
    return {key: document[key] for key in document if key not in places} | {name: places[name]}


def fit(document: dict[str, Any]) -> dict[str, Any]:
    """Give a document the values that only the API's own rules ask for."""
    kind = document.get("type") or ("message" if "role" in document else None)
    if kind in IDS and "id" in document:
        document["id"] = IDS[kind]
    if document.get("role") == "assistant" and "id" not in document:
        document["content"] = "only output parts may stand here"
    elif "role" in document:
        document.pop("phase", None)
    return document


def kinds(annotation: Any) -> set[str]:
    """Return the types that the members of a union are told by."""
    hints = [get_type_hints(member, include_extras=True) for member in members(annotation)]
    told = [examples(hint["type"]) for hint in hints if "type" in hint]
    return set(chain.from_iterable(told))


def test_every_parameter_of_the_sdk_is_known() -> None:
    """CreateResponse declares each parameter of ``responses.create``."""
    streaming = get_type_hints(response_create_params.ResponseCreateParamsStreaming)
    assert {*CREATE, *streaming} <= set(keys(CreateResponse))


def test_every_parameter_of_a_count_is_known() -> None:
    """The parameters of ``responses.input_tokens.count`` are exactly those taken."""
    hints = get_type_hints(input_token_count_params.InputTokenCountParams)
    assert set(hints) == COUNT_FIELDS


def test_every_kind_of_the_sdk_has_a_shape() -> None:
    """Each input item, tool and tool choice that the SDK types can be looked up by its type."""
    assert kinds(ResponseInputItemParam) <= set(INPUT_ITEMS)
    assert kinds(ToolParam) <= set(TOOLS)
    choices = [member for member in members(CREATE["tool_choice"]) if get_origin(member) is None]
    assert set(chain.from_iterable(kinds(choice) for choice in choices)) <= set(TOOL_CHOICES)


@pytest.mark.parametrize("declared", members(ToolParam), ids=lambda each: each.__name__)
def test_every_key_of_a_tool_is_declared(declared: Any) -> None:
    """The shape of a tool has all keys that the SDK knows of it."""
    for kind in kinds(declared):
        assert set(get_type_hints(declared)) <= set(keys(TOOLS[kind]))


@pytest.mark.parametrize(
    "item", examples(ResponseInputItemParam), ids=lambda item: str(item.get("type"))
)
def test_an_item_of_the_sdk_is_accepted(item: dict[str, Any]) -> None:
    """Any input item the SDK can type passes, with all of its keys and each of its values."""
    check_items([item], name="input")


@pytest.mark.parametrize("name", sorted({*CREATE} - {"input", "conversation"}))
def test_a_parameter_of_the_sdk_is_accepted_with_each_of_its_values(name: str) -> None:
    """Whatever the SDK can send for a parameter is taken as it is."""
    for value in examples(CREATE[name]):
        given = _in_range(name, value)
        if name == "reasoning":
            given.pop("generate_summary", None)  # typed still, but refused by the API
        request = read_request({"model": "gpt-5.6", "input": "json", name: given})
        assert getattr(request, name) == given


def _in_range(name: str, value: Any) -> Any:
    """Raise a number to what the parameter's limits ask for."""
    if name == "max_output_tokens":
        return 16
    if name == "context_management":
        return [{"type": "compaction", "compact_threshold": 1000}]
    return value


def test_a_count_takes_what_the_sdk_sends() -> None:
    """A request to count tokens may have any of its parameters, or none."""
    assert parse_input_tokens({}).input == ""
    body = {"input": "a", "personality": "friendly", "truncation": "auto", "tools": []}
    assert parse_input_tokens(body).truncation == "auto"
