"""The input items around tools: replayed calls, and the outputs that answer them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from mockserver.schema.base import Json
from mockserver.schema.content import TOOL_OUTPUT, ComputerScreenshot
from mockserver.schema.input_items import InputItem, ItemId, Status, Tools
from mockserver.schema.limits import Length, Prefix

CallId = Annotated[str, Length(1, 64)]
SearchStatus = Literal["in_progress", "searching", "completed", "incomplete", "failed"]


class FunctionCall(InputItem):
    """A call of a function."""

    type: Literal["function_call"]
    arguments: str
    async_: bool | None = None
    call_id: CallId
    caller: Json | None = None
    id: Annotated[str | None, Length(0, 64), Prefix("fc")] = None
    name: Annotated[str, Length(1)]
    namespace: str | None = None
    status: Status | None = None


class FunctionCallOutput(InputItem):
    """What a function came to; the call's id is typed as optional."""

    type: Literal["function_call_output"]
    call_id: CallId | None = None
    caller: Json | None = None
    id: Annotated[str | None, Length(0, 64), Prefix("fc")] = None
    name: str | None = None
    namespace: str | None = None
    output: Annotated[Any, TOOL_OUTPUT]
    status: Status | None = None


class CustomToolCall(InputItem):
    """A call of a custom tool."""

    type: Literal["custom_tool_call"]
    async_: bool | None = None
    call_id: CallId
    caller: Json | None = None
    id: Annotated[str | None, Length(0, 64), Prefix("ctc")] = None
    input: str
    name: Annotated[str, Length(1)]
    namespace: str | None = None
    status: Status | None = None


class CustomToolCallOutput(InputItem):
    """What a custom tool came to."""

    type: Literal["custom_tool_call_output"]
    call_id: CallId
    caller: Json | None = None
    id: ItemId | None = None
    name: str | None = None
    output: Annotated[Any, TOOL_OUTPUT]
    status: Status | None = None


class WebSearchCall(InputItem):
    """A search on the web; an incomplete one has no action."""

    type: Literal["web_search_call"]
    action: Json | None = None
    id: Annotated[str, Length(0, 64), Prefix("ws")]
    results: Any = None
    status: SearchStatus | None = None


class FileSearchCall(InputItem):
    """A search in files."""

    type: Literal["file_search_call"]
    id: ItemId
    queries: list[str]
    results: list[Json] | None = None
    status: SearchStatus | None = None


class CodeInterpreterCall(InputItem):
    """A run of code."""

    type: Literal["code_interpreter_call"]
    code: str | None = None
    container_id: str | None = None
    id: ItemId
    outputs: list[Json] | None = None
    status: Literal["in_progress", "completed", "incomplete", "interpreting", "failed"] | None = (
        None
    )


class ImageGenerationCall(InputItem):
    """A picture made before; its id is enough."""

    type: Literal["image_generation_call"]
    action: str | None = None
    background: str | None = None
    error: Json | None = None
    id: ItemId
    output_format: str | None = None
    quality: str | None = None
    result: str | None = None
    revised_prompt: str | None = None
    size: str | None = None
    status: Literal["in_progress", "completed", "generating", "failed"] | None = None
    svg_usage: Json | None = None


class ComputerCall(InputItem):
    """An action on a computer, or several."""

    type: Literal["computer_call"]
    action: Json | None = None
    actions: list[Json] | None = None
    call_id: CallId
    id: ItemId | None = None
    pending_safety_checks: list[Json] | None = None
    status: Status | None = None


class ComputerCallOutput(InputItem):
    """What the screen shows after the action."""

    type: Literal["computer_call_output"]
    acknowledged_safety_checks: list[Json] | None = None
    call_id: CallId
    id: ItemId | None = None
    output: ComputerScreenshot
    status: Literal["in_progress", "completed", "incomplete", "failed"] | None = None


class LocalShellCall(InputItem):
    """A command of the earlier shell tool."""

    type: Literal["local_shell_call"]
    action: Json
    call_id: CallId
    id: ItemId | None = None
    status: Status | None = None


class LocalShellCallOutput(InputItem):
    """What the command came to; ``id`` is the id of the call (api-contract §7.1)."""

    type: Literal["local_shell_call_output"]
    call_id: str | None = None
    id: str
    output: str
    status: Status | None = None


class ShellCall(InputItem):
    """Commands for a shell."""

    type: Literal["shell_call"]
    action: Json
    call_id: CallId
    caller: Json | None = None
    environment: Json | None = None
    id: ItemId | None = None
    max_output_length: int | None = None
    status: Status | None = None


class ShellCallOutput(InputItem):
    """What the commands came to."""

    type: Literal["shell_call_output"]
    call_id: CallId
    caller: Json | None = None
    id: ItemId | None = None
    max_output_length: int | None = None
    output: list[Json]
    status: Status | None = None


class ApplyPatchCall(InputItem):
    """A patch for one file."""

    type: Literal["apply_patch_call"]
    call_id: CallId
    caller: Json | None = None
    id: ItemId | None = None
    operation: Json
    status: Literal["in_progress", "completed"] | None = None


class ApplyPatchCallOutput(InputItem):
    """Whether the patch went through."""

    type: Literal["apply_patch_call_output"]
    call_id: CallId
    caller: Json | None = None
    id: ItemId | None = None
    output: str | None = None
    status: Literal["completed", "failed"]


class McpListTools(InputItem):
    """The tools of an MCP server."""

    type: Literal["mcp_list_tools"]
    error: Any = None
    id: ItemId | None = None
    server_label: str
    tools: list[Json]


class McpCall(InputItem):
    """A call of a tool of an MCP server, with what came of it."""

    type: Literal["mcp_call"]
    approval_request_id: str | None = None
    arguments: str
    error: Any = None
    id: ItemId | None = None
    name: str
    output: str | None = None
    server_label: str
    status: Literal["in_progress", "completed", "incomplete", "calling", "failed"] | None = None


class McpApprovalRequest(InputItem):
    """A call that waits for consent."""

    type: Literal["mcp_approval_request"]
    arguments: str
    id: ItemId | None = None
    name: str
    server_label: str


class McpApprovalResponse(InputItem):
    """Consent, or not."""

    type: Literal["mcp_approval_response"]
    approval_request_id: str
    approve: bool
    id: ItemId | None = None
    reason: str | None = None
    request_id: str | None = None


class ToolSearchCall(InputItem):
    """A search among deferred tools; the arguments are an object, not a string."""

    type: Literal["tool_search_call"]
    arguments: Any
    call_id: str | None = None
    execution: Literal["server", "client"] | None = None
    id: Annotated[str | None, Length(0, 64), Prefix("tsc")] = None
    status: Status | None = None


class ToolSearchOutput(InputItem):
    """The tools that a search found."""

    type: Literal["tool_search_output"]
    call_id: str | None = None
    execution: Literal["server", "client"] | None = None
    id: ItemId | None = None
    status: Status | None = None
    tools: Tools
