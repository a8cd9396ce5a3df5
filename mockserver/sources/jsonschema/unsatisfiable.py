"""Why no value can be made for a schema."""

from __future__ import annotations

from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys from the root of a schema document down to a part of it."""

_WIDTH: Final = 100


class UnsatisfiableSchema(ValueError):
    """No value can be made that meets the schema.

    Attributes: ``path`` the keys that lead from the root of the schema to the part that cannot be
    met, ``reason`` what is wrong with it, in words. The text of the exception has both, the path
    written as the API writes a context (api-contract §9.4).
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        # Put together only when it is read: most of these errors lead to another try instead.
        return f"In context={self.path!r}, {self.reason}."


class DeadEnd(UnsatisfiableSchema):
    """Nothing fits here; where there are other ways, one of them may still lead to a value."""


class Exhausted(UnsatisfiableSchema):
    """The work allowed for one value is used up; nothing else is worth trying."""


class Doubt(Exception):
    """A value that some validators take and others do not: neither it nor its opposite will do."""


def shown(value: object) -> str:
    """Return a value as a reason shows it: as Python writes it, cut when it is long."""
    text = repr(value)
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"
