"""Writing cassettes: plain vcrpy version 1 files, made to be read and compared by people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

from mockserver.cassette import yaml_document, yaml_text
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange, Headers

Json: TypeAlias = dict[str, Any]

HEAD: Final = b"interactions:\n"
EMPTY: Final = b"interactions: []\n"
TAIL: Final = b"version: 1\n"
"""The last line of a whole file (vcr §0, decision 10)."""


def dump(exchanges: Iterable[Exchange]) -> bytes:
    """Return a whole cassette that stock vcrpy loads with equal bodies (vcr §1, §2.4).

    Bodies in UTF-8 are text, in literal blocks where they have lines; others are ``!!binary``.
    ``Exchange.replay`` goes to ``response.x_replay``. Equal exchanges give equal bytes.
    """
    return join(map(chunk, exchanges))


def join(chunks: Iterable[bytes], head: bytes = b"", tail: bytes = TAIL) -> bytes:
    """Return a cassette of the texts of its interactions; ``head`` are comments before them."""
    body = b"".join(chunks)
    return head + (HEAD + body if body else EMPTY) + tail


def chunk(exchange: Exchange) -> bytes:
    """Return the text of one interaction, a list item ending in a line end.

    Raise CassetteError should the text not read back as what was written.
    """
    interaction = _interaction(exchange)
    lines = list(yaml_text.mapping(interaction, "  "))
    lines[0] = "- " + lines[0].removeprefix("  ")
    text = "\n".join(lines) + "\n"
    if yaml_document.load(text).document != [interaction]:
        raise CassetteError("the interaction does not read back as it was written; report this")
    return text.encode()


def _interaction(exchange: Exchange) -> Json:
    response: Json = {
        "body": {"string": _body(exchange.body)},
        "headers": _headers(exchange.headers),
        "status": {"code": exchange.status, "message": _sound(exchange.reason)},
    }
    if exchange.replay is not None:
        response["x_replay"] = exchange.replay
    request: Json = {
        "body": _body(exchange.request_body),
        "headers": _headers(exchange.request_headers),
        "method": exchange.method,
        "uri": _sound(exchange.uri),
    }
    return {"request": request, "response": response}


def timings(delays: Sequence[float], **origin: str) -> Json:
    """Return an ``Exchange.replay``: the pace of an event stream (vcr §2.3).

    ``delays`` are the seconds before each frame of the body, as ``sse.frames`` cuts it, the first
    one counted from the request. ``origin`` may tell ``recorded``, the day, and ``by``, the tool.
    """
    words = (f"{max(delay, 0.0) * 1000:.0f}" for delay in delays)
    return {"t": " ".join(words), "events": len(delays), **origin}


def _body(body: bytes) -> str | bytes:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body


def _headers(headers: Headers) -> dict[str, list[str]]:
    """Gather the values of each name, whatever its case, sorted by name as vcrpy sorts them."""
    found: dict[str, tuple[str, list[str]]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), (_sound(name), []))[1].append(_sound(value))
    return {found[key][0]: found[key][1] for key in sorted(found)}


def _sound(text: str) -> str:
    """Return text without the half surrogates that stand for bytes which are no text."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("latin-1")
    return text
