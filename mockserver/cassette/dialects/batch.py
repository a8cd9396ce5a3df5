"""The results of a batch, whose requests are kept elsewhere."""

from __future__ import annotations

from typing import Any, ClassVar

from mockserver.cassette.dialects import fields, pair
from mockserver.cassette.dialects.dialect import Dialect
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.parsed import Parsed


class Batch(Dialect):
    """Results with a ``response`` each or bare, on lines or beside their ``batch``."""

    name: ClassVar[str] = "batch"

    def claims(self, file: Parsed) -> bool:
        """Take a list of results."""
        results = _results(file)
        return bool(results) and all(map(_is_result, results))

    def split(self, file: Parsed) -> list[Any]:
        """Return the results that got an answer."""
        return [result for result in _results(file) if result.get("response", result) is not None]

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Make a result the answer to a request that is not known."""
        response = fields.mapping({"response": raw, **raw}, "response")
        batch = file.document.get("batch") if isinstance(file.document, dict) else None
        endpoint = batch.get("endpoint") if isinstance(batch, dict) else None
        return Exchange(
            method="POST",
            uri=fields.SITE + fields.text(endpoint or "/v1/responses"),
            request_headers=pair.HEADERS,
            request_body=b"",
            status=fields.status(response.get("status_code")),
            reason="",
            headers=(("content-type", "application/json"),),
            body=fields.json_bytes(response.get("body"), pretty=True),
        )


def _is_result(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    return {"custom_id", "response"} <= value.keys() or {"status_code", "body"} <= value.keys()


def _results(file: Parsed) -> list[Any]:
    document = file.document
    found = document.get("results") if isinstance(document, dict) else document
    return found if isinstance(found, list) else []
