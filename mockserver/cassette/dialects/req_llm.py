"""req_llm's fixtures: the DataDog agent's shape with bodies in base64 and stream chunks aside."""

from __future__ import annotations

from typing import Any, ClassVar

from mockserver.cassette.dialects import fields
from mockserver.cassette.dialects.datadog import DatadogAgent
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.parsed import Parsed


class ReqLlm(DatadogAgent):
    """A request with ``canonical_json``; the chunks of a stream stand in a list of their own."""

    name: ClassVar[str] = "req-llm"

    def claims(self, file: Parsed) -> bool:
        """Take one interaction whose request bears req_llm's mark."""
        return super().claims(file) and "canonical_json" in file.document["request"]

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Read the interaction, its stream joined from the chunks."""
        response = fields.mapping(raw, "response")
        if not raw.get("chunks"):
            return super().exchange(raw, file)
        pieces = [self.body(chunk) for chunk in fields.items(raw, "chunks")]
        whole = {**response, "body": b"".join(pieces)}
        return super().exchange({**raw, "response": whole}, file)

    def body(self, value: Any) -> bytes:
        """Return a body or chunk, in base64 or as data."""
        if isinstance(value, dict) and "b64" in value:
            return fields.base64_bytes(value["b64"], "b64")
        if isinstance(value, dict | list):
            return fields.json_bytes(value, pretty=True)
        return super().body(value)
