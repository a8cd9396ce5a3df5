"""Making an exchange fit to be kept: plain bodies, no noise, no secret."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mockserver.cassette import encoding, json_text, sse
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange, Headers
from mockserver.cassette.redact import address, document, form, headers, stream
from mockserver.cassette.redact.rules import Rules
from mockserver.cassette.request import Request

DEFAULT: Final = Rules()

_TEXTUAL: Final = re.compile(r"text/|.*json|.*xml|.*javascript|.*x-www-form-urlencoded|$")
_FORM: Final = re.compile(r"[\w.%+*\[\]~-]+=[^&\s{}\"<>]*(?:&[\w.%+*\[\]~-]+=[^&\s{}\"<>]*)*")
_FORM_TYPE: Final = "application/x-www-form-urlencoded"


def clean(exchange: Exchange, rules: Rules = DEFAULT) -> Exchange:
    """Return an exchange without secrets and noise, its bodies decompressed (vcr §3.2).

    Keys that its headers bring are hidden wherever they are echoed. What is cleaned stays as it is
    when cleaned again. Raise CassetteError for a body whose encoding cannot be undone: what it
    holds cannot be told.
    """
    known = rules.knowing(secrets_in(exchange))
    return replace(
        exchange,
        uri=address.uri(exchange.uri, known),
        request_headers=headers.cleaned(exchange.request_headers, known),
        request_body=_side(exchange.request_headers, exchange.request_body, known),
        reason=known.text(exchange.reason),
        headers=headers.cleaned(exchange.headers, known),
        body=_side(exchange.headers, exchange.body, known),
        replay=_replay(exchange.replay, known),
    )


def asked(request: Request, rules: Rules = DEFAULT) -> Request:
    """Return a request as it would have been recorded, to find the recording of it (vcr §5).

    What is recorded already stays as it is; keys that the headers bring are hidden in the body.
    """
    known = rules.knowing(headers.secrets(tuple(request.headers.items())))
    media_type = next((v for k, v in request.headers.items() if k.lower() == "content-type"), "")
    plain = media_type.partition(";")[0].strip().lower()
    path = address.path(request.path, known)
    query = address.query(request.query, known) if request.query else ""
    content = body(request.body, plain, known) if request.body else b""
    if (path, query, content) == (request.path, request.query, request.body):
        return request
    return replace(request, path=path, query=query, body=content)


def told(method: str, uri: str, recorded: Headers, rules: Rules = DEFAULT) -> str:
    """Return what names a request that came with these headers in a log or a message."""
    return f"{method} {address.uri(uri, rules.knowing(headers.secrets(recorded)))}"


def secrets_in(exchange: Exchange) -> frozenset[str]:
    """Return the keys, tokens and cookies that the headers of an exchange bring."""
    return headers.secrets((*exchange.request_headers, *exchange.headers))


def body(content: bytes, media_type: str, rules: Rules) -> bytes:
    """Hide what a plain body holds; ``media_type`` may be empty, and is then told by the bytes."""
    upload = form.upload(content, rules)
    if upload is not None:
        return upload
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return rules.raw(content)
    if media_type == sse.MEDIA_TYPE or (not media_type and sse.looks_like(content)):
        return stream.body(text, rules).encode()
    if media_type == _FORM_TYPE or (not media_type and _FORM.fullmatch(text)):
        return address.pairs(text, rules, plus=True).encode()
    return _document(text, rules).encode("utf-8")


def _document(text: str, rules: Rules) -> str:
    """Hide in one JSON document, or in text whose lines may be JSON, such as a batch file."""
    if "\n" in text and json_text.parse(text) is None:
        lines = re.split(r"(?<=\n)", text)
        text = "".join(document.string(line, rules) if line[:1] == "{" else line for line in lines)
    return document.string(text, rules)


def _side(recorded: Headers, content: bytes, rules: Rules) -> bytes:
    media_type = _last(recorded, "content-type").partition(";")[0].strip().lower()
    names = [name.strip().lower() for name in _last(recorded, "content-encoding").split(",")]
    encodings = [name for name in names if name not in ("", "identity")]
    if not encoding.NAMES.issuperset(encodings):
        raise CassetteError(
            "a body has a content-encoding that is not known: what it holds cannot be told"
        )
    plain = encoding.decode(content, encodings, textual=bool(_TEXTUAL.match(media_type)))
    return body(plain, media_type, rules)


def _last(recorded: Headers, wanted: str) -> str:
    return next((value for name, value in recorded[::-1] if name.lower() == wanted), "")


def _replay(replay: object, rules: Rules) -> object:
    """Keep the timings, which are numbers and dates, and hide what else a file may have there."""
    if not isinstance(replay, dict):
        return None
    return {
        name: rules.text(value) if isinstance(value, str) else value
        for name, value in replay.items()
        if name in ("t", "events", "recorded", "by")
    }
