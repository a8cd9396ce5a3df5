"""What a schema document is made of: which keyword holds what, and which hold schemas."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, TypeAlias

from mockserver.sources.jsonschema.assertions import TYPES, is_integer
from mockserver.sources.jsonschema.regex.pattern import Pattern
from mockserver.sources.jsonschema.regex.tree import PatternError
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd, Path, shown
from mockserver.sources.jsonschema.work import Work

Schema: TypeAlias = Any
"""An object or a boolean; anything else is an error that ``inspect`` tells."""


class Place(NamedTuple):
    """A schema and where in its document it stands."""

    schema: Schema
    path: Path

    def down(self, *keys: str | int) -> Place:
        """Return the schema that the keys lead to from here."""
        schema = self.schema
        for key in keys:
            schema = schema[key]
        return Place(schema, self.path + keys)


_ONE: Final = (
    "not", "if", "then", "else", "items", "additionalItems", "additionalProperties", "contains",
    "propertyNames", "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS: Final = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")

_NUMBERS: Final = ("multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_COUNTS: Final = (
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
    "minContains", "maxContains",
)  # fmt: skip
_KINDS: Final[dict[str, str]] = (
    dict.fromkeys(("pattern", "format", "$ref", "$dynamicRef", "$id", "$anchor"), "string")
    | {"$dynamicAnchor": "string", "uniqueItems": "boolean", "dependentRequired": "object"}
    | dict.fromkeys((*_LISTS, "enum", "required"), "array")
    | dict.fromkeys(_MAPS, "object")
    | dict.fromkeys(_NUMBERS, "number")
    | dict.fromkeys(_COUNTS, "integer")
)


def inspect(place: Place) -> None:
    """Raise UnsatisfiableSchema when a keyword of the schema holds something it cannot hold."""
    schema, path = place
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise DeadEnd(path, f"{shown(schema)} is not of type 'object', 'boolean'")
    for key, value in schema.items():
        kind = _KINDS.get(key)
        if kind is not None and not TYPES[kind](value):
            raise DeadEnd(path, f"{key!r} is wrong: {shown(value)} is not of type {kind!r}")
        fault = _fault(key, value)
        if fault:
            raise DeadEnd(path, f"{key!r} is wrong: {fault}")


def _fault(key: str, value: Any) -> str | None:
    if key == "type":
        names = value if isinstance(value, list) else [value]
        unknown = [name for name in names if not isinstance(name, str) or name not in TYPES]
        return f"{shown(unknown[0])} is not a type" if unknown else None
    if key == "required" and not _names(value):
        return f"{shown(value)} is not a list of names"
    if key == "dependentRequired" and not all(map(_names, value.values())):
        return f"{shown(value)} does not hold lists of names"
    if key in _NUMBERS and not -sys.float_info.max <= value <= sys.float_info.max:
        return "it is too large"
    if key == "multipleOf" and value <= 0:
        return f"{shown(value)} is not above 0"
    if key in _COUNTS and (value < 0 or not is_integer(value)):
        return f"{shown(value)} is not a whole number of at least 0"
    if key in ("anyOf", "oneOf", "allOf", "enum") and not value:
        return "it is empty"
    return None


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def children(place: Place) -> Iterator[Place]:
    """Yield the schemas that stand right inside a schema that ``inspect`` found sound."""
    schema = place.schema
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        if key in _MAPS:
            yield from (place.down(key, name) for name in value)
        elif key in _LISTS or (key == "items" and isinstance(value, list)):
            yield from (place.down(key, index) for index in range(len(value)))
        elif key in _ONE:
            yield place.down(key)


def property_schemas(place: Place, key: str, work: Work) -> Iterable[Place]:
    """Yield the schemas that ``properties`` and its two companions hold for a key."""
    schema = place.schema
    matched = False
    if key in schema.get("properties", ()):
        matched = True
        yield place.down("properties", key)
    for pattern in schema.get("patternProperties", ()):
        if matches(pattern, key, place.path, work):
            matched = True
            yield place.down("patternProperties", pattern)
    if not matched and "additionalProperties" in schema:
        yield place.down("additionalProperties")


def matches(pattern: str, text: str, path: Path, work: Work) -> bool:
    """Tell whether a text matches; raise UnsatisfiableSchema when the pattern cannot be used."""
    try:
        return Pattern.of(pattern).found_in(text, lambda steps: work.spend(path, steps // 16))
    except PatternError as error:
        raise DeadEnd(path, f"the pattern {shown(pattern)} cannot be used: {error}") from None


def item_schemas(place: Place, index: int) -> Iterable[Place]:
    """Yield the schema for an item, if there is one; a list of ``items`` is the older form."""
    schema = place.schema
    prefix, rest = "prefixItems", "items"
    if isinstance(schema.get("items"), list):
        prefix, rest = "items", "additionalItems"
    if index < len(schema.get(prefix, ())):
        yield place.down(prefix, index)
    elif rest in schema:
        yield place.down(rest)


def listed(place: Place, keyword: str) -> Iterable[Place]:
    """Yield the members of ``allOf``, ``anyOf`` or ``oneOf``; none when it is absent."""
    return (place.down(keyword, index) for index in range(len(place.schema.get(keyword, ()))))
