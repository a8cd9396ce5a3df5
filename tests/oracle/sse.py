"""Server-sent events as bytes: a strict reader for what a server sends, a lenient one for files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

Event: TypeAlias = dict[str, Any]

STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')


def parse_sse(raw: bytes) -> list[Event]:
    """Read a stream body that keeps the API's framing to the letter (api-contract §8.1, §14.3).

    Each frame is one ``event:`` line, one ``data:`` line and a blank line, ends with LF, names the
    event's own type, and carries compact JSON that starts with ``type``. Nothing else may be in
    the body: no comment, no ``id:`` or ``retry:``, no ``[DONE]``.

    Raise AssertionError, naming the frame, at the first departure.
    """
    assert b"\r" not in raw, "the body holds a CR; lines end with LF alone"
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise AssertionError(f"the body is not UTF-8: {error}") from None
    *frames, rest = text.split("\n\n")
    assert not rest, f"the body does not end with one blank line but with {rest[-40:]!r}"
    return [_parse_frame(index, frame) for index, frame in enumerate(frames)]


def _parse_frame(index: int, frame: str) -> Event:
    lines = frame.split("\n")
    here = f"frame {index} ({lines[0][:60]!r})"
    assert len(lines) == 2, f"{here}: {len(lines)} lines instead of event and data"
    assert lines[0].startswith("event: "), f"{here}: first line is not 'event: …'"
    assert lines[1].startswith("data: "), f"{here}: second line is not 'data: …'"
    data = lines[1].removeprefix("data: ")
    try:
        event = json.loads(data, object_pairs_hook=_without_doubles)
    except ValueError as error:
        raise AssertionError(f"{here}: data is not JSON: {error}") from None
    assert isinstance(event, dict), f"{here}: data is not a JSON object"
    assert next(iter(event), None) == "type", f"{here}: the data's first key is not 'type'"
    name = lines[0].removeprefix("event: ")
    assert name == event["type"], f"{here}: event line {name!r}, type {event['type']!r}"
    assert not re.search(r"\s", STRING.sub("", data)), f"{here}: the JSON is not compact"
    return event


def _without_doubles(pairs: list[tuple[str, Any]]) -> Event:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError(f"doubled key among {[key for key, _ in pairs]}")
    return dict(pairs)


def read_sse(text: str) -> Iterator[Event]:
    """Read the JSON events of a recorded stream, whatever its line ends, comments and markers."""
    for line in text.replace("\r\n", "\n").split("\n"):
        data = line.removeprefix("data:").strip()
        if line.startswith("data:") and data.startswith("{"):
            yield json.loads(data)
