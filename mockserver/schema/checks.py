"""Checks of JSON documents made from the shapes declared for them, in the API's words.

A check is put together when a document of its shape first comes along. Documents are checked, not
converted, so that they stay as they were sent.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from mockserver.schema.faults import Fault, missing, unknown, unsupported_value, wrong_type
from mockserver.schema.limits import Check, Choice, Named, Using
from mockserver.schema.scalars import (
    check_boolean,
    check_integer,
    check_number,
    choice_check,
    length_check,
    number_check,
    one_of,
    string_check,
)
from mockserver.schema.shape import Shape, keys

_NAMES: Final = {bool: "a boolean", int: "an integer", float: "a decimal", str: "a string"}


_CHECKS: Final[dict[tuple[type[Shape], bool], Check]] = {}


def checker(shape: type[Shape], strict: bool) -> Check:
    """Return the check of a document of this shape."""
    found = _CHECKS.get((shape, strict))
    if found is None:
        declared = keys(shape)
        checks = {name: value_check(*key, (), strict) for name, key in declared.items()}
        required = tuple(name for name, key in declared.items() if key.required)
        found = _CHECKS[shape, strict] = object_check(checks, required, strict)
    return found


def value_check(annotation: Any, required: bool, marks: tuple[Any, ...], strict: bool) -> Check:
    """Return the check of a key's value; null passes where the key may be left out."""
    check = _check(annotation, marks, strict)
    if required and not _takes_null(annotation):
        return check

    def optional(value: Any) -> None:
        if value is not None:
            check(value)

    return optional


def object_check(checks: Mapping[str, Check], required: tuple[str, ...], strict: bool) -> Check:
    """Return the check of an object with these keys: missing ones first, then each in turn."""

    def check(value: Any) -> None:
        if type(value) is not dict:
            raise wrong_type("an object", value)
        for key in required:
            if key not in value:
                raise missing(key)
        for key, member in value.items():
            member_check = checks.get(key)
            if member_check is None:
                if strict:
                    raise unknown(key)
                continue
            try:
                member_check(member)
            except Fault as fault:
                raise fault.under(key) from None

    return check


def by_type(
    shapes: Mapping[str, type[Shape]], *, listed: Iterable[str] = (), strict: bool
) -> Check:
    """Return the check of an object whose ``type`` picks the shape; ``listed`` is what to print.

    A type without a shape is refused when strict.
    """
    printed = tuple(listed) or tuple(shapes)

    def check(value: Any) -> None:
        if type(value) is not dict:
            raise wrong_type("an object", value)
        kind = value.get("type")
        if kind is None:
            raise missing("type")
        shape = shapes.get(kind) if type(kind) is str else None
        if shape is not None:
            checker(shape, strict)(value)
        elif strict or type(kind) is not str:
            supported = unsupported_value(kind if type(kind) is str else "", printed)
            raise supported.under("type")

    return check


def document(shape: type[Shape]) -> Using:
    """Return the mark of a value that is a plain document of this shape."""
    return Using(lambda strict: checker(shape, strict))


def array_check(item: Check, name: str, marks: tuple[Any, ...] = (), strict: bool = True) -> Check:
    """Return the check of an array of such items; ``name`` is what the API calls it."""
    within = length_check("array", marks) if strict else None

    def check(value: Any) -> None:
        if type(value) is not list:
            raise wrong_type(name, value)
        if within is not None:
            within(value)
        for index, member in enumerate(value):
            try:
                item(member)
            except Fault as fault:
                raise fault.under(index) from None

    return check


def _takes_null(annotation: Any) -> bool:
    return annotation is Any or types.NoneType in _members(annotation)


def _members(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in (Union, types.UnionType):
        return get_args(annotation)
    return (annotation,)


def _check(annotation: Any, marks: tuple[Any, ...], strict: bool) -> Check:
    if get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        marks = (*marks, *more)
    for mark in marks:
        if isinstance(mark, Using):
            return mark.make(strict)
    members = tuple(member for member in _members(annotation) if member is not types.NoneType)
    if len(members) == 1 and members[0] is annotation:
        return _single(annotation, marks, strict)
    if len(members) == 1:
        return _check(members[0], marks, strict)
    return _union(members, marks, strict)


def _single(annotation: Any, marks: tuple[Any, ...], strict: bool) -> Check:
    origin = get_origin(annotation)
    if origin is Literal:
        return choice_check(Choice(get_args(annotation)), strict)
    if origin is list:
        (item,) = get_args(annotation)
        name = _name(annotation, marks)
        return array_check(_check(item, (), strict), name, marks, strict)
    if origin is dict:
        return _map_check(get_args(annotation)[1], _name(annotation, marks), strict)
    if annotation is str:
        return string_check(marks, strict)
    if annotation is bool:
        return check_boolean
    if annotation in (int, float):
        plain = check_integer if annotation is int else check_number
        return number_check(plain, marks) if strict else plain
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return checker(annotation, strict)
    return _anything


def _anything(_: Any) -> None:
    """Pass any JSON value."""


def _map_check(member: Any, name: str, strict: bool) -> Check:
    member_check = _check(member, (), strict)

    def check(value: Any) -> None:
        if type(value) is not dict:
            raise wrong_type(name, value)
        for key, entry in value.items():
            try:
                member_check(entry)
            except Fault as fault:
                raise fault.under(key) from None

    return check


def _union(members: tuple[Any, ...], marks: tuple[Any, ...], strict: bool) -> Check:
    """Pick the member by the value's JSON type, and among several shapes by ``type``."""
    table: dict[type, Check] = {}
    shapes = [member for member in members if _is_shape(member)]
    for member in members:
        for kind in _json_types(member):
            table[kind] = _check(member, (), strict)
    if len(shapes) > 1:
        table[dict] = by_type({_tag(shape): shape for shape in shapes}, strict=strict)
    name = _name(Union[members], marks)  # noqa: UP007

    def check(value: Any) -> None:
        member_check = table.get(type(value))
        if member_check is None:
            raise wrong_type(name, value)
        member_check(value)

    return check


def _is_shape(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Shape)


def _tag(shape: type[Shape]) -> str:
    """Return the ``type`` that a shape is told by."""
    tag: str = get_args(keys(shape)["type"].annotation)[0]
    return tag


def _json_types(annotation: Any) -> tuple[type, ...]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _json_types(get_args(annotation)[0])
    if origin in (list, dict):
        return (origin,)
    if origin is Literal:
        return (str,)
    if annotation is float:
        return (int, float)
    return (dict,) if _is_shape(annotation) else (annotation,)


def _name(annotation: Any, marks: tuple[Any, ...] = ()) -> str:
    """Return what the API calls the type, with its article."""
    if get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        marks = (*marks, *more)
    for mark in marks:
        if isinstance(mark, Named):
            return mark.text
    members = [member for member in _members(annotation) if member is not types.NoneType]
    if len(members) > 1:
        first, *others = dict.fromkeys(_name(member) for member in members)
        tail = "".join(f" or {other.split(' ', 1)[1]}" for other in others)
        return f"one of {first}{tail}" if others else first
    origin = get_origin(members[0])
    if origin is Literal:
        return one_of(get_args(members[0]))
    if origin is list:
        inner = _name(get_args(members[0])[0])
        return (
            f"an array of {inner if inner.startswith('one of') else inner.split(' ', 1)[1] + 's'}"
        )
    return _NAMES.get(members[0], "an object")
