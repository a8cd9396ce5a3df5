"""Checks of strings, numbers, booleans and lengths."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from mockserver.schema.faults import (
    elide,
    empty,
    enumerate_quoted,
    mismatch,
    out_of_range,
    too_long,
    unsupported_value,
    wrong_prefix,
    wrong_type,
)
from mockserver.schema.limits import Bounds, Check, Choice, Length, Named, Pattern, Prefix

_T = TypeVar("_T")

_LARGEST: Final = 1 << 1023
"""Whole numbers beyond it have no decimal form."""


def check_boolean(value: Any) -> None:
    """Pass true and false."""
    if type(value) is not bool:
        raise wrong_type("a boolean", value)


def check_integer(value: Any) -> None:
    """Pass whole numbers; a decimal without a fraction is still a decimal."""
    if type(value) is not int:
        raise wrong_type("an integer", value)


def check_number(value: Any) -> None:
    """Pass any number that has a decimal form."""
    if type(value) is not float and (type(value) is not int or not -_LARGEST < value < _LARGEST):
        raise wrong_type("a decimal", value)


def number_check(plain: Check, marks: Sequence[Any]) -> Check:
    """Return the check of a number that keeps its bounds, if it has any."""
    bounds = mark_of(Bounds, marks)
    if bounds is None:
        return plain
    kind = "integer" if plain is check_integer else "decimal"
    low, high = bounds.low, bounds.high

    def check(value: Any) -> None:
        plain(value)
        if low is not None and value < low:
            raise out_of_range(value, low, above=False, kind=kind)
        if high is not None and value > high:
            raise out_of_range(value, high, above=True, kind=kind)

    return check


def string_check(marks: Sequence[Any], strict: bool) -> Check:
    """Return the check of a string; length, pattern and prefix count only when strict."""
    choice = mark_of(Choice, marks)
    if choice is not None:
        return choice_check(choice, strict)
    named = mark_of(Named, marks)
    name = "a string" if named is None else named.text
    rules = _string_rules(marks) if strict else ()

    def check(value: Any) -> None:
        if type(value) is not str:
            raise wrong_type(name, value)
        for rule in rules:
            rule(value)

    return check


def choice_check(choice: Choice, strict: bool) -> Check:
    """Return the check of a string out of a set; when not strict, any string passes."""
    allowed = frozenset((*choice.values, *choice.also))
    name = one_of(choice.values)

    def check(value: Any) -> None:
        if type(value) is not str:
            raise wrong_type(name, value)
        if strict and value not in allowed:
            raise unsupported_value(value, choice.values)

    return check


def length_check(kind: str, marks: Sequence[Any]) -> Check | None:
    """Return the check of how long a ``string`` or ``array`` is, if there is a limit."""
    length = mark_of(Length, marks)
    if length is None:
        return None
    low, high = length.low, length.high

    def check(value: Any) -> None:
        if len(value) < low:
            raise empty(kind)
        if high is not None and len(value) > high:
            raise too_long(kind, len(value), high)

    return check


def one_of(values: Sequence[str]) -> str:
    """Name a set of strings as the API does in a sentence about types."""
    return f"one of {enumerate_quoted(map(elide, values), 'or')}"


def mark_of(kind: type[_T], marks: Sequence[Any]) -> _T | None:
    """Return the mark of this kind, if there is one."""
    return next((mark for mark in marks if isinstance(mark, kind)), None)


def _string_rules(marks: Sequence[Any]) -> tuple[Check, ...]:
    rules = [length_check("string", marks)]
    pattern, prefix = mark_of(Pattern, marks), mark_of(Prefix, marks)
    if prefix is not None:
        rules.append(_prefix_check(prefix.letters))
    if pattern is not None:
        rules.append(_pattern_check(pattern.regex))
    return tuple(rule for rule in rules if rule is not None)


def _pattern_check(regex: str) -> Check:
    compiled = re.compile(regex)

    def check(value: Any) -> None:
        if compiled.fullmatch(value) is None:
            raise mismatch(regex)

    return check


def _prefix_check(letters: str) -> Check:
    def check(value: Any) -> None:
        if not value.startswith(letters):
            raise wrong_prefix(value, letters)

    return check
