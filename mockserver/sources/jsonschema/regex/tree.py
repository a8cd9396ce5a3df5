"""The parts a regular expression is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

UNBOUNDED: Final = 1 << 30
"""The upper count of a repeat that has none."""

EdgeKind: TypeAlias = Literal[
    "start", "line_start", "end", "line_end", "text_end", "boundary", "inside"
]


class PatternError(ValueError):
    """The pattern is wrong, too large, or uses something that is not supported."""


@dataclass(frozen=True, slots=True, eq=False)
class Chars:
    """One character: ``accepts`` tells which, ``samples`` are the ones to write."""

    accepts: Callable[[str], bool]
    samples: str


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """One part after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Any one of the options."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Repeat:
    """The part ``low`` to ``high`` times over."""

    part: Node
    low: int
    high: int


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """The part must (or, unless ``wanted``, must not) follow here, or precede unless ``ahead``."""

    part: Node
    ahead: bool
    wanted: bool


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """A place in the text, of no width."""

    kind: EdgeKind


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A part that a back reference can name by its number."""

    number: int
    part: Node


@dataclass(frozen=True, slots=True, eq=False)
class Back:
    """What the group of that number matched, once more."""

    number: int


Node: TypeAlias = Chars | Sequence | Choice | Repeat | Look | Edge | Group | Back
