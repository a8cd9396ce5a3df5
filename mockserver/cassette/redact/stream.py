"""Hiding inside event streams, where a secret may be cut into many deltas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import orjson

from mockserver.cassette import json_text
from mockserver.cassette.redact import document
from mockserver.cassette.redact.rules import Rules

_LINE_END: Final = re.compile(r"(\r\n|\r|\n)")
_PASSING: Final = frozenset(
    ["delta", "sequence_number", "obfuscation", "logprobs", "event_id", "created", "usage"]
)
"""Keys of an event that differ from one delta of a text to the next."""

_NAMING: Final = frozenset(["role", "type", "id", "name"])
"""Keys of a delta that are told once."""
_MAX_DEPTH: Final = 8

Path: TypeAlias = tuple[str | int, ...]
"""The keys and positions that lead to a value of an event."""


@dataclass(slots=True)
class _Event:
    """The data of one event; ``lines`` are the positions of its ``data`` lines in the body.

    ``settled`` are the strings, by their path, that have been decided on as parts of a whole.
    """

    lines: list[int]
    text: str
    document: dict[str, Any]
    settled: dict[Path, str] = field(default_factory=dict)
    changed: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    """A string of an event that is the next bit of a longer text."""

    event: _Event
    path: Path
    text: str


def body(value: str, known: Rules) -> str:
    """Hide what an event stream holds; the number of its events stays."""
    lines = _LINE_END.split(value)
    events = list(_events(lines))
    _settle(events, known)
    suspect = known.may_touch(value)
    if not suspect and not any(event.changed for event in events):
        return value
    for event in events:
        if event.changed or (suspect and known.may_touch(event.text)):
            # A line end within JSON stands between values, so none is lost or won.
            told = zip(event.lines, _hidden(event, known).split("\n"), strict=True)
            for position, data in told:
                lines[position] = _prefix(lines[position]) + data
    seen = {position for event in events for position in event.lines}
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
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return
    if isinstance(document, dict):
        yield _Event(found, text, document)


def _prefix(line: str) -> str:
    return "data: " if line.startswith("data: ") else "data:"


def _hidden(event: _Event, known: Rules) -> str:
    """Return the data of an event with what it holds hidden."""
    root = json_text.parse(event.text)
    if root is None:
        return event.text
    settled = {id(root.at(path)): text for path, text in event.settled.items()}
    return json_text.edited(event.text, document.edits(event.text, root, known, settled=settled))


def _settle(events: list[_Event], known: Rules) -> None:
    """Decide on the texts that are streamed in pieces, each text as a whole."""
    texts: dict[Path, list[_Piece]] = {}
    for event in events:
        for key, piece in _pieces(event):
            texts.setdefault(key, []).append(piece)
    for pieces in texts.values():
        whole = "".join(piece.text for piece in pieces)
        new = document.string(whole, known)
        spread = _spread([piece.text for piece in pieces], whole, new)
        for piece, text in zip(pieces, spread, strict=True):
            piece.event.settled[piece.path] = text
            piece.event.changed = piece.event.changed or text != piece.text


def _pieces(event: _Event) -> Iterator[tuple[Path, _Piece]]:
    """Yield the pieces of text in an event, of the Responses and of the chat completions API.

    Each comes with what tells its text from others that are streamed at the same time.
    """
    if "delta" in event.document:
        place = [
            f"{name}={value}"
            for name, value in event.document.items()
            if name not in _PASSING and not isinstance(value, dict | list)
        ]
        yield from _strings(event, ("delta",), event.document["delta"], (*place,))
    choices = event.document.get("choices")
    for number, choice in enumerate(choices if isinstance(choices, list) else ()):
        if isinstance(choice, dict) and "delta" in choice:
            path = ("choices", number, "delta")
            yield from _strings(event, path, choice["delta"], ("choice", str(choice.get("index"))))


def _strings(
    event: _Event, path: Path, value: Any, key: Path, depth: int = 0
) -> Iterator[tuple[Path, _Piece]]:
    if isinstance(value, str):
        yield key, _Piece(event, path, value)
    elif isinstance(value, dict) and depth < _MAX_DEPTH:
        for name, member in value.items():
            if name not in _NAMING:
                inner = (*key, name, str(value.get("index")))
                yield from _strings(event, (*path, name), member, inner, depth + 1)
    elif isinstance(value, list) and depth < _MAX_DEPTH:
        for number, member in enumerate(value):
            yield from _strings(event, (*path, number), member, key, depth + 1)


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
