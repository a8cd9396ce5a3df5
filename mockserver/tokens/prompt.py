"""What a request weighs: ``usage.input_tokens`` from the whole context (api-contract §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mockserver.schema.base import Json
from mockserver.tokens.content import count_cipher, count_content, kind_of
from mockserver.tokens.declaration import declare, outline, spell
from mockserver.tokens.family import Family, family_of
from mockserver.tokens.tokenizer import Tokenizer

_MESSAGE: Final = 4
"""Around every message: who speaks, where the text starts, where it ends."""
_FORMAT: Final = 7
"""Around the schema of a response format."""
_CUSTOM: Final = 5
"""Around a custom tool's name and description."""
_REFERENCE: Final = 14
"""An item that is only named by id; most of those recorded are function calls."""
_LISTED: Final = {"additional_tools": 98, "tool_search_output": 40, "mcp_list_tools": 0}
"""Around tools that come into the context midway, by the item that brings them."""

_HOSTED: Final = {
    "apply_patch": 620,
    "code_interpreter": 350,
    "computer": 450,
    "computer_use_preview": 450,
    "file_search": 270,
    "image_generation": 310,
    "local_shell": 150,
    "mcp": 100,
    "programmatic_tool_calling": 530,
    "shell": 350,
    "tool_search": 90,
    "web_search": 300,
    "web_search_preview": 290,
}
"""The server's own words about a tool of its own; those without a recording are guessed."""


def count_input(
    tokenizer: Tokenizer,
    *,
    items: Sequence[Json],
    instructions: object = None,
    tools: Sequence[Json] = (),
    text_format: Json | None = None,
    tool_choice: object = None,
    model: str = "",
) -> int:
    """Give ``usage.input_tokens`` of a request whose whole context is ``items``.

    ``items`` holds inherited and new items in order; ``tools``, ``text_format`` (``text.format``)
    and ``tool_choice`` are as requested. It is `count_frame` plus `count_item` of every item that
    is `visible`, so a chain may keep the counts of its items.
    """
    frame = count_frame(
        tokenizer,
        instructions=instructions,
        tools=tools,
        text_format=text_format,
        tool_choice=tool_choice,
        model=model,
    )
    seen = visible(items, model=model)
    return frame + sum(count_item(tokenizer, item, model=model) for item in seen)


def count_frame(
    tokenizer: Tokenizer,
    *,
    instructions: object = None,
    tools: Sequence[Json] = (),
    text_format: Json | None = None,
    tool_choice: object = None,
    model: str = "",
) -> int:
    """Give the tokens of a request without its items: instructions, tools, response format."""
    family = family_of(model)
    total = family.opening
    if isinstance(instructions, str) and instructions:
        total += _MESSAGE + tokenizer.count(instructions)
    elif isinstance(instructions, list):
        total += sum(count_item(tokenizer, item, model=model) for item in instructions)
    if tools:
        total += _count_tools(tokenizer, tools, family)
        forces = isinstance(tool_choice, dict) and tool_choice.get("type") != "allowed_tools"
        total += family.forced if forces or tool_choice == "required" else 0
    if isinstance(text_format, dict) and text_format.get("type") == "json_schema":
        total += _count_format(tokenizer, text_format)
    return total


def count_item(tokenizer: Tokenizer, item: Json, *, model: str = "") -> int:
    """Give the tokens that one item takes in a prompt, its frame included."""
    if not isinstance(item, dict):
        return tokenizer.count(spell(item))
    family, kind = family_of(model), kind_of(item)
    if kind == "reasoning" or kind == "compaction":
        return count_cipher(tokenizer, item)
    if kind == "configuration_update" or kind == "compaction_trigger":
        return 0
    if kind == "item_reference" or (not kind and "role" not in item and "id" in item):
        return _REFERENCE
    return _frame(item, kind, family) + count_content(tokenizer, item, model=model)


def visible(items: Sequence[Json], *, model: str = "") -> list[Json]:
    """Return the items that the model sees again, in order.

    A compaction stands for everything before it. Reasoning counts from the last user message on;
    the newest models keep all of it.
    """
    start = _last(items, "type", "compaction")
    seen = list(items if start is None else items[start:])
    asked = None if family_of(model).recalls else _last(seen, "role", "user")
    if asked is None:
        return seen
    return [item for item in seen[:asked] if not _is(item, "type", "reasoning")] + seen[asked:]


def _last(items: Sequence[object], key: str, value: str) -> int | None:
    positions = range(len(items) - 1, -1, -1)
    return next((position for position in positions if _is(items[position], key, value)), None)


def _is(item: object, key: str, value: str) -> bool:
    return isinstance(item, dict) and item.get(key) == value


def _frame(item: Mapping[str, Any], kind: str, family: Family) -> int:
    if kind == "message" or (not kind and "role" in item):
        return _MESSAGE + (family.assistant if item.get("role") == "assistant" else 0)
    if kind in _LISTED:
        return _LISTED[kind]
    return family.result if kind.endswith("_output") else family.call


def _count_tools(tokenizer: Tokenizer, tools: Iterable[object], family: Family) -> int:
    """Give the tokens of the tools at hand from the start; deferred ones come in as items."""
    told = [tool for tool in tools if isinstance(tool, dict) and not tool.get("defer_loading")]
    own = any(kind_of(tool) in ("function", "custom") for tool in told)
    total = family.tools if own else 0
    for tool in told:
        kind = kind_of(tool).partition("_20")[0]  # a dated variant counts as its tool
        if kind == "function":
            total += tokenizer.count(declare(tool))
        else:
            total += _HOSTED.get(kind) or _CUSTOM + _count_custom(tokenizer, tool)
    return total


def _count_custom(tokenizer: Tokenizer, tool: Mapping[str, Any]) -> int:
    grammar = tool.get("format")
    definition = grammar.get("definition") if isinstance(grammar, dict) else None
    texts = (tool.get("name"), tool.get("description"), definition)
    return sum(tokenizer.count(text) for text in texts if isinstance(text, str))


def _count_format(tokenizer: Tokenizer, text_format: Mapping[str, Any]) -> int:
    texts = (text_format.get("name"), text_format.get("description"))
    schema = spell(outline(text_format.get("schema")))
    named = sum(tokenizer.count(text) for text in texts if isinstance(text, str))
    return _FORMAT + named + tokenizer.count(schema)
