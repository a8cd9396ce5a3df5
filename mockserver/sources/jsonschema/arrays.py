"""Arrays: how many items, which of them must match what, and none twice if so asked."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from mockserver.sources.jsonschema.conjunction import Conjunction
from mockserver.sources.jsonschema.distinct import Distinct
from mockserver.sources.jsonschema.run import Make, Node, Nodes, Run
from mockserver.sources.jsonschema.shape import Place, item_schemas
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd

_MOST: Final = 10_000
_PLENTY: Final = 3

# Beside the numbers of the demands of ``contains``, what an item may be that is for none of them.
_UNLIKE: Final = -1
_EITHER: Final = -2


def array_maker(facts: Conjunction, nodes: Nodes, hint: str) -> Make:
    """Return what makes arrays; raise UnsatisfiableSchema when there can be none."""
    return _Arrays(facts, nodes, hint).make


class _Arrays:
    """Arrays of one to three items, or of as many as they must have."""

    def __init__(self, facts: Conjunction, nodes: Nodes, hint: str) -> None:
        self._facts = facts
        self._path = facts.path
        self._nodes = nodes
        self._hint = hint
        self._unique = any(facts.all("uniqueItems"))
        self._prefix = max((_prefix(place) for place in facts.places), default=0)
        self._wanted = [
            (place.down("contains"), int(place.schema.get("minContains", 1)))
            for place in facts.places_with("contains")
        ]
        self._capped = [
            nodes.negation(place.down("contains"))
            for place in facts.places_with("contains")
            if "maxContains" in place.schema
        ]
        self._low, self._high = self._bounds()
        self._made: dict[tuple[int, int], Node | DeadEnd] = {}

    def _bounds(self) -> tuple[int, int]:
        facts = self._facts
        needed = max((count for _, count in self._wanted), default=0)
        low = max(int(facts.most("minItems") or 0), needed)
        most = facts.least("maxItems")
        ends = [_prefix(place) for place in facts.places if _is_closed(place)]
        high = min([_MOST, *ends] + ([] if most is None else [int(most)]))
        if low > high:
            reason = f"it must have at least {low} items and can have {high} at most"
            raise DeadEnd(self._path, reason)
        return low, high

    def make(self, run: Run) -> list[Any]:
        if not self._wanted:
            return self._fill(run, self._count(run), {})
        wanted = [number for number, (_, least) in enumerate(self._wanted) for _ in range(least)]
        count = min(max(self._count(run), len(wanted)), self._high)
        behind = [*range(self._prefix, count), *range(min(self._prefix, count))]
        # The second try is not made inside ``except``: errors there are chained, level by level.
        with suppress(DeadEnd):
            return self._fill(run, count, self._placed(wanted, behind))
        count = min(max(self._low, len(wanted)), self._high)
        return self._fill(run, count, self._placed(wanted, list(range(count))))

    def _count(self, run: Run) -> int:
        """Return how many items to make: as few as there may be when time is short."""
        if run.frugal:
            return self._low
        low = max(self._low, min(self._prefix, self._high), 1 if run.attempt == 0 else 0)
        return min(run.rng.randint(low, max(_PLENTY, low)), self._high)

    def _placed(self, wanted: list[int], free: list[int]) -> dict[int, int]:
        """Return at which index which demand of ``contains`` is met.

        A demand that fits nowhere is left out: another item may meet it, as a check will tell.
        """
        special: dict[int, int] = {}
        for number in wanted:
            index = next((each for each in free if self._can(each, number)), None)
            if index is not None:
                special[index] = number
                free.remove(index)
        return special

    def _fill(self, run: Run, count: int, special: dict[int, int]) -> list[Any]:
        run.work.spend(self._path, 1 + count)
        items: list[Any] = []
        distinct = Distinct(self._path) if self._unique else None
        for index in range(count):
            try:
                items.append(self._item(run, index, special.get(index, _UNLIKE), distinct))
            except DeadEnd:
                if index < self._low or index <= max(special, default=-1):
                    raise
                break  # a shorter array is valid as well
        return items

    def _item(self, run: Run, index: int, number: int, distinct: Distinct | None) -> Any:
        if number == _UNLIKE and self._capped:
            with suppress(DeadEnd):
                return self._draw(run, index, number, distinct)
            number = _EITHER  # the cap allows some to be alike
        return self._draw(run, index, number, distinct)

    def _draw(self, run: Run, index: int, number: int, distinct: Distinct | None) -> Any:
        node = self._node(index, number)
        return distinct.make(node, run) if distinct else node.make(run)

    def _can(self, index: int, number: int) -> bool:
        return not isinstance(self._known(index, number), DeadEnd)

    def _node(self, index: int, number: int) -> Node:
        """Return the node for an item; raise UnsatisfiableSchema when no item can stand there."""
        node = self._known(index, number)
        if isinstance(node, DeadEnd):
            raise DeadEnd(node.path, node.reason)  # a new one: it gathers a traceback
        return node

    def _known(self, index: int, number: int) -> Node | DeadEnd:
        key = (min(index, self._prefix), number)  # beyond the prefix all items are alike
        node = self._made.get(key)
        if node is None:
            places = self._schemas(index, number)
            path = places[0].path if len(places) == 1 else (*self._path, "items")
            try:
                node = self._nodes.node(tuple(places), path, self._hint)
            except DeadEnd as error:
                node = error
            self._made[key] = node
        return node

    def _schemas(self, index: int, number: int) -> list[Place]:
        places = [part for place in self._facts.places for part in item_schemas(place, index)]
        if not places:
            held = self._facts.places_with("unevaluatedItems")
            places = [place.down("unevaluatedItems") for place in held]
        if number == _UNLIKE:
            return places + self._capped
        return places if number == _EITHER else [*places, self._wanted[number][0]]


def _prefix(place: Place) -> int:
    schema = place.schema
    older = isinstance(schema.get("items"), list)
    return len(schema["items"] if older else schema.get("prefixItems", ()))


def _is_closed(place: Place) -> bool:
    older = isinstance(place.schema.get("items"), list)
    return place.schema.get("additionalItems" if older else "items") is False
