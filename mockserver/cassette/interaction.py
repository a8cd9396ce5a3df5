"""One recorded request with its response, fit to be matched and served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import orjson

from mockserver.cassette import sse
from mockserver.cassette.exchange import Headers

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Interaction:
    """A recorded exchange, normalised for serving (vcr §0, decision 3).

    ``file`` and ``number`` (counted from 1) say where it stands. ``headers`` are the response's
    without hop-by-hop names, ``content-encoding`` and ``content-length``; ``body`` is decompressed.
    ``timings`` are the seconds before each of ``frames()``, or empty when none were recorded.
    """

    file: str
    number: int
    method: str
    uri: str
    request_headers: Headers
    request_body: bytes
    status: int
    reason: str
    headers: Headers
    body: bytes
    timings: tuple[float, ...] = ()

    @property
    def place(self) -> str:
        """Where it stands, in short: ``file#number``."""
        return f"{self.file}#{self.number}"

    @property
    def path(self) -> str:
        """The path of the recorded URI, as it was sent."""
        return urlsplit(self.uri).path

    @property
    def query(self) -> str:
        """The query of the recorded URI, as it was sent, without its question mark."""
        return urlsplit(self.uri).query

    @property
    def media_type(self) -> str:
        """The response's media type in lower case without parameters, or an empty string."""
        for name, value in self.headers:
            if name.lower() == "content-type":
                return value.partition(";")[0].strip().lower()
        return ""

    @property
    def is_stream(self) -> bool:
        """Whether the response is an event stream."""
        return self.media_type == sse.MEDIA_TYPE

    @property
    def events(self) -> list[Json]:
        """The JSON objects of an event stream in order; empty for other bodies. Parsed anew."""
        return sse.events(self.body) if self.is_stream else []

    @property
    def document(self) -> Json | None:
        """The response's JSON object, or None when the body is something else. Parsed anew."""
        if self.is_stream:
            return None
        try:
            document = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None
        return document if isinstance(document, dict) else None

    @property
    def event_timings(self) -> list[float]:
        """The seconds before each of ``events``; empty when no timings were recorded."""
        return sse.fold(self.frames(), self.timings) if self.is_stream else []

    def frames(self) -> list[bytes]:
        """Return an event stream cut event by event, or any other body in one piece."""
        if self.is_stream:
            return sse.frames(self.body)
        return [self.body] if self.body else []
