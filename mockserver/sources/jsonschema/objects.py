"""Objects: which keys they get, and what stands under each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mockserver.sources.jsonschema.conjunction import Conjunction
from mockserver.sources.jsonschema.regex.pattern import Pattern
from mockserver.sources.jsonschema.regex.tree import PatternError
from mockserver.sources.jsonschema.run import Make, Node, Nodes, Run
from mockserver.sources.jsonschema.shape import Place, property_schemas
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd, shown
from mockserver.sources.jsonschema.work import Work

_MOST: Final = 10_000
_TRIES: Final = 40


def object_maker(facts: Conjunction, nodes: Nodes) -> Make:
    """Return what makes objects; raise UnsatisfiableSchema when there can be none."""
    return _Objects(facts, nodes).make


class _Objects:
    """Objects with the keys they must have, and with others as far as asked for.

    Keys come in the order in which the schemas declare them, keys that are nowhere declared last.
    """

    def __init__(self, facts: Conjunction, nodes: Nodes) -> None:
        self._facts = facts
        self._path = facts.path
        self._nodes = nodes
        self._made: dict[str, Node] = {}
        self._low = int(facts.most("minProperties") or 0)
        high = facts.least("maxProperties")
        self._high = _MOST if high is None else int(high)
        self._declared = list(
            dict.fromkeys(key for properties in facts.all("properties") for key in properties)
        )
        self._needs = [needs for each in facts.all("dependentRequired") for needs in each.items()]
        required = [name for names in facts.all("required") for name in names]
        self._required = self._with_needs(dict.fromkeys(required))
        self._known = frozenset((*self._declared, *self._required))
        if len(self._required) > self._high:
            raise DeadEnd(self._path, "it requires more properties than it may have")
        if self._low > min(self._high, _MOST):
            reason = "minProperties is above maxProperties, or above what is made"
            raise DeadEnd(self._path, reason)
        self._plain = len(self._required) >= self._low
        self._order = self._in_order(self._required)

    def make(self, run: Run) -> dict[str, Any]:
        run.work.spend(self._path, 1 + len(self._order))
        value = {key: self._node(key).make(run) for key in self._order}
        if self._plain and not run.optional and not run.attempt:
            return value
        if run.optional and not run.frugal:
            self._add_declared(value, run, self._high)
        if len(value) < self._low:
            self._fill(value, run)
        if run.attempt % 3 == 2:  # the plainest objects were rejected: one more key may help
            self._add_named(value, run, min(len(value) + 1, self._high))
        return {key: value[key] for key in self._in_order(value)}

    def _node(self, key: str) -> Node:
        node = self._made.get(key)
        if node is None:
            places = tuple(self._schemas(key, self._nodes.compiling))
            path = places[0].path if len(places) == 1 else (*self._path, "properties", key)
            if key not in self._known:  # a name made up for once, which says nothing
                return self._nodes.node(places, path, "")
            node = self._made[key] = self._nodes.node(places, path, key)
        return node

    def _schemas(self, key: str, work: Work) -> Iterator[Place]:
        """Yield what holds for the value of a key, and what its name must meet beside it."""
        spoken = False
        for place in self._facts.places:
            for part in property_schemas(place, key, work):
                spoken = True
                yield part
            if "propertyNames" in place.schema and not self._nodes.meets(
                key, place.down("propertyNames"), work
            ):
                raise DeadEnd(place.path, f"the name {shown(key)} is not allowed")
        if not spoken:
            for place in self._facts.places:
                if "unevaluatedProperties" in place.schema:
                    yield place.down("unevaluatedProperties")

    def _add_declared(self, value: dict[str, Any], run: Run, most: int) -> None:
        """Add the declared keys that are left, as long as there is room and they can be made."""
        for key in self._declared:
            if len(value) >= most:
                return
            if key not in value:
                self._try(value, key, run)
        if not self._declared and self._facts.has("additionalProperties", "patternProperties"):
            self._add_named(value, run, min(most, 2))

    def _fill(self, value: dict[str, Any], run: Run) -> None:
        """Add keys up to the least number there must be."""
        self._add_declared(value, run, self._low)
        self._add_named(value, run, self._low)
        if len(value) < self._low:
            reason = f"no {self._low} properties were found that it may have"
            raise DeadEnd(self._path, reason)

    def _add_named(self, value: dict[str, Any], run: Run, most: int) -> None:
        missed = 0
        while len(value) < most and missed < _TRIES:
            try:
                key = self._name(run, missed)
            except DeadEnd:
                return  # there is no name that is allowed
            if key is None or key in value or not self._try(value, key, run):
                missed += 1

    def _name(self, run: Run, turn: int) -> str | None:
        """Make up the name of a property, by what is said of names where anything is."""
        names = [each.down("propertyNames") for each in self._facts.places_with("propertyNames")]
        if names:
            node = self._nodes.node((*names, _TEXT), self._path, "")
            made: str = node.make(run)
            return made
        patterns = [each for held in self._facts.all("patternProperties") for each in held]
        if patterns and turn % 2 == 0:
            return self._matching_name(patterns[turn // 2 % len(patterns)], run, turn)
        word = run.words.word(run.rng)
        return word if not turn else f"{word}_{run.rng.randint(1, 100 * turn)}"

    def _matching_name(self, source: str, run: Run, turn: int) -> str | None:
        def spend(steps: int) -> None:
            run.work.spend(self._path, steps // 16)

        low = run.rng.randint(1, 9)
        try:
            pattern, name = Pattern.of(source), None
            if turn % 4 == 0:
                name = pattern.write_padded(run.rng, low=low, high=40, spend=spend)
            return name or pattern.write(run.rng, low=1, high=40, spend=spend)
        except PatternError:
            return None

    def _try(self, value: dict[str, Any], key: str, run: Run) -> bool:
        """Add a key and what must come with it; tell whether that worked, and undo it if not."""
        run.work.spend(self._path, 2)
        added: list[str] = []
        needs = [key]
        if self._needs:
            needs = list(self._with_needs({**dict.fromkeys(value), key: None}))
        try:
            for each in needs:
                if each not in value:
                    added.append(each)
                    value[each] = self._node(each).make(run)
        except DeadEnd:
            pass
        else:
            if len(value) <= self._high:
                return True
        for each in added:
            value.pop(each, None)
        return False

    def _with_needs(self, keys: dict[str, None]) -> dict[str, None]:
        """Return the keys with all that ``dependentRequired`` asks for beside them."""
        size = -1
        while size < len(keys):
            size = len(keys)
            for key, names in self._needs:
                if key in keys:
                    keys.update(dict.fromkeys(names))
        return keys

    def _in_order(self, keys: dict[str, Any]) -> list[str]:
        declared = [key for key in self._declared if key in keys]
        known = set(declared)
        return declared + [key for key in keys if key not in known]


_TEXT: Final = Place({"type": "string"}, ())
