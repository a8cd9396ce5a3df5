"""The choice among the tools: which of them it leaves, and whether it insists on a call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver.schema.base import Json
from mockserver.schema.coherence import family


def allowed(tool: Json, choice: Any) -> bool:
    """Tell whether ``tool_choice`` leaves this tool in play (api-contract §6.4)."""
    if not isinstance(choice, dict):
        return bool(choice != "none")
    if choice.get("type") == "allowed_tools":
        return any(_means(entry, tool) for entry in choice.get("tools") or [])
    return _means(choice, tool)


def entries(choice: Any) -> list[Json]:
    """Return what the choice names: nothing, one thing, or the members of ``allowed_tools``."""
    if not isinstance(choice, dict):
        return []
    named = choice.get("tools") if choice.get("type") == "allowed_tools" else [choice]
    return list(named or [])


def forced(choice: Any) -> bool:
    """Tell whether the choice insists that a tool is called."""
    if isinstance(choice, dict):
        return choice.get("type") != "allowed_tools" or choice.get("mode") == "required"
    return bool(choice == "required")


def answered(history: Sequence[Json]) -> bool:
    """Tell whether the input ends in the answer to a call.

    The output of a tool search is none: it brings tools, and those want to be called.
    """
    kind = str(history[-1].get("type", "")) if history else ""
    if kind == "tool_search_output":
        return False
    return kind.endswith("_output") or kind == "mcp_approval_response"


def _means(entry: Json, tool: Json) -> bool:
    """Tell whether an entry of a choice means this tool, in whichever of its forms.

    An entry for MCP may name one of the server's tools, which says nothing of the server.
    """
    if entry.get("type") == "namespace":
        return bool(entry.get("name") == tool.get("namespace"))
    if "type" in entry and family(entry["type"]) != family(tool["type"]):
        return False
    key = "server_label" if entry.get("type") == "mcp" else "name"
    return key not in entry or bool(entry[key] == tool.get(key))
