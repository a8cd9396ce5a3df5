"""JSON in and out."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import orjson

from mockserver.schema.errors import ApiError

Json: TypeAlias = dict[str, Any]
"""A JSON object as it crosses the wire; documents are passed around in this form."""

MAX_DEPTH: Final = 100
"""Deepest nesting a request body may have; far above any real one, far below any parser's limit."""


def compact(document: Any) -> bytes:
    """Write JSON without blanks, as SSE data lines carry it (api-contract §8.1)."""
    return orjson.dumps(document)


def pretty(document: Any) -> bytes:
    """Write JSON indented by two, as the API's JSON bodies are (api-contract §1.3)."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def fitted(raw: bytes) -> bytes:
    """Return a copy of written JSON to be kept: the writer's buffer is several times as large."""
    return bytes(memoryview(raw))


def parse_object(raw: bytes) -> Json:
    """Read a request body that must be a JSON object; raise the API's 400 when it is not.

    Covers broken JSON, bytes that are not UTF-8, nesting too deep to handle, and a JSON value that
    is not an object. An empty body counts as ``{}`` (api-contract §1.1, row 9).
    """
    if not raw:
        return {}
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ApiError.invalid_json() from None
    if not isinstance(document, dict) or (_opened(raw) > MAX_DEPTH and _too_deep(document)):
        raise ApiError.invalid_json()
    return document


def _opened(raw: bytes) -> int:
    """Return a bound of the nesting that one look over the bytes gives."""
    return raw.count(b"{") + raw.count(b"[")


def _too_deep(document: Any) -> bool:
    """Tell whether the nesting exceeds MAX_DEPTH, level by level and so without recursion."""
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node) if child]
        if not level:
            return False
    return True


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return [value for value in node.values() if isinstance(value, dict | list)]
    return [value for value in node if isinstance(value, dict | list)]
