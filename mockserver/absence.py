"""What is answered for a thing that is not there: the API's error, unless something else is."""

from __future__ import annotations

from typing import Protocol

from mockserver.conversation import Conversation
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError


class Absence(Protocol):
    """Asked wherever an id leads to nothing. Whatever it returns is taken for what was looked for.

    ``namespace`` and ``id`` are those that were looked up; a record is a response's plan and input
    as the store has them. Every method may raise ApiError instead.
    """

    def record(self, namespace: str, id: str) -> Json:
        """Return the record of a response."""
        ...

    def parent(self, namespace: str, id: str) -> Json:
        """Return the record of a response that is to be continued."""
        ...

    def item(self, namespace: str, id: str) -> Json:
        """Return the item that a request refers to."""
        ...

    def conversation(self, namespace: str, id: str) -> Conversation:
        """Return a conversation."""
        ...

    def conversation_item(self, namespace: str, id: str) -> Json:
        """Return an item of a conversation."""
        ...

    def webhook_endpoint(self, namespace: str, id: str) -> Json:
        """Return a webhook endpoint with its secrets."""
        ...

    def prompt(self, id: str) -> Json:
        """Return the template of a stored prompt."""
        ...


class Refusal:
    """Refuses as the API does (api-contract §9.2, §9.4, §12)."""

    def record(self, namespace: str, id: str) -> Json:
        """Raise the API's 404."""
        raise ApiError.response_not_found(id)

    def parent(self, namespace: str, id: str) -> Json:
        """Raise the API's 400."""
        raise ApiError.previous_response_not_found(id)

    def item(self, namespace: str, id: str) -> Json:
        """Raise the API's 404, which tells of the usual cause."""
        raise ApiError(
            f"Item with id '{id}' not found. Items are not persisted when `store` is set "
            "to false. Try again with `store` set to true, or remove this item from your input.",
            status=404,
            param="input",
        )

    def conversation(self, namespace: str, id: str) -> Conversation:
        """Raise the API's 404."""
        raise ApiError(f"Conversation with id '{id}' not found.", status=404)

    def conversation_item(self, namespace: str, id: str) -> Json:
        """Raise the API's 404."""
        raise ApiError(f"Item with id '{id}' not found in conversation.", status=404)

    def webhook_endpoint(self, namespace: str, id: str) -> Json:
        """Raise the API's 404."""
        raise ApiError(f"Webhook endpoint with id '{id}' not found.", status=404)

    def prompt(self, id: str) -> Json:
        """Raise the API's 404."""
        raise ApiError(f"Prompt with id '{id}' not found.", status=404)
