"""The test proxy of the Azure SDKs, which OpenAI's .NET library is tested with."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from mockserver.cassette.dialects import fields
from mockserver.cassette.dialects.dialect import Dialect
from mockserver.cassette.exchange import Exchange, Headers
from mockserver.cassette.parsed import Parsed

_TEXT: Final = re.compile(r"text/|.*json|.*xml|.*javascript|.*x-www-form-urlencoded")
_PART: Final = "b64:"


class AzureTestProxy(Dialect):
    """A list ``Entries`` with the two sides' fields beside each other."""

    name: ClassVar[str] = "azure-test-proxy"

    def claims(self, file: Parsed) -> bool:
        """Take every file with a top-level key ``Entries``."""
        return isinstance(file.document, dict) and "Entries" in file.document

    def split(self, file: Parsed) -> list[Any]:
        """Return the entries."""
        return fields.items(file.document, "Entries")

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Read one entry."""
        entry = fields.mapping({"entry": raw}, "entry")
        request_headers = fields.headers(entry.get("RequestHeaders"))
        headers = fields.headers(entry.get("ResponseHeaders"))
        return Exchange(
            method=fields.string(entry, "RequestMethod").upper(),
            uri=fields.uri(entry, "RequestUri"),
            request_headers=request_headers,
            request_body=_body(entry.get("RequestBody"), request_headers, pretty=False),
            status=fields.status(entry.get("StatusCode")),
            reason="",
            headers=headers,
            body=_body(entry.get("ResponseBody"), headers, pretty=True),
        )


def _body(value: Any, headers: Headers, *, pretty: bool) -> bytes:
    """Return a body: JSON as data, text as its lines, anything else in base64."""
    media = fields.content_type(headers)
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return b"".join(_line(line) for line in value)
    if isinstance(value, str) and value and media and not _TEXT.match(media):
        return fields.base64_bytes(value, "body")
    if isinstance(value, dict | list):
        return fields.json_bytes(value, pretty=pretty)
    return fields.raw_bytes(value or None)


def _line(line: str) -> bytes:
    if line.startswith(_PART):
        return fields.base64_bytes(line.removeprefix(_PART), "body")
    return fields.raw_bytes(line)
