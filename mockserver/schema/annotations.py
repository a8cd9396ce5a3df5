"""Annotations taken apart: their members, their JSON types, and what the API calls them."""

from __future__ import annotations

import types
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from mockserver.schema.scalars import one_of
from mockserver.schema.shape import Shape, keys

_NAMES: Final = {bool: "a boolean", int: "an integer", float: "a decimal", str: "a string"}


def split(annotation: Any, marks: tuple[Any, ...] = ()) -> tuple[Any, tuple[Any, ...]]:
    """Return an annotation without its marks, and the marks behind those already known."""
    if get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        return annotation, (*marks, *more)
    return annotation, marks


def members(annotation: Any) -> tuple[Any, ...]:
    """Return what a union may be besides null; anything else is its only member."""
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(member for member in get_args(annotation) if member is not types.NoneType)
    return (annotation,)


def takes_null(annotation: Any) -> bool:
    """Tell whether null is one of the values of the type."""
    return annotation is Any or types.NoneType in get_args(annotation)


def is_shape(annotation: Any) -> bool:
    """Tell whether the annotation is a declared shape."""
    return isinstance(annotation, type) and issubclass(annotation, Shape)


def tag_of(shape: type[Shape]) -> str:
    """Return the ``type`` that a shape is told by."""
    tag: str = get_args(keys(shape)["type"].annotation)[0]
    return tag


def json_types(annotation: Any) -> tuple[type, ...]:
    """Return the Python types in which JSON values of the annotation come."""
    annotation, _ = split(annotation)
    origin = get_origin(annotation)
    if origin in (list, dict):
        return (origin,)
    if origin is Literal:
        return (str,)
    if annotation is float:
        return (int, float)
    return (dict,) if is_shape(annotation) else (annotation,)


def type_name(annotation: Any) -> str:
    """Return what the API calls the type, with its article."""
    annotation, _ = split(annotation)
    choices = members(annotation)
    if len(choices) > 1:
        first, *others = dict.fromkeys(map(type_name, choices))
        tail = "".join(f" or {_bare(other)}" for other in others)
        return f"one of {first}{tail}" if others else first
    origin = get_origin(choices[0])
    if origin is Literal:
        return one_of(get_args(choices[0]))
    if origin is list:
        return f"an array of {_bare(type_name(get_args(choices[0])[0]))}s"
    return _NAMES.get(choices[0], "an object")


def _bare(name: str) -> str:
    """Take the article off."""
    return name.removeprefix("a ").removeprefix("an ").removeprefix("one of ")
