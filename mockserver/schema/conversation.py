"""Requests about conversations (api-contract §1.1, §12)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from mockserver.schema.base import Json
from mockserver.schema.body import check_body
from mockserver.schema.checks import array_check
from mockserver.schema.faults import Fault
from mockserver.schema.input import Item, item_check
from mockserver.schema.limits import Check, Length, Using
from mockserver.schema.settings import INCLUDE, METADATA
from mockserver.schema.shape import Shape
from mockserver.schema.validation import Mode

_MOST_ITEMS: Final = 20


def _items(strict: bool) -> Check:
    """Return the check of items that are put into a conversation: at most 20 at a time."""
    limit = (Length(0, _MOST_ITEMS),)
    return array_check(item_check(strict), "an array of input items", limit, strict)


Items = Annotated[list[Json], Using(_items, lambda: Annotated[list[Item], Length(0, _MOST_ITEMS)])]
Metadata = Annotated[Json, METADATA]


class NewConversation(Shape):
    """What a conversation starts with."""

    items: Items | None = None
    metadata: Metadata | None = None


class ConversationChange(Shape):
    """What takes the place of a conversation's metadata; null empties it."""

    metadata: Metadata | None


class NewItems(Shape):
    """What is put into a conversation."""

    items: Items


class ItemQuery(Shape):
    """What of the items is to be shown besides the usual."""

    include: Annotated[list[str], INCLUDE]


def parse_conversation(body: Json, *, mode: Mode = "strict") -> tuple[list[Json], Json]:
    """Return the items and the metadata of a new conversation; raise ApiError as the API would."""
    body = check_body(body, NewConversation, mode=mode)
    return _read_items(body, mode), _read_metadata(body)


def parse_change(body: Json, *, mode: Mode = "strict") -> Json:
    """Return the new metadata of a conversation; raise ApiError as the API would."""
    body = check_body(body, ConversationChange, mode=mode, fill={"metadata": {}})
    return _read_metadata(body)


def parse_items(body: Json, *, mode: Mode = "strict") -> list[Json]:
    """Return the items to put into a conversation; raise ApiError as the API would."""
    body = check_body(body, NewItems, mode=mode, fill={"items": []})
    return _read_items(body, mode)


def parse_include(values: list[str], *, mode: Mode = "strict") -> frozenset[str]:
    """Return what is to be included; raise ApiError as the API would."""
    query = check_body({"include": values}, ItemQuery, mode=mode, fill={"include": []})
    return frozenset(query["include"])


def _read_metadata(body: Json) -> Json:
    """Return the metadata; unchecked, it may be anything, and what is no object counts as none."""
    metadata = body.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _read_items(body: Json, mode: Mode) -> list[Json]:
    items = body.get("items")
    if mode != "off":
        return items or []
    return [item for item in items if _can_be_kept(item)] if isinstance(items, list) else []


def _can_be_kept(item: Any) -> bool:
    try:
        item_check(False)(item)
    except (Fault, RecursionError):
        return False
    return True
