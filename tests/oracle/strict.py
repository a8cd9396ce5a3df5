"""Is a document what the SDK's types say, but for the differences the wire is known for?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from openai.types.responses import Response
from openai.types.shared import ErrorObject
from pydantic import BaseModel

from oracle import sdk
from oracle.differences import WIRE, Difference, unexplained
from oracle.problem import Problem
from oracle.schema import check_model, check_tagged

Document: TypeAlias = dict[str, Any]
Table: TypeAlias = Iterable[Difference]

ERROR_KEYS: Final = {"message", "type", "param", "code"}


class ErrorBody(BaseModel):
    """The envelope of an HTTP error (api-contract §9.1)."""

    error: ErrorObject


def check_document(document: Document, model: sdk.Model, allowed: Table = WIRE) -> list[Problem]:
    """Check a document against one class of the SDK, at every level.

    Return one line per problem, none when the document is valid. A key that the SDK requires,
    nullable ones included, is ``missing`` when it is not there; a key that the SDK does not have
    is an ``unknown key``; true is not an integer; an integer may stand for a number. Differences
    in the table ``allowed`` are no problems; with ``()`` the SDK's word is final.
    """
    return unexplained(check_model(model, document), allowed)


def check_response(document: Document, allowed: Table = WIRE) -> list[Problem]:
    """Check a Response object, as in JSON bodies; return one line per problem."""
    return check_document(document, Response, allowed)


def check_item(document: Document, allowed: Table = WIRE) -> list[Problem]:
    """Check an output item; return one line per problem."""
    return unexplained(check_tagged(sdk.OUTPUT_ITEMS, document), allowed)


def check_input_item(document: Document, allowed: Table = WIRE) -> list[Problem]:
    """Check an item as ``/responses/{id}/input_items`` lists it; return one line per problem."""
    return unexplained(check_tagged(sdk.LISTED_ITEMS, document), allowed)


def check_conversation_item(document: Document, allowed: Table = WIRE) -> list[Problem]:
    """Check an item as ``/conversations/{id}/items`` lists it; return one line per problem."""
    return unexplained(check_tagged(sdk.CONVERSATION_ITEMS, document), allowed)


def check_event(
    document: Document, allowed: Table = WIRE, *, websocket: bool = False
) -> list[Problem]:
    """Check a stream's event, or a frame that a WebSocket sends; return one line per problem."""
    table = tuple(allowed)
    union = sdk.SERVER_EVENTS if websocket else sdk.STREAM_EVENTS
    verdicts = [
        check_model(row.model, document)
        for row in table
        if row.model is not None and row.where == document.get("type")
    ]
    verdicts.append(check_tagged(union, document))
    return min((unexplained(verdict, table) for verdict in verdicts), key=len)


def check_error(document: Document) -> list[Problem]:
    """Check the body of an HTTP error: ``error`` with its four keys and nothing else (§9.1)."""
    problems = check_model(ErrorBody, document)
    extra = set(document.get("error") or ()) - ERROR_KEYS
    return problems + [Problem.of(f"error.{key}", "unknown key") for key in sorted(extra)]
