"""Fields that the API did not have when a recording was made and that clients now require."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

import orjson

from mockserver.cassette import sse
from mockserver.cassette.interaction import Interaction
from mockserver.schema.base import Json

Fill: TypeAlias = Callable[[Json], Iterator[str]]

_RESPONSE: Final[dict[str, Any]] = {
    "error": None,
    "incomplete_details": None,
    "instructions": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
    "access_programs": None,
}
"""What every response has, with its default (api-contract §3.2)."""
_USAGE: Final[dict[str, Json]] = {
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens_details": {"reasoning_tokens": 0},
}
_TEXT: Final[Json] = {"annotations": [], "logprobs": []}
_EVENTS: Final[dict[str, Json]] = {
    "response.output_text.delta": {"logprobs": []},
    "response.output_text.done": {"logprobs": []},
}
"""What events have beyond their number (api-contract §8.5)."""


def upgraded(interaction: Interaction) -> tuple[bytes, list[str]]:
    """Return the body of an answer with the fields it lacks, and which those are.

    What lacks nothing comes back byte for byte, and so do the events of a stream that do not.
    Places are told without indexes, each once: ``response.usage.output_tokens_details``.
    """
    if interaction.is_stream:
        return _stream(interaction)
    document = interaction.document
    if document is None or document.get("object") != "response":
        return interaction.body, []
    added = list(dict.fromkeys(_response(document)))
    body = orjson.dumps(document, option=orjson.OPT_INDENT_2) if added else interaction.body
    return body, added


def _stream(interaction: Interaction) -> tuple[bytes, list[str]]:
    recorded = interaction.frames()
    frames = sse.numbered(recorded)
    added = {"sequence_number": None} if frames != recorded else {}
    for position, frame in enumerate(frames):
        events = sse.events(frame)
        missing = list(_event(events[0])) if events else []
        if missing:
            head = frame.partition(b"data:")[0]
            frames[position] = head + b"data: " + orjson.dumps(events[0]) + b"\n\n"
            added.update(dict.fromkeys(missing))
    return b"".join(frames), list(added)


def _event(event: Json) -> Iterator[str]:
    """Fill one event in place; yield what was added."""
    yield from _fill(event, _EVENTS.get(event.get("type", ""), {}), str(event.get("type")))
    if isinstance(event.get("response"), dict):
        yield from _response(event["response"])
    if isinstance(event.get("item"), dict):
        yield from _item(event["item"], "item")
    if isinstance(event.get("part"), dict):
        yield from _part(event["part"], "part")


def _response(document: Json) -> Iterator[str]:
    """Fill a response in place; yield what was added."""
    yield from _fill(document, _RESPONSE, "response")
    usage = document.get("usage")
    if isinstance(usage, dict):
        yield from _fill(usage, _USAGE, "response.usage")
        for name, details in _USAGE.items():
            if isinstance(usage[name], dict):
                yield from _fill(usage[name], details, f"response.usage.{name}")
    for item in document.get("output") or ():
        if isinstance(item, dict):
            yield from _item(item, "response.output[]")


def _item(item: Json, place: str) -> Iterator[str]:
    if item.get("type") == "message":
        for part in item.get("content") or ():
            if isinstance(part, dict):
                yield from _part(part, f"{place}.content[]")


def _part(part: Json, place: str) -> Iterator[str]:
    if part.get("type") == "output_text":
        yield from _fill(part, _TEXT, place)


def _fill(target: Json, defaults: Json, place: str) -> Iterator[str]:
    for name, value in defaults.items():
        if name not in target:
            target[name] = value.copy() if isinstance(value, dict | list) else value
            yield f"{place}.{name}"
