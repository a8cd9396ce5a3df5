"""Hostile schemas: whatever comes in, an answer or an error comes out, and soon."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from time import perf_counter
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockserver.sources.jsonschema import UnsatisfiableSchema, generate
from mockserver.sources.words import Words

WORDS = Words(seed=1)
SOON = 5.0
"""Seconds; ten times what the slowest of these takes on a quiet machine."""


def nested(times: int, wrap: Callable[[Any], Any], core: Any) -> Any:
    """Wrap a schema so many times."""
    for _ in range(times):
        core = wrap(core)
    return core


def doubling(keyword: str, levels: int) -> dict[str, Any]:
    """Return a schema whose every level refers to the next one twice."""
    levels_below = {
        f"d{n}": {keyword: [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]}
        for n in range(levels)
    }
    return {"$ref": "#/$defs/d0", "$defs": {**levels_below, f"d{levels}": {"type": "string"}}}


def array_of(items: Any) -> dict[str, Any]:
    """Return the schema of an array with at least one item."""
    return {"type": "array", "items": items, "minItems": 1}


NAMES = [f"p{n}" for n in range(5000)]

HOSTILE: dict[str, Any] = {
    "arrays 90 deep": nested(90, array_of, {"type": "string"}),
    "arrays 5000 deep": nested(5000, array_of, {"type": "string"}),
    "unions 200 deep": nested(200, lambda inner: {"anyOf": [inner]}, {"type": "string"}),
    "negations 200 deep": nested(200, lambda inner: {"not": inner}, {"type": "string"}),
    "itself": {"$ref": "#"},
    "itself in allOf": {"allOf": [{"$ref": "#"}]},
    "itself in oneOf": {"oneOf": [{"$ref": "#"}, {"type": "null"}]},
    "itself in not": {"not": {"$ref": "#"}},
    "itself in if": {"if": {"$ref": "#"}, "then": {"type": "string"}},
    "two in a circle": {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
    },
    "endless": {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
    "ten ways deeper": {"type": "object", "properties": {c: {"$ref": "#"} for c in "abcdefghij"}},
    "endless, nearly": {
        "type": "array",
        "contains": {"enum": [[{"city": 1}, 2]]},
        "maxContains": 2,
        "items": {"$ref": "#"},
    },
    "allOf doubling": doubling("allOf", 40),
    "anyOf doubling": doubling("anyOf", 40),
    "oneOf doubling": doubling("oneOf", 40),
    "unions that exclude each other": {
        "type": "object",
        "maxProperties": 3,
        "allOf": [{"anyOf": [{"required": [f"a{n}"]}, {"required": [f"b{n}"]}]} for n in range(20)],
    },
    "text of a billion characters": {"type": "string", "minLength": 10**9},
    "array of a billion items": {"type": "array", "minItems": 10**9},
    "a billion items, in threes": nested(
        3, lambda inner: {"type": "array", "items": inner, "minItems": 1000}, {"type": "integer"}
    ),
    "object of a million keys": {"type": "object", "minProperties": 10**6},
    "object of 5000 keys": {"type": "object", "minProperties": 5000},
    "object of 5000 properties": {
        "type": "object",
        "properties": {name: {"type": ["string", "null"]} for name in NAMES},
        "required": NAMES,
    },
    "2000 different numbers of 2000": {
        "type": "array",
        "items": {"type": "integer", "minimum": 1, "maximum": 2000},
        "uniqueItems": True,
        "minItems": 2000,
    },
    "enum of 20000": {"enum": [f"v{n}" for n in range(20000)], "type": "string"},
    "pattern of a million": {"type": "string", "pattern": "(a{1000}){1000}"},
    "pattern that backtracks": {"type": "string", "pattern": "^(a|a)*b(?=c)$"},
    "pattern and enum": {"enum": ["a" * 60 + "!"], "pattern": "^(a+)+$"},
    "patterns of properties": {
        "type": "object",
        "patternProperties": {f"^(a+)+{n}$": {} for n in range(200)},
        "required": ["a" * 200 + str(n) for n in range(100)],
    },
    "circle of 1000 definitions": {
        "$ref": "#/$defs/d0",
        "$defs": {
            f"d{n}": {"properties": {"next": {"$ref": f"#/$defs/d{(n + 1) % 1000}"}}}
            for n in range(1000)
        },
    },
    "chain of 1000 references": {
        "$ref": "#/$defs/d0",
        "$defs": {
            **{f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(1000)},
            "d1000": {"type": "string"},
        },
    },
    "numbers past the end": {"type": "number", "multipleOf": 1e-300, "minimum": 1e300},
    "bound of 400 digits": {"type": "integer", "minimum": 10**400},
}
EASY = (
    "ten ways deeper",
    "object of 5000 keys",
    "object of 5000 properties",
    "anyOf doubling",
    "2000 different numbers of 2000",
    "enum of 20000",
    "circle of 1000 definitions",
)


@pytest.mark.parametrize("optional", [False, True])
@pytest.mark.parametrize("name", HOSTILE)
def test_generation_ends_soon_whatever_the_schema(name: str, optional: bool) -> None:
    """Any schema gets a value or an UnsatisfiableSchema, neither a hang nor another error."""
    WORDS.text(Random(1), words=9)
    start = perf_counter()
    try:
        generate(HOSTILE[name], Random(1), WORDS, optional=optional)
    except UnsatisfiableSchema as error:
        assert len(error.reason) < 600, "the reason can be read"  # noqa: PT017
    assert perf_counter() - start < SOON


@pytest.mark.parametrize("name", EASY)
def test_large_schema_gets_a_valid_value(name: str) -> None:
    """Size alone is no reason to refuse."""
    value = generate(HOSTILE[name], Random(1), WORDS)
    assert Draft202012Validator(HOSTILE[name]).is_valid(value)


def test_union_with_itself_takes_the_branch_that_means_something() -> None:
    """A branch that leads back to its own union says nothing; another one has to."""
    schema = {"anyOf": [{"$ref": "#"}, {"type": "null"}]}
    assert {generate(schema, Random(seed), WORDS) for seed in range(9)} == {None}


def test_second_value_is_like_the_first_when_work_is_scarce() -> None:
    """What is worked out once and kept changes neither a value nor an error."""
    schema = HOSTILE["ten ways deeper"]
    first = [generate(schema, Random(seed), WORDS, optional=True) for seed in range(4)]
    again = [generate(schema, Random(seed), WORDS, optional=True) for seed in range(4)]
    assert first == again
