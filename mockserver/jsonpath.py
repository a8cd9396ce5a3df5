"""Paths into JSON documents, with wildcards: to find the values there, or to take them out.

``$`` is the document and may be left out. ``name`` is a member and ``["a.b"]`` one whose name is
no word; ``[0]`` is an entry and ``[-1]`` the last one; ``*`` and ``[*]`` are all of them. ``..`` or
``**`` stands for any number of steps. Filters, slices and unions are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Self

GRAMMAR: Final = (
    "write keys with dots between them, [n] for an entry, * or [*] for all, ** or .. for any "
    'depth, such as metadata.run_id or $.input[*].id or **["a.b"]'
)

_STEP: Final = re.compile(
    r"""(?P<dots>\.{0,2})(?:(?P<run>\*\*)|(?P<star>\*)|(?P<name>[^.\[\]*"]+)
    |(?P<bracket>\[)\s*(?:(?P<index>-?\d{1,9})|(?P<all>\*)|'(?P<single>[^']*)'|"(?P<double>[^"]*)")\s*\])""",
    re.VERBOSE,
)
_WORD: Final = re.compile(r"[^\W\d][\w-]*")
_ALL: Final = None
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Step:
    """One step: a key, a position or all (None), of the value itself or of all below it too."""

    key: str | int | None
    deep: bool

    def places(self, value: Any) -> Iterable[Any]:
        """Return the values that the step is taken from."""
        return _containers(value) if self.deep else (value,)

    def children(self, place: Any) -> Iterator[Any]:
        """Yield what the step leads to from one of its places."""
        if isinstance(place, dict):
            if self.key is _ALL:
                yield from place.values()
            elif self.key in place:
                yield place[self.key]
        elif isinstance(place, list):
            if self.key is _ALL:
                yield from place
            elif isinstance(self.key, int) and _within(place, self.key):
                yield place[self.key]

    def drop(self, place: Any) -> None:
        """Take what the step leads to out of one of its places."""
        if self.key is _ALL and isinstance(place, dict | list):
            place.clear()
        elif isinstance(place, dict):
            place.pop(self.key, None)
        elif isinstance(place, list) and isinstance(self.key, int) and _within(place, self.key):
            del place[self.key]


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A path into a document."""

    text: str
    steps: tuple[_Step, ...]

    @classmethod
    def read(cls, text: str, *, strict: bool = False) -> Self:
        """Read a path; raise ValueError, naming the place, for what cannot be read.

        Strictly it begins with ``$``, and a name without quotes is a word: what stands among other
        text is then not taken for a path by mistake.
        """
        text = text.strip()
        if strict and not text.startswith("$"):
            raise ValueError(f"the path '{text}' does not begin with $")
        at = start = len("$") if text.startswith("$") else 0
        steps: list[_Step] = []
        deep = False
        while at < len(text):
            token = _STEP.match(text, at)
            if token is None or not _stands(token, first=at == start, strict=strict):
                raise ValueError(
                    f"the path '{text}' cannot be read from '{text[at:]}' on: {GRAMMAR}"
                )
            deep = deep or token["dots"] == ".." or token["run"] is not None
            if token["run"] is None:
                steps.append(_Step(_key(token), deep))
                deep = False
            at = token.end()
        if deep:
            raise ValueError(f"the path '{text}' names no value: {GRAMMAR}")
        return cls(text, tuple(steps))

    def find(self, document: Any) -> list[Any]:
        """Return the values that the path leads to, in the document's order."""
        found = [document]
        for step in self.steps:
            children = (
                child
                for value in found
                for place in step.places(value)
                for child in step.children(place)
            )
            found = list(islice(children, _MOST))
        return found

    def remove(self, document: Any) -> None:
        """Take every value at the path out of a document, which itself stays."""
        here = [document]
        for step in self.steps[:-1]:
            places = _once(place for value in here for place in step.places(value))
            here = _once(child for place in places for child in step.children(place))
        for step in self.steps[-1:]:
            for place in _once(place for value in here for place in step.places(value)):
                step.drop(place)


def _stands(token: re.Match[str], *, first: bool, strict: bool) -> bool:
    """Tell whether a step may stand where it does: after a dot, unless it is in brackets."""
    if strict and token["name"] is not None and not _WORD.fullmatch(token["name"]):
        return False
    return bool(token["dots"] or token["bracket"]) or (first and not strict)


def _within(value: list[Any], index: int) -> bool:
    return -len(value) <= index < len(value)


def _key(token: re.Match[str]) -> str | int | None:
    if token["index"] is not None:
        return int(token["index"])
    names = (token["name"], token["single"], token["double"])
    return next((name for name in names if name is not None), _ALL)


def _once(values: Iterable[Any]) -> list[Any]:
    """Return values without those that two ways lead to, each of which is met only once."""
    return list({id(value): value for value in values}.values())


def _containers(value: Any) -> Iterator[Any]:
    """Yield a value and all containers below it, each before what is in it.

    It keeps a stack, since documents may be deep.
    """
    waiting = [value]
    while waiting:
        value = waiting.pop()
        yield value
        members = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict | list):
            waiting.extend(
                member for member in reversed(list(members)) if isinstance(member, dict | list)
            )
