"""JSON schemas of declared shapes and models, collected as the components of a description."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

from mockserver.items import KINDS, Item
from mockserver.schema.annotations import is_shape, members, split
from mockserver.schema.base import Json
from mockserver.schema.limits import (
    Bounds,
    Choice,
    Length,
    Pattern,
    Prefix,
    Tagged,
    Using,
)
from mockserver.schema.response import OutputItem
from mockserver.schema.scalars import mark_of
from mockserver.schema.shape import Key, Shape, Wire, keys

_PLAIN: Final = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}
_COUNTED: Final = {"string": "Length", "array": "Items", "object": "Properties"}
_SOURCE: Final = re.compile(r" \(api-contract [^)]*\)")
_NULL: Final[Json] = {"type": "null"}


class Components:
    """The schemas of a description by name; a class gets one when it is first referred to."""

    def __init__(self) -> None:
        self.schemas: dict[str, Json] = {}
        self._names: dict[type[Shape], str] = {}

    def refer(self, declared: type[Shape], only: Collection[str] | None = None) -> Json:
        """Return a reference to the schema of a shape or model.

        ``only`` are the keys there are of a request that has no others.
        """
        name = self._names.get(declared)
        if name is None:
            name = self._names[declared] = self._name(declared)
            self.schemas[name] = {}  # taken, also while what it refers to is put together
            whole = self._kinds() if declared is OutputItem else self._body(declared, only)
            self.schemas[name] = whole
        return {"$ref": f"#/components/schemas/{name}"}

    def _body(self, declared: type[Shape], only: Collection[str] | None) -> Json:
        known = {name: key for name, key in keys(declared).items() if only is None or name in only}
        schema: Json = {
            "type": "object",
            "description": said(declared),
            "properties": {name: self._value(key) for name, key in known.items()},
        }
        if required := [name for name, key in known.items() if key.required]:
            schema["required"] = required
        if not issubclass(declared, Wire):
            schema["additionalProperties"] = False
        return schema

    def schema(self, annotation: Any, marks: tuple[Any, ...] = ()) -> Json:
        """Return the schema of an annotation, its marks included."""
        annotation, marks = split(annotation, marks)
        nullable = NoneType in get_args(annotation)
        using = mark_of(Using, marks)
        if using is not None and using.shows is not None:
            shown = self.schema(using.shows())
            return _any_of([shown, _NULL]) if nullable else shown
        choices = members(annotation)
        if nullable or len(choices) > 1:
            schemas = [self.schema(choice, marks) for choice in choices]
            return _any_of([*schemas, _NULL] if nullable else schemas)
        return self._single(annotation, marks)

    def _value(self, key: Key) -> Json:
        """Return the schema of a key's value; null stands for a key that is left out."""
        schema = self.schema(key.annotation)
        return schema if key.required or not schema else _any_of([schema, _NULL])

    def _single(self, annotation: Any, marks: tuple[Any, ...]) -> Json:
        tagged, choice = mark_of(Tagged, marks), mark_of(Choice, marks)
        if tagged is not None:
            return self._tagged(tagged.shapes)
        if choice is not None:
            return {"type": "string", "enum": [*choice.values, *choice.also]}
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin is list:
            return _limited({"type": "array", "items": self.schema(arguments[0])}, marks)
        if origin is dict:
            return _limited(self._map(arguments[1]), marks)
        if annotation in _PLAIN:
            return _limited({"type": _PLAIN[annotation]}, marks)
        return self.refer(annotation) if is_shape(annotation) else {}

    def _map(self, annotation: Any) -> Json:
        inner = self.schema(annotation)
        return {"type": "object", "additionalProperties": inner} if inner else {"type": "object"}

    def _tagged(self, shapes: Mapping[str, type[Shape]]) -> Json:
        """Return the schema of an object that one of the shapes fits, by its ``type``."""
        tags: dict[type[Shape], list[str]] = {}
        for tag, shape in shapes.items():
            tags.setdefault(shape, []).append(tag)
        return _any_of(
            [
                {
                    "allOf": [self.refer(shape)],
                    "properties": {"type": {"enum": named}},
                    "required": ["type"],
                }
                for shape, named in tags.items()
            ]
        )

    def _kinds(self) -> Json:
        """Return the schema of an output item of any kind."""
        return _any_of([self.refer(kind) for _, kind in sorted(KINDS.items()) if kind.kind])

    def _name(self, declared: type[Shape]) -> str:
        """Return the name of a class, behind that of its module where two would be the same."""
        name = declared.__name__
        if issubclass(declared, Item):
            name = f"Output{name}"
        if name in self.schemas:
            name = declared.__module__.rpartition(".")[2].title().replace("_", "") + name
        return name


def said(declared: type[Shape]) -> str:
    """Return what a class says of itself, in one line and without where it is known from."""
    return _SOURCE.sub("", (declared.__doc__ or "").partition("\n")[0])


def _limited(schema: Json, marks: tuple[Any, ...]) -> Json:
    """Put the bounds that the marks set into a schema."""
    return schema | dict(_limits(schema["type"], marks))


def _limits(kind: str, marks: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    for mark in marks:
        if isinstance(mark, Length) and kind in _COUNTED:
            yield f"min{_COUNTED[kind]}", mark.low
            if mark.high is not None:
                yield f"max{_COUNTED[kind]}", mark.high
        elif isinstance(mark, Bounds) and kind in ("integer", "number"):
            yield from _bounds(mark)
        elif isinstance(mark, Pattern) and kind == "string":
            yield "pattern", mark.regex
        elif isinstance(mark, Prefix) and kind == "string":
            yield "pattern", f"^{mark.letters}"


def _bounds(mark: Bounds) -> Iterator[tuple[str, float]]:
    if mark.low is not None:
        yield "minimum", mark.low
    if mark.high is not None:
        yield "maximum", mark.high


def _any_of(schemas: list[Json]) -> Json:
    """Join schemas of which one has to fit; nested choices become one, and none is there twice."""
    flat: list[Json] = []
    for schema in schemas:
        for inner in schema["anyOf"] if schema.keys() == {"anyOf"} else [schema]:
            if not inner:
                return {}
            if inner not in flat:
                flat.append(inner)
    return flat[0] if len(flat) == 1 else {"anyOf": flat}
