"""What is wrong with a rule, and where."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

Steps: TypeAlias = tuple[str | int, ...]
"""The keys and positions that lead to a value of a document, from its top."""


class RuleError(ValueError):
    """A rule that makes no sense.

    Attributes: ``message`` what is wrong and how to mend it, ``steps`` the keys and positions that
    lead there, ``path`` the file and ``line`` counted from 1, both None for rules given in Python.
    """

    def __init__(
        self,
        message: str,
        steps: Iterable[str | int] = (),
        *,
        path: Path | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.steps: Steps = tuple(steps)
        self.path = path
        self.line = line

    def __str__(self) -> str:
        place = "" if self.path is None else self.path.as_posix()
        if self.line is not None:
            place += f":{self.line}"
        return ": ".join(part for part in (place, dotted(self.steps), self.message) if part)


def dotted(steps: Steps) -> str:
    """Return the way to a value as people write it, such as ``rules[0].match.model``."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
