"""JSON text as a tree that knows where each value stands, to change some and leave the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from mockserver.cassette.parsed import MAX_DEPTH

Edit: TypeAlias = tuple[int, int, str]
"""Start and end of a piece of text, and what to write there."""

_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_OPENING: Final = re.compile(r"\s*[{\[]")


@dataclass(slots=True)
class Node:
    """One value: ``text`` is a string's value or the spelling of a number, true, false or null.

    ``members`` are those of an object with their names, in order, or of an array without names.
    """

    kind: Literal["object", "array", "string", "other"]
    start: int
    end: int = 0
    text: str = ""
    members: list[tuple[str, Node]] = field(default_factory=list)

    def get(self, name: str) -> Node | None:
        """Return the member of an object, the last one of that name."""
        found = [node for key, node in self.members if key == name and self.kind == "object"]
        return found[-1] if found else None

    def at(self, path: Iterable[str | int]) -> Node | None:
        """Return the value that names and positions lead to."""
        node: Node | None = self
        for step in path:
            if node is None:
                return None
            node = node.get(step) if isinstance(step, str) else node.members[step][1]
        return node


def parse(text: str) -> Node | None:
    """Return the root of an object or array; None for text that is no such JSON or too deep."""
    if not _OPENING.match(text):
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _tree(text)


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Apply edits that do not overlap."""
    pieces, at = [], 0
    for start, end, new in sorted(edits):
        pieces += [text[at:start], new]
        at = end
    return "".join([*pieces, text[at:]])


def quoted(value: str, like: str) -> str:
    """Write a string as JSON, with characters beyond ASCII escaped unless ``like`` has some."""
    return json.dumps(value, ensure_ascii=like.isascii())


def _tree(text: str) -> Node | None:
    """Build the tree of text that is known to be JSON."""
    root = Node("array", 0)
    stack, name, expects_name = [root], "", False
    for match in _TOKEN.finditer(text):
        token = match.group()
        here = stack[-1]
        if token in "}]":
            here.end = match.end()
            stack.pop()
            expects_name = False
        elif token == ",":
            expects_name = here.kind == "object"
        elif token == ":":
            expects_name = False
        elif expects_name:
            name = _string(token)
        else:
            node = _value(token, match)
            here.members.append((name if here.kind == "object" else "", node))
            if token in "{[":
                stack.append(node)
                expects_name = token == "{"
                if len(stack) > MAX_DEPTH:
                    return None
    return root.members[0][1]


def _value(token: str, match: re.Match[str]) -> Node:
    if token in "{[":
        return Node("object" if token == "{" else "array", match.start())
    kind: Literal["string", "other"] = "string" if token[0] == '"' else "other"
    text = _string(token) if kind == "string" else token
    return Node(kind, match.start(), match.end(), text)


def _string(token: str) -> str:
    return str(json.loads(token)) if "\\" in token else token[1:-1]
