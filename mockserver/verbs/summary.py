"""An interaction in a few words: what was asked of whom, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from mockserver.cassette.canonical import endpoint_of
from mockserver.cassette.interaction import Interaction
from mockserver.schema.base import Json
from mockserver.streaming.streamer import collapse


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list shows of an interaction.

    ``state`` is the response's own status, ``items`` counts its output items by type, ``recorded``
    is a unix second; what cannot be told is None or empty.
    """

    file: str
    number: int
    method: str
    path: str
    status: int
    stream: bool
    model: str | None
    state: str | None
    items: dict[str, int]
    input_tokens: int | None
    output_tokens: int | None
    recorded: int | None

    @property
    def request(self) -> str:
        """The request line, with a mark for streams."""
        return f"{self.method} {self.path}{' (stream)' if self.stream else ''}"


def summarise(interaction: Interaction) -> Summary:
    """Return the summary of an interaction."""
    asked, answer = request_of(interaction), response_of(interaction) or {}
    usage = _mapping(answer.get("usage"))
    model = answer.get("model") or asked.get("model")
    state = answer.get("status")
    return Summary(
        file=interaction.file,
        number=interaction.number,
        method=interaction.method,
        path=endpoint_of(interaction.path),
        status=interaction.status,
        stream=interaction.is_stream,
        model=model if isinstance(model, str) else None,
        state=state if isinstance(state, str) else _fault(answer),
        items=_items(answer),
        input_tokens=_number(usage.get("input_tokens", usage.get("prompt_tokens"))),
        output_tokens=_number(usage.get("output_tokens", usage.get("completion_tokens"))),
        recorded=_recorded(interaction, answer),
    )


def request_of(interaction: Interaction) -> Json:
    """Return the JSON object that was sent, empty when it was another thing."""
    try:
        return _mapping(orjson.loads(interaction.request_body))
    except orjson.JSONDecodeError:
        return {}


def response_of(interaction: Interaction) -> Json | None:
    """Return the JSON object that an answer is or that its events tell; None when there is none."""
    if not interaction.is_stream:
        return interaction.document
    events = interaction.events
    try:
        return collapse(events)
    except (ValueError, KeyError, TypeError):
        return events[-1] if events else None


def _items(answer: Json) -> dict[str, int]:
    output = answer.get("output")
    kinds = [item.get("type") for item in output or () if isinstance(item, dict)]
    return dict(Counter(kind for kind in kinds if isinstance(kind, str)))


def _fault(answer: Json) -> str | None:
    error = answer.get("error")
    if not isinstance(error, dict):
        return None
    code = error.get("code") or error.get("type")
    return str(code) if code else "error"


def _recorded(interaction: Interaction, answer: Json) -> int | None:
    """Return when the answer was given: by its own word, or by its header."""
    created = answer.get("created_at", answer.get("created"))
    if isinstance(created, int | float) and not isinstance(created, bool):
        return int(created)
    date = next((value for name, value in interaction.headers if name.lower() == "date"), "")
    try:
        return int(parsedate_to_datetime(date).timestamp())
    except (ValueError, OverflowError):
        return None


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> int | None:
    return value if type(value) is int else None
