"""The API's operations: what each endpoint takes and gives (api-contract §1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from mockserver.openapi import answers
from mockserver.schema.conversation import ConversationChange, NewConversation, NewItems
from mockserver.schema.limits import Bounds
from mockserver.schema.request import (
    COMPACT_FIELDS,
    COUNT_FIELDS,
    CompactResponse,
    CountTokens,
    CreateResponse,
)
from mockserver.schema.response import Response
from mockserver.schema.settings import INCLUDE
from mockserver.schema.shape import Shape, keys
from mockserver.schema.webhook import EndpointChange, NewEndpoint, Rotation, Trial


class Including(Shape):
    """What of the items is shown besides the usual."""

    include: Annotated[list[str] | None, INCLUDE] = None


class Following(Including):
    """Whether a response is followed as a stream, and from where."""

    include_obfuscation: bool | None = None
    starting_after: int | None = None
    stream: bool | None = None


class Paging(Shape):
    """Which page of a list, and in which order."""

    after: str | None = None
    before: str | None = None
    limit: Annotated[int | None, Bounds(1, 100)] = None
    order: Literal["asc", "desc"] | None = None


class ItemPaging(Paging, Including):
    """Which page of items, and what of them."""


class EndpointPaging(Shape):
    """Which page of webhook endpoints."""

    after: str | None = None
    limit: Annotated[int | None, Bounds(1, 100)] = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint: its answer, its body if it takes one, and its query.

    ``only`` are the keys of the body that count where the class has more; ``streams`` says whether
    the answer may be a stream of events.
    """

    answer: type[Shape]
    body: type[Shape] | None = None
    query: type[Shape] | None = None
    only: frozenset[str] | None = None
    streams: bool = False


_CREATE_FIELDS: Final = frozenset(keys(CreateResponse))

OPERATIONS: Final[Mapping[str, Operation]] = {
    "POST /responses": Operation(Response, CreateResponse, only=_CREATE_FIELDS, streams=True),
    "GET /responses": Operation(Response),
    "POST /responses/input_tokens": Operation(answers.TokenCount, CountTokens, only=COUNT_FIELDS),
    "POST /responses/compact": Operation(
        answers.CompactedContext, CompactResponse, only=COMPACT_FIELDS
    ),
    "GET /responses/{id}": Operation(Response, query=Following, streams=True),
    "DELETE /responses/{id}": Operation(answers.Deleted),
    "POST /responses/{id}/cancel": Operation(Response),
    "GET /responses/{id}/input_items": Operation(answers.ItemPage, query=ItemPaging),
    "GET /models": Operation(answers.ModelList),
    "GET /models/{id}": Operation(answers.ModelObject),
    "POST /conversations": Operation(answers.ConversationObject, NewConversation),
    "GET /conversations/{id}": Operation(answers.ConversationObject),
    "POST /conversations/{id}": Operation(answers.ConversationObject, ConversationChange),
    "DELETE /conversations/{id}": Operation(answers.Deleted),
    "POST /conversations/{id}/items": Operation(answers.ItemPage, NewItems, Including),
    "GET /conversations/{id}/items": Operation(answers.ItemPage, query=ItemPaging),
    "GET /conversations/{id}/items/{item_id}": Operation(answers.ListedItem, query=Including),
    "DELETE /conversations/{id}/items/{item_id}": Operation(answers.ConversationObject),
    "POST /webhook_endpoints": Operation(answers.WebhookEndpoint, NewEndpoint),
    "GET /webhook_endpoints": Operation(answers.WebhookEndpointPage, query=EndpointPaging),
    "GET /webhook_endpoints/{id}": Operation(answers.WebhookEndpoint),
    "POST /webhook_endpoints/{id}": Operation(answers.WebhookEndpoint, EndpointChange),
    "DELETE /webhook_endpoints/{id}": Operation(answers.Deleted),
    "POST /webhook_endpoints/{id}/rotate_secret": Operation(answers.WebhookEndpoint, Rotation),
    "POST /webhook_endpoints/{id}/test": Operation(answers.WebhookTrial, Trial),
    "GET /webhook_event_types": Operation(answers.EventTypeList),
}
"""Every operation below the base path; a route that is not here is described by its name alone."""
