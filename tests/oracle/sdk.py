"""The SDK's classes, looked up by the ``type`` they carry."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, TypeAlias, Union, get_args, get_origin

from openai.types.conversations import ConversationItem
from openai.types.responses import (
    ResponseItem,
    ResponseOutputItem,
    ResponsesServerEvent,
    ResponseStreamEvent,
    Tool,
)
from pydantic import BaseModel
from pydantic.fields import FieldInfo

Model: TypeAlias = type[BaseModel]

UNIONS: Final = (Union, types.UnionType)
OUTPUT_ITEMS: Final[Any] = ResponseOutputItem
LISTED_ITEMS: Final[Any] = ResponseItem
CONVERSATION_ITEMS: Final[Any] = ConversationItem
STREAM_EVENTS: Final[Any] = ResponseStreamEvent
SERVER_EVENTS: Final[Any] = ResponsesServerEvent
TOOLS: Final[Any] = Tool


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


def is_model(type_: Any) -> bool:
    """Tell whether a bare type is one of the SDK's model classes."""
    return isinstance(type_, type) and issubclass(type_, BaseModel)


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


def by_type(union: Any) -> dict[str, list[Model]]:
    """Return a union's models under each ``type`` they may carry; most types have one model."""
    table: dict[str, list[Model]] = {}
    for member in members(union):
        for value in literals(annotation(fields(member)["type"])):
            table.setdefault(value, []).append(member)
    return table
