"""cassetter: vcrpy's format with bodies that say what they are."""

from __future__ import annotations

from typing import Any, ClassVar, TypeGuard

from mockserver.cassette.dialects import fields
from mockserver.cassette.dialects.vcrpy import VcrPy, sides
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.parsed import Parsed


class Cassetter(VcrPy):
    """vcrpy version 1 where bodies are ``{type: json|text|binary, content: …}``."""

    name: ClassVar[str] = "cassetter"

    def claims(self, file: Parsed) -> bool:
        """Take a vcrpy file that holds one typed body or more."""
        return super().claims(file) and any(
            _is_typed(side.get("body")) for side in sides(file.document)
        )

    def request_body(self, request: dict[str, Any]) -> bytes:
        """Return the bytes sent; JSON was kept as data and is written compactly."""
        body = request.get("body")
        return _bytes(body, pretty=False) if _is_typed(body) else super().request_body(request)

    def body(self, response: dict[str, Any]) -> bytes:
        """Return the bytes of the answer; JSON is indented, as the API sends it."""
        body = response.get("body")
        return _bytes(body, pretty=True) if _is_typed(body) else super().body(response)


def _is_typed(body: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(body, dict) and {"type", "content"} <= body.keys()


def _bytes(body: dict[str, Any], *, pretty: bool) -> bytes:
    content = body["content"]
    match body["type"]:
        case "json":
            return fields.json_bytes(content, pretty=pretty)
        case "text":
            return fields.raw_bytes(content)
        case "binary" if not isinstance(content, bytes):
            return fields.base64_bytes(content, "content")
        case "binary":
            return bytes(content)
    raise CassetteError(f"the body type {body['type']!r} is not known; json, text and binary are")
