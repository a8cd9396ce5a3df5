"""Hiding keys and tokens in what is shown: a miss, a log line, an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from mockserver.cassette.canonical import Canonical
from mockserver.cassette.redact import address, headers, shapes
from mockserver.cassette.redact.rules import Rules
from mockserver.cassette.redact.shapes import PLACEHOLDER

_SHAPES: Final = re.compile(
    r"(?<![A-Za-z0-9+/_-])sk-[A-Za-z0-9_-]{16,}"
    r"|(?i:(?<=bearer )[^\s\"'<>,\[]{8,})"
    r"|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r"|(?<=__cf_bm=)[^;\s]+"
)


def secrets_of(brought: Mapping[str, str]) -> tuple[str, ...]:
    """Return the secret values a request came with, longest first, to be hidden wherever echoed."""
    return tuple(sorted(headers.secrets(tuple(brought.items())), key=len, reverse=True))


def text(value: str, secrets: Iterable[str] = ()) -> str:
    """Replace every secret in a text, in whatever spelling."""
    return _SHAPES.sub(PLACEHOLDER, _known(tuple(secrets)).text(value))


def path(value: str, secrets: Iterable[str] = ()) -> str:
    """Replace every secret in the path of a request."""
    cleaned = address.path(value, _known(tuple(secrets)))
    return "/".join(_SHAPES.sub(PLACEHOLDER, part) for part in cleaned.split("/"))


def fields(brought: Mapping[str, str], secrets: Iterable[str] = ()) -> dict[str, str]:
    """Return headers by their names in lower case, every secret replaced."""
    return {
        name.lower(): PLACEHOLDER if headers.is_secret(name.lower()) else text(value, secrets)
        for name, value in brought.items()
    }


def document(value: Any, secrets: Iterable[str] = ()) -> Any:
    """Replace every secret in a JSON value, by name and by shape; the value itself is kept."""
    if isinstance(value, str):
        return text(value, secrets)
    if isinstance(value, list):
        return [document(item, secrets) for item in value]
    if isinstance(value, dict):
        return {text(name, secrets): _named(name, item, secrets) for name, item in value.items()}
    return value


def request(found: Canonical, secrets: Iterable[str] = ()) -> Canonical:
    """Replace every secret in the query and the body of a request."""
    query = tuple(
        (name, PLACEHOLDER if shapes.is_secret_parameter(name) else text(value, secrets))
        for name, value in found.query
    )
    return replace(found, query=query, body=document(found.body, secrets))


def _named(name: str, value: Any, secrets: Iterable[str]) -> Any:
    if shapes.is_secret(name) and isinstance(value, str):
        return PLACEHOLDER
    if name.lower() == "headers" and isinstance(value, dict):
        return dict.fromkeys(value, PLACEHOLDER)
    return document(value, secrets)


@lru_cache(maxsize=64)
def _known(secrets: tuple[str, ...]) -> Rules:
    return Rules(secrets=frozenset(secrets))
