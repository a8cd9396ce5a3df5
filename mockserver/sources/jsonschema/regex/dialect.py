"""What other languages write in a regular expression and Python does not."""

from __future__ import annotations

import re
from typing import Final

from mockserver.sources.jsonschema.regex.tree import PatternError

PLACEHOLDERS: Final = 0xF0000
"""First of the private characters that stand in for Unicode properties."""

_TOKEN: Final = r"""
      \\(?P<sign>[pP])(?:\{(?P<property>[^}]*)\}|(?P<letter>[A-Z]))
    | \\u\{(?P<point>[0-9A-Fa-f]{1,6})\}
    | \\c(?P<control>[A-Za-z])
    | \\k<(?P<back>\w+)>
    | \(\?<(?P<group>[A-Za-z_]\w*)>
    | (?P<anything>\[\^\])
    | (?P<nothing>\[\])
    | \\(?P<plain>[^\WdDwWsSbBnrtfvxu\d_])
    | (?P<kept>\\.|.)
    """


def translate(pattern: str) -> tuple[str, list[tuple[str, bool]]]:
    r"""Rewrite an ECMAScript or Rust pattern for Python's parser.

    Unicode properties, which that parser does not know, become private characters: the second
    value lists them in order, each as its name and whether it is negated (``\P``).
    """
    properties: list[tuple[str, bool]] = []

    def rewrite(found: re.Match[str]) -> str:
        kind, text = found.lastgroup, found.group(found.lastgroup or 0)
        if kind in ("property", "letter"):
            properties.append((text, found["sign"] == "P"))
            return chr(PLACEHOLDERS + len(properties) - 1)
        return _rewrite_plain(kind, text)

    return re.sub(_TOKEN, rewrite, pattern, flags=re.VERBOSE | re.DOTALL), properties


def _rewrite_plain(kind: str | None, text: str) -> str:
    match kind:
        case "point":
            if int(text, 16) > 0x10FFFF:
                raise PatternError(f"there is no character {text}")
            return re.escape(chr(int(text, 16)))
        case "control":
            return re.escape(chr(ord(text.upper()) - 64))
        case "back":
            return f"(?P={text})"
        case "group":
            return f"(?P<{text}>"
        case "anything":
            return r"[\s\S]"
        case "nothing":
            return "(?!)"
    return text
