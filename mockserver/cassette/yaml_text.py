"""Plain data to YAML text that people read: literal blocks, no folding, no anchors.

PyYAML's dumper escapes a whole body for one emoji and cannot be told to break lines where the text
does, so the text is written here; every YAML 1.1 reader takes it.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Any, Final

from yaml.resolver import Resolver

_PLAIN: Final = re.compile(r"[A-Za-z0-9/](?:[A-Za-z0-9_./+?&=;,*()%@~$!-]|:(?! |$)| (?! |#|$))*")
_PRINTABLE: Final = (
    "\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
)
_QUOTABLE: Final = re.compile(f"[{_PRINTABLE}]*")
_LITERAL: Final = re.compile(f"(?:[{_PRINTABLE}\t]*\n?)*+")
_BLANK_END: Final = re.compile(r"[ \t](?:\n|\Z)")
_ESCAPED: Final = re.compile(f'["\\\\]|[^{_PRINTABLE}]')
_NAMED: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_MAX_PLAIN: Final = 1000
_BASE64_WIDTH: Final = 76
_STEP: Final = "  "


def mapping(value: dict[str, Any], indent: str = "") -> Iterator[str]:
    """Yield the lines of a mapping, without line ends, in the order of its keys.

    Values are text, bytes, numbers, booleans, None, and mappings and lists of such.
    """
    for name, item in value.items():
        yield from _entry(f"{indent}{scalar(name)}:", item, indent)


def scalar(value: Any, indent: str = "") -> str:
    """Write one value; further lines of a long text are indented deeper than ``indent``."""
    if isinstance(value, str):
        return _text(value, indent + _STEP)
    if isinstance(value, bytes):
        return _binary(value, indent + _STEP)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number(value)


def _entry(head: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        yield head
        yield from mapping(value, indent + _STEP)
    elif isinstance(value, list | tuple) and value:
        yield head
        for item in value:
            yield from _item(item, indent)
    elif isinstance(value, dict | list | tuple):
        yield f"{head} {'{}' if isinstance(value, dict) else '[]'}"
    else:
        yield from f"{head} {scalar(value, indent)}".split("\n")


def _item(value: Any, indent: str) -> Iterator[str]:
    """Yield a member of a list; its first line takes the place of the dash's indentation."""
    if isinstance(value, dict | list | tuple) and value:
        inner = value if isinstance(value, dict) else {str(n): each for n, each in enumerate(value)}
        lines = list(mapping(inner, indent + _STEP))
        yield f"{indent}- {lines[0].removeprefix(indent + _STEP)}"
        yield from lines[1:]
    else:
        yield from _entry(f"{indent}-", value, indent)


def _number(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    special = {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}
    written = repr(value)
    # YAML 1.1 takes an exponent for a number only behind a dot.
    return special.get(written, written if "." in written else written.replace("e", ".0e"))


def _text(value: str, indent: str) -> str:
    if not value:
        return "''"
    if "\n" not in value and _QUOTABLE.fullmatch(value):
        if len(value) <= _MAX_PLAIN and _is_plain(value):
            return value
        if "'" not in value or value[-1] == " ":
            return "'" + value.replace("'", "''") + "'"
    if value.strip("\n") and _LITERAL.fullmatch(value) and not _BLANK_END.search(value):
        return _literal(value, indent)
    return _double_quoted(value, indent)


def _is_plain(value: str) -> bool:
    if not _PLAIN.fullmatch(value):
        return False
    resolvers = Resolver.yaml_implicit_resolvers.get(value[0], ())
    return not any(pattern.match(value) for _, pattern in resolvers)


def _literal(value: str, indent: str) -> str:
    stripped = value.rstrip("\n")
    ends = len(value) - len(stripped)
    chomping = "-" if ends == 0 else "" if ends == 1 else "+"
    # A reader guesses the indentation from the first line, unless it is told.
    told = str(len(_STEP)) if value[0] in " \t\n" else ""
    lines = [f"{indent}{line}" if line else "" for line in stripped.split("\n")]
    return "\n".join([f"|{told}{chomping}", *lines, *[""] * (ends - 1)])


def _double_quoted(value: str, indent: str) -> str:
    """Write text with escapes, broken into lines where the text itself is."""
    lines = [_ESCAPED.sub(_escape, line) for line in re.findall(r"[^\n]*\n|[^\n]+", value)]
    # Blanks that begin a continued line belong to the file, not to the text, unless escaped.
    rest = [f"\\x20{line[1:]}" if line[0] == " " else line for line in lines[1:]]
    return '"' + f"\\\n{indent}".join([*lines[:1], *rest]) + '"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )


def _binary(value: bytes, indent: str) -> str:
    text = binascii.b2a_base64(value, newline=False).decode()
    lines = [text[start : start + _BASE64_WIDTH] for start in range(0, len(text), _BASE64_WIDTH)]
    return "\n".join(["!!binary |", *(f"{indent}{line}" for line in lines)])
