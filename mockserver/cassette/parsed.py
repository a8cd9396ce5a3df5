"""A cassette file as plain data, before any dialect has looked at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

MAX_DEPTH: Final = 100
"""Deepest nesting a cassette may have; recorded ones stay below 20 (vcr §1.6)."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The data of one file.

    ``lines`` maps the identity of the outer containers to the line they begin on, ``whole`` says
    that the grammar itself proves that nothing is cut off at the end (true of JSON, not of YAML).
    """

    document: Any
    lines: dict[int, int] = field(default_factory=dict)
    whole: bool = False

    def line(self, node: Any) -> int | None:
        """Return the line a container of the document begins on, when that is known."""
        return self.lines.get(id(node))
