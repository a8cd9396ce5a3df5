"""The SDK's unions, and its classes looked up by the ``type`` they carry."""

from __future__ import annotations

from typing import Any, Final

from openai.types.conversations import ConversationItem
from openai.types.responses import (
    ResponseItem,
    ResponseOutputItem,
    ResponsesServerEvent,
    ResponseStreamEvent,
)

from mockserver.drift.types import (
    UNIONS,
    Model,
    annotation,
    bare,
    by_type,
    fields,
    is_model,
    literals,
    members,
    required,
)

OUTPUT_ITEMS: Final[Any] = ResponseOutputItem
LISTED_ITEMS: Final[Any] = ResponseItem
CONVERSATION_ITEMS: Final[Any] = ConversationItem
STREAM_EVENTS: Final[Any] = ResponseStreamEvent
SERVER_EVENTS: Final[Any] = ResponsesServerEvent

__all__ = [
    "CONVERSATION_ITEMS",
    "LISTED_ITEMS",
    "OUTPUT_ITEMS",
    "SERVER_EVENTS",
    "STREAM_EVENTS",
    "UNIONS",
    "Model",
    "annotation",
    "bare",
    "by_type",
    "fields",
    "is_model",
    "literals",
    "members",
    "required",
]
