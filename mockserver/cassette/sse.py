"""Server-sent events at rest: cutting a body into frames and reading their data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import orjson

Json: TypeAlias = dict[str, Any]

MEDIA_TYPE: Final = "text/event-stream"

_NUMBER: Final = b'"sequence_number":'
_BLANK_LINE: Final = re.compile(rb"(?>\r\n|\r|\n)(?:\r\n|\r|\n)+")
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_FIRST_FIELD: Final = re.compile(rb"(?:event|data|id|retry)?:")


def looks_like(body: bytes) -> bool:
    """Tell whether a body without a content type begins as an event stream does (vcr §2.2)."""
    return _FIRST_FIELD.match(body.lstrip(b"\xef\xbb\xbf\r\n")) is not None


def frames(body: bytes) -> list[bytes]:
    """Cut a body into its frames, bytes untouched, each ending in a blank line.

    Comments are frames too. A last frame that was cut short is ended with a blank line; a body
    that is whole gives itself back when its frames are joined.
    """
    found, start = [], 0
    first = len(body) - len(body.lstrip(b"\r\n"))
    for end in (match.end() for match in _BLANK_LINE.finditer(body, first)):
        found.append(body[start:end])
        start = end
    rest = body[start:]
    if rest.strip(b"\r\n"):
        line_end = rest[-1:] if rest.endswith((b"\r", b"\n")) else b"\n\n"
        found.append(rest + line_end)
    return found


def numbered(recorded: list[bytes]) -> list[bytes]:
    """Return frames whose events all have a ``sequence_number``, counted from 0.

    The API of early 2025 sent none and SDKs of today require one (api-contract §4.1). Frames that
    have theirs, and those of other endpoints, come back as they are.
    """
    if any(_NUMBER in frame for frame in recorded[:1]):
        return recorded
    found, number = [], 0
    for frame in recorded:
        event = _document(frame)
        if event is not None and isinstance(event.get("type"), str):
            number = event.get("sequence_number", number)
            if "sequence_number" not in event:
                end = frame.rindex(b"}")
                frame = b'%b,"sequence_number":%d%b' % (frame[:end].rstrip(), number, frame[end:])
            number += 1
        found.append(frame)
    return found


def events(body: bytes) -> list[Json]:
    """Return the JSON objects that the frames carry, in order.

    Comments, ``[DONE]`` and data that is no JSON object are left out.
    """
    documents = (_document(frame) for frame in frames(body))
    return [document for document in documents if document is not None]


def fold(parts: Sequence[bytes], delays: Sequence[float]) -> list[float]:
    """Return the delays before the frames that carry JSON objects, given those before all."""
    found, waited = [], 0.0
    for part, delay in zip(parts, delays, strict=False):
        waited += delay
        if _document(part) is not None:
            found.append(waited)
            waited = 0.0
    return found


def _document(frame: bytes) -> Json | None:
    lines = [line[5:] for line in _LINE_END.split(frame) if line.startswith(b"data:")]
    data = b"\n".join(line.removeprefix(b" ") for line in lines)
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None
