"""Hiding inside headers, and leaving out those that make noise (vcr §3.2)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from mockserver.cassette.exchange import Headers
from mockserver.cassette.redact import address, pseudonym, shapes
from mockserver.cassette.redact.rules import Rules
from mockserver.cassette.redact.shapes import PLACEHOLDER

_KEYS: Final = frozenset(
    {"authorization", "proxy-authorization", "api-key", "x-api-key", "cookie", "set-cookie"}
)
_ACCOUNT: Final = re.compile(r"openai-organization|openai-project|chatgpt-account-id|x-openai-.*")
_NOISE: Final = re.compile(
    r"x-request-id|request-id|cf-.*|date|x-envoy-.*|openai-processing-ms|x-ratelimit-.*|alt-svc"
    r"|via|server|x-stainless-.*|user-agent|nel|report-to|reporting-endpoints|server-timing|age"
    r"|strict-transport-security|x-content-type-options|idempotency-key|traceparent|tracestate"
    r"|baggage|sentry-trace|x-datadog-.*|x-b3-.*|x-forwarded-.*|forwarded|x-real-ip|origin|referer"
    # What belongs to the connection that was recorded, or to an encoding that is undone.
    r"|host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-connection|expect"
    r"|sec-websocket-.*"
    r"|accept-encoding|content-encoding|content-length"
)
_SECRET: Final = re.compile(
    r"(?:^|[-_])(?:api[-_]?key|key|token|secret|password|auth|authorization|credentials?|session"
    r"|signature|cookie|jwt)(?:$|[-_])"
)
_TELLING: Final = re.compile(r"(?:^|[-_])(?:api[-_]?key|token|secret|password)(?:$|[-_])")
"""Headers whose value is a key for sure, and is hidden wherever else it stands."""
_SHORTEST_COOKIE: Final = 16
"""Shorter values are words, such as a language."""
_COOKIE: Final = re.compile(r"([^=;\s]+)=([^;]*)")
_ATTRIBUTES: Final = frozenset({"path", "domain", "expires", "max-age", "samesite", "priority"})


def cleaned(headers: Headers, known: Rules) -> Headers:
    """Return what is recorded of the headers of a request or response."""
    return tuple(
        (name, _value(name.lower(), value, known))
        for name, value in headers
        if _is_kept(name.lower(), known)
    )


def secrets(headers: Headers) -> frozenset[str]:
    """Return the secret values among headers, whole and in their parts, to hide their echoes."""
    found = set()
    for name, value in headers:
        if name.lower() in ("cookie", "set-cookie"):
            found.update(_cookies(value))
        elif is_secret(name.lower()):
            found.update({value, *value.split()[1:], *_basic(value)})
    return frozenset(word for word in found if len(word) >= shapes.SHORTEST_SECRET)


def is_secret(name: str) -> bool:
    """Tell whether a header of this name, in lower case, brings a key for sure."""
    return name in _KEYS or _TELLING.search(name) is not None


def _is_kept(name: str, known: Rules) -> bool:
    if name in known.kept_headers or known.covers((name,)):
        return True
    return name not in _KEYS and not _NOISE.fullmatch(name)


def _value(name: str, value: str, known: Rules) -> str:
    if known.covers((name,)):
        return pseudonym.of_text(value)
    if name in ("cookie", "set-cookie"):
        return _COOKIE.sub(_hidden_cookie, value)
    if name in _KEYS:
        scheme, blank, _ = value.partition(" ")
        return f"{scheme} {PLACEHOLDER}" if blank else PLACEHOLDER
    if _ACCOUNT.fullmatch(name) or _SECRET.search(name):
        return PLACEHOLDER
    return address.within(known.text(value), known)


def _hidden_cookie(match: re.Match[str]) -> str:
    name, value = match.groups()
    return f"{name}={value if name.lower() in _ATTRIBUTES else PLACEHOLDER}"


def _cookies(value: str) -> list[str]:
    found = _COOKIE.findall(value)
    return [
        value
        for name, value in found
        if name.lower() not in _ATTRIBUTES and len(value) >= _SHORTEST_COOKIE
    ]


def _basic(value: str) -> list[str]:
    """Return user and password, joined and alone, of Basic credentials."""
    scheme, _, coded = value.partition(" ")
    if scheme.lower() != "basic":
        return []
    try:
        plain = base64.b64decode(coded).decode()
    except (binascii.Error, UnicodeDecodeError):
        return []
    return [plain, plain.partition(":")[2]]
