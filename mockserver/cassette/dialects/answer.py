"""An answer alone, with its request in a file beside it or nowhere."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from mockserver.cassette.dialects import fields, pair
from mockserver.cassette.dialects.dialect import Dialect
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.parsed import Parsed

_ENDPOINTS: Final = {
    "response": "responses",
    "response.compaction": "responses/compact",
    "response.input_tokens": "responses/input_tokens",
    "conversation": "conversations",
    "chat.completion": "chat/completions",
    "text_completion": "completions",
}
"""The ``object`` of an answer and the endpoint that gives it."""
_STATUSES: Final = {
    "invalid_api_key": 401,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "model_not_found": 404,
    "server_error": 500,
}
"""Error codes and types that are sent with another status than 400 (api-contract §1.4)."""


class Answer(Dialect):
    """The JSON body of an answer, byte for byte."""

    name: ClassVar[str] = "answer"

    def claims(self, file: Parsed) -> bool:
        """Take an object that the API answers with, or its error."""
        document = file.document
        if not isinstance(document, dict) or "request" in document:
            return False
        return document.get("object") in _ENDPOINTS or (
            "error" in document and len(document) <= len(("error", "status"))
        )

    def exchange(self, raw: Any, file: Parsed) -> Exchange:
        """Make the file the answer to the request beside it, or to one that is not known."""
        asked = pair.request_of(file.path)
        return Exchange(
            method="POST",
            uri=fields.API + _endpoint(raw, asked),
            request_headers=pair.HEADERS,
            request_body=pair.plain(asked),
            status=_status(raw),
            reason="",
            headers=(("content-type", "application/json"),),
            body=file.raw.removeprefix(b"\xef\xbb\xbf"),
        )


class Asked(Dialect):
    """The request of an answer beside it, which is read with that one."""

    name: ClassVar[str] = "request"

    def claims(self, file: Parsed) -> bool:
        """Take a JSON object in a file that calls itself a request and is no answer."""
        document = file.document
        return (
            isinstance(document, dict)
            and pair.names_request(file.path)
            and document.get("object") not in _ENDPOINTS
            and not {"request", "interactions", "http_interactions"} & document.keys()
        )

    def split(self, file: Parsed) -> list[Any]:
        """Return nothing: the exchange is the answer's."""
        if not pair.answers_of(file.path):
            raise CassetteError("this is a request without its answer: no response stands beside")
        return []


def _endpoint(answer: dict[str, Any], asked: dict[str, Any] | None) -> str:
    if answer.get("object") in _ENDPOINTS:
        return _ENDPOINTS[answer["object"]]
    if not isinstance(answer["error"], dict):
        raise CassetteError("this is the text of an error and not what the API answered")
    if asked is None:
        raise CassetteError("this is an error without its request: nothing says what it answers")
    if "messages" in asked:
        return "chat/completions"
    return "responses" if {"model", "input"} & asked.keys() else "conversations"


def _status(answer: dict[str, Any]) -> int:
    """Return the status; an error alone does not say its own, but its code does."""
    error = answer.get("error") if answer.get("object") not in _ENDPOINTS else None
    if not isinstance(error, dict):
        return 200
    words = (error.get("code"), error.get("type"))
    return next((_STATUSES[word] for word in words if word in _STATUSES), 400)
