"""DataDog's test agents: one interaction in a file, as JSON or as the Java agent's record."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from mockserver.cassette.dialects import fields
from mockserver.cassette.dialects.dialect import Dialect
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.parsed import Parsed, Text

_BASE64: Final = "base64:"
_RECORD: Final = re.compile(
    r"method: (?P<method>\S+)\r?\npath: (?P<path>\S+)\r?\n"
    r"-- begin request body --\r?\n(?P<request>.*)\n-- end request body --\s*\n"
    r"status code: (?P<status>\d+)\r?\n"
    r"-- begin response headers --\r?\n(?P<headers>.*?)-- end response headers --\s*\n"
    r"-- begin response body --\r?\n(?P<body>.*)\n-- end response body --\s*",
    re.DOTALL,
)
_FILLING: Final = "\ufffd"
"""What the recorder leaves behind a body, where its buffer was longer than the body."""


class DatadogAgent(Dialect):
    """A ``request`` with a ``url`` and a ``response``; bodies are text, or ``base64:…``."""

    name: ClassVar[str] = "datadog-agent"

    def claims(self, file: Parsed) -> bool:
        """Take a file that is one interaction."""
        document = file.document
        if not isinstance(document, dict) or not {"request", "response"} <= document.keys():
            return False
        request = document["request"]
        return isinstance(request, dict) and "://" in str(request.get("url"))

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Read the interaction."""
        request = fields.mapping(raw, "request")
        response = fields.mapping(raw, "response")
        status = response.get("status")
        status = status if isinstance(status, dict) else {"code": status}
        return Exchange(
            method=fields.string(request, "method").upper(),
            uri=fields.uri(request, "url"),
            request_headers=fields.headers(request.get("headers")),
            request_body=self.body(request.get("body")),
            status=fields.status(status.get("code")),
            reason=fields.text(status.get("message")),
            headers=fields.headers(response.get("headers")),
            body=self.body(response.get("body")),
        )

    def body(self, value: Any) -> bytes:
        """Return a body of either side as bytes."""
        if isinstance(value, str) and value.startswith(_BASE64):
            return fields.base64_bytes(value.removeprefix(_BASE64), "body")
        return fields.raw_bytes(value)


class DatadogRecord(Dialect):
    """The Java agent's text: parts between lines that say where each begins and ends."""

    name: ClassVar[str] = "datadog-record"

    def claims(self, file: Parsed) -> bool:
        """Take a text that begins as a record does."""
        return isinstance(file.document, Text) and file.document.startswith("method: ")

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Read the record; the address is that of the API, since only its path is kept."""
        found = _RECORD.fullmatch(raw)
        if found is None:
            raise CassetteError("the record lacks one of its parts; the file may be cut off")
        lines = [line.partition(":") for line in found["headers"].splitlines() if ":" in line]
        return Exchange(
            method=found["method"].upper(),
            uri=fields.API + found["path"].lstrip("/"),
            request_headers=(("content-type", "application/json"),),
            request_body=found["request"].encode(),
            status=fields.status(found["status"]),
            reason="",
            headers=tuple((name.strip(), value.strip()) for name, _, value in lines),
            body=found["body"].rstrip(_FILLING).encode(),
        )
