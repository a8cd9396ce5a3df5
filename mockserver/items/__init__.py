"""The kinds of output items; importing a family registers its kinds."""

from mockserver.items import (
    apply_patch,
    code_interpreter,
    compaction,
    computer,
    custom_tool,
    file_search,
    function,
    image_generation,
    mcp,
    message,
    program,
    reasoning,
    shell,
    tool_search,
    web_search,
)
from mockserver.items.base import KINDS, Item, kind_of, kinds_for

__all__ = [
    "KINDS",
    "Item",
    "apply_patch",
    "code_interpreter",
    "compaction",
    "computer",
    "custom_tool",
    "file_search",
    "function",
    "image_generation",
    "kind_of",
    "kinds_for",
    "mcp",
    "message",
    "program",
    "reasoning",
    "shell",
    "tool_search",
    "web_search",
]
