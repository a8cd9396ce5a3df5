"""What is wrong with a cassette, and where."""

from __future__ import annotations

from pathlib import Path


class CassetteError(Exception):
    """A cassette that cannot be read.

    Attributes: ``path`` the file, ``message`` what is wrong and how to mend it, ``line`` counted
    from 1, ``interaction`` the position in the file counted from 1; the last two are None when the
    fault has no such place.
    """

    def __init__(
        self,
        message: str,
        *,
        path: Path | None = None,
        line: int | None = None,
        interaction: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.interaction = interaction

    def locate(
        self,
        *,
        path: Path | None = None,
        line: int | None = None,
        interaction: int | None = None,
    ) -> None:
        """Fill in the parts of the place that are not known yet."""
        self.path = self.path or path
        self.line = self.line or line
        self.interaction = self.interaction or interaction

    def __str__(self) -> str:
        place = "" if self.path is None else self.path.as_posix()
        if self.line is not None:
            place += f":{self.line}" if place else f"line {self.line}"
        parts = [place] if place else []
        if self.interaction is not None:
            parts.append(f"interaction {self.interaction}")
        return ": ".join([*parts, self.message])
