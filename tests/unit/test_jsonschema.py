"""Values for JSON Schemas: each keyword, alone and with others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockserver.sources.jsonschema import UnsatisfiableSchema, generate
from mockserver.sources.words import Words

WORDS = Words(seed=1)
SEEDS = range(12)

NODE = {
    "type": "object",
    "properties": {"value": {"type": "integer"}, "next": {"$ref": "#"}},
    "required": ["value"],
}
STRICT_NODE = {
    "type": "object",
    "properties": {
        "value": {"type": "number"},
        "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
        "kids": {"type": "array", "items": {"$ref": "#"}},
    },
    "required": ["value", "next", "kids"],
    "additionalProperties": False,
}
SHAPES = {
    "$defs": {
        "circle": {
            "type": "object",
            "properties": {"kind": {"const": "circle"}, "radius": {"type": "number"}},
            "required": ["kind", "radius"],
        },
        "square": {
            "type": "object",
            "properties": {"kind": {"const": "square"}, "side": {"type": "number"}},
            "required": ["kind", "side"],
        },
    },
    "oneOf": [{"$ref": "#/$defs/circle"}, {"$ref": "#/$defs/square"}],
}

SATISFIABLE: dict[str, Any] = {
    "true": True,
    "empty": {},
    "type list": {"type": ["string", "null"]},
    "enum": {"enum": ["a", 1, None, {"x": [1]}, [2]]},
    "enum narrowed by type": {"enum": ["a", 1, None], "type": "integer"},
    "enum narrowed by bound": {"type": "integer", "enum": [1, 5, 9], "minimum": 6},
    "enum narrowed by enum": {"allOf": [{"enum": [1, 2, 3]}, {"enum": [3, 4]}]},
    "enum with one and true": {"enum": [1, True], "type": "boolean"},
    "const": {"const": {"deep": [1, {"x": None}]}},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "integer": {"type": "integer"},
    "integer bounds": {"type": "integer", "minimum": 1000, "maximum": 1001},
    "integer exclusive bounds": {
        "type": "integer",
        "exclusiveMinimum": 4,
        "exclusiveMaximum": 6,
    },
    "integer fractional bounds": {"type": "integer", "minimum": 0.5, "maximum": 1.5},
    "integer below zero": {"type": "integer", "maximum": -7},
    "integer multiples": {"type": "integer", "multipleOf": 7, "minimum": 50, "maximum": 60},
    "integer multiples of fractions": {"type": "integer", "multipleOf": 2.5},
    "integer large": {"type": "integer", "minimum": 10**18},
    "integer beyond 64 bits": {"type": "integer", "minimum": 1e20},
    "number": {"type": "number"},
    "number narrow": {"type": "number", "exclusiveMinimum": 0.1, "exclusiveMaximum": 0.1001},
    "number point": {"type": "number", "minimum": 2.5, "maximum": 2.5},
    "number cents": {"type": "number", "multipleOf": 0.01, "minimum": 0},
    "number tenths": {"type": "number", "multipleOf": 0.1, "exclusiveMinimum": 0, "maximum": 1},
    "number two factors": {"allOf": [{"multipleOf": 0.4}, {"multipleOf": 0.6}], "type": "number"},
    "number huge": {"type": "number", "minimum": -1e308, "maximum": 1e308},
    "number far off": {"type": "number", "minimum": 1e15},
    "string": {"type": "string"},
    "string lengths": {"type": "string", "minLength": 3, "maxLength": 5},
    "string empty": {"type": "string", "maxLength": 0},
    "string long": {"type": "string", "minLength": 5000, "maxLength": 5001},
    "pattern": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
    "pattern unanchored": {"type": "string", "pattern": "[0-9]{3}", "minLength": 20},
    "pattern with lengths": {"type": "string", "pattern": "^(ab|cde)*$", "minLength": 7},
    "pattern twice": {"type": "string", "allOf": [{"pattern": "^[a-z]"}, {"pattern": "[0-9]$"}]},
    "pattern ahead": {"type": "string", "pattern": r"^(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{8,}$"},
    "pattern with format": {
        "type": "string",
        "format": "email",
        "pattern": "^[a-z]+@corp\\.example$",
    },
    "array": {"type": "array", "items": {"type": "integer"}},
    "array untyped items": {"type": "array"},
    "array lengths": {"type": "array", "items": {"type": "string"}, "minItems": 5, "maxItems": 6},
    "array of none": {"type": "array", "items": False},
    "array unique": {
        "type": "array",
        "items": {"enum": [1, 2, 3]},
        "uniqueItems": True,
        "minItems": 3,
    },
    "array unique tight": {
        "type": "array",
        "items": {"type": "integer", "minimum": 1, "maximum": 50},
        "uniqueItems": True,
        "minItems": 50,
    },
    "array unique booleans": {
        "type": "array",
        "items": {"type": ["boolean", "integer"], "maximum": 1, "minimum": 0},
        "uniqueItems": True,
        "minItems": 4,
    },
    "tuple": {
        "type": "array",
        "prefixItems": [{"type": "string"}, {"type": "integer"}],
        "items": False,
        "minItems": 2,
    },
    "tuple with rest": {
        "type": "array",
        "prefixItems": [{"type": "string"}],
        "items": {"type": "boolean"},
        "minItems": 3,
    },
    "contains": {"type": "array", "contains": {"const": 5}, "items": {"type": "integer"}},
    "contains some": {
        "type": "array",
        "contains": {"type": "integer"},
        "minContains": 2,
        "maxContains": 3,
        "minItems": 6,
    },
    "contains two": {
        "type": "array",
        "allOf": [{"contains": {"const": 1}}, {"contains": {"const": 2}}],
        "maxItems": 2,
    },
    "contains none": {"type": "array", "contains": {"type": "null"}, "minContains": 0},
    "unevaluated items": {
        "type": "array",
        "prefixItems": [{"type": "string"}],
        "unevaluatedItems": False,
    },
    "object": {"type": "object"},
    "object by keyword": {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
    "object undeclared": {"type": "object", "required": ["who", "knows"]},
    "object map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "object least": {
        "type": "object",
        "additionalProperties": {"type": "integer"},
        "minProperties": 4,
    },
    "object most": {
        "type": "object",
        "properties": {name: {"type": "string"} for name in "abcdef"},
        "maxProperties": 2,
        "minProperties": 2,
    },
    "object patterns": {
        "type": "object",
        "patternProperties": {"^n_": {"type": "integer"}, "^s_": {"type": "string"}},
        "additionalProperties": False,
        "minProperties": 3,
    },
    "object pattern and property": {
        "type": "object",
        "properties": {"n_a": {"minimum": 5}},
        "patternProperties": {"^n_": {"type": "integer"}},
        "required": ["n_a"],
    },
    "property names": {
        "type": "object",
        "propertyNames": {"pattern": "^[A-Z]{2,4}$"},
        "minProperties": 2,
    },
    "dependent required": {
        "type": "object",
        "properties": {"a": {}, "b": {}, "c": {}},
        "required": ["a"],
        "dependentRequired": {"a": ["b"], "b": ["c"]},
    },
    "dependent schemas": {
        "type": "object",
        "properties": {"card": {"type": "string"}},
        "required": ["card"],
        "dependentSchemas": {
            "card": {"properties": {"street": {"type": "string"}}, "required": ["street"]}
        },
    },
    "unevaluated properties": {
        "allOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}],
        "properties": {"b": {"type": "integer"}},
        "required": ["b"],
        "unevaluatedProperties": False,
    },
    "all of": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"properties": {"a": {"minLength": 30}, "b": {"type": "null"}}, "required": ["b"]},
        ]
    },
    "all of closed": {
        "allOf": [
            {"properties": {"a": {"type": "integer"}}, "additionalProperties": {"minimum": 5}}
        ],
        "type": "object",
        "properties": {"b": {"type": "integer"}},
        "required": ["b"],
    },
    "any of": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    "any of, one possible": {"type": "integer", "anyOf": [{"minimum": 900}, {"type": "string"}]},
    "any of twice": {
        "type": "integer",
        "allOf": [
            {"anyOf": [{"minimum": 10, "maximum": 20}, {"const": 3}]},
            {"anyOf": [{"maximum": 5}, {"minimum": 15}]},
        ],
    },
    "one of": {
        "oneOf": [{"type": "integer", "multipleOf": 3}, {"type": "integer", "multipleOf": 5}]
    },
    "one of, number or integer": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    "one of shapes": SHAPES,
    "one of required": {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
    "not": {"type": "integer", "minimum": 1, "maximum": 3, "not": {"enum": [1, 3]}},
    "not a multiple": {"type": "number", "minimum": 0, "not": {"multipleOf": 0.01}},
    "not a format": {"type": "string", "not": {"format": "email"}},
    "not a format, twice": {"not": {"type": "string", "format": "uri-template"}},
    "not a type": {"not": {"type": "string"}},
    "not required": {"type": "object", "properties": {"a": {}}, "not": {"required": ["a"]}},
    "if": {
        "type": "object",
        "properties": {"country": {"enum": ["US", "NL"]}, "code": {"type": "string"}},
        "required": ["country", "code"],
        "if": {"properties": {"country": {"const": "US"}}},
        "then": {"properties": {"code": {"pattern": "^[0-9]{5}$"}}},
        "else": {"properties": {"code": {"pattern": "^[0-9]{4} [A-Z]{2}$"}}},
    },
    "reference with siblings": {
        "$defs": {"name": {"type": "string", "minLength": 4}},
        "type": "object",
        "properties": {"name": {"$ref": "#/$defs/name", "maxLength": 6}},
        "required": ["name"],
    },
    "reference to definitions": {
        "definitions": {"a/b~c": {"type": "integer"}},
        "properties": {"x": {"$ref": "#/definitions/a~1b~0c"}},
        "required": ["x"],
    },
    "reference anywhere": {
        "properties": {"x": {"type": "integer", "minimum": 70}, "y": {"$ref": "#/properties/x"}},
        "required": ["x", "y"],
    },
    "reference to an anchor": {
        "$defs": {"a": {"$anchor": "here", "type": "boolean"}},
        "$ref": "#here",
    },
    "reference to an id": {
        "$id": "https://example.com/root.json",
        "$defs": {"a": {"$id": "a.json", "type": "integer", "$defs": {"b": {"type": "null"}}}},
        "properties": {"x": {"$ref": "a.json"}, "y": {"$ref": "a.json#/$defs/b"}},
        "required": ["x", "y"],
    },
    "recursion": NODE,
    "recursion, strict": STRICT_NODE,
    "recursion through definitions": {
        "$ref": "#/$defs/expression",
        "$defs": {
            "expression": {"anyOf": [{"$ref": "#/$defs/sum"}, {"type": "number"}]},
            "sum": {
                "type": "object",
                "properties": {
                    "left": {"$ref": "#/$defs/expression"},
                    "right": {"$ref": "#/$defs/expression"},
                },
                "required": ["left", "right"],
            },
        },
    },
    "any JSON": {
        "anyOf": [
            {"type": ["string", "number", "boolean", "null"]},
            {"type": "array", "items": {"$ref": "#"}},
            {"type": "object", "additionalProperties": {"$ref": "#"}},
        ]
    },
    "default": {"type": "integer", "default": 5},
    "default invalid": {"type": "integer", "default": "five"},
    "examples": {"type": "string", "examples": ["one", 2], "maxLength": 3},
    "unknown keywords": {"type": "string", "x-order": 1, "nullable": True, "title": "T"},
}

UNSATISFIABLE: dict[str, tuple[Any, tuple[str | int, ...]]] = {
    "false": (False, ()),
    "bounds": ({"properties": {"age": {"type": "integer", "minimum": 5, "maximum": 4}},
                "required": ["age"]}, ("properties", "age")),
    "no whole number": ({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2}, ()),
    "no multiple": ({"type": "integer", "multipleOf": 10, "minimum": 1, "maximum": 9}, ()),
    "lengths": ({"type": "string", "minLength": 3, "maxLength": 2}, ()),
    "length too large": ({"type": "string", "minLength": 10**9}, ()),
    "pattern against length": ({"type": "string", "pattern": "^[a-z]{5}$", "maxLength": 4}, ()),
    "pattern wrong": ({"items": {"type": "string", "pattern": "(["}, "minItems": 1}, ("items",)),
    "pattern unsupported": ({"type": "string", "pattern": r"^\p{Emoji}$"}, ()),
    "types": ({"allOf": [{"type": "string"}, {"type": "integer"}]}, ()),
    "enum": ({"type": "integer", "enum": ["a", "b"]}, ()),
    "not": ({"type": "boolean", "not": {"enum": [True, False]}}, ()),
    "items": ({"type": "array", "minItems": 2, "maxItems": 1}, ()),
    "items of nothing": ({"type": "array", "items": False, "minItems": 1}, ()),
    "items not unique": ({"type": "array", "items": {"type": "null"}, "minItems": 2,
                          "uniqueItems": True}, ()),
    "required and forbidden": ({"type": "object", "required": ["a"],
                                "additionalProperties": False}, ("additionalProperties",)),
    "required and false": ({"type": "object", "required": ["a"], "properties": {"a": False}},
                           ("properties", "a")),
    "required name": ({"type": "object", "required": ["a"],
                       "propertyNames": {"pattern": "^b"}}, ()),
    "too many required": ({"type": "object", "required": ["a", "b"], "maxProperties": 1}, ()),
    "any of": ({"type": "null", "anyOf": [{"type": "string"}, {"enum": [1]}]}, ("anyOf", 0)),
    "one of": ({"type": "string", "oneOf": [{}, {"maxLength": 99999}]}, ()),
    "endless recursion": ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "object",
        "properties": {"a": {"$ref": "#/$defs/a"}}, "required": ["a"]}}}, ()),
    "itself": ({"$ref": "#"}, ()),
    "reference to nothing": ({"properties": {"a": {"$ref": "#/$defs/b"}}, "required": ["a"]},
                             ("properties", "a")),
    "reference elsewhere": ({"$ref": "https://example.com/other.json"}, ()),
    "type unknown": ({"properties": {"age": {"type": "int"}}}, ("properties", "age")),
    "type wrong": ({"type": 5}, ()),
    "required wrong": ({"required": True}, ()),
    "enum wrong": ({"items": {"enum": "abc"}}, ("items",)),
    "enum empty": ({"enum": []}, ()),
    "bound wrong": ({"minimum": "5"}, ()),
    "properties wrong": ({"properties": [1]}, ()),
    "schema wrong": ({"properties": {"a": "string"}}, ("properties", "a")),
    "not a schema": ("string", ()),
    "not JSON": ({"enum": {1, 2}}, ()),
}  # fmt: skip


def problems(schema: Any, value: Any) -> list[str]:
    """Return what a validator of others has against a value."""
    checker = Draft202012Validator.FORMAT_CHECKER
    errors = Draft202012Validator(schema, format_checker=checker).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in errors]


def depth(value: Any) -> int:
    """Return how many arrays and objects lie within each other."""
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


@pytest.mark.parametrize("optional", [False, True])
@pytest.mark.parametrize("name", SATISFIABLE)
def test_value_is_valid_for_each_keyword(name: str, optional: bool) -> None:
    """Every keyword, alone or with its like, gets valid values that JSON can carry."""
    schema = SATISFIABLE[name]
    for seed in SEEDS:
        value = generate(schema, Random(seed), WORDS, optional=optional)
        assert problems(schema, value) == []
        assert json.loads(json.dumps(value, allow_nan=False)) == value


@pytest.mark.parametrize("name", UNSATISFIABLE)
def test_error_says_where_when_nothing_is_valid(name: str) -> None:
    """A schema without values raises, and the error leads to the part that is to blame."""
    schema, path = UNSATISFIABLE[name]
    with pytest.raises(UnsatisfiableSchema) as raised:
        generate(schema, Random(1), WORDS)
    assert raised.value.path == path
    assert raised.value.reason
    assert str(raised.value) == f"In context={path!r}, {raised.value.reason}."


def test_error_is_a_value_error() -> None:
    """Those who only know ValueError can catch it."""
    with pytest.raises(ValueError, match="no value is allowed"):
        generate(False, Random(1), WORDS)


def test_only_required_properties_are_made_by_default() -> None:
    """What a tool does not require it does not get, unless asked."""
    schema = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("a", "b", "c", "d")},
        "required": ["d", "b"],
    }
    for seed in SEEDS:
        assert list(generate(schema, Random(seed), WORDS)) == ["b", "d"]
        assert list(generate(schema, Random(seed), WORDS, optional=True)) == ["a", "b", "c", "d"]


def test_nothing_is_added_to_an_open_object() -> None:
    """An object that may have any property gets none of its own accord."""
    schema = {"type": "object", "additionalProperties": {"type": "string"}}
    assert generate(schema, Random(1), WORDS) == {}
    assert len(generate(schema, Random(1), WORDS, optional=True)) == 2


def test_keys_come_in_the_order_of_the_schema() -> None:
    """Keys follow the declaration, at every level, whatever the order of ``required``."""
    inner = {"properties": {"y": {}, "x": {}}, "required": ["x", "y"]}
    schema = {
        "type": "object",
        "properties": {"b": {"type": "integer"}, "a": inner},
        "required": ["undeclared", "a", "b"],
    }
    value = generate(schema, Random(1), WORDS)
    assert list(value) == ["b", "a", "undeclared"]
    assert list(value["a"]) == ["y", "x"]


def test_optional_property_is_left_out_when_it_has_no_value() -> None:
    """An optional property that cannot be valid is no reason to fail."""
    schema = {"properties": {"a": {"type": "string"}, "b": False, "c": {"enum": [1], "minimum": 2}}}
    assert list(generate(schema, Random(1), WORDS, optional=True)) == ["a"]


def test_recursive_property_is_left_out_when_optional() -> None:
    """A list node without its optional successor is the whole list."""
    assert list(generate(NODE, Random(1), WORDS)) == ["value"]


def test_recursion_ends_early_when_everything_is_optional() -> None:
    """Even when optional properties are wanted, a recursive value stays small."""
    for seed in SEEDS:
        assert depth(generate(NODE, Random(seed), WORDS, optional=True)) <= 6


def test_recursion_ends_early_when_required() -> None:
    """Required recursion ends in null and in empty arrays after a few levels."""
    for seed in range(60):
        value = generate(STRICT_NODE, Random(seed), WORDS)
        assert depth(value) <= 9
        assert len(json.dumps(value)) < 4000


def test_recursion_happens_at_all() -> None:
    """A recursive schema is not always cut at its first level."""
    assert any(depth(generate(STRICT_NODE, Random(seed), WORDS)) > 2 for seed in SEEDS)


def test_nullable_value_is_mostly_there() -> None:
    """A union with null is how strict schemas say optional: the value is the likelier branch."""
    schema = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    missing = sum(generate(schema, Random(seed), WORDS) is None for seed in range(200))
    assert 10 < missing < 70


def test_all_branches_are_taken_sooner_or_later() -> None:
    """No branch of a union, and no member of an enum, is out of reach."""
    shapes = {generate(SHAPES, Random(seed), WORDS)["kind"] for seed in range(40)}
    assert shapes == {"circle", "square"}
    members = {generate({"enum": [1, 2, 3]}, Random(seed), WORDS) for seed in range(60)}
    assert members == {1, 2, 3}


def test_valid_example_is_used_now_and_then() -> None:
    """Examples and defaults are plausible values, but not the only ones."""
    schema = {"type": "string", "examples": ["xyzzy"]}
    drawn = [generate(schema, Random(seed), WORDS) for seed in range(60)]
    assert 10 < drawn.count("xyzzy") < 60


def test_value_can_be_changed_without_harm() -> None:
    """A value shares nothing with the schema or with the values after it."""
    schema = {"const": {"list": [1]}}
    generate(schema, Random(1), WORDS)["list"].append(2)
    assert generate(schema, Random(1), WORDS) == {"list": [1]}


def test_schema_can_be_changed_without_harm() -> None:
    """What is remembered of a schema is a copy: after a change the new schema counts."""
    schema: dict[str, Any] = {"const": 1}
    assert generate(schema, Random(1), WORDS) == 1
    schema["const"] = 2
    assert generate(schema, Random(1), WORDS) == 2


def test_same_state_gives_the_same_value() -> None:
    """Schema, random state and words decide; neither earlier calls nor a warm cache show."""
    schemas = list(SATISFIABLE.values())
    first = [generate(schema, Random(5), WORDS, optional=True) for schema in schemas]
    for seed in range(3):
        for schema in schemas:
            generate(schema, Random(seed), WORDS)
    assert [generate(schema, Random(5), WORDS, optional=True) for schema in schemas] == first


def test_random_state_moves_on() -> None:
    """One random source gives one value after the other."""
    rng = Random(1)
    drawn = [generate({"type": "string", "minLength": 12}, rng, WORDS) for _ in range(20)]
    assert len(set(drawn)) > 15


def test_same_state_gives_the_same_value_in_every_process() -> None:
    """The hash seed of a process, which orders its sets, shows nowhere."""
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); import test_jsonschema as t\n"
        "from random import Random\n"
        "print(json.dumps([t.generate(s, Random(3), t.WORDS, optional=o)"
        " for s in t.SATISFIABLE.values() for o in (False, True)]))"
    )
    outputs = set()
    for hash_seed in ("0", "1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", code, os.path.dirname(__file__)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_numbers_without_bounds_are_small() -> None:
    """A count nobody bounded is one a person might write."""
    for seed in SEEDS:
        assert 1 <= generate({"type": "integer"}, Random(seed), WORDS) <= 100
        value = generate({"type": "number"}, Random(seed), WORDS)
        assert 1 <= value <= 100
        assert round(value, 2) == value


def test_text_without_bounds_is_short() -> None:
    """A string nobody described is a few words."""
    for seed in SEEDS:
        assert 0 < len(generate({"type": "string"}, Random(seed), WORDS)) < 80
