"""Digests of a canonical request: an exact one, and one that is blind to server-made ids."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any, Final, TypeAlias

import orjson

from mockserver.cassette.canonical import Canonical, canonical

Fingerprint: TypeAlias = bytes
"""A 128-bit BLAKE2 digest."""

_ID: Final = re.compile(
    r"(resp|conv|msg|rs|fc|fco|call|ctc|ctco|ws|fs|ci|ig|cu|cuo|lsh|lsho|sh|sho|apc|apco|mcp|mcpl"
    r"|mcpr|tsc|tso|at|cmp|cm|cmo|cntr)_[0-9A-Za-z_-]{8,}"
)
_ID_KEYS: Final = {
    "id": "id",
    "item_id": "id",
    "call_id": "call",
    "tool_call_id": "call",
    "approval_request_id": "mcpr",
    "previous_response_id": "resp",
    "conversation": "conv",
}
"""Keys whose text is an id whatever it looks like, and the kind of id it is."""


def fingerprint(method: str, path: str, query: str, body: bytes) -> Fingerprint:
    """Return the exact fingerprint of a request as it came over the wire (vcr §4.2, F0).

    Equal for requests that differ in key order, number or string spelling, nulls against absent
    keys, API defaults, labels such as ``metadata``, base URL, or ``stream``.
    """
    return exact(canonical(method, path, query, body))


def exact(request: Canonical) -> Fingerprint:
    """Return the fingerprint that tells ids apart (vcr §4.2, F0)."""
    return _digest(request, request.body, b"exact")


def loose(request: Canonical) -> Fingerprint:
    """Return the fingerprint blind to ids, encrypted content and tool order (vcr §4.2, F1).

    Ids in the path still count: nothing else tells two such requests apart.
    """
    body = request.body
    if isinstance(body, dict) and isinstance(body.get("tools"), list):
        body = {**body, "tools": sorted(body["tools"], key=_tool_key)}
    return _digest(request, _Aliases().of(body), b"loose")


def _digest(request: Canonical, body: Any, person: bytes) -> Fingerprint:
    head = orjson.dumps([request.method, request.path, request.query])
    raw = body if isinstance(body, bytes) else orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return blake2b(head + b"\0" + raw, digest_size=16, person=person).digest()


def _tool_key(tool: Any) -> tuple[str, str]:
    if not isinstance(tool, dict):
        return "", str(tool)
    function = tool.get("function")
    inner = function.get("name") if isinstance(function, dict) else None
    name = tool.get("name") or inner or tool.get("server_label") or ""
    return str(tool.get("type", "")), str(name)


class _Aliases:
    """Replaces each id by its kind and the order in which it first appeared."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, value: Any, key: str = "") -> Any:
        kind = type(value)
        if kind is str:
            return self._text(value, key)
        if kind is dict:
            return {name: self.of(value[name], name) for name in sorted(value)}
        if kind is list:
            return [self.of(item) for item in value]
        return value

    def _text(self, text: str, key: str) -> str:
        if key == "encrypted_content":
            return "#"
        known = self._known.get(text)
        if known is not None:
            return known
        match = _ID.fullmatch(text)
        kind = match.group(1) if match else _ID_KEYS.get(key)
        if kind is None:
            return text
        alias = self._known[text] = f"{kind}#{len(self._known) + 1}"
        return alias
