"""Which optional properties a value has, though its schema leaves it the choice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_CHOICES = ("anyOf", "oneOf", "allOf", "if", "$ref", "$dynamicRef", "enum", "const", "default")
"""Where a schema says more than its own keywords, nothing is known of what is optional."""


def optional_keys(schema: Any, value: Any, path: str = "$") -> Iterator[str]:
    """Yield the places of properties that are there and need not be."""
    if not isinstance(schema, dict) or any(key in schema for key in _CHOICES):
        return
    properties = schema.get("properties") or {}
    if isinstance(value, dict) and not schema.get("minProperties"):
        needed = set(schema.get("required") or ())
        yield from (f"{path}.{key}" for key in value if key not in needed)
    if isinstance(value, dict):
        for key in value.keys() & properties:
            yield from optional_keys(properties[key], value[key], f"{path}.{key}")
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, member in enumerate(value):
            yield from optional_keys(schema["items"], member, f"{path}[{index}]")
