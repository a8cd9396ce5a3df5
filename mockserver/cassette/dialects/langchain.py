"""langchain's test kit: requests in one list, responses in another, headers blacked out."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import orjson

from mockserver.cassette.dialects import fields
from mockserver.cassette.dialects.dialect import Dialect
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange, Headers
from mockserver.cassette.parsed import Parsed

_BLACKED_OUT: Final = "**REDACTED**"
_ENDPOINTS: Final = {"input": "responses", "messages": "chat/completions", "prompt": "completions"}
"""A key of the request body that tells the endpoint when the address is blacked out."""


class Langchain(Dialect):
    """Lists ``requests`` and ``responses`` of equal length, spelt as vcrpy's are."""

    name: ClassVar[str] = "langchain"

    def claims(self, file: Parsed) -> bool:
        """Take a file with both lists at the top."""
        document = file.document
        return isinstance(document, dict) and {"requests", "responses"} <= document.keys()

    def split(self, file: Parsed) -> list[Any]:
        """Pair the two lists; the end is missing when they differ in length."""
        requests = fields.items(file.document, "requests")
        responses = fields.items(file.document, "responses")
        if len(requests) != len(responses):
            raise CassetteError(
                f"{len(requests)} requests, but {len(responses)} responses; the file is cut off"
            )
        return [
            {"request": request, "response": response}
            for request, response in zip(requests, responses, strict=True)
        ]

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Read one pair; what was blacked out counts as not recorded."""
        request = fields.mapping(raw, "request")
        response = fields.mapping(raw, "response")
        status = fields.mapping(response, "status")
        body = fields.raw_bytes(request.get("body"))
        return Exchange(
            method=fields.string(request, "method").upper(),
            uri=_uri(request, body),
            request_headers=_headers(request),
            request_body=body,
            status=fields.status(status.get("code")),
            reason=fields.text(status.get("message")),
            headers=_headers(response),
            body=fields.raw_bytes(fields.mapping(response, "body").get("string")),
        )


def _headers(side: dict[str, Any]) -> Headers:
    headers = fields.headers(side.get("headers"))
    return tuple((name, value) for name, value in headers if value != _BLACKED_OUT)


def _uri(request: dict[str, Any], body: bytes) -> str:
    """Return the address, told by the body when it is blacked out and the body can tell."""
    found = fields.uri(request, "uri")
    if found != _BLACKED_OUT:
        return found
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    keys = document if isinstance(document, dict) else {}
    endpoint = next((_ENDPOINTS[key] for key in _ENDPOINTS if key in keys), None)
    return fields.API + endpoint if endpoint else found
