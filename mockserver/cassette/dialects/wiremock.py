"""WireMock's stub mappings, with bodies inside or in ``__files``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from mockserver.cassette.dialects import beside, fields
from mockserver.cassette.dialects.dialect import Dialect
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange, Headers
from mockserver.cassette.parsed import Parsed

_ADDRESSES: Final = ("url", "urlPath", "urlPattern", "urlPathPattern", "urlPathTemplate")
_BEHAVIOUR: Final = {"fault": "a fault", "proxyBaseUrl": "a proxy"}
FILES: Final = "__files"
"""The folder that bodies are kept in, beside the one of the mappings."""


class WireMock(Dialect):
    """A mapping of a request's patterns to a response, or a list ``mappings`` of them."""

    name: ClassVar[str] = "wiremock"

    def claims(self, file: Parsed) -> bool:
        """Take one mapping, or a list of them."""
        document = file.document
        if not isinstance(document, dict):
            return False
        return isinstance(document.get("mappings"), list) or _is_mapping(document)

    def split(self, file: Parsed) -> list[Any]:
        """Return the mappings."""
        mappings = file.document.get("mappings")
        return mappings if isinstance(mappings, list) else [file.document]

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Read one mapping; raise CassetteError when it stands for more than one exchange."""
        request = fields.mapping(raw, "request")
        response = fields.mapping(raw, "response")
        for key, meaning in _BEHAVIOUR.items():
            if key in response:
                raise CassetteError(f"the mapping describes {meaning} and holds no answer")
        body = _asked(request)
        return Exchange(
            method=_method(request, body),
            uri=_uri(request),
            request_headers=_expected(request.get("headers")),
            request_body=body,
            status=fields.status(response.get("status", 200)),
            reason=fields.text(response.get("statusMessage")),
            headers=fields.headers(response.get("headers")),
            body=_answered(response, file.path),
        )


def _is_mapping(document: dict[str, Any]) -> bool:
    request = document.get("request")
    if not isinstance(request, dict) or "response" not in document:
        return False
    return any(str(request.get(key)).startswith(("/", "^")) for key in _ADDRESSES)


def _method(request: dict[str, Any], body: bytes) -> str:
    method = fields.text(request.get("method") or "ANY").upper()
    return ("POST" if body else "GET") if method == "ANY" else method


def _uri(request: dict[str, Any]) -> str:
    key = next((key for key in _ADDRESSES if key in request), "url")
    if "attern" in key or "emplate" in key:
        raise CassetteError(f"'{key}' stands for many addresses; write the one that is asked for")
    pairs = _expected(request.get("queryParameters"))
    query = f"?{urlencode(pairs)}" if pairs else ""
    return fields.uri({key: fields.SITE + fields.string(request, key) + query}, key)


def _expected(value: Any) -> Headers:
    """Return the names with the values they must be equal to; other matchers say no value."""
    matchers = value if isinstance(value, dict) else {}
    return tuple(
        (name, fields.text(matcher["equalTo"]))
        for name, matcher in matchers.items()
        if isinstance(matcher, dict) and "equalTo" in matcher
    )


def _asked(request: dict[str, Any]) -> bytes:
    """Return the body that a request must be equal to; nothing when it is described otherwise."""
    patterns = request.get("bodyPatterns") or []
    for pattern in patterns if isinstance(patterns, list) else [patterns]:
        if not isinstance(pattern, dict):
            continue
        for key in ("equalToJson", "equalTo", "equalToXml"):
            if key in pattern:
                return fields.raw_bytes(pattern[key])
        if "binaryEqualTo" in pattern:
            return fields.base64_bytes(pattern["binaryEqualTo"], "binaryEqualTo")
    return b""


def _answered(response: dict[str, Any], path: Path) -> bytes:
    if "jsonBody" in response:
        return fields.json_bytes(response["jsonBody"], pretty=True)
    if "base64Body" in response:
        return fields.base64_bytes(response["base64Body"], "base64Body")
    if "bodyFileName" in response:
        name = fields.string(response, "bodyFileName")
        homes = [folder / FILES for folder in path.parents if (folder / FILES).is_dir()]
        if not homes:
            raise CassetteError(f"the body file {name!r} needs a folder '{FILES}' above the file")
        return beside.read(homes[0], name)
    return fields.raw_bytes(response.get("body"))
