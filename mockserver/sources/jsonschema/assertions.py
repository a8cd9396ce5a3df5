"""The keywords that judge a value alone, without a schema inside them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from mockserver.sources.jsonschema.equality import freeze
from mockserver.sources.jsonschema.formats import has_format, may_have_format
from mockserver.sources.jsonschema.unsatisfiable import Doubt


def is_number(value: Any) -> bool:
    """Tell whether a JSON value is a number; to Python true is one, to JSON it is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: Any) -> bool:
    """Tell whether a JSON value is a whole number, as 1.0 is."""
    return is_number(value) and (isinstance(value, int) or value.is_integer())


TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "integer": is_integer,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
"""The seven types of JSON Schema, each with its test."""


def is_multiple(value: float, factor: float) -> bool:
    """Tell whether a number is a multiple, both in decimals and in binary floating point.

    A validator that divides floats rejects 0.07 as a multiple of 0.01, one that counts in decimals
    rejects others: what is true here is true to both.
    """
    return _is_decimal_multiple(value, factor) and _is_binary_multiple(value, factor)


def _is_decimal_multiple(value: float, factor: float) -> bool:
    return not Fraction(str(value)) % Fraction(str(factor))


def _is_binary_multiple(value: float, factor: float) -> bool:
    if isinstance(factor, int):
        return not value % factor
    try:
        return (value / factor).is_integer()
    except OverflowError:
        return True


def _multiple(value: float, factor: float) -> bool:
    decimal = _is_decimal_multiple(value, factor)
    if decimal != _is_binary_multiple(value, factor):
        raise Doubt
    return decimal


def _format(value: str, name: str) -> bool:
    has = has_format(value, name)
    if not has and may_have_format(value, name):
        raise Doubt
    return has


def _type(value: Any, wanted: str | list[str]) -> bool:
    return any(TYPES[name](value) for name in ([wanted] if isinstance(wanted, str) else wanted))


def _is_member(value: Any, members: list[Any]) -> bool:
    # The first test runs at the speed of C and settles all but the rare 1 beside true.
    return value in members and (
        isinstance(value, str) or any(freeze(each) == freeze(value) for each in members)
    )


def _unique(value: list[Any], wanted: bool) -> bool:
    return not wanted or len(set(map(freeze, value))) == len(value)


def _dependent(value: dict[str, Any], needs: dict[str, list[str]]) -> bool:
    return all(set(names) <= value.keys() for key, names in needs.items() if key in value)


_ANY: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "type": _type,
    "enum": _is_member,
    "const": lambda value, only: freeze(value) == freeze(only),
}
_NUMBER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "multipleOf": _multiple,
    "minimum": lambda value, bound: value >= bound,
    "maximum": lambda value, bound: value <= bound,
    "exclusiveMinimum": lambda value, bound: value > bound,
    "exclusiveMaximum": lambda value, bound: value < bound,
}
_STRING: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "minLength": lambda value, bound: len(value) >= bound,
    "maxLength": lambda value, bound: len(value) <= bound,
    "format": _format,
}
_ARRAY: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "minItems": lambda value, bound: len(value) >= bound,
    "maxItems": lambda value, bound: len(value) <= bound,
    "uniqueItems": _unique,
}
_OBJECT: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "minProperties": lambda value, bound: len(value) >= bound,
    "maxProperties": lambda value, bound: len(value) <= bound,
    "required": lambda value, names: value.keys() >= set(names),
    "dependentRequired": _dependent,
}


def assertions_on(value: Any) -> dict[str, Callable[[Any, Any], bool]]:
    """Return the keywords that judge a value of this type, each with its test.

    All but ``pattern``, which takes work that must be counted. A test raises Doubt when validators
    disagree about the value.
    """
    if isinstance(value, str):
        return _FOR_STRING
    if isinstance(value, dict):
        return _FOR_OBJECT
    if isinstance(value, list):
        return _FOR_ARRAY
    return _FOR_NUMBER if is_number(value) else _ANY


_FOR_STRING: Final = _ANY | _STRING
_FOR_OBJECT: Final = _ANY | _OBJECT
_FOR_ARRAY: Final = _ANY | _ARRAY
_FOR_NUMBER: Final = _ANY | _NUMBER
