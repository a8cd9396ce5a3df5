"""Random schemas of the strict subset: every value is valid, and has what is required alone."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from api import Api
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from required import optional_keys

from mockserver.schema.strict_schema import violation
from mockserver.sources.jsonschema import generate
from mockserver.sources.words import Words

Schema = dict[str, Any]

WORDS = Words(seed=5)
CHECKER = Draft202012Validator.FORMAT_CHECKER
BOUNDED = settings(
    max_examples=500,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)

NAMES = st.sampled_from(["city", "id", "email", "price", "tags", "start_date", "Größe", "a b", "x"])
SPANS = st.tuples(st.integers(-50, 50), st.integers(0, 60))
FORMATS = ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"]
PATTERNS = ["^[a-z]+$", "^[A-Z]{2}[0-9]{3}$", r"^\d{2,4}-\w*$", "^(ab|c)+$", "^@[a-zA-Z0-9_]+$"]
STRINGS = st.one_of(
    st.just({"type": "string"}),
    st.builds(lambda name: {"type": "string", "format": name}, st.sampled_from(FORMATS)),
    st.builds(lambda text: {"type": "string", "pattern": text}, st.sampled_from(PATTERNS)),
)
NUMBERS = st.one_of(
    st.sampled_from([{"type": "integer"}, {"type": "number"}, {"type": "number", "multipleOf": 5}]),
    st.builds(
        lambda kind, span: {"type": kind, "minimum": span[0], "maximum": span[0] + span[1]},
        st.sampled_from(["integer", "number"]),
        SPANS,
    ),
)
LEAVES = st.one_of(
    STRINGS,
    NUMBERS,
    st.sampled_from(
        [
            {"type": "boolean"},
            {"type": ["string", "null"]},
            {"type": "string", "enum": ["red", "green"]},
            {"$ref": "#/$defs/node"},
            {"type": "string", "const": "fixed"},
        ]
    ),
)


def an_object(properties: Schema, required: list[str] | None = None) -> Schema:
    """Return the schema of an object without further properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


def arrays(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Schema]:
    """Return schemas of arrays."""
    return st.builds(
        lambda items, counts: {"type": "array", "items": items, **counts},
        inner,
        st.sampled_from([{}, {"minItems": 2}, {"maxItems": 1}, {"minItems": 1, "maxItems": 3}]),
    )


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Schema]:
    """Return schemas of objects that require all they have."""
    return st.dictionaries(NAMES, inner, max_size=4).map(an_object)


def lax(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Schema]:
    """Return schemas of objects that require some of what they have."""
    return st.dictionaries(NAMES, inner, max_size=4).flatmap(
        lambda properties: st.builds(
            an_object,
            st.just(properties),
            st.lists(st.sampled_from(sorted(properties) or ["none"]), unique=True).map(
                lambda names: [name for name in names if name in properties]
            ),
        )
    )


def choices(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Schema]:
    """Return schemas of a choice."""
    return st.lists(inner, min_size=1, max_size=3).map(lambda several: {"anyOf": several})


def documents(objects_of: Any) -> st.SearchStrategy[Schema]:
    """Return whole schemas: an object, with a definition that refers to itself."""
    inner = st.recursive(
        LEAVES, lambda below: arrays(below) | objects_of(below) | choices(below), max_leaves=6
    )
    node = {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}
    defs = {"node": an_object({"value": {"type": "string"}, "next": node})}
    return objects_of(inner).map(lambda schema: {**schema, "$defs": defs})


def problems(schema: Schema, value: Any) -> list[str]:
    """Return what another validator has against a value."""
    json.dumps(value, allow_nan=False)
    errors = Draft202012Validator(schema, format_checker=CHECKER).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in errors]


@BOUNDED
@given(documents(objects), st.integers(0, 99))
def test_a_strict_schema_gets_a_valid_value(schema: Schema, seed: int) -> None:
    """Whatever the API takes as strict, a value for it is found, and is valid."""
    assert violation(schema) is None
    assert problems(schema, generate(schema, Random(seed), WORDS)) == []


@settings(parent=BOUNDED, max_examples=150)
@given(documents(lax), st.integers(0, 99))
def test_only_what_is_required_is_made_up(schema: Schema, seed: int) -> None:
    """Optional properties stay out, at every depth, so that they cannot break a caller's tool."""
    value = generate(schema, Random(seed), WORDS)
    assert problems(schema, value) == []
    assert list(optional_keys(schema, value)) == []


@settings(parent=BOUNDED, max_examples=100)
@given(documents(lax), st.integers(0, 99))
def test_optional_properties_come_when_they_are_asked_for(schema: Schema, seed: int) -> None:
    """With the setting, the value is as valid, and has every property there is."""
    value = generate(schema, Random(seed), WORDS, optional=True)
    assert problems(schema, value) == []
    assert set(value) == set(schema["properties"])


def test_a_tool_is_called_with_a_valid_value(api: Api) -> None:
    """Through the server: arguments of strict and of other functions, and structured output."""

    @settings(parent=BOUNDED, max_examples=40)
    @given(documents(objects), documents(lax))
    def ask(strict: Schema, other: Schema) -> None:
        for schema, function in ((strict, {"strict": True}), (other, {"strict": False})):
            tool = {"type": "function", "name": "f", "parameters": schema, **function}
            made = api.create({"model": "gpt-4.1", "input": "hi", "tools": [tool]})
            arguments = json.loads(made["output"][0]["arguments"])
            assert problems(schema, arguments) == []
            assert list(optional_keys(schema, arguments)) == []
        form = {"type": "json_schema", "name": "f", "strict": True, "schema": strict}
        made = api.create({"model": "gpt-4.1", "input": "hi", "text": {"format": form}})
        assert problems(strict, json.loads(made["output"][0]["content"][0]["text"])) == []

    ask()
