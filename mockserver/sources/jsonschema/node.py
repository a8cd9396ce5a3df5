"""What makes values for schemas that hold at once, worked out once and used for every value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Protocol

from mockserver.sources.jsonschema.conjunction import Choice, Conjunction
from mockserver.sources.jsonschema.given import listed_values, picking, preferring, samples
from mockserver.sources.jsonschema.kinds import typed_maker
from mockserver.sources.jsonschema.numbers import whole_domain
from mockserver.sources.jsonschema.recursion import Recursion
from mockserver.sources.jsonschema.run import Make, Nodes, Run
from mockserver.sources.jsonschema.shape import Place
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd
from mockserver.sources.jsonschema.work import Work

_TRIES: Final = 32
_KEPT: Final = 5_000
_NULL_SHARE: Final = 0.4


class Home(Nodes, Protocol):
    """What a node needs of the plan it is part of; ``size`` counts the nodes there are."""

    recursion: Recursion
    size: int


class SchemaNode:
    """Makes values for schemas that hold at once.

    A value is made so that it meets everything a maker can see to; where that leaves something
    open, such as ``not`` or ``oneOf``, it is checked and made anew for a bounded number of times.
    Creating a node raises UnsatisfiableSchema when it is clear already that there is no value.
    ``checked`` says whether that is done here, or left to the node that this is a branch of.
    """

    make: Make

    def __init__(
        self,
        home: Home,
        facts: Conjunction,
        places: tuple[Place, ...],
        hint: str,
        *,
        checked: bool = True,
    ) -> None:
        home.size += 1
        self._home = home
        self._facts = facts
        self._places = places
        self._hint = hint
        self._path = facts.path
        self._loops = any(id(place.schema) in home.recursion.loops for place in facts.places)
        self._branches: dict[int, SchemaNode | DeadEnd] = {}
        self._listed = False
        self._values = listed_values(facts, home)
        self._open = checked and self._values is None and facts.hard
        self._draw = self._drawing()
        # Only what can nest must count how deep it is; for the rest there is a shorter way.
        self._nests = self._loops or not (facts.choices or (facts.types and facts.types <= _FLAT))
        self.make = self._draw
        if self._nests:
            self.make = self._nest
        elif self._open:
            self.make = self._search

    def domain(self) -> list[Any] | None:
        """Return all values there are, None when they are many or not known."""
        if self._values is None and not self._listed:
            self._listed = True
            self._values = self._list_values()
        return self._values

    def _list_values(self) -> list[Any] | None:
        types = self._facts.types
        values: list[Any] | None = None
        if not self._facts.choices and types is not None and len(types) == 1:
            match next(iter(types)):
                case "boolean":
                    values = [True, False]
                case "null":
                    values = [None]
                case "integer":
                    values = whole_domain(self._facts)
        if values is None or not self._open:
            return values
        return [value for value in values if self._meets(value, self._home.compiling)]

    def _nest(self, run: Run) -> Any:
        run.enter(self._path, loops=self._loops)
        try:
            return self._search(run) if self._open else self._draw(run)
        finally:
            run.leave(loops=self._loops)

    def _search(self, run: Run) -> Any:
        """Make values until one meets the schemas, each less likely and more varied."""
        attempt, optional = run.attempt, run.optional
        try:
            for turn in range(_TRIES):
                run.work.spend(self._path)
                run.attempt = attempt + turn
                run.optional = optional ^ (turn % 4 > 1)
                try:
                    value = self._draw(run)
                    if self._meets(value, run.work):
                        return value
                except DeadEnd:
                    if turn == 0:
                        raise
        finally:
            run.attempt, run.optional = attempt, optional
        raise DeadEnd(self._path, f"no value was found that meets {self._wanted()}")

    def _meets(self, value: Any, work: Work) -> bool:
        return all(self._home.meets(value, place, work) for place in self._places)

    def _wanted(self) -> str:
        keywords = ("not", "oneOf", "anyOf", "if", "contains", "unevaluatedProperties")
        held = [f"{key!r}" for key in keywords if self._facts.has(key)]
        return ", ".join(held) or "all of it"

    def _drawing(self) -> Make:
        if self._values is not None:
            return picking(self._values)
        draw: Make = self._choose
        if not self._facts.choices:
            draw = typed_maker(self._facts, self._home, self._hint)
        likely = samples(self._facts, self._places, self._home)
        return preferring(likely, draw) if likely else draw

    def _choose(self, run: Run) -> Any:
        """Take a branch of the first choice, another one when nothing can be made of that."""
        choice = self._facts.choices[0]
        problem: DeadEnd | None = None
        weight = 1 + (len(self._facts.places) + len(self._facts.choices)) // 4
        for index in self._order(choice, run):
            run.work.spend(self._path, weight)
            node = self._branch(choice, index)
            if isinstance(node, DeadEnd):
                problem = problem or node
                continue
            try:
                return node.make(run)
            except DeadEnd as error:
                problem = problem or error
        why = f": {problem.reason}" if problem else ""
        reason = f"no branch of {choice.keyword!r} can be met{why}"
        raise DeadEnd(problem.path if problem else self._path, reason)

    def _order(self, choice: Choice, run: Run) -> Iterable[int]:
        """Return the order in which to try the branches."""
        count = len(choice.branches)
        if run.frugal:
            height = self._home.recursion.height
            return sorted(range(count), key=lambda n: max(map(height, choice.branches[n])))
        if choice.keyword == "dependentSchemas":  # the first is to do without the key
            return (1, 0) if run.optional else (0, 1)
        start = int(run.rng.random() * count)
        if _is_null(choice.branches[start]) and run.rng.random() > _NULL_SHARE:
            start += 1  # a value says more than none
        return (n % count for n in range(start, start + count))

    def _branch(self, choice: Choice, index: int) -> SchemaNode | DeadEnd:
        node = self._branches.get(index)
        if node is None:
            branch = choice.branches[index]
            try:
                facts = self._facts.taking(branch)
                places = self._places + branch
                node = SchemaNode(self._home, facts, places, self._hint, checked=not self._open)
            except DeadEnd as error:
                node = error
            if self._home.size < _KEPT:  # many choices have more combinations than can be kept
                self._branches[index] = node
        return node


_FLAT: Final = frozenset(("string", "integer", "number", "boolean", "null"))


def _is_null(branch: tuple[Place, ...]) -> bool:
    schema = branch[0].schema
    return isinstance(schema, dict) and schema.get("type") == "null"
