"""Whether a value meets a schema: the little of a validator that a generator needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from mockserver.sources.jsonschema.assertions import assertions_on
from mockserver.sources.jsonschema.document import Document
from mockserver.sources.jsonschema.shape import (
    Place,
    item_schemas,
    listed,
    matches,
    property_schemas,
)
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd
from mockserver.sources.jsonschema.work import Work

_DEEPEST: Final = 100


class Checker:
    """Judges values by the schemas of one document, within the work it is given.

    Raises Doubt when it cannot be told, Exhausted when the work runs out, UnsatisfiableSchema when
    references run in circles or a pattern cannot be used.
    """

    def __init__(self, document: Document, work: Work) -> None:
        self.document = document
        self._work = work
        self._depth = 0

    def meets(self, value: Any, place: Place) -> bool:
        """Tell whether a value meets a schema."""
        schema, path = place
        if isinstance(schema, bool):
            return schema
        self._work.spend(path)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise DeadEnd(path, "it is nested too deeply, or refers to itself without end")
        try:
            return self._judge(value, place)
        finally:
            self._depth -= 1

    def _judge(self, value: Any, place: Place) -> bool:
        tests, appliers = assertions_on(value), _TO_ANY
        if isinstance(value, str):
            appliers = _TO_STRING
        elif isinstance(value, dict):
            appliers = _TO_OBJECT
        elif isinstance(value, list):
            appliers = _TO_ARRAY
            self._work.spend(place.path, len(value) // 8)
        due: dict[_Applier, None] = {}
        for key, argument in place.schema.items():
            test = tests.get(key)
            if test is not None and not test(value, argument):
                return False
            if key in appliers:
                due[appliers[key]] = None
        return all(applies(self, value, place) for applies in due)

    def _reference(self, value: Any, place: Place, keyword: str) -> bool:
        return self.meets(value, self.document.resolve(place, keyword))

    def _all(self, value: Any, place: Place) -> bool:
        return all(self.meets(value, each) for each in listed(place, "allOf"))

    def _any(self, value: Any, place: Place) -> bool:
        return any(self.meets(value, each) for each in listed(place, "anyOf"))

    def _one(self, value: Any, place: Place) -> bool:
        return sum(self.meets(value, each) for each in listed(place, "oneOf")) == 1

    def _if(self, value: Any, place: Place) -> bool:
        branch = "then" if self.meets(value, place.down("if")) else "else"
        return branch not in place.schema or self.meets(value, place.down(branch))

    def _dependent(self, value: dict[str, Any], place: Place) -> bool:
        keys = [key for key in place.schema["dependentSchemas"] if key in value]
        return all(self.meets(value, place.down("dependentSchemas", key)) for key in keys)

    def _pattern(self, value: str, place: Place) -> bool:
        return matches(place.schema["pattern"], value, place.path, self._work)

    def _names(self, value: dict[str, Any], place: Place) -> bool:
        names = place.down("propertyNames")
        return all(self.meets(name, names) for name in value)

    def _properties(self, value: dict[str, Any], place: Place) -> bool:
        for key, each in value.items():
            for part in property_schemas(place, key, self._work):
                if not self.meets(each, part):
                    return False
        return True

    def _items(self, value: list[Any], place: Place) -> bool:
        for index, each in enumerate(value):
            for part in item_schemas(place, index):
                if not self.meets(each, part):
                    return False
        return True

    def _contains(self, value: list[Any], place: Place) -> bool:
        schema = place.schema
        found = sum(self.meets(each, place.down("contains")) for each in value)
        return bool(schema.get("minContains", 1) <= found <= schema.get("maxContains", found))

    def _unevaluated_keys(self, value: dict[str, Any], place: Place) -> bool:
        rest = value.keys() - self._seen_in(value, place, "unevaluatedProperties")
        part = place.down("unevaluatedProperties")
        return all(self.meets(value[key], part) for key in rest)

    def _unevaluated_items(self, value: list[Any], place: Place) -> bool:
        rest = set(range(len(value))) - self._seen_in(value, place, "unevaluatedItems")
        part = place.down("unevaluatedItems")
        return all(self.meets(value[index], part) for index in rest)

    def _seen_in(self, value: Any, place: Place, leaving_out: str) -> set[Any]:
        """Return the keys or indexes that a schema, or one in its place, has a say on."""
        schema = place.schema
        seen: set[Any] = set()
        if isinstance(schema, bool):
            return seen
        if isinstance(value, list):
            seen.update(n for n in range(len(value)) if any(item_schemas(place, n)))
        else:
            seen.update(key for key in value if any(property_schemas(place, key, self._work)))
        if isinstance(value, list) and "contains" in schema:
            part = place.down("contains")
            seen |= {index for index, each in enumerate(value) if self.meets(each, part)}
        for keyword in ("unevaluatedProperties", "unevaluatedItems"):
            if keyword in schema and keyword != leaving_out:
                return set(range(len(value))) if isinstance(value, list) else set(value)
        for part in self._beside(value, place):
            if self.meets(value, part):
                seen |= self._seen_in(value, part, "")
        return seen

    def _beside(self, value: Any, place: Place) -> Iterable[Place]:
        """Yield the schemas that apply to the same value, whether or not it meets them."""
        schema = place.schema
        yield from (self.document.resolve(place, key) for key in _REFERENCES if key in schema)
        for keyword in ("allOf", "anyOf", "oneOf"):
            yield from listed(place, keyword)
        if "if" in schema:
            met = self.meets(value, place.down("if"))
            yield from (
                place.down(key) for key in ("if", "then" if met else "else") if key in schema
            )
        for key in schema.get("dependentSchemas", ()):
            if key in value:
                yield place.down("dependentSchemas", key)


_REFERENCES: Final = ("$ref", "$dynamicRef")
_Applier: TypeAlias = Callable[[Checker, Any, Place], bool]

# Keywords that judge one matter together share a function, which then runs once.
_TO_ANY: Final[dict[str, _Applier]] = {
    "$ref": lambda self, value, place: self._reference(value, place, "$ref"),
    "$dynamicRef": lambda self, value, place: self._reference(value, place, "$dynamicRef"),
    "allOf": Checker._all,
    "anyOf": Checker._any,
    "oneOf": Checker._one,
    "not": lambda self, value, place: not self.meets(value, place.down("not")),
    "if": Checker._if,
}
_TO_STRING: Final = _TO_ANY | {"pattern": Checker._pattern}
_TO_OBJECT: Final = _TO_ANY | {
    "properties": Checker._properties,
    "patternProperties": Checker._properties,
    "additionalProperties": Checker._properties,
    "propertyNames": Checker._names,
    "dependentSchemas": Checker._dependent,
    "unevaluatedProperties": Checker._unevaluated_keys,
}
_TO_ARRAY: Final = _TO_ANY | {
    "prefixItems": Checker._items,
    "items": Checker._items,
    "contains": Checker._contains,
    "unevaluatedItems": Checker._unevaluated_items,
}
