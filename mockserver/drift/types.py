"""Declared classes of all sorts, read alike: the SDK's models and dictionaries, our own shapes."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NamedTuple,
    Required,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mockserver.schema.shape import Shape, keys

Model: TypeAlias = type[BaseModel]

UNIONS: Final = (Union, types.UnionType)
_LISTS: Final = (list, Iterable, Sequence)


class Field(NamedTuple):
    """A declared key: the type of its value, and whether it has to be there."""

    type: Any
    required: bool


Fields: TypeAlias = Mapping[str, Field]


def bare(type_: Any) -> Any:
    """Return a type without its Annotated wrappers."""
    while get_origin(type_) is Annotated:
        type_ = get_args(type_)[0]
    return type_


def members(type_: Any) -> Iterator[Any]:
    """Yield the members of a union, nested unions and Annotated wrappers opened; else the type."""
    type_ = bare(type_)
    if get_origin(type_) in UNIONS:
        for member in get_args(type_):
            yield from members(member)
    else:
        yield type_


def parts(type_: Any) -> Iterator[Any]:
    """Yield the members of a union and, of those that are lists, the members of their members."""
    for member in members(type_):
        if get_origin(member) in _LISTS:
            yield from parts(get_args(member)[0])
        else:
            yield member


def is_model(type_: Any) -> bool:
    """Tell whether a bare type is a pydantic model."""
    return isinstance(type_, type) and issubclass(type_, BaseModel)


def is_declared(type_: Any) -> bool:
    """Tell whether a bare type declares keys: a model, a typed dictionary, a shape."""
    return isinstance(type_, type) and (
        issubclass(type_, BaseModel | Shape) or hasattr(type_, "__required_keys__")
    )


@functools.cache
def fields(model: Model) -> dict[str, FieldInfo]:
    """Return a model's fields under the keys they have in JSON."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def annotation(info: FieldInfo) -> Any:
    """Return a field's type with what it is annotated with."""
    return info.rebuild_annotation()


def literals(type_: Any) -> tuple[Any, ...]:
    """Return the values that a type allows when it is made of literals alone (None aside)."""
    values: list[Any] = []
    for member in members(type_):
        if get_origin(member) is Literal:
            values += get_args(member)
        elif member is not type(None):
            return ()
    return tuple(values)


def values(type_: Any) -> set[Any]:
    """Return the literals of a field, or of the members of a list; none when it takes more."""
    found = [member for member in members(type_) if member is not type(None)]
    if len(found) == 1 and get_origin(found[0]) in _LISTS:
        return values(get_args(found[0])[0])
    return set(literals(type_))


@functools.cache
def required(model: Model) -> frozenset[str]:
    """Return the keys an object must have, the nullable ones among them included.

    The SDK gives a default to every nullable field, required or not, but declares the required
    ones first; so a field with a default that stands before one without is required and nullable.
    That holds within one class: a subclass declares its own fields anew, required ones first.
    """
    found: set[str] = set()
    for declaring in model.__mro__:
        own = inspect.get_annotations(declaring)
        known = getattr(declaring, "model_fields", {})
        names = [name for name in own if name in known]
        firm = [index for index, name in enumerate(names) if known[name].is_required()]
        found.update(known[name].alias or name for name in names[: firm[-1] + 1 if firm else 0])
    return frozenset(found)


def fields_of(declared: Any) -> Fields:
    """Return the keys of a declared class.

    Of the keys that the SDK requires and lets be null, it is required that they are there. A
    trailing underscore, which keeps a name off a word of the language, is not part of the key.
    """
    if issubclass(declared, Shape):
        return {name: Field(key.annotation, key.required) for name, key in keys(declared).items()}
    if is_model(declared):
        firm = required(declared)
        return {
            key.removesuffix("_"): Field(annotation(info), key in firm)
            for key, info in fields(declared).items()
        }
    # Postponed annotations hide from the class itself which of its keys are required.
    marked = get_type_hints(declared, include_extras=True)
    return {
        name: Field(hint, get_origin(marked[name]) is Required)
        for name, hint in get_type_hints(declared).items()
    }


def by_type(union: Any) -> dict[str, list[Any]]:
    """Return a union's classes under each ``type`` they may carry; most types have one class."""
    table: dict[str, list[Any]] = {}
    for member in parts(union):
        kind = fields_of(member).get("type") if is_declared(member) else None
        for value in literals(kind.type) if kind else ():
            table.setdefault(value, []).append(member)
    return table
