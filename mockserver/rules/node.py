"""A value of a rule with the way that leads to it, for errors that name their place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.rules.errors import RuleError, Steps


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document that is being read."""

    value: Any
    steps: Steps = ()

    def error(self, message: str) -> RuleError:
        """Return the error that something is wrong here."""
        return RuleError(message, self.steps)

    def get(self, key: str) -> Node | None:
        """Return a member of a mapping; None when it is not there or null."""
        value = self.value.get(key)
        return None if value is None else Node(value, (*self.steps, key))

    def mapping(self, known: Collection[str], what: str) -> Node:
        """Return itself if it is a mapping of known keys; raise RuleError otherwise."""
        self.named(what)
        unknown = next((key for key in self.value if key not in known), None)
        if unknown is not None:
            raise Node(None, (*self.steps, str(unknown))).error(
                f"{what} has no '{unknown}'; it has {', '.join(known)}"
            )
        return self

    def named(self, what: str) -> Node:
        """Return itself if it is a mapping of texts to values; raise RuleError otherwise."""
        if not isinstance(self.value, Mapping):
            raise self.error(f"{what} is a mapping, not {shown(self.value)}")
        for key in self.value:
            if not isinstance(key, str):
                raise self.error(f"the key {shown(key)} is not text; put it between quotes")
        return self

    def members(self) -> Iterator[tuple[str, Node]]:
        """Yield the members of a mapping."""
        for key, value in self.value.items():
            yield key, Node(value, (*self.steps, key))

    def entries(self, what: str) -> Iterator[Node]:
        """Yield the entries of a list; raise RuleError when it is none."""
        if not isinstance(self.value, list | tuple):
            raise self.error(f"{what} is a list, not {shown(self.value)}")
        for index, value in enumerate(self.value):
            yield Node(value, (*self.steps, index))

    def text(self, what: str) -> str:
        """Return a text; raise RuleError for anything else and for an empty one."""
        if not isinstance(self.value, str) or not self.value:
            raise self.error(f"{what} is a text, not {shown(self.value)}")
        return self.value

    def whole(self, what: str, *, least: int = 1) -> int:
        """Return a whole number of ``least`` or more; raise RuleError for anything else."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 10**6:
            raise self.error(f"{what} is a whole number from {least} on, not {shown(value)}")
        return value


def shown(value: Any) -> str:
    """Return a value as it is shown in an error, in one line of reasonable length."""
    if value is None:
        return "nothing"
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else text[:77] + "..."
