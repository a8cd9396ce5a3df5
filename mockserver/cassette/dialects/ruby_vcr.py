"""Ruby's VCR, and Betamax, which writes the same."""

from __future__ import annotations

from typing import Any, ClassVar

from mockserver.cassette.dialects import fields
from mockserver.cassette.dialects.vcrpy import VcrPy
from mockserver.cassette.parsed import Parsed


class RubyVcr(VcrPy):
    """A list ``http_interactions`` with bodies on both sides alike, then ``recorded_with``."""

    name: ClassVar[str] = "ruby-vcr"

    def claims(self, file: Parsed) -> bool:
        """Take every file with a top-level key ``http_interactions``."""
        return isinstance(file.document, dict) and "http_interactions" in file.document

    def doubt(self, file: Parsed) -> str | None:
        """The tool's name is the last line of a whole file."""
        if "recorded_with" in file.document:
            return None
        return (
            "the file does not end in 'recorded_with', so its end may be cut off; add the line "
            "if it is whole"
        )

    def split(self, file: Parsed) -> list[Any]:
        """Return the interactions."""
        return fields.items(file.document, "http_interactions")

    def request_body(self, request: dict[str, Any]) -> bytes:
        """Return the bytes sent, kept as those of the response are."""
        return self.body(request)
