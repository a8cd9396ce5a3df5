"""What vcrpy wrote for httpx clients before its version 6."""

from __future__ import annotations

from typing import Any, ClassVar

from mockserver.cassette.dialects import fields
from mockserver.cassette.dialects.vcrpy import VcrPy, sides
from mockserver.cassette.parsed import Parsed


class OldHttpx(VcrPy):
    """vcrpy version 1 where the response is ``content``, ``http_version`` and ``status_code``."""

    name: ClassVar[str] = "vcrpy-old-httpx"

    def claims(self, file: Parsed) -> bool:
        """Take a vcrpy file with a response that holds ``content`` and ``status_code``."""
        return super().claims(file) and any(_is_old(side) for side in sides(file.document))

    def status(self, response: dict[str, Any]) -> tuple[int, str]:
        """Return the status; this stub kept no phrase."""
        if _is_old(response):
            return fields.status(response["status_code"]), ""
        return super().status(response)

    def body(self, response: dict[str, Any]) -> bytes:
        """Return the content, which was decoded before it was recorded."""
        if _is_old(response):
            return fields.raw_bytes(response["content"])
        return super().body(response)


def _is_old(side: dict[str, Any]) -> bool:
    return "status_code" in side and "content" in side
