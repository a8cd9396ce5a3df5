"""Tools and schemas as the model reads them: function tools as type declarations."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

_DEEPEST: Final = 32
"""Levels of a schema that are written out; deeper ones count as a plain type."""

_LIMITS: Final = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
)
_UNSAID: Final = frozenset({"$schema", "additionalProperties", "required", *_LIMITS})
"""Keywords of a response format that recorded prompts do not pay for: the sampler enforces them."""


def spell(value: object) -> str:
    """Write any value as compact JSON; what cannot be written counts as nothing."""
    try:
        return json.dumps(
            value, ensure_ascii=False, separators=(",", ":"), default=str, skipkeys=True
        )
    except (RecursionError, ValueError):
        return ""


def declare(tool: Mapping[str, Any]) -> str:
    """Write a function tool as a type declaration under its description.

    Recorded prompts cost what this text costs within a token, not what the tool's JSON would.
    """
    about = f"// {_say(tool['description'])}\n" if tool.get("description") else ""
    parameters = tool.get("parameters") or tool.get("input_schema")
    name = _say(tool.get("name", ""))
    if not isinstance(parameters, dict) or not parameters.get("properties"):
        return f"{about}type {name} = () => any;\n\n"
    body = "".join([*_comments(parameters), *_Types(parameters).fields(parameters, 0)])
    return f"{about}type {name} = (_: {body}) => any;\n\n"


def outline(schema: object, depth: int = 0, *, names: bool = False) -> Any:
    """Return a response schema without what the prompt leaves out; ``names``: keys are names."""
    if depth > _DEEPEST:
        return None
    if isinstance(schema, list):
        return [outline(member, depth + 1) for member in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: outline(value, depth + 1, names=not names and key in ("properties", "$defs"))
        for key, value in schema.items()
        if names or key not in _UNSAID
    }


def _say(value: object) -> str:
    return value if isinstance(value, str) else spell(value)


def _comments(schema: Mapping[str, Any]) -> Iterator[str]:
    for key in ("title", "description"):
        if schema.get(key):
            yield f"// {_say(schema[key])}\n"
    for key in _LIMITS:
        if key in schema:
            yield f"// {key}: {_say(schema[key])}\n"


class _Types:
    """Writes the types of one schema; a definition is written out where it is first met."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._definitions: dict[str, Any] = {
            f"#/{key}/{name}": definition
            for key in ("$defs", "definitions")
            if isinstance(root.get(key), dict)
            for name, definition in root[key].items()
        }

    def fields(self, schema: Mapping[str, Any], depth: int) -> Iterator[str]:
        """Write an object type: a line per property, under its comments."""
        properties, required = schema.get("properties"), schema.get("required")
        needed = required if isinstance(required, list) else ()
        yield "{\n"
        for name, member in properties.items() if isinstance(properties, dict) else ():
            about = member if isinstance(member, dict) else {}
            yield from _comments(about)
            yield f"{name}{'' if name in needed else '?'}: "
            yield from self._type(about, depth + 1)
            yield f", // default: {_say(about['default'])}\n" if "default" in about else ",\n"
        yield "}"

    def _type(self, schema: object, depth: int) -> Iterator[str]:
        if not isinstance(schema, dict) or depth > _DEEPEST:
            yield "any"
        elif "$ref" in schema:
            yield from self._reference(_say(schema["$ref"]), depth)
        elif isinstance(schema.get("enum"), list):
            yield " | ".join(map(spell, schema["enum"]))
        elif "const" in schema:
            yield spell(schema["const"])
        elif isinstance(union := schema.get("anyOf", schema.get("oneOf")), list):
            for index, member in enumerate(union):
                yield " | " if index else ""
                yield from self._type(member, depth + 1)
        elif schema.get("properties"):
            yield from self.fields(schema, depth)
        elif schema.get("type") == "array":
            yield from self._type(schema.get("items", {}), depth + 1)
            yield "[]"
        else:
            kind = schema.get("type", "any")
            yield " | ".join(map(_say, kind)) if isinstance(kind, list) else _say(kind)

    def _reference(self, name: str, depth: int) -> Iterator[str]:
        definition = self._definitions.pop(name, None)
        if isinstance(definition, dict):
            yield from _comments(definition)
            yield from self._type(definition, depth + 1)
        else:
            yield name.rpartition("/")[2]
