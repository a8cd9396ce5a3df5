"""The kinds of output items; importing a family registers its kinds."""

from mockserver.items import compaction, custom_tool, function, message, reasoning, web_search
from mockserver.items.base import KINDS, Item, kind_of, kinds_for

__all__ = [
    "KINDS",
    "Item",
    "compaction",
    "custom_tool",
    "function",
    "kind_of",
    "kinds_for",
    "message",
    "reasoning",
    "web_search",
]
