"""Paths into JSON documents, with wildcards: which values of a body do not count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, Self, TypeAlias

Kind: TypeAlias = Literal["name", "index", "any", "deep"]

_STEP: Final = re.compile(
    r'(?P<deep>\*\*)|(?P<any>\*)|\[(?:(?P<all>\*)|(?P<index>-?\d{1,9})|"(?P<quoted>[^"]*)")\]'
    r'|(?P<name>[^.\[\]*"]+)'
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: into a member by its ``name`` or ``index``, into all, or to any depth."""

    kind: Kind
    name: str = ""
    index: int = 0

    def into(self, value: Any) -> Iterator[Any]:
        """Yield what the step leads to from a value; nothing when there is no such member."""
        if self.kind == "deep":
            yield from _containers(value)
        elif self.kind == "any":
            yield from _members(value)
        elif isinstance(value, dict) and self.kind == "name" and self.name in value:
            yield value[self.name]
        elif isinstance(value, list) and self._within(value):
            yield value[self.index]

    def drop(self, value: Any) -> None:
        """Take the members that the step leads to out of a value."""
        if self.kind == "any" and isinstance(value, dict | list):
            value.clear()
        elif isinstance(value, dict) and self.kind == "name":
            value.pop(self.name, None)
        elif isinstance(value, list) and self._within(value):
            del value[self.index]

    def _within(self, value: list[Any]) -> bool:
        return self.kind == "index" and -len(value) <= self.index < len(value)


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A path such as ``metadata.run_id``, ``input[*].id``, ``tools[0].name`` or ``**.call_id``.

    ``*`` stands for any member, ``**`` for any number of steps; ``["a.b"]`` is a key with dots.
    """

    text: str
    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a path; raise ValueError saying where it cannot be read."""
        rest = re.sub(r"^\$\.?", "", text.strip())
        steps: list[Step] = []
        while rest:
            found = _STEP.match(rest)
            if found is None:
                raise ValueError(
                    f"ignore_body: the path {text!r} cannot be read from {rest!r} on: {_GRAMMAR}"
                )
            steps.append(_step(found))
            rest = rest[found.end() :]
            if rest.startswith(".") and len(rest) > 1:
                rest = rest[1:]
            elif rest and not rest.startswith("["):
                raise ValueError(
                    f"ignore_body: the path {text!r} cannot be read from {rest!r} on: {_GRAMMAR}"
                )
        if not steps or steps[-1].kind == "deep":
            raise ValueError(f"ignore_body: the path {text!r} names no value: {_GRAMMAR}")
        return cls(text.strip(), tuple(steps))

    def remove(self, document: Any) -> None:
        """Take every value at the path out of a document."""
        here = [document]
        for step in self.steps[:-1]:
            # Two ways may lead to one container, from which an entry is to go only once.
            found = {id(member): member for value in here for member in step.into(value)}
            here = list(found.values())
        for value in here:
            self.steps[-1].drop(value)


_GRAMMAR: Final = (
    "write keys with dots between them, [n] for an entry, * or [*] for all, ** for any depth, "
    'such as metadata.run_id or input[*].id or **["a.b"]'
)


def _step(found: re.Match[str]) -> Step:
    if found["deep"]:
        return Step("deep")
    if found["any"] or found["all"]:
        return Step("any")
    if found["index"]:
        return Step("index", index=int(found["index"]))
    return Step("name", name=found["quoted"] if found["name"] is None else found["name"])


def _members(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _containers(value: Any) -> Iterator[Any]:
    """Yield a value and all containers inside of it; a stack, since documents may be deep."""
    pending = [value]
    while pending:
        found = pending.pop()
        yield found
        pending += [member for member in _members(found) if isinstance(member, dict | list)]
