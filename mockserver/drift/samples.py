"""Documents made from annotations alone, so that a kind can be tried that nobody has sent yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, get_args, get_origin

from mockserver.drift.types import Model, annotation, fields, is_model, members, required
from mockserver.schema.base import Json

DEPTH: Final = 4
"""How many models deep a sample holds its optional fields too; below, only the required ones."""

VALUES: Final[dict[Any, Any]] = {str: "text", int: 7, float: 0.5, bool: True}


def sample(type_: Any, depth: int = DEPTH) -> Any:
    """Return a value that a type allows; of a union, one of its first member."""
    chosen = first(type_)
    origin, arguments = get_origin(chosen), get_args(chosen)
    if is_model(chosen):
        keys = fields(chosen) if depth > 0 else required(chosen)
        types = {key: annotation(fields(chosen)[key]) for key in keys}
        return {key: sample(inner, depth - 1) for key, inner in types.items()}
    if origin is Literal:
        return arguments[0]
    if origin is list:
        return [sample(arguments[0], depth)]
    if origin is dict:
        return {"key": sample(arguments[1], depth)}
    return VALUES.get(chosen, {"any": "thing"})


def variants(model: Model) -> Iterator[Json]:
    """Yield the model's sample, and for every choice its own fields leave, one with that choice.

    A choice is a literal's further values or a union's further members, in a list too.
    """
    document = sample(model)
    yield document
    for key, info in fields(model).items():
        type_ = annotation(info)
        chosen = first(type_)
        if get_origin(chosen) is list:
            for value in _choices(get_args(chosen)[0]):
                yield {**document, key: [value]}
        else:
            for value in _choices(type_):
                yield {**document, key: value}


def first(type_: Any) -> Any:
    """Return the first member of a union that is not null; any other type as it is."""
    return next(member for member in members(type_) if member is not type(None))


def _choices(type_: Any) -> list[Any]:
    """Return a value for each member of a union, each value of its literals by itself."""
    values: list[Any] = []
    for member in members(type_):
        if get_origin(member) is Literal:
            values += get_args(member)
        elif member is not type(None):
            values.append(sample(member))
    return values
