"""HTTP archives of browsers and proxies, and Polly's, which differ in binary bodies."""

from __future__ import annotations

from typing import Any, ClassVar

import orjson

from mockserver.cassette.dialects import fields
from mockserver.cassette.dialects.dialect import Dialect
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.parsed import Parsed


class Har(Dialect):
    """A mapping ``log`` with a list of ``entries``, in the order they were sent."""

    name: ClassVar[str] = "har"

    def claims(self, file: Parsed) -> bool:
        """Take every file with a ``log`` of ``entries``."""
        log = file.document.get("log") if isinstance(file.document, dict) else None
        return isinstance(log, dict) and "entries" in log

    def split(self, file: Parsed) -> list[Any]:
        """Return the entries that got an answer; a browser keeps aborted ones with status 0."""
        entries = fields.items(file.document["log"], "entries")
        return [entry for entry in entries if not _is_aborted(entry)]

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Read one entry."""
        request = fields.mapping(raw, "request")
        response = fields.mapping(raw, "response")
        content = response.get("content")
        return Exchange(
            method=fields.string(request, "method").upper(),
            uri=fields.uri(request, "url"),
            request_headers=fields.named(request.get("headers")),
            request_body=_posted(request.get("postData")),
            status=fields.status(response.get("status")),
            reason=fields.text(response.get("statusText")),
            headers=fields.named(response.get("headers")),
            body=self.content(content) if isinstance(content, dict) else b"",
        )

    def content(self, content: dict[str, Any]) -> bytes:
        """Return the bytes of the answer."""
        text, encoding = content.get("text"), content.get("encoding")
        if encoding == "base64":
            return fields.base64_bytes(text, "text")
        if encoding:
            raise CassetteError(f"the content encoding {encoding!r} is not known; base64 is")
        return fields.raw_bytes(text)


class Polly(Har):
    """Polly's archive: binary bodies are a JSON list of their chunks, in hexadecimal once."""

    name: ClassVar[str] = "polly"

    def claims(self, file: Parsed) -> bool:
        """Take an archive that bears Polly's marks."""
        return super().claims(file) and "_recordingName" in file.document["log"]

    def split(self, file: Parsed) -> list[Any]:
        """Return the entries in the order of equal requests."""
        entries = super().split(file)
        return sorted(entries, key=lambda entry: _order(entry.get("_order")))

    def content(self, content: dict[str, Any]) -> bytes:
        """Return the bytes of the answer, its chunks joined."""
        text = content.get("text")
        chunks = _chunks(text) if isinstance(text, str) and text.startswith('["') else None
        if chunks is None:
            return super().content(content)
        if content.get("encoding") == "base64":
            return b"".join(fields.base64_bytes(chunk, "text") for chunk in chunks)
        if not content.get("_isBinary"):
            return super().content(content)
        try:
            return bytes.fromhex("".join(chunks))
        except ValueError:
            raise CassetteError("'text' is not hexadecimal") from None


def _order(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _is_aborted(entry: Any) -> bool:
    response = entry.get("response") if isinstance(entry, dict) else None
    return isinstance(response, dict) and response.get("status") == 0


def _posted(data: Any) -> bytes:
    return fields.raw_bytes(data.get("text")) if isinstance(data, dict) else b""


def _chunks(text: str) -> list[str] | None:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found if all(isinstance(chunk, str) for chunk in found) else None
