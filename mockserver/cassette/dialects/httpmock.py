"""httpmock's recordings of Rust programs: one YAML document for each mock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import urlencode

from mockserver.cassette.dialects import fields
from mockserver.cassette.dialects.dialect import Dialect
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.parsed import Parsed


class HttpMock(Dialect):
    """Documents of ``when``, what a request must be, and ``then``, what is answered."""

    name: ClassVar[str] = "httpmock"

    def claims(self, file: Parsed) -> bool:
        """Take a document, or several, that bear httpmock's marks."""
        first = next(_documents(file), None)
        return isinstance(first, dict) and {"when", "then"} <= first.keys()

    def split(self, file: Parsed) -> list[Any]:
        """Return the documents."""
        return list(_documents(file))

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Read one document."""
        when, then = fields.mapping(raw, "when"), fields.mapping(raw, "then")
        pairs = fields.named(when.get("query_param"))
        query = f"?{urlencode(pairs)}" if pairs else ""
        address = {"path": fields.SITE + fields.string(when, "path") + query}
        return Exchange(
            method=fields.text(when.get("method") or "GET").upper(),
            uri=fields.uri(address, "path"),
            request_headers=fields.named(when.get("header")),
            request_body=_body(when),
            status=fields.status(then.get("status", 200)),
            reason="",
            headers=fields.named(then.get("header")),
            body=_body(then),
        )


def _documents(file: Parsed) -> Iterator[Any]:
    yield from file.document if isinstance(file.document, list) else [file.document]


def _body(side: dict[str, Any]) -> bytes:
    if "body_base64" in side:
        return fields.base64_bytes(side["body_base64"], "body_base64")
    if "json_body" in side:
        return fields.json_bytes(side["json_body"])
    return fields.raw_bytes(side.get("body"))
