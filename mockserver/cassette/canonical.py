"""The canonical form of a request: equal for requests that ask for the same thing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, unquote

import orjson

from mockserver.cassette import multipart
from mockserver.cassette.parsed import MAX_DEPTH

Query: TypeAlias = tuple[tuple[str, str], ...]

IGNORED: Final = frozenset(
    {"metadata", "user", "safety_identifier", "service_tier"}
    | {"prompt_cache_key", "prompt_cache_retention"}
)
"""Parameters of a generating request that do not change what is asked (vcr §4.2)."""

DEFAULTS: Final[dict[str, Any]] = {
    "background": False,
    "include": [],
    "parallel_tool_calls": True,
    "store": True,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "truncation": "disabled",
}
"""Values of a Responses request that say the same as leaving them out (api-contract §2.1)."""

_DELIVERY: Final = frozenset(["stream", "stream_options"])
_GENERATING: Final = ("responses", "chat", "completions", "embeddings")
_ROOTS: Final = frozenset(
    {*_GENERATING, "conversations", "models", "files", "uploads", "batches", "images", "audio"}
    | {"moderations", "vector_stores", "containers", "realtime", "webhook_endpoints"}
)
_NAMESPACE: Final = re.compile(r"^/ns/[^/]+(?=/)")
_VERSION: Final = re.compile(r"v\d+[a-z0-9]*")
_INDEX: Final = re.compile(r"\[\d*\]$")
_UNMATCHED_QUERY: Final = frozenset(["api-version", "beta", "stream"])
_MAX_EXACT: Final = 2.0**53


@dataclass(frozen=True, slots=True)
class Canonical:
    """A request without spelling, transport and defaults.

    ``path`` begins after the base URL's prefix; ``body`` is pruned JSON, or bytes when it is not
    JSON; ``streamed`` says whether an event stream was asked for and is no part of equality.
    """

    method: str
    path: str
    query: Query
    body: Any
    streamed: bool


def canonical(method: str, path: str, query: str, body: bytes) -> Canonical:
    """Reduce a request to its canonical form; ``query`` is raw and has no question mark."""
    endpoint = endpoint_of(path)
    pairs = parse_qsl(query, keep_blank_values=True)
    document = _parsed(body)
    streamed = ("stream", "true") in pairs
    if isinstance(document, dict):
        streamed = streamed or document.get("stream") is True
        document = _without_noise(document, endpoint)
    return Canonical(method.upper(), endpoint, _query(pairs), document, streamed)


def endpoint_of(path: str) -> str:
    """Return the path after the base URL's prefix.

    The prefix may be ``/v1``, ``/ns/<name>/v1``, ``/api/v1``, ``/openai``, ``/openai/v1`` or any
    other one in front of a known endpoint.
    """
    segments = [part for part in unquote(_NAMESPACE.sub("", path)).split("/") if part]
    for position, segment in enumerate(segments):
        if segment in _ROOTS:
            return "/" + "/".join(segments[position:])
    markers = [i for i, part in enumerate(segments[:-1]) if _VERSION.fullmatch(part)]
    return "/" + "/".join(segments[markers[-1] + 1 :] if markers else segments)


def _query(pairs: list[tuple[str, str]]) -> Query:
    """Sort the query, and spell its lists one way (api-contract §1.2)."""
    found = []
    for name, value in pairs:
        name = _INDEX.sub("", name)
        if name in _UNMATCHED_QUERY:
            continue
        values = value.split(",") if name == "include" else [value]
        found += [(name, item) for item in values]
    return tuple(sorted(found))


def _parsed(body: bytes) -> Any:
    """Return the pruned JSON value or multipart form, or the bytes when the body is neither."""
    if not body or body == b"null":
        return {}
    if body.startswith(b"--"):
        return multipart.form(body) or body
    try:
        return _pruned(orjson.loads(body), MAX_DEPTH)
    except (orjson.JSONDecodeError, RecursionError):
        return body


def _pruned(value: Any, depth: int) -> Any:
    """Leave out nulls, which say what absence says, and write whole floats as integers."""
    kind = type(value)
    if kind is dict or kind is list:
        if not depth:
            raise RecursionError
        if kind is list:
            return [_pruned(item, depth - 1) for item in value]
        return {key: _pruned(item, depth - 1) for key, item in value.items() if item is not None}
    if kind is float and value.is_integer() and abs(value) < _MAX_EXACT:
        return int(value)
    return value


def _without_noise(document: dict[str, Any], endpoint: str) -> dict[str, Any]:
    root = endpoint.split("/")[1]
    ignored = _DELIVERY | IGNORED if root in _GENERATING else _DELIVERY
    defaults = DEFAULTS if root == "responses" else {}
    return {
        key: value
        for key, value in document.items()
        if key not in ignored and not (key in defaults and _same(value, defaults[key]))
    }


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)
