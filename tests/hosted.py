"""Requests that offer hosted tools, and what is looked for in the answers."""

from __future__ import annotations

from typing import Any

from api import types

Document = dict[str, Any]

SEARCH: Document = {"type": "file_search", "vector_store_ids": ["vs_one", "vs_two"]}
CODE: Document = {"type": "code_interpreter", "container": {"type": "auto"}}
PAINT: Document = {"type": "image_generation"}
QUESTION = "How tall is the Eiffel Tower?"


def of(response: Document, kind: str) -> Document:
    """Return the only item of a kind."""
    [item] = [item for item in response["output"] if item["type"] == kind]
    found: Document = item
    return found


def said(response: Document) -> Document:
    """Return the text part of the message."""
    [part] = of(response, "message")["content"]
    found: Document = part
    return found


def body(tool: Document, text: Any = QUESTION, **more: Any) -> Document:
    """Return a request that offers one tool to a model without reasoning."""
    return {"model": "gpt-4o", "input": text, "tools": [tool], **more}


def inside(events: list[Document], kind: str) -> list[str]:
    """Return the types of the events of the only item of a kind, its brackets left out."""
    [index] = {
        event["output_index"] for event in events if event.get("item", {}).get("type") == kind
    }
    return types([event for event in events if event.get("output_index") == index])[1:-1]


def added(events: list[Document], kind: str) -> Document:
    """Return an item as it is first told."""
    found: Document = next(
        event["item"] for event in events if "item" in event and kind in str(event["item"]["type"])
    )
    return found
