"""Which type of value a schema gets, and what makes values of each type."""

from __future__ import annotations

from typing import Final

from mockserver.sources.jsonschema.arrays import array_maker
from mockserver.sources.jsonschema.conjunction import Conjunction
from mockserver.sources.jsonschema.guides import number_guide
from mockserver.sources.jsonschema.numbers import number_maker
from mockserver.sources.jsonschema.objects import object_maker
from mockserver.sources.jsonschema.run import Make, Nodes, Run
from mockserver.sources.jsonschema.strings import string_maker
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd

_TYPES: Final = ("string", "integer", "number", "boolean", "object", "array", "null")
_FLAT: Final = ("null", "boolean", "integer", "number", "string")
_NULL_SHARE: Final = 0.2

_SAID_OF: Final[dict[str, tuple[str, ...]]] = {
    "object": (
        "properties", "required", "additionalProperties", "patternProperties", "propertyNames",
        "minProperties", "maxProperties", "dependentRequired", "unevaluatedProperties",
    ),
    "array": (
        "items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems",
        "unevaluatedItems",
    ),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}  # fmt: skip


def typed_maker(facts: Conjunction, nodes: Nodes, hint: str) -> Make:
    """Return what makes values of a type that the schemas allow.

    Where none of them names a type, it is the one that their other keywords speak of, though they
    would hold for other types as well. Raises UnsatisfiableSchema when no type has a value.
    """
    if facts.types is None:
        return _Untyped(facts, nodes, hint).make
    makers: dict[str, Make] = {}
    problem: DeadEnd | None = None
    for name in _TYPES:  # in a set order: that of a frozenset changes with the process
        if name in facts.types:
            try:
                makers[name] = _maker(name, facts, nodes, hint)
            except DeadEnd as error:
                problem = problem or error
    if len(makers) == 1:
        return next(iter(makers.values()))
    if problem and not makers:
        raise problem
    if not makers:
        raise DeadEnd(facts.path, "it allows no type")
    return _Several(makers).make


def _maker(name: str, facts: Conjunction, nodes: Nodes, hint: str) -> Make:
    match name:
        case "object":
            return object_maker(facts, nodes)
        case "array":
            return array_maker(facts, nodes, hint)
        case "string":
            return string_maker(facts, hint)
        case "integer" | "number":
            return number_maker(facts, hint, whole=name == "integer")
        case "boolean":
            return _boolean
    return _null


def _boolean(run: Run) -> bool:
    return run.rng.random() < 0.5


def _null(_: Run) -> None:
    return None


class _Several:
    """A choice among types: null now and then, whatever ends soonest when time is short."""

    def __init__(self, makers: dict[str, Make]) -> None:
        self._makers = makers
        self._names = [name for name in makers if name != "null"]
        self._flat = next((name for name in _FLAT if name in makers), self._names[0])

    def make(self, run: Run) -> object:
        if run.frugal:
            return self._makers[self._flat](run)
        if "null" in self._makers and run.rng.random() < _NULL_SHARE:
            return None
        return self._makers[run.rng.choice(self._names)](run)


class _Untyped:
    """The type the keywords speak of; any other only when that does not do."""

    def __init__(self, facts: Conjunction, nodes: Nodes, hint: str) -> None:
        self._facts = facts
        self._nodes = nodes
        self._hint = hint
        likely = next((name for name, said in _SAID_OF.items() if facts.has(*said)), None)
        if likely is None:
            span = number_guide(hint)
            likely = "string" if span is None else "number" if span.decimals else "integer"
        self._likely = likely
        self._made: dict[str, Make | None] = {}

    def make(self, run: Run) -> object:
        if run.attempt == 0 and (likely := self._maker(self._likely)):
            return likely(run)
        left = [make for name in _TYPES if (make := self._maker(name))]
        return run.rng.choice(left)(run)

    def _maker(self, name: str) -> Make | None:
        if name not in self._made:
            try:
                self._made[name] = _maker(name, self._facts, self._nodes, self._hint)
            except DeadEnd:
                self._made[name] = None
        return self._made[name]
