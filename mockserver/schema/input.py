"""The ``input`` parameter: a string, or items of many kinds (api-contract §7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeAlias

from mockserver.schema import input_calls as calls
from mockserver.schema import input_items as items
from mockserver.schema.base import Json
from mockserver.schema.checks import array_check, checker
from mockserver.schema.faults import unsupported_value, wrong_type
from mockserver.schema.limits import Check, Tagged, Using
from mockserver.schema.shape import Shape

INPUT_ITEMS: Final[Mapping[str, type[Shape]]] = {
    "additional_tools": items.AdditionalTools,
    "agent_message": items.AgentItem,
    "apply_patch_call": calls.ApplyPatchCall,
    "apply_patch_call_output": calls.ApplyPatchCallOutput,
    "code_interpreter_call": calls.CodeInterpreterCall,
    "compaction": items.Compaction,
    "compaction_trigger": items.CompactionTrigger,
    "computer_call": calls.ComputerCall,
    "computer_call_output": calls.ComputerCallOutput,
    "configuration_update": items.ConfigurationUpdate,
    "custom_tool_call": calls.CustomToolCall,
    "custom_tool_call_output": calls.CustomToolCallOutput,
    "file_search_call": calls.FileSearchCall,
    "function_call": calls.FunctionCall,
    "function_call_output": calls.FunctionCallOutput,
    "image_generation_call": calls.ImageGenerationCall,
    "item_reference": items.ItemReference,
    "local_shell_call": calls.LocalShellCall,
    "local_shell_call_output": calls.LocalShellCallOutput,
    "mcp_approval_request": calls.McpApprovalRequest,
    "mcp_approval_response": calls.McpApprovalResponse,
    "mcp_call": calls.McpCall,
    "mcp_list_tools": calls.McpListTools,
    "message": items.InputMessage,
    "multi_agent_call": items.AgentItem,
    "multi_agent_call_output": items.AgentItem,
    "program": items.Program,
    "program_output": items.ProgramOutput,
    "reasoning": items.Reasoning,
    "shell_call": calls.ShellCall,
    "shell_call_output": calls.ShellCallOutput,
    "tool_search_call": calls.ToolSearchCall,
    "tool_search_output": calls.ToolSearchOutput,
    "web_search_call": calls.WebSearchCall,
}
"""The kinds of input items; ``message`` stands for both, the assistant's has a model of its own."""

_ROLES: Final[Mapping[str, type[Shape]]] = {
    "assistant": items.AssistantMessage,
    "system": items.InputMessage,
    "developer": items.InputMessage,
    "user": items.InputMessage,
}

_PRINTED: Final = tuple(kind for kind in INPUT_ITEMS if kind != "configuration_update")
"""The kinds the API lists for one it does not know, as last seen (api-contract §9.4)."""

_UNREAD: Final = frozenset({"agent_message", "multi_agent_call", "multi_agent_call_output"})


Item: TypeAlias = (
    Annotated[Json, Tagged(INPUT_ITEMS)]
    | items.InputMessage
    | items.AssistantMessage
    | items.ItemReference
)
"""One input item, for those who describe the API."""


def item_check(strict: bool) -> Check:
    """Return the check of one input item.

    An item without a type is a message when it has a role, a reference when it has only an id.
    What is wrong with its kind or role is told of the item itself, not of the key.
    """

    def check(value: Any) -> None:
        if type(value) is not dict:
            raise wrong_type("an input item", value)
        kind = value.get("type")
        if kind is None or kind == "message":
            model = _untyped(value, kind, strict)
        elif type(kind) is str and kind in INPUT_ITEMS:
            model = INPUT_ITEMS[kind]
        elif strict or type(kind) is not str:
            raise unsupported_value(kind if type(kind) is str else "", _PRINTED)
        else:
            return
        checker(model, strict and kind not in _UNREAD)(value)

    return check


def _untyped(value: Json, kind: str | None, strict: bool) -> type[Shape]:
    role = value.get("role")
    if kind is None and role is None and "id" in value:
        return items.ItemReference
    if type(role) is not str:
        raise unsupported_value("", _ROLES)
    if strict and role not in _ROLES:
        raise unsupported_value(role, _ROLES)
    return _ROLES.get(role, items.InputMessage)


def _make(strict: bool) -> Check:
    listed = array_check(item_check(strict), "one of a string or array of input items")

    def check(value: Any) -> None:
        if type(value) is not str:
            listed(value)

    return check


INPUT: Final = Using(_make, lambda: str | list[Item])
"""Mark of a string or a list of input items."""
