"""Hiding inside event streams, where a secret may be cut into many deltas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from mockserver.cassette import json_text
from mockserver.cassette.json_text import Node
from mockserver.cassette.redact import document
from mockserver.cassette.redact.rules import Rules

_LINE_END: Final = re.compile(r"(\r\n|\r|\n)")
_PASSING: Final = frozenset(
    ["delta", "sequence_number", "obfuscation", "logprobs", "event_id", "created", "usage"]
)
"""Keys of an event that differ from one delta of a text to the next."""

Piece: TypeAlias = tuple[tuple[object, ...], Node]
"""What tells one streamed text from others, and the string that is the next bit of it."""


@dataclass(slots=True)
class _Event:
    """The data of one event; ``lines`` are the positions of its ``data`` lines in the body."""

    lines: list[int]
    text: str
    root: Node


def body(value: str, known: Rules) -> str:
    """Hide what an event stream holds; the number of its events stays."""
    lines = _LINE_END.split(value)
    events = list(_events(lines))
    settled = _settled(events, known)
    seen = set()
    for event in events:
        changes = document.edits(event.text, event.root, known, settled=settled)
        new = json_text.edited(event.text, changes)
        # A line end within JSON stands between values, so none is lost or won.
        for position, data in zip(event.lines, new.split("\n"), strict=True):
            lines[position] = _prefix(lines[position]) + data
        seen.update(event.lines)
    for position in range(0, len(lines), 2):
        if position not in seen:
            lines[position] = document.string(lines[position], known)
    return "".join(lines)


def _events(lines: list[str]) -> Iterator[_Event]:
    """Find the events that carry JSON; texts stand at even positions, line ends between them."""
    found: list[int] = []
    for position in range(0, len(lines), 2):
        if lines[position].startswith("data:"):
            found.append(position)
        elif not lines[position] and found:
            yield from _event(lines, found)
            found = []
    if found:
        yield from _event(lines, found)


def _event(lines: list[str], found: list[int]) -> Iterator[_Event]:
    text = "\n".join(lines[position][len(_prefix(lines[position])) :] for position in found)
    root = json_text.parse(text)
    if root is not None:
        yield _Event(found, text, root)


def _prefix(line: str) -> str:
    return "data: " if line.startswith("data: ") else "data:"


def _settled(events: list[_Event], known: Rules) -> dict[int, str]:
    """Decide on the texts that are streamed in pieces, each text as a whole."""
    texts: dict[tuple[object, ...], list[Node]] = {}
    for event in events:
        for key, node in _pieces(event.root):
            texts.setdefault(key, []).append(node)
    found: dict[int, str] = {}
    for nodes in texts.values():
        whole = "".join(node.text for node in nodes)
        new = document.string(whole, known)
        pieces = _spread([node.text for node in nodes], whole, new)
        found.update(zip(map(id, nodes), pieces, strict=True))
    return found


def _pieces(root: Node) -> Iterator[Piece]:
    """Yield the pieces of text in an event, of the Responses and of the chat completions API."""
    delta = root.get("delta")
    place = tuple((name, node.text) for name, node in root.members if _tells_apart(name, node))
    if delta is not None:
        yield from _strings(delta, (*place, "delta"))
    choices = root.get("choices")
    for choice in choices.members if choices is not None else ():
        part, index = choice[1].get("delta"), choice[1].get("index")
        if part is not None:
            yield from _strings(part, ("choices", index.text if index else ""))


def _tells_apart(name: str, node: Node) -> bool:
    return name not in _PASSING and node.kind in ("string", "other")


def _strings(node: Node, key: tuple[object, ...]) -> Iterator[Piece]:
    if node.kind == "string":
        yield key, node
    index = node.get("index")
    for name, member in node.members:
        if name not in ("role", "type", "id", "name"):
            yield from _strings(member, (*key, name, index.text if index else ""))


def _spread(pieces: list[str], whole: str, new: str) -> list[str]:
    """Cut a changed text into as many pieces, those before and behind the change as they were."""
    if new == whole:
        return pieces
    start = next((i for i, (a, b) in enumerate(zip(whole, new, strict=False)) if a != b), None)
    start = min(len(whole), len(new)) if start is None else start
    most = min(len(whole), len(new)) - start
    same = next((n for n in range(most) if whole[-1 - n] != new[-1 - n]), most)
    end, middle = len(whole) - same, new[start : len(new) - same]
    found, at = [], 0
    for piece in pieces:
        stop = at + len(piece)
        before = piece[: max(start - at, 0)]
        behind = piece[max(end - at, 0) :] if stop > end else ""
        holds = at <= start < stop or (start == stop == len(whole))
        found.append(before + (middle if holds else "") + behind)
        if holds:
            middle = ""
        at = stop
    return found
