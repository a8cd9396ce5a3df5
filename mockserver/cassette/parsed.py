"""A cassette file as plain data, before any dialect has looked at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

MAX_DEPTH: Final = 100
"""Deepest nesting a cassette may have; recorded ones stay below 20 (vcr §1.6)."""


class Text(str):
    """The text of a file that is neither JSON nor YAML, such as an event stream."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """The data of one file.

    ``lines`` maps the identity of the outer containers to the line they begin on, ``whole`` says
    that the grammar itself proves that nothing is cut off at the end (true of JSON, not of YAML).
    ``path`` is the file and ``raw`` its bytes, decompressed, for dialects that keep a body as the
    file itself or beside it.
    """

    document: Any
    lines: dict[int, int] = field(default_factory=dict)
    whole: bool = False
    path: Path = Path()
    raw: bytes = b""

    def line(self, node: Any) -> int | None:
        """Return the line a container of the document begins on, when that is known."""
        return self.lines.get(id(node))
