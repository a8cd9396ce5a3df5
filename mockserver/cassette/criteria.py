"""The criteria by name: what of a request each of vcrpy's matchers compares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, Final, TypeAlias

from mockserver.cassette.request import Request

Criterion: TypeAlias = Callable[[Request], Any]
"""Returns what is compared, as a JSON value."""

DEFAULT: Final = ("method", "path", "query", "body")
HEADER: Final = "header:"
"""Begins the name of a criterion that compares one header: ``header:x-tenant``."""

_OF_TRANSPORT: Final = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "cookie", "expect", "host"}
    | {"authorization", "idempotency-key", "traceparent", "tracestate", "transfer-encoding"}
    | {"user-agent", "api-key", "x-api-key", "openai-organization", "openai-project"}
)
_OF_TOOLS: Final = ("x-stainless-", "x-mock-", "x-request-id", "proxy-", "sec-")


def of_header(name: str) -> Criterion:
    """Return the criterion that compares one header, whatever its case."""

    def value(request: Request) -> str | None:
        return _lower(request.headers).get(name.lower())

    return value


def _headers(request: Request) -> dict[str, str]:
    """Return the headers that say what is asked: not whose key it is, nor how it travels."""
    return {
        name: value
        for name, value in sorted(_lower(request.headers).items())
        if name not in _OF_TRANSPORT and not name.startswith(_OF_TOOLS)
    }


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    # aiohttp makes surrogates of bytes that are not UTF-8, which no digest can be made of.
    return {
        name.lower(): value.encode("utf-8", "replace").decode() for name, value in headers.items()
    }


def _raw_body(request: Request) -> str:
    return blake2b(request.body, digest_size=16).hexdigest()


def _method(request: Request) -> str:
    return request.canonical.method


def _path(request: Request) -> str:
    return request.canonical.path


def _query(request: Request) -> list[tuple[str, str]]:
    return list(request.canonical.query)


def _uri(request: Request) -> list[Any]:
    return [_path(request), _query(request)]


CRITERIA: Final[dict[str, Criterion | None]] = {
    "method": _method,
    "uri": _uri,
    "path": _path,
    "query": _query,
    "headers": _headers,
    "body": None,
    "raw_body": _raw_body,
    "scheme": None,
    "host": None,
    "port": None,
}
"""By vcrpy's names. Scheme, host and port always agree: the server stands for the recorded one.

The body is None because it has digests of its own, of the canonical form.
"""
