"""How deep a value must at least be, and which schemas can lead back to themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from mockserver.sources.jsonschema.document import Document
from mockserver.sources.jsonschema.shape import Place, children, item_schemas, listed
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd

_ROUNDS: Final = 40
_OF_OBJECTS: Final = frozenset(("properties", "required", "additionalProperties"))
_OF_ARRAYS: Final = frozenset(("items", "prefixItems", "contains", "minItems"))


class Recursion:
    """What following the references of a document leads to.

    Attributes: ``loops`` the identities of the schemas referred to that can contain themselves, or
    something that can. Both are worked out once, in time that grows with the document alone.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._heights: dict[int, float] = {}
        self.loops: frozenset[int] = frozenset()
        if document.has_references:
            self.loops = self._find_loops()
        if self.loops:
            self._find_heights()

    def height(self, place: Place) -> float:
        """Return the levels of arrays and objects a value needs; infinite when it cannot end."""
        if place.schema is False:
            return math.inf
        return self._heights.get(id(place.schema), math.inf if self._heights else 0)

    def _targets(self, place: Place) -> Iterator[Place]:
        for keyword in ("$ref", "$dynamicRef"):
            if keyword in place.schema:
                try:
                    yield self._document.resolve(place, keyword)
                except DeadEnd:
                    continue  # told when a value is to be made of it, if that ever comes

    def _find_loops(self) -> frozenset[int]:
        """Take schemas that lead nowhere away until none is left that does."""
        ways: dict[int, int] = {}
        comes_from: dict[int, list[int]] = {}
        referred: set[int] = {id(self._document.root.schema)}
        for place in self._document.parts:  # grows where a reference leads to a new part
            targets = [each for each in self._targets(place) if isinstance(each.schema, dict)]
            inner = [each for each in children(place) if isinstance(each.schema, dict)]
            referred.update(id(each.schema) for each in targets)
            ways[id(place.schema)] = len(targets) + len(inner)
            for each in (*targets, *inner):
                comes_from.setdefault(id(each.schema), []).append(id(place.schema))
        ends = [schema for schema, count in ways.items() if not count]
        while ends:
            for source in comes_from.get(ends.pop(), ()):
                ways[source] -= 1
                if not ways[source]:
                    ends.append(source)
        return frozenset(schema for schema in referred if ways.get(schema))

    def _find_heights(self) -> None:
        inner_first = self._document.parts[::-1]
        self._heights = {id(place.schema): math.inf for place in inner_first}
        self._heights[id(True)] = 0
        for _ in range(_ROUNDS):
            changed = False
            for place in inner_first:
                height = self._measure(place)
                if height < self._heights[id(place.schema)]:
                    self._heights[id(place.schema)] = height
                    changed = True
            if not changed:
                break

    def _measure(self, place: Place) -> float:
        schema = place.schema
        if "enum" in schema or "const" in schema:
            return 0
        heights = [self._own_height(place)]
        heights += [self.height(each) for each in self._targets(place)]
        heights += [self.height(each) for each in listed(place, "allOf")]
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                heights.append(min(self.height(each) for each in listed(place, keyword)))
        return max(heights)

    def _own_height(self, place: Place) -> float:
        types: Any = place.schema.get("type")
        if types is None:
            types = []
            if not _OF_OBJECTS.isdisjoint(place.schema):
                types.append("object")
            elif not _OF_ARRAYS.isdisjoint(place.schema):
                types.append("array")
        heights = []
        for name in [types] if isinstance(types, str) else types:
            if name == "object":
                heights.append(1 + self._object_height(place))
            elif name == "array":
                heights.append(1 + self._array_height(place))
            else:
                return 0
        return min(heights, default=0)

    def _object_height(self, place: Place) -> float:
        schema = place.schema
        properties = schema.get("properties", {})
        heights = [
            self.height(place.down("properties", key))
            for key in schema.get("required", ())
            if key in properties
        ]
        return max(heights, default=0)

    def _array_height(self, place: Place) -> float:
        schema = place.schema
        least = min(int(schema.get("minItems", 0)), 32)
        heights = [
            self.height(part) for index in range(least) for part in item_schemas(place, index)
        ]
        if "contains" in schema and schema.get("minContains", 1):
            heights.append(self.height(place.down("contains")))
        return max(heights, default=0)
