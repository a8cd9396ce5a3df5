"""Templates: texts with values of the request put in, written ``{{ name }}``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from mockserver.jsonpath import JsonPath
from mockserver.rules.errors import RuleError
from mockserver.rules.node import Node, shown
from mockserver.rules.received import Received
from mockserver.schema.base import compact

_GAP: Final = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_LITERAL: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_BRACES: Final = "To say braces, write {{ '{{' }}"

NAMES: Final[Mapping[str, Callable[[Received], Any]]] = {
    "model": lambda received: received.model,
    "input": lambda received: received.input,
    "message": lambda received: received.message,
    "instructions": lambda received: "\n".join(received.instructions),
    "tool_result": lambda received: "\n".join(received.tool_results),
    "turn": lambda received: received.turn,
    "previous_response_id": lambda received: received.body.get("previous_response_id") or "",
}
"""What may be named between the braces, beside JSONPaths such as ``$.metadata.user``."""


def check(node: Node) -> None:
    """Raise RuleError for what no answer can carry, anywhere in a value.

    That is a gap that names nothing there is or is never closed, half a character, and a number
    that JSON lacks.
    """
    if isinstance(node.value, str):
        _check_writable(node, node.value)
        for name in _GAP.findall(node.value):
            _check_name(node, name)
        _, opened, rest = _GAP.split(node.value)[-1].partition("{{")
        if opened:
            raise _unclosed(node, rest)
    elif isinstance(node.value, list | tuple):
        for entry in node.entries("the value"):
            check(entry)
    elif isinstance(node.value, dict):
        for key, member in node.named("the value").members():
            _check_writable(node, key)
            check(member)
    elif isinstance(node.value, float) and not math.isfinite(node.value):
        raise node.error(f"JSON has no number {node.value}; write it as a text, or null")


def _check_writable(node: Node, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as problem:
        half = ascii(text[problem.start])
        raise node.error(f"{half} is half a character; write it with its other half") from None


def _check_name(node: Node, name: str) -> None:
    if name in NAMES or _LITERAL.fullmatch(name):
        return
    if "{{" in name:
        raise _unclosed(node, name)
    if not name.startswith("$"):
        known = ", ".join(NAMES)
        raise node.error(
            f"{{{{ {name} }}}} names nothing; there are {known} and JSONPaths such as "
            f"$.metadata.user. {_BRACES}"
        )
    try:
        JsonPath.read(name, strict=True)
    except ValueError as problem:
        raise node.error(str(problem)) from None


def _unclosed(node: Node, rest: str) -> RuleError:
    """Return the error for a gap that opens, and what comes next where its end should be."""
    return node.error(
        f"a gap opens before {shown(rest.strip())} and is never closed; write it as "
        f"{{{{ model }}}}. {_BRACES}"
    )


def is_template(value: Any) -> bool:
    """Tell whether a value is a text with a gap."""
    return isinstance(value, str) and _GAP.search(value) is not None


def fill(value: Any, received: Received) -> Any:
    """Return a value with all gaps in its texts filled in.

    A text that is one gap and nothing else becomes the value itself, whatever its type.
    """
    if isinstance(value, str):
        whole = _GAP.fullmatch(value)
        if whole is not None and whole[1].count("{{") == 0:
            return _value(whole[1], received)
        return _GAP.sub(lambda gap: text(_value(gap[1], received)), value)
    if isinstance(value, list | tuple):
        return [fill(entry, received) for entry in value]
    if isinstance(value, dict):
        return {key: fill(member, received) for key, member in value.items()}
    return value


def text(value: Any) -> str:
    """Return a value as text: itself, nothing for null, else its JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else compact(value).decode()


def _value(name: str, received: Received) -> Any:
    literal = _LITERAL.fullmatch(name)
    if literal is not None:
        return literal[1] if literal[1] is not None else literal[2]
    if name in NAMES:
        return NAMES[name](received)
    found = JsonPath.read(name, strict=True).find(received.body)
    return found[0] if found else None
