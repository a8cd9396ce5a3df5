"""Event streams without their request: server-sent events, or the events alone as JSON."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from mockserver.cassette import sse
from mockserver.cassette.dialects import fields, pair
from mockserver.cassette.dialects.dialect import Dialect
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.parsed import Parsed, Text

_LAST: Final = ("response.completed", "response.incomplete", "response.failed", "error")
_JOINED: Final = re.compile(rb"(?m)^(data: ?\{.*\})(\r?\n)(?=(?:data|event|id):)")
"""A whole event, directly followed by the next one."""
_HEADERS: Final = (("content-type", f"{sse.MEDIA_TYPE}; charset=utf-8"),)


class Transcript(Dialect):
    """The text of a stream as it was sent."""

    name: ClassVar[str] = "sse"

    def claims(self, file: Parsed) -> bool:
        """Take a text that begins as an event stream does."""
        document = file.document
        return isinstance(document, Text) and not document.startswith("method:")

    def doubt(self, file: Parsed) -> str | None:
        """A whole stream ends in an event that ends a response, or in ``[DONE]``."""
        body = self.stream(file)
        if body.rstrip().endswith(b"[DONE]"):
            return None
        return _doubt(sse.events(body))

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Make the stream the answer to the request beside it, or to one that is not known."""
        body = self.stream(file)
        asked = pair.request_of(file.path)
        return Exchange(
            method="POST",
            uri=fields.API + _endpoint(sse.events(body)),
            request_headers=pair.HEADERS,
            request_body=pair.streamed(asked),
            status=200,
            reason="",
            headers=_HEADERS,
            body=body,
        )

    def stream(self, file: Parsed) -> bytes:
        """Return the stream as bytes; the blank lines that an editor took out are put back."""
        return _JOINED.sub(rb"\1\2\2", file.raw)


class EventList(Transcript):
    """The events of a stream as a JSON list, or one on each line; keepalives may be among them."""

    name: ClassVar[str] = "events"

    def claims(self, file: Parsed) -> bool:
        """Take a list that begins with an event of the API and holds nothing else."""
        document = file.document
        if not isinstance(document, list) or not document or not _is_event(document[0]):
            return False
        return all(isinstance(event, dict) for event in document)

    def split(self, file: Parsed) -> list[Any]:
        """Return the one stream that the events are."""
        return [file.document]

    def stream(self, file: Parsed) -> bytes:
        """Write the events as the API sends them (api-contract §4.1)."""
        return b"".join(_frame(event) for event in file.document)


def _is_event(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    kind = value.get("type")
    return (
        value.get("object") == "chat.completion.chunk"
        or kind == "error"
        or (isinstance(kind, str) and kind.startswith("response."))
    )


def _frame(event: dict[str, Any]) -> bytes:
    name = f"event: {event['type']}\n".encode() if isinstance(event.get("type"), str) else b""
    return name + b"data: " + fields.json_bytes(event) + b"\n\n"


def _endpoint(events: list[dict[str, Any]]) -> str:
    chat = any(event.get("object") == "chat.completion.chunk" for event in events)
    return "chat/completions" if chat else "responses"


def _doubt(events: list[dict[str, Any]]) -> str | None:
    last = events[-1] if events else {}
    if last.get("type") in _LAST or last.get("object") == "chat.completion.chunk":
        return None
    return "the stream does not end in an event that ends a response, so it may be cut off"
