"""The parts a regular expression is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple, TypeAlias

UNBOUNDED: Final = 1 << 30
"""The upper count of a repeat that has none."""

EdgeKind: TypeAlias = Literal[
    "start", "line_start", "end", "line_end", "text_end", "boundary", "inside"
]


class PatternError(ValueError):
    """The pattern is wrong, too large, or uses something that is not supported."""


class Chars(NamedTuple):
    """One character: ``accepts`` tells which, ``samples`` are the ones to write."""

    accepts: Callable[[str], bool]
    samples: str


class Sequence(NamedTuple):
    """One part after the other."""

    parts: tuple[Node, ...]


class Choice(NamedTuple):
    """Any one of the options."""

    options: tuple[Node, ...]


class Repeat(NamedTuple):
    """The part ``low`` to ``high`` times over."""

    part: Node
    low: int
    high: int


class Look(NamedTuple):
    """The part must (or, unless ``wanted``, must not) follow here, or precede unless ``ahead``."""

    part: Node
    ahead: bool
    wanted: bool


class Edge(NamedTuple):
    """A place in the text, of no width."""

    kind: EdgeKind


class Group(NamedTuple):
    """A part that a back reference can name by its number."""

    number: int
    part: Node


class Back(NamedTuple):
    """What the group of that number matched, once more."""

    number: int


Node: TypeAlias = Chars | Sequence | Choice | Repeat | Look | Edge | Group | Back
