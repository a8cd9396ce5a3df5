"""What a verb is, and the registry of them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import ClassVar, Final


class Refusal(Exception):
    """Wrong usage that only shows once the files are looked at; the text says what to do."""


class Verb:
    """One verb of ``mockserver cassette``; a subclass registers itself by its name."""

    name: ClassVar[str]
    help: ClassVar[str]
    """One line for the list of verbs."""
    description: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.name in VERBS:
            raise TypeError(f"a verb named {cls.name!r} is registered already")
        VERBS[cls.name] = cls()

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments; every verb takes paths and speaks JSON when asked."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
        parser.add_argument("--json", action="store_true", help="print JSON for machines")

    def run(self, options: argparse.Namespace) -> int:
        """Do the work; return the exit code."""
        raise NotImplementedError


VERBS: Final[dict[str, Verb]] = {}
