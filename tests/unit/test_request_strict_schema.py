"""The strict subset of JSON Schema, and functions as the API echoes them."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.schema.errors import ApiError
from mockserver.schema.strict_schema import (
    MAX_CHARACTERS,
    MAX_ENUM_VALUES,
    MAX_LEVELS,
    MAX_PROPERTIES,
    normalise_function,
    violation,
)
from mockserver.schema.validation import parse_request

ALL_KEYS = (
    "'required' is required to be supplied and to be an array including every key in properties."
)
CLOSED = "'additionalProperties' is required to be supplied and to be false."


def closed(**properties: Any) -> dict[str, Any]:
    """Return the strict schema of an object with these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


STRING = {"type": "string"}

VIOLATIONS = [
    (
        {"type": "object", "properties": {"a": STRING}, "required": ["a"]},
        f"In context=(), {CLOSED}",
    ),
    ({**closed(a=STRING), "additionalProperties": True}, f"In context=(), {CLOSED}"),
    (
        {**closed(a=STRING, unit=STRING), "required": ["a"]},
        f"In context=(), {ALL_KEYS} Missing 'unit'.",
    ),
    ({**closed(a=STRING), "required": "a"}, f"In context=(), {ALL_KEYS} Missing 'a'."),
    (
        {**closed(a=STRING), "required": ["a", "b"]},
        f"In context=(), {ALL_KEYS} Extra required key 'b' supplied.",
    ),
    (
        {**closed(a=STRING), "required": ["a", ["b"]]},
        f"In context=(), {ALL_KEYS} Extra required key '['b']' supplied.",
    ),
    (
        {"type": "object", "additionalProperties": False},
        "In context=(), object schema missing properties.",
    ),
    (
        {"anyOf": [STRING]},
        "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'.",
    ),
    (
        {"type": "array"},
        "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'.",
    ),
    ([], "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'."),
    ({"oneOf": [closed()]}, "In context=(), 'oneOf' is not permitted."),
    ({**closed(), "allOf": []}, "In context=(), 'allOf' is not permitted."),
    (
        closed(a={"type": "array", "items": STRING, "uniqueItems": True}),
        "In context=('properties', 'a'), 'uniqueItems' is not permitted.",
    ),
    (
        closed(a={"type": "array", "items": {"type": "object", "properties": {}}}),
        f"In context=('properties', 'a', 'items'), {CLOSED}",
    ),
    (
        closed(a={"anyOf": [STRING, {"type": "object", "properties": {}}]}),
        f"In context=('properties', 'a', 'anyOf', '1'), {CLOSED}",
    ),
    (closed(a={"type": "array"}), "In context=('properties', 'a'), array schema missing items."),
    (closed(a={}), "In context=('properties', 'a'), schema must have a 'type' key."),
    (closed(a={"const": "x"}), "In context=('properties', 'a'), schema must have a 'type' key."),
    (
        closed(a={"type": "string", "format": "uri"}),
        "In context=('properties', 'a'), 'uri' is not a valid format.",
    ),
    (
        closed(a={"$ref": "#/$defs/A", "title": "t", "description": "d"}),
        "context=('properties', 'a'), $ref cannot have keywords {'description', 'title'}.",
    ),
    (
        {**closed(a={"$ref": "#/$defs/A"}), "$defs": {"A": {"type": "object", "properties": {}}}},
        f"In context=('$defs', 'A'), {CLOSED}",
    ),
    (closed(a=7), "In context=('properties', 'a'), schema must be an object."),
]


@pytest.mark.parametrize(("schema", "sentence"), VIOLATIONS)
def test_a_schema_outside_the_subset_is_told_in_the_words_of_the_api(
    schema: Any, sentence: str
) -> None:
    """The sentence names the place and what is wrong there."""
    assert violation(schema) == sentence


@pytest.mark.parametrize(
    "schema",
    [
        closed(),
        closed(a={"type": ["string", "null"], "pattern": "^a$", "minLength": 1, "default": None}),
        closed(a={"type": "integer", "minimum": 1, "exclusiveMaximum": 9, "multipleOf": 2}),
        closed(a={"type": "array", "items": STRING, "minItems": 1, "maxItems": 3}),
        closed(a=True),
        closed(a={"type": "array", "prefixItems": [STRING], "items": STRING}),
        closed(a={"enum": ["x", "y"]}, b={"type": "string", "const": "x"}),
        closed(a={"type": "string", "format": "email"}, b={"anyOf": [STRING, {"type": "null"}]}),
        {**closed(next={"$ref": "#"}), "title": "Recursive", "$schema": "https://example.com"},
        {**closed(a={"$ref": "#/$defs/A"}), "$defs": {"A": closed(b=STRING)}},
        closed(a={"type": "object", **closed(b=STRING)}),
    ],
)
def test_a_schema_within_the_subset_is_accepted(schema: dict[str, Any]) -> None:
    """Everything documented as supported or recorded as accepted passes."""
    assert violation(schema) is None


def _nested(levels: int) -> dict[str, Any]:
    schema = closed()
    for _ in range(levels - 1):
        schema = closed(a=schema)
    return schema


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        (_nested(MAX_LEVELS), _nested(MAX_LEVELS + 1)),
        (
            closed(**{f"p{index}": STRING for index in range(MAX_PROPERTIES)}),
            closed(**{f"p{index}": STRING for index in range(MAX_PROPERTIES + 1)}),
        ),
        (
            closed(a={"enum": list(range(MAX_ENUM_VALUES))}),
            closed(a={"enum": list(range(MAX_ENUM_VALUES + 1))}),
        ),
        (
            closed(a={"enum": ["x" * 60] * 250}),
            closed(a={"enum": ["x" * 60] * 251}),
        ),
        (
            closed(a={"type": "string", "const": "x" * (MAX_CHARACTERS - 1)}),
            closed(a={"type": "string", "const": "x" * MAX_CHARACTERS}),
        ),
    ],
    ids=["levels", "properties", "enum values", "long enum", "characters"],
)
def test_a_schema_has_limits_to_its_size(within: dict[str, Any], beyond: dict[str, Any]) -> None:
    """The limit itself is accepted, one more is not."""
    assert violation(within) is None
    assert violation(beyond) is not None


def _function(**keys: Any) -> dict[str, Any]:
    return {"type": "function", "name": "f", **keys}


def _refused(**body: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        parse_request({"model": "gpt-4o", "input": "a", **body})
    return caught.value


def test_a_strict_function_must_keep_to_the_subset() -> None:
    """The error names the function and the place of its parameters."""
    bad = {**closed(unit=STRING), "required": []}
    error = _refused(tools=[{"type": "web_search"}, _function(parameters=bad, strict=True)])
    assert error.message == (
        f"Invalid schema for function 'f': In context=(), {ALL_KEYS} Missing 'unit'."
    )
    assert (error.param, error.code) == ("tools[1].parameters", "invalid_function_parameters")


def test_a_strict_function_in_a_namespace_is_held_to_the_subset() -> None:
    """The path leads through the namespace."""
    tool = _function(parameters={"type": "object"}, strict=True)
    error = _refused(tools=[{"type": "namespace", "name": "n", "tools": [tool]}])
    assert error.param == "tools[0].tools[0].parameters"


@pytest.mark.parametrize("strict", [None, False])
def test_a_loose_function_only_needs_the_parameters_of_an_object(strict: bool | None) -> None:
    """Without strictness any object schema will do, but it has to be an object's."""
    for parameters in ({"type": "object", "allOf": []}, {}, None):
        tool = _function(parameters=parameters, strict=strict)
        parse_request({"model": "gpt-4o", "input": "a", "tools": [tool]})
    error = _refused(tools=[_function(parameters={"type": "array"}, strict=strict)])
    assert error.message == (
        "Invalid schema for function 'f': "
        "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'."
    )


def test_a_strict_text_format_must_keep_to_the_subset() -> None:
    """The recorded error, word for word; a loose format is not looked at."""
    schema = {"type": "object", "properties": {"a": STRING}, "required": ["a"]}
    form = {"type": "json_schema", "name": "response", "schema": schema}
    parse_request({"model": "gpt-4o", "input": "a", "text": {"format": form}})
    error = _refused(text={"format": form | {"strict": True}})
    assert error.message == (
        f"Invalid schema for response_format 'response': In context=(), {CLOSED}"
    )
    assert (error.param, error.code) == ("text.format.schema", "invalid_json_schema")


def test_a_function_that_leaves_strict_out_is_echoed_as_strict() -> None:
    """Every object in it is closed and requires all it has; what was named stays in its place."""
    parameters = {
        "type": "object",
        "properties": {"a": STRING, "b": {"type": "object", "properties": {"c": STRING}}},
        "required": ["b"],
    }
    sent = _function(parameters=parameters)
    echo = normalise_function(sent)
    assert echo == {
        "type": "function",
        "description": None,
        "name": "f",
        "output_schema": None,
        "parameters": {
            "type": "object",
            "properties": {
                "a": STRING,
                "b": {
                    "type": "object",
                    "properties": {"c": STRING},
                    "additionalProperties": False,
                    "required": ["c"],
                },
            },
            "required": ["b", "a"],
            "additionalProperties": False,
        },
        "strict": True,
    }
    assert list(echo) == ["type", "description", "name", "output_schema", "parameters", "strict"]
    assert "additionalProperties" not in parameters


def test_a_function_that_says_how_strict_it_is_is_echoed_as_it_is() -> None:
    """Parameters are not touched then; an empty description is none."""
    parameters = {"type": "object", "properties": {"a": STRING}}
    sent = _function(parameters=parameters, strict=False, description="", defer_loading=True)
    echo = normalise_function(sent)
    assert echo["parameters"] is parameters
    assert (echo["strict"], echo["description"], echo["defer_loading"]) == (False, None, True)


@pytest.mark.parametrize("sent", [{}, {"parameters": None}, {"parameters": {}}])
def test_a_function_without_parameters_is_echoed_with_an_empty_object(sent: dict[str, Any]) -> None:
    """No parameters are those of an object without properties."""
    empty = {"type": "object", "properties": {}}
    assert normalise_function(_function(strict=False, **sent))["parameters"] == empty
    echo = normalise_function(_function(**sent))
    assert echo["parameters"] == empty | {"additionalProperties": False, "required": []}


def test_a_function_that_cannot_be_strict_is_echoed_as_loose() -> None:
    """Parameters outside the subset stay as they were sent."""
    parameters = {"type": "object", "properties": {}, "additionalProperties": True}
    echo = normalise_function(_function(parameters=parameters))
    assert echo["strict"] is False
    assert echo["parameters"] is parameters
