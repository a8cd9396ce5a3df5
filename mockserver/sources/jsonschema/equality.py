"""When two JSON values are the same."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any


def freeze(value: Any) -> Hashable:
    """Return something hashable that equals another exactly when the JSON values are the same.

    To JSON Schema 1 and 1.0 are one number, while true is no number at all.
    """
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, list):
        return ("array", tuple(map(freeze, value)))
    if isinstance(value, dict):
        return ("object", frozenset((key, freeze(each)) for key, each in value.items()))
    return value  # type: ignore[no-any-return]


def thaw(value: Any) -> Any:
    """Return a copy of a JSON value that shares no list or object with it."""
    if isinstance(value, list):
        return [thaw(each) for each in value]
    if isinstance(value, dict):
        return {key: thaw(each) for key, each in value.items()}
    return value
