"""A flag: one row says how it is written, what it does, and how its value is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mockserver.flags.model import Flags
from mockserver.notation import nothing

Read = Callable[[Flags, str | None], Flags]
"""Adds to the flags what a value says; raises ValueError for a value that makes no sense."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One row of the table.

    ``value`` is how the value is written after the name, ``help`` one line of what it does,
    ``example`` one way to write it. A flag with ``members`` is written ``name.member:value``, and
    reads ``member:value``.
    """

    name: str
    value: str
    help: str
    example: str
    read: Read
    members: bool = False

    @property
    def usage(self) -> str:
        """How the flag is written: ``name``, ``name:VALUE`` or ``name[:VALUE]``."""
        return self.name + self.value


def plain(**changes: Any) -> Read:
    """Return the reader of a flag that takes no value."""

    def read(flags: Flags, value: str | None) -> Flags:
        nothing(value)
        return replace(flags, **changes)

    return read


def typed(name: str, parse: Callable[[str | None], Any]) -> Read:
    """Return the reader of a flag whose value goes into the field of this name."""
    return lambda flags, value: replace(flags, **{name: parse(value)})
