"""pydantic-ai's format: vcrpy's, with JSON bodies kept as data under ``parsed_body``."""

from __future__ import annotations

from typing import Any, ClassVar

from mockserver.cassette.dialects import fields
from mockserver.cassette.dialects.vcrpy import VcrPy, sides
from mockserver.cassette.parsed import Parsed


class PydanticAi(VcrPy):
    """vcrpy version 1 where a request or response may hold ``parsed_body`` for ``body``."""

    name: ClassVar[str] = "pydantic-ai"

    def claims(self, file: Parsed) -> bool:
        """Take a vcrpy file that holds one parsed body or more."""
        return super().claims(file) and any("parsed_body" in side for side in sides(file.document))

    def request_body(self, request: dict[str, Any]) -> bytes:
        """Return compact JSON, as clients send it, or the plain body beside it."""
        if "parsed_body" in request:
            return fields.json_bytes(request["parsed_body"])
        return super().request_body(request)

    def body(self, response: dict[str, Any]) -> bytes:
        """Return indented JSON, as the API sends it (api-contract §1.3), or the plain body."""
        if "parsed_body" in response:
            return fields.json_bytes(response["parsed_body"], pretty=True)
        return super().body(response)
