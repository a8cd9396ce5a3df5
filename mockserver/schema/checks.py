"""Checks of JSON documents made from the shapes declared for them, in the API's words.

A check is put together when a document of its shape first comes along. Documents are checked, not
converted, so that they stay as they were sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from mockserver.schema.annotations import (
    is_shape,
    json_types,
    members,
    split,
    tag_of,
    takes_null,
    type_name,
)
from mockserver.schema.base import Json
from mockserver.schema.faults import (
    Fault,
    missing,
    not_one_of,
    unknown,
    unsupported_value,
    wrong_type,
)
from mockserver.schema.limits import Check, Choice, Tagged, Using
from mockserver.schema.scalars import (
    check_boolean,
    check_integer,
    check_number,
    choice_check,
    length_check,
    mark_of,
    number_check,
    string_check,
)
from mockserver.schema.shape import Shape, keys

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
    if required and not takes_null(annotation):
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


def require_one(document: Json, names: tuple[str, ...]) -> None:
    """Raise unless the document has exactly one of these keys."""
    present = [name for name in names if document.get(name) is not None]
    if len(present) != 1:
        raise not_one_of(names, present[-1] if present else None)


def document(shape: type[Shape]) -> Using:
    """Return the mark of a value that is a plain document of this shape."""
    return Using(lambda strict: checker(shape, strict), lambda: shape)


def tagged(shapes: Mapping[str, type[Shape]]) -> Using:
    """Return the mark of a document whose ``type`` picks one of these shapes."""
    return Using(
        lambda strict: by_type(shapes, strict=strict), lambda: Annotated[Json, Tagged(shapes)]
    )


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


def _check(annotation: Any, marks: tuple[Any, ...], strict: bool) -> Check:
    annotation, marks = split(annotation, marks)
    using = mark_of(Using, marks)
    if using is not None:
        return using.make(strict)
    choices = members(annotation)
    if len(choices) > 1:
        return _union(choices, strict)
    if choices[0] is annotation:
        return _single(annotation, marks, strict)
    return _check(choices[0], marks, strict)


def _single(annotation: Any, marks: tuple[Any, ...], strict: bool) -> Check:
    origin = get_origin(annotation)
    if origin is Literal:
        return choice_check(Choice(get_args(annotation)), strict)
    if origin is list:
        (item,) = get_args(annotation)
        name = type_name(annotation)
        return array_check(_check(item, (), strict), name, marks, strict)
    if origin is dict:
        return _map_check(get_args(annotation)[1], type_name(annotation), strict)
    if annotation is str:
        return string_check(marks, strict)
    if annotation is bool:
        return check_boolean
    if annotation in (int, float):
        plain = check_integer if annotation is int else check_number
        return number_check(plain, marks) if strict else plain
    if is_shape(annotation):
        return checker(annotation, strict)
    return _anything


def _anything(_: Any) -> None:
    """Pass any JSON value."""


def _map_check(member: Any, name: str, strict: bool) -> Check:
    member_check = _check(member, (), strict)

    def check(value: Any) -> None:
        if type(value) is not dict:
            raise wrong_type(name, value)
        if member_check is _anything:
            return
        for key, entry in value.items():
            try:
                member_check(entry)
            except Fault as fault:
                raise fault.under(key) from None

    return check


def _union(choices: tuple[Any, ...], strict: bool) -> Check:
    """Pick the member by the value's JSON type, and among several shapes by ``type``."""
    table: dict[type, Check] = {}
    shapes = [choice for choice in choices if is_shape(choice)]
    for choice in choices:
        for kind in json_types(choice):
            table[kind] = _check(choice, (), strict)
    if len(shapes) > 1:
        table[dict] = by_type({tag_of(shape): shape for shape in shapes}, strict=strict)
    name = type_name(Union[choices])  # noqa: UP007

    def check(value: Any) -> None:
        member_check = table.get(type(value))
        if member_check is None:
            raise wrong_type(name, value)
        member_check(value)

    return check
