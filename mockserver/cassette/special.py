"""Paths that lead to no file: reading them may wait for ever, or never come to an end."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from mockserver.cassette.errors import CassetteError

_KINDS: Final = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


_SHELL: Final = ("/dev/fd", "/proc/self/fd")
"""Where a shell puts what a command writes, as in ``<(gunzip -c calls.yaml.gz)``."""


def refuse(path: Path) -> None:
    """Raise CassetteError for a pipe, a socket or a device; let all others be."""
    if any(path.is_relative_to(place) for place in _SHELL):
        return  # somebody writes it
    try:
        mode = path.stat().st_mode
    except OSError:
        return  # whoever opens it is told more
    for is_one, name in _KINDS:
        if is_one(mode):
            raise CassetteError(
                f"this is {name}, which is not read; put what it holds into a file and name that",
                path=path,
            )
