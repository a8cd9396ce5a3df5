"""Random schemas: every value that is generated is valid."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockserver.sources.jsonschema import UnsatisfiableSchema, generate
from mockserver.sources.words import Words

WORDS = Words(seed=3)

NAMES = st.sampled_from(["city", "id", "email", "a", "b", "price", "tags", "next", "Größe"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9, 9),
    st.sampled_from([0.5, 1.0, -2.25, 1e6]),
    st.sampled_from(["", "a", "abc", "a@b.example", "2026-01-02", "ünï"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)
PATTERNS = st.sampled_from(
    ["^[a-z]+$", "^[A-Z]{2}[0-9]{3}$", "b", "^a|z$", r"^\d{2,4}-\w*$", "^(?=.*[0-9])[a-z0-9]{3,}$",
     "^(?!abc)[abc]{3}$", r"\bfoo\b", ".", "^$", "^(ab|c)*$", "[^a-z]", "(a+)+$"]
)  # fmt: skip
FORMATS = st.sampled_from(
    ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri",
     "uri-reference", "iri", "json-pointer", "relative-json-pointer", "regex", "uri-template",
     "idn-email", "idn-hostname", "iri-reference", "unheard-of"]
)  # fmt: skip
BOUNDS = st.integers(-20, 20) | st.sampled_from([0.5, -1.5, 3.0, 1e9, -1e9, 0.125, 1e21])
FACTORS = st.sampled_from([1, 2, 3, 7, 0.01, 0.1, 0.5, 2.5, 1e-3, 1e3])
COUNTS = st.integers(0, 5)


ROOT = st.just({"$ref": "#"})
"""Only ever below an array or an object: a schema that is itself in place means nothing."""


def some_of(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas that have any of the keywords."""
    return st.fixed_dictionaries({}, optional=keywords)


NUMBERS = st.builds(
    lambda kind, rest: {"type": kind, **rest},
    st.sampled_from(["integer", "number"]),
    some_of(
        minimum=BOUNDS,
        maximum=BOUNDS,
        exclusiveMinimum=BOUNDS,
        exclusiveMaximum=BOUNDS,
        multipleOf=FACTORS,
    ),
)
STRINGS = st.builds(
    lambda rest: {"type": "string", **rest},
    some_of(minLength=COUNTS, maxLength=st.integers(0, 60), pattern=PATTERNS)
    | some_of(minLength=st.integers(0, 90), format=FORMATS)
    | some_of(maxLength=st.integers(0, 90), format=FORMATS),
)
LISTED = st.builds(lambda values: {"enum": values}, st.lists(VALUES, min_size=1, max_size=4))
LEAVES = st.one_of(
    NUMBERS,
    STRINGS,
    LISTED,
    st.builds(lambda value: {"const": value}, VALUES),
    st.sampled_from(
        [
            True,
            {},
            {"type": "boolean"},
            {"type": "null"},
            {"$ref": "#/$defs/leaf"},
            {"$ref": "#/$defs/tree"},
        ]
    ),
    st.builds(
        lambda kinds: {"type": kinds},
        st.lists(
            st.sampled_from(["string", "integer", "null", "boolean", "array", "object"]),
            min_size=1,
            max_size=3,
            unique=True,
        ),
    ),
)


def arrays(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas of arrays."""
    return st.builds(
        lambda rest: {"type": "array", **rest},
        some_of(
            items=inner | ROOT | st.just(False),
            prefixItems=st.lists(inner, min_size=1, max_size=2),
            contains=inner,
            minContains=st.integers(0, 2),
            maxContains=st.integers(1, 3),
            minItems=st.integers(0, 4),
            maxItems=COUNTS,
            uniqueItems=st.booleans(),
        ),
    )


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas of objects."""
    return st.builds(
        lambda rest: {"type": "object", **rest},
        some_of(
            properties=st.dictionaries(NAMES, inner | ROOT, max_size=4),
            required=st.lists(NAMES, max_size=3, unique=True),
            additionalProperties=inner | st.booleans(),
            patternProperties=st.dictionaries(PATTERNS, inner, max_size=2),
            propertyNames=some_of(maxLength=st.integers(2, 9), pattern=PATTERNS),
            minProperties=st.integers(0, 3),
            maxProperties=st.integers(1, 4),
            dependentRequired=st.dictionaries(NAMES, st.lists(NAMES, max_size=2), max_size=2),
            dependentSchemas=st.dictionaries(NAMES, inner, max_size=1),
            unevaluatedProperties=st.booleans(),
        ),
    )


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas that combine others."""
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.fixed_dictionaries({"anyOf": several}),
        st.fixed_dictionaries({"oneOf": several}),
        st.fixed_dictionaries({"allOf": several}),
        st.fixed_dictionaries({"anyOf": several, "allOf": several}),
        st.fixed_dictionaries({"allOf": st.tuples(inner).map(list), "not": inner}),
        st.fixed_dictionaries({"if": inner, "then": inner, "else": inner}),
        st.fixed_dictionaries({"if": inner, "then": inner, "allOf": several}),
    )


SCHEMAS = st.recursive(
    LEAVES, lambda inner: arrays(inner) | objects(inner) | combined(inner), max_leaves=8
)
DOCUMENTS = st.builds(
    lambda root, leaf, tree: {
        **(root if isinstance(root, dict) else {"allOf": [root]}),
        "$defs": {"leaf": leaf, "tree": {"type": "object", "properties": {"kids": tree}}},
    },
    SCHEMAS,
    NUMBERS | STRINGS | LISTED,
    arrays(st.just({"$ref": "#/$defs/tree"})),
)


def problems(schema: Any, value: Any) -> list[str]:
    """Return what a validator of others has against a value."""
    checker = Draft202012Validator.FORMAT_CHECKER
    errors = Draft202012Validator(schema, format_checker=checker).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in errors]


@settings(
    max_examples=350, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(schema=DOCUMENTS, seed=st.integers(0, 9), optional=st.booleans())
def test_value_is_valid_whatever_the_schema(schema: Any, seed: int, optional: bool) -> None:
    """A value is valid, or there is none and an error says where and why."""
    try:
        value = generate(schema, Random(seed), WORDS, optional=optional)
    except UnsatisfiableSchema:
        return
    json.dumps(value, allow_nan=False)
    assert problems(schema, value) == []
