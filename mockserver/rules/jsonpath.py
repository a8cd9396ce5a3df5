"""JSONPath, as far as rules need it: members, positions, wildcards and descendants.

``$`` is the request, ``.name`` or ``['name']`` a member, ``[0]`` a position (``[-1]`` the last
one), ``.*`` or ``[*]`` all of them, and ``..name`` members of this name at any depth. Filters,
slices and unions are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

_TOKEN: Final = re.compile(
    r"""(?P<deep>\.\.)?(?:(?(deep)|\.)(?P<name>[^\W\d][\w-]*|\*)
    |\[\s*(?:(?P<index>-?\d{1,9})|(?P<all>\*)|'(?P<single>[^']*)'|"(?P<double>[^"]*)")\s*\])""",
    re.VERBOSE,
)
_ALL: Final = None
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Step:
    """One step: a key, a position or all (None), of the value itself or of all below it too."""

    key: str | int | None
    deep: bool


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A path into a document."""

    text: str
    steps: tuple[_Step, ...]

    @classmethod
    def read(cls, text: str) -> JsonPath:
        """Read a path; raise ValueError, naming the place, for what cannot be read."""
        if not text.startswith("$"):
            raise ValueError(f"the path '{text}' does not begin with $")
        steps: list[_Step] = []
        at = 1
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                raise ValueError(
                    f"the path '{text}' cannot be read from '{text[at:]}' on; there are .name, "
                    "['name'], [0], [-1], [*] and ..name"
                )
            steps.append(_step(token))
            at = token.end()
        return cls(text, tuple(steps))

    def find(self, document: Any) -> list[Any]:
        """Return all values that the path leads to, in the document's order."""
        found = [document]
        for step in self.steps:
            found = [
                child
                for value in found
                for place in (_descendants(value) if step.deep else (value,))
                for child in _children(place, step.key)
            ][:_MOST]
        return found


def _step(token: re.Match[str]) -> _Step:
    deep = token["deep"] is not None
    if token["index"] is not None:
        return _Step(int(token["index"]), deep)
    if token["all"] or token["name"] == "*":
        return _Step(_ALL, deep)
    names = (token["name"], token["single"], token["double"])
    return _Step(next(name for name in names if name is not None), deep)


def _children(value: Any, key: str | int | None) -> Iterator[Any]:
    if isinstance(value, dict):
        if key is _ALL:
            yield from value.values()
        elif key in value:
            yield value[key]
    elif isinstance(value, list):
        if key is _ALL:
            yield from value
        elif isinstance(key, int) and -len(value) <= key < len(value):
            yield value[key]


def _descendants(value: Any) -> Iterator[Any]:
    """Yield a value and all below it, a container before what is in it."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        yield value
        if isinstance(value, dict):
            waiting.extend(reversed(list(value.values())))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
