"""Items that are different from each other."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final

from mockserver.sources.jsonschema.equality import freeze, thaw
from mockserver.sources.jsonschema.run import Node, Run
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd, Path

_TRIES: Final = 30


class Distinct:
    """Makes items for one array, none of them twice.

    Where a node has few values, those that are left are taken in random order; where it has many,
    or nobody knows how many, it is asked again for a bounded number of times.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: set[Hashable] = set()
        self._left: dict[int, list[Any]] = {}

    def make(self, node: Node, run: Run) -> Any:
        """Return a new item; raise UnsatisfiableSchema when none is found."""
        item = node.make(run)
        if freeze(item) in self._seen:
            item = self._other(node, run)
        self._seen.add(freeze(item))
        return item

    def _other(self, node: Node, run: Run) -> Any:
        left = self._values_left(node, run)
        if left is None:
            return self._made_anew(node, run)
        while left:
            if freeze(item := left.pop()) not in self._seen:
                return item
        raise DeadEnd(self._path, "it needs more different items than there are")

    def _values_left(self, node: Node, run: Run) -> list[Any] | None:
        if id(node) not in self._left:
            domain = node.domain()
            if domain is None:
                return None
            self._left[id(node)] = thaw(run.rng.sample(domain, len(domain)))
        return self._left[id(node)]

    def _made_anew(self, node: Node, run: Run) -> Any:
        run.work.spend(self._path, _TRIES // 4)
        attempt = run.attempt
        try:
            for _ in range(_TRIES):
                run.attempt += 1
                if freeze(item := node.make(run)) not in self._seen:
                    return item
        finally:
            run.attempt = attempt
        raise DeadEnd(self._path, "not enough different items were found")
