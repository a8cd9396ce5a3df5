"""What verbs print: tables and JSON on stdout, problems and progress on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

import orjson

from mockserver.clock import Clock, RealClock

_PATIENCE: Final = 1.0
"""Seconds of silence before work counts as long."""
_LINES: Final = 5.0
"""Seconds between lines of progress where a line cannot be overwritten."""


def say(text: str) -> None:
    """Print a line for people or a pipe."""
    sys.stdout.write(text + "\n")


def warn(text: str) -> None:
    """Print a line that is no part of the result."""
    sys.stderr.write(text + "\n")


def say_json(document: Any) -> None:
    """Print a JSON value, indented."""
    option = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    say(orjson.dumps(document, option=option, default=str).decode())


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, indent: str = "") -> str:
    """Return rows in columns as wide as their widest cell; the last column is ragged."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head) - 1)]
    return "\n".join(
        indent
        + "  ".join([*(f"{c:<{w}}" for c, w in zip(line, widths, strict=False)), line[-1]]).rstrip()
        for line in lines
    )


class Progress:
    """Says on stderr how far long work is; short work is done in silence.

    On a terminal one line is written over and over, elsewhere a line comes now and then.
    """

    def __init__(self, doing: str, total: int, *, clock: Clock | None = None) -> None:
        self._doing = doing
        self._total = total
        self._clock = clock or RealClock()
        self._terminal = sys.stderr.isatty()
        self._next = self._clock.now() + _PATIENCE
        self._done = 0
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if self._shown and self._terminal:
            sys.stderr.write("\r\x1b[K")

    def step(self) -> None:
        """Count one more piece of work as done."""
        self._done += 1
        now = self._clock.now()
        if now < self._next:
            return
        self._next = now + (0.1 if self._terminal else _LINES)
        text = f"{self._doing}: {self._done} of {self._total}"
        sys.stderr.write(f"\r\x1b[K{text}" if self._terminal else f"{text}\n")
        sys.stderr.flush()
        self._shown = True
