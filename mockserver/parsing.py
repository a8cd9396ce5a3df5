"""Settings that list several texts: how they are written, and what they refuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

Parse: TypeAlias = Callable[[str], Any]
"""Returns the value that a text stands for; raises ValueError, saying what it takes."""


def words(value: str) -> tuple[str, ...]:
    """Return what commas separate."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def lines(item: Callable[[str], str]) -> Parse:
    """Return a parser of one item a line, for items that may hold commas."""

    def parse(value: str) -> tuple[str, ...]:
        return tuple(item(line) for line in value.splitlines() if line)

    return parse


def pattern(value: str) -> str:
    """Return a regular expression; one that matches nothing at all would match everywhere."""
    try:
        found = re.compile(value)
    except re.error as problem:
        raise ValueError(f"{value!r} is not a regular expression: {problem}") from None
    if found.search(""):
        raise ValueError(f"{value!r} matches the empty text, and so everywhere")
    return value


def replacement(value: str) -> str:
    """Return a text and what is written for it, as ``OLD=NEW``."""
    old, equals, new = value.partition("=")
    if not old or not equals or old in new:
        raise ValueError(f"{value!r} is not OLD=NEW, where NEW does not hold OLD")
    return value
