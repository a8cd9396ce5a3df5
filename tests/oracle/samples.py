"""Documents made from the SDK's annotations alone, and every way to break them at one place."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args, get_origin

from mockserver.drift.samples import DEPTH, first, sample
from oracle import sdk

Path: TypeAlias = tuple[str | int, ...]

JSON_TYPES: Final[dict[Any, str]] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
    type(None): "null",
}
BROKEN: Final[tuple[Any, ...]] = ({}, [], 7, True, 1.5, "no such value", None)
"""One value of each JSON type; the first that a place does not take replaces what it holds."""


@dataclass(frozen=True)
class Mutation:
    """A document broken at one place, and what a check must say of it."""

    document: dict[str, Any]
    place: str
    kinds: tuple[str, ...]


def reachable(*types: Any) -> list[sdk.Model]:
    """Return every model that documents of these types may hold, each once."""
    found: dict[sdk.Model, None] = {}
    waiting = list(types)
    while waiting:
        for member in sdk.members(waiting.pop()):
            if not sdk.is_model(member):
                waiting += [
                    inner for inner in get_args(member) if get_origin(member) is not Literal
                ]
            elif member not in found:
                found[member] = None
                waiting += [sdk.annotation(info) for info in sdk.fields(member).values()]
    return list(found)


def mutations(model: sdk.Model, depth: int = DEPTH) -> Iterator[Mutation]:
    """Yield the model's sample, broken once at each of its places and in each way it can be."""
    document = sample(model, depth)
    for path, type_ in _places(model, document, ()):
        chosen = first(type_)
        if sdk.is_model(chosen):
            for key in sorted(sdk.required(chosen)):
                yield _mutation(document, (*path, key), ("missing",))
            yield _mutation(document, (*path, "surprise"), ("unknown key",), 1)
        if path:
            yield from _replacements(document, path, type_)


def _replacements(document: dict[str, Any], path: Path, type_: Any) -> Iterator[Mutation]:
    taken = {JSON_TYPES.get(_kind(member), "object") for member in sdk.members(type_)}
    if sdk.literals(type_):
        kinds = ("wrong value", "unknown kind")
        yield _mutation(document, path, kinds, "no such value")
    if "number" in taken:
        taken.add("integer")
    for value in BROKEN:
        if JSON_TYPES[type(value)] not in taken:
            yield _mutation(document, path, ("wrong type", "unknown kind", "wrong value"), value)


def _kind(member: Any) -> Any:
    if get_origin(member) is Literal:
        return type(get_args(member)[0])
    return get_origin(member) or member


def _mutation(
    document: dict[str, Any], path: Path, kinds: tuple[str, ...], value: Any = ...
) -> Mutation:
    """Copy the document with the value put at the path, or with what is there taken away."""
    broken = copy.deepcopy(document)
    owner: Any = broken
    for step in path[:-1]:
        owner = owner[step]
    if value is ...:
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return Mutation(broken, place.lstrip("."), kinds)


def _places(type_: Any, value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Walk a sample along its type; yield each path with the type that rules there."""
    if object in set(sdk.members(type_)):
        return
    yield path, type_
    chosen = first(type_)
    if sdk.is_model(chosen):
        for key, member in value.items():
            inner = sdk.annotation(sdk.fields(chosen)[key])
            yield from _places(inner, member, (*path, key))
    elif get_origin(chosen) is list:
        yield from _places(get_args(chosen)[0], value[0], (*path, 0))
    elif get_origin(chosen) is dict:
        yield from _places(get_args(chosen)[1], value["key"], (*path, "key"))
