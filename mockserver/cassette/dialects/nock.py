"""nock's recordings of Node programs."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from mockserver.cassette.dialects import fields
from mockserver.cassette.dialects.dialect import Dialect
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange, Headers
from mockserver.cassette.parsed import Parsed

_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
_DEFAULT_PORT: Final = re.compile(r"(?<=^https:)(//[^/:]+):443$|(?<=^http:)(//[^/:]+):80$")


class Nock(Dialect):
    """A list of mappings with ``scope``, ``path`` and ``response``."""

    name: ClassVar[str] = "nock"

    def claims(self, file: Parsed) -> bool:
        """Take a list whose first member bears nock's marks."""
        document = file.document
        first = document[0] if isinstance(document, list) and document else None
        return isinstance(first, dict) and {"scope", "path", "response"} <= first.keys()

    def split(self, file: Parsed) -> list[Any]:
        """Return the members."""
        return list(file.document)

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Read one member; bodies are data, text, or hexadecimal when they are binary."""
        if not isinstance(raw, dict):
            raise CassetteError("each member of the list must be a mapping")
        scope = fields.string(raw, "scope")
        address = {"uri": _DEFAULT_PORT.sub(r"\1\2", scope) + fields.string(raw, "path")}
        return Exchange(
            method=fields.text(raw.get("method") or "GET").upper(),
            uri=fields.uri(address, "uri"),
            request_headers=_headers(raw.get("reqheaders")),
            request_body=fields.raw_bytes(raw.get("body") or None),
            status=fields.status(raw.get("status", 200)),
            reason="",
            headers=_headers(raw.get("rawHeaders", raw.get("headers"))),
            body=_body(raw.get("response"), raw),
        )


def _headers(value: Any) -> Headers:
    """Read a mapping, or Node's flat list of names and values in turn."""
    if not isinstance(value, list):
        return fields.headers(value)
    return tuple(
        (fields.text(name), fields.text(item))
        for name, item in zip(value[::2], value[1::2], strict=False)
    )


def _body(value: Any, raw: dict[str, Any]) -> bytes:
    """Return the bytes of the answer; a compressed one is a list of hexadecimal chunks."""
    chunks = value if isinstance(value, list) and value else []
    if chunks and all(isinstance(chunk, str) and _HEX.fullmatch(chunk) for chunk in chunks):
        return bytes.fromhex("".join(chunks))
    if raw.get("responseIsBinary") is True and isinstance(value, str) and _HEX.fullmatch(value):
        return bytes.fromhex(value)
    if isinstance(value, dict | list):
        return fields.json_bytes(value, pretty=True)
    return fields.raw_bytes(value or None)
