"""seinfeld's cassettes of JavaScript programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from mockserver.cassette.dialects import beside, fields
from mockserver.cassette.dialects.dialect import Dialect
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.parsed import Parsed


class Seinfeld(Dialect):
    """A list ``entries`` with a ``matchKey`` each; a body names its kind, a big one its file."""

    name: ClassVar[str] = "seinfeld"

    def claims(self, file: Parsed) -> bool:
        """Take a list of entries that stands beside seinfeld's ``meta``."""
        document = file.document
        return isinstance(document, dict) and {"entries", "meta"} <= document.keys()

    def doubt(self, file: Parsed) -> str | None:
        """JSON is whole or not read; the version, which some files lack, may be a stranger."""
        version = file.document.get("version", 1)
        if version != 1 or version is True:
            raise CassetteError(f"the format version {version!r} is not known; seinfeld writes 1")
        return None

    def split(self, file: Parsed) -> list[Any]:
        """Return the entries."""
        return fields.items(file.document, "entries")

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Read one entry."""
        request = fields.mapping(raw, "request")
        response = fields.mapping(raw, "response")
        folder = file.path.parent
        return Exchange(
            method=fields.string(request, "method").upper(),
            uri=fields.uri(request, "url"),
            request_headers=fields.headers(request.get("headers")),
            request_body=_body(request.get("body"), folder, pretty=False),
            status=fields.status(response.get("status")),
            reason=fields.text(response.get("statusText")),
            headers=fields.headers(response.get("headers")),
            body=_body(response.get("body"), folder, pretty=True),
        )


def _body(body: Any, folder: Path, *, pretty: bool) -> bytes:
    if body is None:
        return b""
    kind = fields.mapping({"body": body}, "body").get("kind")
    match kind:
        case "empty":
            return b""
        case "json":
            return fields.json_bytes(body.get("value"), pretty=pretty)
        case "text":
            return fields.raw_bytes(body.get("value"))
        case "sse":
            frames = fields.items(body, "chunks")
            return b"".join(fields.raw_bytes(frame) + b"\n\n" for frame in frames)
        case "base64":
            return fields.base64_bytes(body.get("value"), "value")
        case "binary":
            digest = fields.text(body.get("sha256"))
            return beside.read(folder, fields.string(body, "path"), digest=digest)
    raise CassetteError(f"the body kind {kind!r} is not known")
