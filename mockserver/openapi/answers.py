"""What the endpoints answer besides responses, as shapes for the description (api-contract §1)."""

from __future__ import annotations

from typing import Literal

from mockserver.schema.response import Usage
from mockserver.schema.shape import Shape, Wire


class Deleted(Shape):
    """Confirmation of a deletion."""

    id: str
    object: Literal["response", "conversation.deleted", "webhook_endpoint.deleted"]
    deleted: Literal[True]


class TokenCount(Shape):
    """The input tokens that a request counts."""

    object: Literal["response.input_tokens"]
    input_tokens: int


class CompactedContext(Shape):
    """A compacted context."""

    id: str
    object: Literal["response.compaction"]
    created_at: int
    output: list[ListedItem]
    usage: Usage


class ListedItem(Wire):
    """An item as listings show it; its kind's own keys come on top."""

    id: str
    type: str


class ItemPage(Shape):
    """One page of items."""

    object: Literal["list"]
    data: list[ListedItem]
    first_id: str | None
    has_more: bool
    last_id: str | None


class ModelObject(Shape):
    """A model."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelList(Shape):
    """All models."""

    object: Literal["list"]
    data: list[ModelObject]


class ConversationObject(Shape):
    """A conversation."""

    id: str
    object: Literal["conversation"]
    created_at: int
    metadata: dict[str, str]


class WebhookEndpoint(Shape):
    """A webhook endpoint; only a new secret is shown whole."""

    id: str
    object: Literal["webhook_endpoint"]
    created_at: int
    event_types: list[str]
    name: str
    signing_secret_hint: str
    updated_at: int
    url: str
    signing_secret: str | None = None


class WebhookEndpointPage(Shape):
    """One page of webhook endpoints."""

    object: Literal["list"]
    data: list[WebhookEndpoint]
    first_id: str | None
    has_more: bool
    last_id: str | None


class WebhookTrial(Shape):
    """What became of trying an endpoint."""

    object: Literal["webhook_endpoint.test"]
    webhook_endpoint_id: str
    event_type: str
    status_code: int
    success: bool


class EventTypeList(Shape):
    """What webhook endpoints can be told of."""

    object: Literal["list"]
    data: list[str]


class ErrorDetail(Shape):
    """What is wrong, and where."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorBody(Shape):
    """The envelope of every error (api-contract §9.1)."""

    error: ErrorDetail
