"""Marks on a field's annotation that say more than its type does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mockserver.schema.shape import Shape

Check: TypeAlias = Callable[[Any], None]
"""Passes a JSON value, or raises a Fault that says what the API has against it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest number allowed."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Length:
    """The least and the greatest number of characters, members or entries allowed."""

    low: int = 0
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that the whole string matches, as the API prints it."""

    regex: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """How an id of this kind of item begins."""

    letters: str


@dataclass(frozen=True, slots=True)
class Named:
    """How the API names the expected type, with its article."""

    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The strings allowed, in the order the API prints them; ``also`` are taken but not printed."""

    values: tuple[str, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Tagged:
    """Mark of an object whose ``type`` picks its shape; it says so, and checks nothing."""

    shapes: Mapping[str, type[Shape]]


@dataclass(frozen=True, slots=True)
class Using:
    """A check of its own; the value stays the plain document it is.

    ``make`` is given whether to be strict. A check that is not strict refuses only what cannot be
    served: wrong JSON types and missing keys. ``shows`` returns the annotation that says the same,
    as far as one can, to those who describe the API; None where the field's own says enough.
    """

    make: Callable[[bool], Check]
    shows: Callable[[], Any] | None = None
