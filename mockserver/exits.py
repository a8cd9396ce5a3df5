"""How a command ends: its exit codes, and the line that says why."""

from __future__ import annotations

import sys
from typing import Final

OK: Final = 0
PROBLEM: Final = 1
USAGE: Final = 2
NO_START: Final = 3
INTERRUPTED: Final = 130
UNREAD: Final = 141


def say(text: str) -> None:
    """Print a line for people, at once."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
