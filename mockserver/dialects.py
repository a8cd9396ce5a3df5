"""Dialects: the response as clients decode it for whom no single form serves all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import orjson

from mockserver.schema.base import Json, compact
from mockserver.schema.errors import ApiError

HEADER: Final = "X-Mock-Dialect"
DEFAULT: Final = "openai"
"""The real API's own form; it is no entry of the table, since nothing has to be done for it."""

_STATUSES: Final[Mapping[str, str]] = {"queued": "in_progress", "cancelled": "incomplete"}
"""Statuses that older types lack, and what comes nearest among those they have."""


class Dialect(NamedTuple):
    """One way to write a Response: ``change`` makes it of the API's own (api-contract §3.5)."""

    name: str
    change: Callable[[Json], Json]

    def tell(self, document: Json) -> Json:
        """Return a response, or an event with the response in it, in this dialect."""
        if document.get("object") == "response":
            return self.change(document)
        inner = document.get("response")
        if isinstance(inner, dict) and inner.get("object") == "response":
            return {**document, "response": self.change(inner)}
        return document

    def tell_frame(self, frame: bytes) -> bytes:
        """Return server-sent events with their responses in this dialect."""
        if b'"response"' not in frame:
            return frame
        return b"".join(map(self._tell_line, frame.splitlines(keepends=True)))

    def _tell_line(self, line: bytes) -> bytes:
        text = line.strip()
        if not text.startswith(b"data:"):
            return line
        event = parsed(text.removeprefix(b"data:"))
        if event is None:
            return line
        return b"data: " + compact(self.tell(event)) + line[len(line.rstrip()) :]


def parsed(raw: bytes) -> Json | None:
    """Return a JSON object, or None for anything else."""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def dialect(name: str) -> Dialect | None:
    """Return a dialect, None for the API's own; raise ApiError 400 for one that there is not."""
    if name == DEFAULT:
        return None
    found = DIALECTS.get(name)
    if found is None:
        raise ApiError(
            f"Unknown dialect: '{name}'. The dialects are: {', '.join((DEFAULT, *DIALECTS))}.",
            param=HEADER,
            code="unknown_dialect",
        )
    return found


def _rust(response: Json) -> Json:
    """Write instructions as a plain string in any case."""
    return response | {"instructions": _text(response.get("instructions"))}


def _langchain_js(response: Json) -> Json:
    """Add the text, leave out what must not be null, and keep to the statuses it knows."""
    told: Json = {}
    for key, value in response.items():
        if value is None and key in ("usage", "user"):
            continue
        told[key] = value
        if key == "output":
            told["output_text"] = _said(value or [])
    if told.get("instructions") is not None:
        told["instructions"] = _text(told["instructions"])
    if "status" in told:
        told["status"] = _STATUSES.get(told["status"], told["status"])
    return told


def _text(instructions: Any) -> str:
    """Return instructions as text: those of a stored prompt are items."""
    if not isinstance(instructions, list):
        return instructions or ""
    contents = [item.get("content") or "" for item in instructions]
    return "\n".join(
        content if isinstance(content, str) else _joined(content, "input_text")
        for content in contents
    )


def _said(output: list[Json]) -> str:
    """Return the text of all messages, as the SDKs' ``output_text`` has it."""
    return "".join(
        _joined(item.get("content") or [], "output_text")
        for item in output
        if item.get("type") == "message"
    )


def _joined(parts: list[Json], kind: str) -> str:
    return "".join(part.get("text") or "" for part in parts if part.get("type") == kind)


DIALECTS: Final[Mapping[str, Dialect]] = {
    each.name: each for each in (Dialect("rust", _rust), Dialect("langchain-js", _langchain_js))
}
"""Every dialect but the API's own, by name."""
