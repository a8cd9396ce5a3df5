"""Hiding keys and tokens in what is shown: a miss, a log line, an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from mockserver.cassette.canonical import Canonical
from mockserver.cassette.redact.shapes import PLACEHOLDER, SHORTEST_SECRET

_NAMES: Final = frozenset(
    {"authorization", "proxy-authorization", "api-key", "x-api-key", "api_key", "apikey", "cookie"}
    | {"client_secret", "secret", "password", "access_token", "refresh_token"}
)
"""Names of headers, query parameters and JSON keys whose value is a secret."""
_QUERY_NAMES: Final = _NAMES | {"key", "token", "code", "sig", "signature"}
_SHAPES: Final = re.compile(
    r"(?<![A-Za-z0-9+/_-])sk-[A-Za-z0-9_-]{16,}"
    r"|(?i:(?<=bearer )[^\s\"'<>,\[]{8,})"
    r"|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r"|(?<=__cf_bm=)[^;\s]+"
)


def secrets_of(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the secret values a request came with, longest first, to be hidden wherever echoed."""
    values = [value for name, value in headers.items() if name.lower() in _NAMES]
    words = {word for value in values for word in (value, value.partition(" ")[2])}
    return tuple(
        sorted((word for word in words if len(word) >= SHORTEST_SECRET), key=len, reverse=True)
    )


def text(value: str, secrets: Iterable[str] = ()) -> str:
    """Replace every secret in a text."""
    for secret in secrets:
        value = value.replace(secret, PLACEHOLDER)
    return _SHAPES.sub(PLACEHOLDER, value)


def document(value: Any, secrets: Iterable[str] = ()) -> Any:
    """Replace every secret in a JSON value, by name and by shape; the value itself is kept."""
    if isinstance(value, str):
        return text(value, secrets)
    if isinstance(value, list):
        return [document(item, secrets) for item in value]
    if isinstance(value, dict):
        return {name: _named(name, item, secrets) for name, item in value.items()}
    return value


def request(found: Canonical, secrets: Iterable[str] = ()) -> Canonical:
    """Replace every secret in the query and the body of a request."""
    query = tuple(
        (name, PLACEHOLDER if name.lower() in _QUERY_NAMES else text(value, secrets))
        for name, value in found.query
    )
    return replace(found, query=query, body=document(found.body, secrets))


def _named(name: str, value: Any, secrets: Iterable[str]) -> Any:
    if name.lower() in _NAMES and isinstance(value, str):
        return PLACEHOLDER
    if name.lower() == "headers" and isinstance(value, dict):
        return dict.fromkeys(value, PLACEHOLDER)
    return document(value, secrets)
