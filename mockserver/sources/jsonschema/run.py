"""The making of one value: where its chance comes from and how far it may go."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final, Protocol, TypeAlias

from mockserver.sources.jsonschema.shape import Place
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd, Path
from mockserver.sources.jsonschema.work import Work
from mockserver.sources.words import Words

_LEAST_WORK: Final = 15_000
_MOST_WORK: Final = 60_000
_WORK_PER_PART: Final = 8

_DEEPEST: Final = 60
_DEEP: Final = 12
_LOOPS: Final = 2
_LONG: Final = 3_000


Make: TypeAlias = "Callable[[Run], Any]"
"""What makes a value when it is handed the state of making it."""


class Run:
    """The state of making one value.

    Attributes: ``optional`` whether optional properties are made, ``attempt`` how many values have
    been rejected at this place so far: from the second on, makers leave what is likely for what is
    possible.
    """

    __slots__ = ("_depth", "_loops", "attempt", "optional", "rng", "words", "work")

    def __init__(self, rng: Random, words: Words, *, optional: bool, parts: int) -> None:
        """Begin a value for a document of so many schemas: the more, the more work is due."""
        self.rng = rng
        self.words = words
        self.optional = optional
        self.work = Work(min(_MOST_WORK, _LEAST_WORK + _WORK_PER_PART * parts))
        self.attempt = 0
        self._depth = 0
        self._loops = 0

    @property
    def frugal(self) -> bool:
        """Whether it is time to come to an end: the value is deep, large or repeats itself."""
        return self._depth > _DEEP or self._loops > _LOOPS or self.work.used > _LONG

    def enter(self, path: Path, *, loops: bool) -> None:
        """Go one schema deeper; raise UnsatisfiableSchema when that is too deep."""
        self._depth += 1
        self._loops += loops
        if self._depth > _DEEPEST:
            self.leave(loops=loops)
            raise DeadEnd(path, "it is nested too deeply, or without end")

    def leave(self, *, loops: bool) -> None:
        """Come back up."""
        self._depth -= 1
        self._loops -= loops


class Node(Protocol):
    """Something that makes values for one schema.

    ``make`` returns a value that meets it, or raises UnsatisfiableSchema when it finds none.
    """

    make: Make

    def domain(self) -> list[Any] | None:
        """Return all values there are, None when they are many or not known."""


class Nodes(Protocol):
    """Where nodes come from; making them takes from the work of ``compiling``."""

    compiling: Work

    def node(self, places: tuple[Place, ...], path: Path, hint: str) -> Node:
        """Return the node for schemas that hold at once; ``hint`` is the name the value has."""

    def negation(self, place: Place) -> Place:
        """Return the schema of all that does not meet another."""

    def meets(self, value: Any, place: Place, work: Work) -> bool:
        """Tell whether a value meets a schema."""
