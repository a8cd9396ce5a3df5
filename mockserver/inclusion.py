"""What items show only to those who ask to include it (api-contract §2.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mockserver.items.tool_search import as_shown
from mockserver.schema.base import Json


def shown(item: Json, include: frozenset[str]) -> Json:
    """Return an item as a listing with these ``include`` values shows it.

    The item itself keeps everything, since the model goes on seeing it.
    """
    for name, kind, hide in _HIDDEN:
        if item["type"] == kind and name not in include:
            item = hide(item)
    return item


def shown_in_conversation(item: Json, include: frozenset[str]) -> Json:
    """Return an item as a conversation's listing shows it, which has no status of some (SDK)."""
    item = shown(item, include)
    return _without_status(item) if item["type"] == _CUSTOM_OUTPUT else item


def _emptied(key: str) -> Callable[[Json], Json]:
    return lambda item: {**item, key: None} if item.get(key) is not None else item


def _without_sources(item: Json) -> Json:
    action = item.get("action") or {}
    if "sources" not in action:
        return item
    return {**item, "action": {key: value for key, value in action.items() if key != "sources"}}


def _without_cipher(item: Json) -> Json:
    return {key: value for key, value in item.items() if key != "encrypted_content"}


def _without_screenshot(item: Json) -> Json:
    return {**item, "output": {**item["output"], "image_url": None}}


def _without_logprobs(item: Json) -> Json:
    return _with_parts(item, lambda part: {**part, "logprobs": []} if "logprobs" in part else part)


def _without_images(item: Json) -> Json:
    """Hide pictures of messages; the bytes of files are never shown (recorded)."""
    return _with_parts(item, _without_image)


def _without_image(part: Json) -> Json:
    return {**part, "image_url": None} if part["type"] == "input_image" else part


def _without_status(item: Json) -> Json:
    return {key: value for key, value in item.items() if key != "status"}


def _without_bytes(item: Json) -> Json:
    return _with_parts(item, _without_data)


def _without_data(part: Json) -> Json:
    if part["type"] != "input_file":
        return part
    return {key: value for key, value in part.items() if key != "file_data"}


def _with_definitions(item: Json) -> Json:
    """Show the tools that a client loaded as those of a request are echoed, without secrets."""
    return {**item, "tools": [as_shown(tool) for tool in item["tools"]]}


def _with_parts(item: Json, change: Callable[[Json], Json]) -> Json:
    return {**item, "content": [change(part) for part in item["content"]]}


_NEVER: Final = "never"
_CUSTOM_OUTPUT: Final = "custom_tool_call_output"

_HIDDEN: Final[tuple[tuple[str, str, Callable[[Json], Json]], ...]] = (
    ("message.input_image.image_url", "message", _without_images),
    ("message.output_text.logprobs", "message", _without_logprobs),
    (_NEVER, "message", _without_bytes),
    (_NEVER, "tool_search_output", _with_definitions),
    (_NEVER, "additional_tools", _with_definitions),
    ("web_search_call.action.sources", "web_search_call", _without_sources),
    ("web_search_call.results", "web_search_call", _emptied("results")),
    ("file_search_call.results", "file_search_call", _emptied("results")),
    ("code_interpreter_call.outputs", "code_interpreter_call", _emptied("outputs")),
    ("computer_call_output.output.image_url", "computer_call_output", _without_screenshot),
    ("reasoning.encrypted_content", "reasoning", _without_cipher),
)
"""The value of ``include``, the kind of item, and what hides it."""
