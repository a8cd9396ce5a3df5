"""One recorded exchange, and how recorders' headers and bodies become plain values."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

GZIP_MAGIC: Final = b"\x1f\x8b"


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its answer as a file tells them; ``events`` only where kept parsed."""

    method: str = "POST"
    uri: str = ""
    request: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    events: list[dict[str, Any]] = field(default_factory=list)


def exchange(method: str, uri: str, request: Any, status: Any, headers: Any, body: Any) -> Exchange:
    """Make an Exchange of recorded values, each in whatever form its recorder left it."""
    plain = _headers(headers)
    return Exchange(
        method=method.upper(),
        uri=uri,
        request=parse_request(request),
        status=int(status),
        headers=plain,
        body=_body(body, plain.get("content-encoding", "")),
    )


def parse_request(body: Any) -> Any:
    """Parse a recorded request body; None when it is empty or not JSON."""
    if isinstance(body, dict | list):
        return body
    try:
        return json.loads(_inflate(_bytes(body), ""))
    except ValueError:
        return None


def ruby_body(body: Mapping[str, Any]) -> Any:
    """Return a Ruby VCR body, which is kept as text or as base64."""
    if "base64_string" in body:
        return base64.b64decode(body["base64_string"])
    return body.get("string")


def _headers(headers: Any) -> dict[str, str]:
    """Flatten recorded headers to lower-case names with their first value."""
    pairs = headers if isinstance(headers, Mapping) else dict(headers or ())
    return {str(name).lower(): _first(value) for name, value in pairs.items()}


def _first(value: Any) -> str:
    while isinstance(value, list | tuple):
        value = value[0] if value else ""
    return value.decode() if isinstance(value, bytes) else str(value)


def _body(body: Any, encoding: str) -> bytes:
    """Return a recorded answer's bytes, decompressed; a parsed body is written as JSON again."""
    if isinstance(body, dict | list):
        return json.dumps(body, ensure_ascii=False).encode()
    return _inflate(_bytes(body), encoding)


def _bytes(body: str | bytes | None) -> bytes:
    return body.encode("utf-8", "surrogateescape") if isinstance(body, str) else bytes(body or b"")


def _inflate(raw: bytes, encoding: str) -> bytes:
    """Decompress by the bytes' own mark: recorders keep the header of a body they have decoded."""
    if raw.startswith(GZIP_MAGIC):
        return gzip.decompress(raw)
    if encoding == "br" and raw[:1] not in b"{[ed:":
        import brotli  # type: ignore[import-untyped]

        return bytes(brotli.decompress(raw))
    return raw
