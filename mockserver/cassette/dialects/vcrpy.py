"""vcrpy's own format, version 1, of all its ages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from mockserver.cassette.dialects import fields
from mockserver.cassette.dialects.dialect import Dialect
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.parsed import Parsed

VERSIONS: Final = (1, 1.0, "1")


class VcrPy(Dialect):
    """A list ``interactions`` of ``request`` and ``response``, then ``version: 1``."""

    name: ClassVar[str] = "vcrpy"

    def claims(self, file: Parsed) -> bool:
        """Take every file with a top-level key ``interactions``, so that faults are told apart."""
        return isinstance(file.document, dict) and "interactions" in file.document

    def doubt(self, file: Parsed) -> str | None:
        """The version is the last line vcrpy writes: without it the end may be gone."""
        version = file.document.get("version")
        if version is None:
            return (
                "the file does not end in 'version: 1', so its end may be cut off; add the line "
                "if it is whole"
            )
        if version not in VERSIONS or version is True:
            raise CassetteError(
                f"the format version {version!r} is not known; vcrpy writes 'version: 1'"
            )
        return None

    def split(self, file: Parsed) -> list[Any]:
        """Return the interactions; a file without a single one is whole and holds nothing."""
        return fields.items(file.document, "interactions")

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Read one interaction."""
        request = fields.mapping(raw, "request")
        response = fields.mapping(raw, "response")
        status, reason = self.status(response)
        return Exchange(
            method=fields.string(request, "method").upper(),
            uri=fields.uri(request, "uri"),
            request_headers=fields.headers(request.get("headers")),
            request_body=self.request_body(request),
            status=status,
            reason=reason,
            headers=fields.headers(response.get("headers")),
            body=self.body(response),
            replay=response.get("x_replay"),
        )

    def request_body(self, request: dict[str, Any]) -> bytes:
        """Return the bytes sent; aiohttp's ``json=`` was recorded as data (vcr §2.1)."""
        return fields.raw_bytes(request.get("body"))

    def status(self, response: dict[str, Any]) -> tuple[int, str]:
        """Return the status and its phrase, which may be empty."""
        status = response.get("status")
        if isinstance(status, dict):
            return fields.status(status.get("code")), fields.text(status.get("message"))
        if status is None:
            raise CassetteError("the response has no 'status'; the file may be cut off")
        return fields.status(status), ""

    def body(self, response: dict[str, Any]) -> bytes:
        """Return the bytes recorded as the body, still compressed if they were."""
        body = response.get("body")
        if not isinstance(body, dict) or not body:
            return fields.raw_bytes(body or None)
        if "string" in body:
            return fields.raw_bytes(body["string"])
        if "base64_string" in body:
            return fields.base64_bytes(body["base64_string"], "base64_string")
        raise CassetteError("the response body needs a key 'string'")


def sides(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the requests and responses of a file that may be damaged, leaving out the damage."""
    interactions = document.get("interactions")
    for raw in interactions if isinstance(interactions, list) else ():
        for key in ("request", "response"):
            side = raw.get(key) if isinstance(raw, dict) else None
            if isinstance(side, dict):
                yield side
