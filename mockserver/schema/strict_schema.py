"""The strict subset of JSON Schema, and the rewrite of functions that leave ``strict`` out."""

from __future__ import annotations

from typing import Any, Final

from mockserver.schema.base import Json

MAX_PROPERTIES: Final = 5_000
MAX_LEVELS: Final = 10
MAX_ENUM_VALUES: Final = 1_000
MAX_CHARACTERS: Final = 120_000
MAX_LONG_ENUM_CHARACTERS: Final = 15_000
LONG_ENUM: Final = 250
"""Limits of a strict schema (api-contract §11.2)."""

_REFUSED: Final = frozenset(
    (
        "allOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "dependentRequired",
        "dependentSchemas",
        "patternProperties",
        "propertyNames",
        "minProperties",
        "maxProperties",
        "unevaluatedProperties",
        "unevaluatedItems",
        "contains",
        "minContains",
        "maxContains",
        "uniqueItems",
    )
)
"""Keywords the API does not permit; ``minLength`` and ``default`` were recorded as accepted."""

_FORMATS: Final = frozenset(
    ("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid")
)
_PLAIN_TYPES: Final = ("string", "integer", "number", "boolean", "null")
_PLAIN_KEYS: Final = frozenset(("type", "title", "description", "minimum", "maximum", "default"))
"""A schema of such a type with no other keys has nothing to look into."""

_REQUIRED: Final = (
    "'required' is required to be supplied and to be an array including every key in properties."
)
_CLOSED: Final = "'additionalProperties' is required to be supplied and to be false."
_Path = tuple[str, ...]


class _Violation(Exception):
    """The schema is outside the subset; the argument is the API's sentence."""


def _violation(path: _Path, text: str) -> _Violation:
    return _Violation(f"In context={path!r}, {text}")


def violation(schema: Any) -> str | None:
    """Return what the API would say against a schema for strict output, or None if it is fine.

    The sentence is that of the API after ``Invalid schema for …:`` (api-contract §9.4, §11.2).
    """
    reader = _Reader()
    try:
        if type(schema) is dict:
            reader.refuse_keywords(schema, ())
        object_at_root(schema)
        reader.read(schema, (), 1)
        reader.check_totals()
    except _Violation as found:
        return str(found)
    return None


def root_violation(schema: Json) -> str | None:
    """Return what the API says against parameters that are not an object's, or None."""
    try:
        object_at_root(schema)
    except _Violation as found:
        return str(found)
    return None


def object_at_root(schema: Any) -> None:
    """Raise unless the root is the schema of an object."""
    kind = schema.get("type") if type(schema) is dict else None
    if kind != "object":
        raise _Violation(
            f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."
        )


class _Reader:
    """One walk through a schema, adding up what has a limit over the whole."""

    def __init__(self) -> None:
        self.properties = 0
        self.enum_values = 0
        self.characters = 0

    def read(self, schema: Any, path: _Path, level: int) -> None:
        """Raise at the first thing in this schema, or in one inside it, that is not allowed."""
        if type(schema) is not dict:
            if type(schema) is not bool:
                raise _violation(path, "schema must be an object.")
            return
        if schema.keys() <= _PLAIN_KEYS and schema.get("type") in _PLAIN_TYPES:
            return
        if "$ref" in schema:
            self._read_reference(schema, path)
        else:
            self.refuse_keywords(schema, path)
            self._read_type(schema, path)
            self._read_object(schema, path, level)
            self._read_values(schema, path)
        self._read_inner(schema, path, level)

    def refuse_keywords(self, schema: Json, path: _Path) -> None:
        """Raise if the schema has a keyword that is not permitted."""
        if not _REFUSED.isdisjoint(schema):
            keyword = next(keyword for keyword in schema if keyword in _REFUSED)
            raise _violation(path, f"'{keyword}' is not permitted.")

    def check_totals(self) -> None:
        """Raise if the schema as a whole is too large; the wording is our own."""
        for count, limit, what in (
            (self.properties, MAX_PROPERTIES, "object properties"),
            (self.enum_values, MAX_ENUM_VALUES, "enum values"),
            (self.characters, MAX_CHARACTERS, "characters of names and values"),
        ):
            if count > limit:
                raise _violation((), f"expected at most {limit} {what} in total, but got {count}.")

    def _read_reference(self, schema: Json, path: _Path) -> None:
        siblings = sorted(key for key in schema if key not in ("$ref", "$defs", "definitions"))
        if siblings and path:
            listed = ", ".join(map(repr, siblings))
            raise _Violation(f"context={path!r}, $ref cannot have keywords {{{listed}}}.")

    def _read_type(self, schema: Json, path: _Path) -> None:
        kind = schema.get("type")
        if kind is None and "anyOf" not in schema and "enum" not in schema:
            raise _violation(path, "schema must have a 'type' key.")
        if _is(kind, "array") and "items" not in schema and "prefixItems" not in schema:
            raise _violation(path, "array schema missing items.")
        form = schema.get("format")
        if type(form) is str and form not in _FORMATS:
            raise _violation(path, f"'{form}' is not a valid format.")

    def _read_object(self, schema: Json, path: _Path, level: int) -> None:
        if not _is(schema.get("type"), "object"):
            return
        properties = schema.get("properties")
        if schema.get("additionalProperties") is not False:
            raise _violation(path, _CLOSED)
        if type(properties) is not dict:
            raise _violation(path, "object schema missing properties.")
        _require_all(properties, schema.get("required"), path)
        if level > MAX_LEVELS:
            raise _violation(path, f"nesting of objects exceeds {MAX_LEVELS} levels.")
        self.properties += len(properties)
        self.characters += sum(map(len, properties))

    def _read_values(self, schema: Json, path: _Path) -> None:
        values = schema.get("enum")
        if type(values) is list:
            characters = sum(len(value) for value in values if type(value) is str)
            if len(values) > LONG_ENUM and characters > MAX_LONG_ENUM_CHARACTERS:
                limit = f"{MAX_LONG_ENUM_CHARACTERS} characters"
                raise _violation(path, f"an enum of more than {LONG_ENUM} values exceeds {limit}.")
            self.enum_values += len(values)
            self.characters += characters
        if type(schema.get("const")) is str:
            self.characters += len(schema["const"])

    def _read_inner(self, schema: Json, path: _Path, level: int) -> None:
        for keyword in ("properties", "$defs", "definitions"):
            members = schema.get(keyword)
            if type(members) is dict:
                inner = level + 1 if keyword == "properties" else 1
                for name, member in members.items():
                    self.read(member, (*path, keyword, name), inner)
        for keyword in ("anyOf", "prefixItems"):
            members = schema.get(keyword)
            if type(members) is list:
                for index, member in enumerate(members):
                    self.read(member, (*path, keyword, str(index)), level)
        if type(schema.get("items")) is dict:
            self.read(schema["items"], (*path, "items"), level)


def _is(kind: Any, name: str) -> bool:
    return bool(kind == name) or (type(kind) is list and name in kind)


def _require_all(properties: Json, required: Any, path: _Path) -> None:
    """Raise unless ``required`` names exactly the properties."""
    named = required if type(required) is list else []
    known = _strings(named)
    absent = next((name for name in properties if name not in known), None)
    if absent is not None:
        raise _violation(path, f"{_REQUIRED} Missing '{absent}'.")
    for name in named:
        if type(name) is not str or name not in properties:
            raise _violation(path, f"{_REQUIRED} Extra required key '{name}' supplied.")


def _strings(values: list[Any]) -> frozenset[str]:
    return frozenset(value for value in values if type(value) is str)


def normalise_function(tool: Json) -> Json:
    """Return a function tool as the API echoes it (api-contract §6.3).

    A tool that leaves ``strict`` out is made strict if its parameters can be closed: every object
    forbids further properties and requires all it has. Parameters outside the strict subset stay
    as they are, and the tool is not strict then (inferred). No parameters are an empty object's.
    """
    echo: Json = {"type": "function"}
    echo.update((key, value) for key, value in tool.items() if key not in _SHOWN)
    strict = tool.get("strict")
    parameters = tool.get("parameters") or {"type": "object", "properties": {}}
    if strict is None:
        closed = _close(parameters)
        strict = violation(closed) is None
        parameters = closed if strict else parameters
    echo["description"] = tool.get("description") or None
    echo["name"] = tool.get("name")
    echo["output_schema"] = tool.get("output_schema")
    echo["parameters"] = parameters
    echo["strict"] = strict
    return echo


_SHOWN: Final = frozenset(
    ("type", "description", "function", "name", "output_schema", "parameters", "strict")
)


def _close(schema: Any) -> Any:
    """Return a copy in which every object forbids further properties and requires all it has."""
    if type(schema) is not dict:
        return schema
    copy = {key: _close_inner(key, value) for key, value in schema.items()}
    if _is(copy.get("type"), "object"):
        properties = copy.setdefault("properties", {})
        copy.setdefault("additionalProperties", False)
        required = copy.get("required")
        named = list(required) if type(required) is list else []
        names = properties if type(properties) is dict else {}
        known = _strings(named)
        copy["required"] = named + [name for name in names if name not in known]
    return copy


def _close_inner(key: str, value: Any) -> Any:
    if key in ("properties", "$defs", "definitions") and type(value) is dict:
        return {name: _close(member) for name, member in value.items()}
    if key in ("anyOf", "prefixItems") and type(value) is list:
        return [_close(member) for member in value]
    return _close(value) if key == "items" else value
