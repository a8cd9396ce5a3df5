"""go-vcr, of its versions 1 to 4."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from mockserver.cassette.dialects import fields
from mockserver.cassette.dialects.vcrpy import VcrPy, sides
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.parsed import Parsed

_VERSIONS: Final = (1, 2)


class GoVcr(VcrPy):
    """A list ``interactions`` whose requests have a ``url`` and whose responses have a ``code``."""

    name: ClassVar[str] = "go-vcr"

    def claims(self, file: Parsed) -> bool:
        """Take a list of interactions when the response of one has a ``code``."""
        return super().claims(file) and any("code" in side for side in sides(file.document))

    def doubt(self, file: Parsed) -> str | None:
        """The version is the first line here; a whole interaction ends in its duration."""
        version = file.document.get("version")
        if version not in _VERSIONS or version is True:
            raise CassetteError(
                f"the format version {version!r} is not known; go-vcr writes 1 and 2"
            )
        last = list(sides(file.document))[-1]
        if "duration" in last:
            return None
        return "the last interaction does not end in its 'duration', so it may be cut off"

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Read one interaction; a body that a Go client decoded has lost its encoding header."""
        request = fields.mapping(raw, "request")
        response = fields.mapping(raw, "response")
        return Exchange(
            method=fields.string(request, "method").upper(),
            uri=fields.uri(request, "url"),
            request_headers=fields.headers(request.get("headers")),
            request_body=fields.raw_bytes(request.get("body")),
            status=fields.status(response.get("code")),
            reason=fields.text(response.get("status")).partition(" ")[2],
            headers=fields.headers(response.get("headers")),
            body=fields.raw_bytes(response.get("body")),
        )
