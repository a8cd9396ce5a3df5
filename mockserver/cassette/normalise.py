"""From a recorded exchange to an interaction that any HTTP client accepts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from mockserver.cassette import encoding, sse
from mockserver.cassette.exchange import Exchange, Headers
from mockserver.cassette.interaction import Interaction

Warn: TypeAlias = Callable[[str], None]
"""Takes one sentence about something odd that reading put right."""

MAX_DELAY: Final = 24 * 3600.0
"""Longest believable wait before an event, in seconds."""

_HOP_BY_HOP: Final = frozenset(
    {"connection", "keep-alive", "te", "trailer", "trailers", "transfer-encoding", "upgrade"}
    | {"proxy-authenticate", "proxy-authorization", "proxy-connection"}
)
_DROPPED: Final = _HOP_BY_HOP | {"content-encoding", "content-length"}
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MEDIA_TYPE: Final = re.compile(r"\s*[\w!#$&^.+-]+/[\w!#$&^.+-]+\s*(?:;.*)?")
_ADDRESS: Final = re.compile(r"[a-zA-Z][\w+.-]*://|/")
_UNSAFE: Final = re.compile(r"[\r\n\0\ud800-\udfff]")
_TEXTUAL: Final = re.compile(r"text/|.*json|.*xml|.*javascript|.*x-www-form-urlencoded")


def interaction(exchange: Exchange, file: str, number: int, warn: Warn) -> Interaction:
    """Normalise one exchange; raise CassetteError when its body cannot be decoded."""
    declared = _declared_type(exchange.headers)
    textual = not declared or _TEXTUAL.match(declared.lower()) is not None
    body = encoding.decode(exchange.body, _encodings(exchange.headers), textual=textual)
    headers = _servable(exchange.headers, warn)
    if not _ADDRESS.match(exchange.uri):
        warn(f"the address {exchange.uri!r:.60} has no path, so no request can find the answer")
    if not declared and body:
        headers = (*headers, ("content-type", _inferred_type(body)))
    found = Interaction(
        file=file,
        number=number,
        method=exchange.method,
        uri=exchange.uri,
        request_headers=exchange.request_headers,
        request_body=exchange.request_body,
        status=exchange.status,
        reason=_reason(exchange, warn),
        headers=headers,
        body=body,
    )
    return _timed(found, exchange.replay, warn)


def _values(headers: Headers, wanted: str) -> list[str]:
    return [value for name, value in headers if name.lower() == wanted]


def _tokens(headers: Headers, wanted: str) -> list[str]:
    """Return the comma-separated words of a header, in lower case."""
    words = ",".join(_values(headers, wanted)).lower().split(",")
    return [word.strip() for word in words if word.strip()]


def _encodings(headers: Headers) -> list[str]:
    return [
        name
        for name in _tokens(headers, "content-encoding")
        if name != "identity" and _TOKEN.fullmatch(name)
    ]


def _declared_type(headers: Headers) -> str:
    """Return the recorded content type, or nothing when it was lost or redacted."""
    return next(
        (value for value in _values(headers, "content-type") if _MEDIA_TYPE.fullmatch(value)), ""
    )


def _inferred_type(body: bytes) -> str:
    if sse.looks_like(body):
        return f"{sse.MEDIA_TYPE}; charset=utf-8"
    if body.lstrip()[:1] in (b"{", b"["):
        return "application/json"
    try:
        body.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain; charset=utf-8"


def _servable(headers: Headers, warn: Warn) -> Headers:
    """Leave out what belongs to the recorded connection and what no server may send."""
    dropped = _DROPPED | set(_tokens(headers, "connection"))
    kept = []
    for name, value in headers:
        if name.lower() in dropped:
            continue
        if name.lower() == "content-type" and not _MEDIA_TYPE.fullmatch(value):
            continue
        if not _TOKEN.fullmatch(name) or _UNSAFE.search(value):
            warn(f"the response header {name!r:.60} is left out: it cannot be sent safely")
            continue
        kept.append((name, value))
    return tuple(kept)


def _reason(exchange: Exchange, warn: Warn) -> str:
    if exchange.reason and not _UNSAFE.search(exchange.reason):
        return exchange.reason
    if exchange.reason:
        warn("the reason phrase is left out: it cannot be sent safely")
    try:
        return HTTPStatus(exchange.status).phrase
    except ValueError:
        return ""


def _timed(found: Interaction, replay: Any, warn: Warn) -> Interaction:
    """Add the recorded delays when they still fit the body (vcr §2.3).

    The value may also hold other notes on the recording, and then no delays.
    """
    if replay is None or (isinstance(replay, dict) and not {"t", "events"} & replay.keys()):
        return found
    delays = _delays(replay)
    if delays is None or len(delays) != len(found.frames()):
        warn("the timings in 'x_replay' are ignored: they do not fit the body")
        return found
    return replace(found, timings=delays)


def _delays(replay: Any) -> tuple[float, ...] | None:
    """Return the seconds before each event, or None when the value is not what was written."""
    if not isinstance(replay, dict) or not isinstance(replay.get("t"), str | int | float):
        return None
    try:
        delays = tuple(float(word) / 1000 for word in str(replay["t"]).split())
    except ValueError:
        return None
    sound = all(0 <= delay <= MAX_DELAY for delay in delays)
    return delays if sound and replay.get("events") == len(delays) else None
