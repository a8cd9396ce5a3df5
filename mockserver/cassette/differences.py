"""What tells two canonical requests apart: value by value, and as a unified diff."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any, Final

import orjson

from mockserver.cassette.canonical import Canonical
from mockserver.cassette.redact import pseudonym

WIDTH: Final = 120
"""Characters shown of a long line or value, around the place where it differs."""
MAX_LINES: Final = 300
"""Lines of each side that are compared once equal beginnings and ends are left out."""

_ABSENT: Final = object()
_PRETTY: Final = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
_CONTEXT: Final = 2


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not equal: where it stands, what was recorded and what was sent.

    ``hidden`` says that a pseudonym was recorded where none was sent.
    """

    where: str
    recorded: str
    sent: str
    hidden: bool = False

    def __str__(self) -> str:
        return f"{self.where}: recorded {self.recorded}, sent {self.sent}"


def differences(recorded: Canonical, sent: Canonical) -> Iterator[Difference]:
    """Yield what differs, in order of the keys; nothing for requests that match."""
    yield from _compare("query", dict(recorded.query), dict(sent.query))
    yield from _compare("", recorded.body, sent.body)


def _compare(where: str, recorded: Any, sent: Any) -> Iterator[Difference]:
    if isinstance(recorded, dict) and isinstance(sent, dict):
        for key in sorted(recorded.keys() | sent.keys()):
            place = f"{where}.{key}" if where else key
            yield from _compare(place, recorded.get(key, _ABSENT), sent.get(key, _ABSENT))
    elif isinstance(recorded, list) and isinstance(sent, list):
        for index, (one, other) in enumerate(zip(recorded, sent, strict=False)):
            yield from _compare(f"{where}[{index}]", one, other)
        if len(recorded) != len(sent):
            yield Difference(where, f"{len(recorded)} entries", str(len(sent)))
    elif type(recorded) is not type(sent) or recorded != sent:
        start = _equal_characters(recorded, sent)
        hidden = pseudonym.holds(recorded) and sent is not _ABSENT and not pseudonym.holds(sent)
        yield Difference(where or "body", _shown(recorded, start), _shown(sent, start), hidden)


def _equal_characters(one: Any, other: Any) -> int:
    """Return how many characters two texts begin with alike, by halving."""
    if not (isinstance(one, str) and isinstance(other, str)):
        return 0
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _shown(value: Any, start: int) -> str:
    if value is _ABSENT:
        return "nothing"
    if isinstance(value, bytes):
        return f"{len(value)} bytes that are not JSON"
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    if isinstance(value, str):
        return orjson.dumps(_window(value, start, WIDTH // 2)).decode()
    return orjson.dumps(value).decode()


def _window(text: str, start: int, width: int) -> str:
    """Cut a long text to what stands around a place in it."""
    begin = max(0, min(start - width // 3, len(text) - width))
    cut = text[begin : begin + width]
    return f"{'…' if begin else ''}{cut}{'…' if begin + width < len(text) else ''}"


def unified(recorded: Canonical, sent: Canonical, name: str) -> list[str]:
    """Return a unified diff of the two requests as indented JSON; ``-`` is what was recorded."""
    one, other = _changed(_lines(recorded), _lines(sent))
    diff = list(
        unified_diff(one[:MAX_LINES], other[:MAX_LINES], name, "request", n=_CONTEXT, lineterm="")
    )
    # The line numbers would count from the first change, so they are left out.
    return list(_clipped("@@" if line.startswith("@@") else line for line in diff))


def _lines(request: Canonical) -> list[str]:
    body = request.body
    if isinstance(body, bytes):
        body = f"{len(body)} bytes that are not JSON"
    shown = {"query": dict(request.query), "body": body} if request.query else body
    return orjson.dumps(shown, option=_PRETTY).decode().split("\n")


def _changed(one: list[str], other: list[str]) -> tuple[list[str], list[str]]:
    """Leave out the equal lines at both ends, but for some context."""
    shorter = min(len(one), len(other))
    head = next((i for i in range(shorter) if one[i] != other[i]), shorter)
    tail = next((i for i in range(shorter - head) if one[-1 - i] != other[-1 - i]), shorter - head)
    start, left_out = max(0, head - _CONTEXT), max(0, tail - _CONTEXT)
    return one[start : len(one) - left_out], other[start : len(other) - left_out]


def _clipped(lines: Iterable[str]) -> Iterator[str]:
    """Shorten long lines; of a removed and an added line show where they part."""
    removed: list[str] = []
    for line in lines:
        if line.startswith("-"):
            removed.append(line)
        elif line.startswith("+") and removed:
            before = removed.pop(0)
            start = _equal_characters(before[1:], line[1:])
            yield "-" + _window(before[1:], start, WIDTH)
            yield "+" + _window(line[1:], start, WIDTH)
        else:
            yield from (_head(old) for old in removed)
            removed = []
            yield _head(line)
    yield from (_head(old) for old in removed)


def _head(line: str) -> str:
    return line[:1] + _window(line[1:], 0, WIDTH)
