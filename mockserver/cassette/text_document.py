"""Text that is neither one JSON value nor YAML: event streams, records, JSON line by line."""

from __future__ import annotations

import re
from typing import Any, Final

from mockserver.cassette import json_document
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.parsed import Parsed, Text

_STREAM: Final = re.compile(
    r"\s*(?:event: ?\S[^\r\n]*\r?\n(?:id|data):"
    r"|data: ?(?:\{\"|\[DONE)"
    r"|id: ?\S+\r?\n(?:event|data):"
    r"|: ?\S)"
)
_RECORD: Final = re.compile(r"method: \S+\r?\npath: \S+\r?\n-- begin request body --")


_EVENT: Final = re.compile(r'\{"type": ?"response\.\w')


def looks_like_stream(start: str) -> bool:
    """Tell whether a text begins as an event stream does, or as its events on lines."""
    return _STREAM.match(start) is not None or _EVENT.match(start) is not None


def load(text: str) -> Parsed | None:
    """Return what such a text holds, or None when it is another kind of text."""
    if _STREAM.match(text) or _RECORD.match(text):
        return Parsed(Text(text))
    return _lines(text) if text.startswith("{") else None


def _lines(text: str) -> Parsed | None:
    """Read one JSON object a line; None when the first line is not one.

    Raise CassetteError, with the line, when a later one is none.
    """
    found: list[Any] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json_document.load(line).document
        except CassetteError as error:
            if not found:
                return None
            raise CassetteError(error.message, line=number) from None
        found.append(value)
    return Parsed(found) if len(found) > 1 else None
