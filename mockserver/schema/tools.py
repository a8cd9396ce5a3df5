"""The tool definitions a request may offer (api-contract §6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from mockserver.schema.base import Json
from mockserver.schema.checks import array_check, by_type, require_one
from mockserver.schema.limits import Bounds, Check, Length, Pattern, Tagged, Using
from mockserver.schema.shape import Shape
from mockserver.schema.tool_parts import (
    FILTER,
    AutoContainer,
    ContainerAuto,
    ContainerReference,
    LocalEnvironment,
    RankingOptions,
    ToolFilter,
    UserLocation,
)

_SERVERS: Final = ("server_url", "connector_id", "tunnel_id")
"""Where an MCP server may be."""

Callers = list[Literal["direct", "programmatic"]]
ToolName = Annotated[str, Length(1, 128), Pattern("^[a-zA-Z0-9_-]+$")]
ContextSize = Literal["low", "medium", "high"]


class FunctionTool(Shape):
    """A function the client runs.

    The API passes over a nested ``function`` object beside the name: recordings hold such tools,
    left over from the chat form, whose nested schema has no effect.
    """

    type: Literal["function"]
    name: ToolName
    allowed_callers: Callers | None = None
    async_: bool | None = None
    defer_loading: bool | None = None
    description: str | None = None
    function: Json | None = None
    output_schema: dict[str, Any] | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class GrammarFormat(Shape):
    """Input that keeps a grammar."""

    type: Literal["grammar"]
    definition: str
    syntax: Literal["lark", "regex"]


class TextFormat(Shape):
    """Input that is any text."""

    type: Literal["text"]


class CustomTool(Shape):
    """A tool the client runs, called with text."""

    type: Literal["custom"]
    name: ToolName
    allowed_callers: Callers | None = None
    async_: bool | None = None
    defer_loading: bool | None = None
    description: str | None = None
    format: TextFormat | GrammarFormat | None = None


class FileSearchTool(Shape):
    """Search in vector stores."""

    type: Literal["file_search"]
    vector_store_ids: list[str]
    filters: Annotated[Json | None, FILTER] = None
    max_num_results: Annotated[int | None, Bounds(1, 50)] = None
    ranking_options: RankingOptions | None = None


class SearchFilters(Shape):
    """Where on the web to look."""

    allowed_domains: list[str] | None = None
    blocked_domains: list[str] | None = None


class WebSearchTool(Shape):
    """Search on the web; two keys are known from the API's echo only."""

    type: Literal["web_search", "web_search_2025_08_26"]
    external_web_access: bool | None = None
    filters: SearchFilters | None = None
    return_token_budget: Any = None
    search_content_types: list[Literal["text", "image"]] | None = None
    search_context_size: ContextSize | None = None
    user_location: UserLocation | None = None


class WebSearchPreviewTool(Shape):
    """Search on the web, the earlier form."""

    type: Literal["web_search_preview", "web_search_preview_2025_03_11"]
    search_content_types: list[Literal["text", "image"]] | None = None
    search_context_size: ContextSize | None = None
    user_location: UserLocation | None = None


class ComputerTool(Shape):
    """A computer that the client works."""

    type: Literal["computer"]


class ComputerUsePreviewTool(Shape):
    """A computer that the client works, the earlier form."""

    type: Literal["computer_use_preview"]
    display_height: int
    display_width: int
    environment: Literal["windows", "mac", "linux", "ubuntu", "browser"]


class ToolApproval(Shape):
    """Which tools of an MCP server need the client's consent."""

    always: ToolFilter | None = None
    never: ToolFilter | None = None


class McpTool(Shape):
    """The tools of a remote MCP server or a connector."""

    type: Literal["mcp"]
    server_label: str
    allowed_callers: Callers | None = None
    allowed_tools: list[str] | ToolFilter | None = None
    authorization: str | None = None
    connector_id: str | None = None
    defer_loading: bool | None = None
    headers: dict[str, str] | None = None
    require_approval: ToolApproval | Literal["always", "never"] | None = None
    server_description: str | None = None
    server_url: str | None = None
    tunnel_id: str | None = None


class CodeInterpreterTool(Shape):
    """Python in a container of the API."""

    type: Literal["code_interpreter"]
    container: str | AutoContainer
    allowed_callers: Callers | None = None


class ImageMask(Shape):
    """The part of a picture to change."""

    file_id: str | None = None
    image_url: str | None = None


class ImageGenerationTool(Shape):
    """Pictures made on the way; what it takes grows with the models, so that most is open."""

    type: Literal["image_generation"]
    action: Literal["generate", "edit", "auto"] | None = None
    background: Literal["transparent", "opaque", "auto"] | None = None
    complexity: Literal["low", "medium", "high"] | None = None
    frame_count: int | None = None
    frame_duration_ms: int | None = None
    input_fidelity: Literal["high", "low"] | None = None
    input_image_mask: ImageMask | None = None
    model: str | None = None
    moderation: Literal["auto", "low"] | None = None
    output_compression: Annotated[int | None, Bounds(0, 100)] = None
    output_format: Literal["png", "webp", "jpeg", "gif", "svg"] | None = None
    partial_images: Annotated[int | None, Bounds(0, 3)] = None
    quality: Literal["low", "medium", "high", "xhigh", "max", "auto"] | None = None
    size: str | None = None
    svg: Json | None = None


class LocalShellTool(Shape):
    """A shell the client runs, the earlier form."""

    type: Literal["local_shell"]


class ShellTool(Shape):
    """A shell, run by the client or in a container of the API."""

    type: Literal["shell"]
    allowed_callers: Callers | None = None
    environment: LocalEnvironment | ContainerAuto | ContainerReference | None = None


class ApplyPatchTool(Shape):
    """Patches the client applies."""

    type: Literal["apply_patch"]
    allowed_callers: Callers | None = None


class ToolSearchTool(Shape):
    """Search among deferred tools, by the API or by the client."""

    type: Literal["tool_search"]
    description: str | None = None
    execution: Literal["server", "client"] | None = None
    parameters: Any = None


def _tools_check(strict: bool) -> Check:
    known = by_type(TOOLS, strict=strict)

    def check(tool: Any) -> None:
        known(tool)
        if strict and tool["type"] == "mcp":
            require_one(tool, _SERVERS)

    return array_check(check, "an array of tools")


TOOL_LIST: Final = Using(_tools_check, lambda: list[Annotated[Json, Tagged(TOOLS)]])
"""Mark of a list of tools."""


class NamespaceTool(Shape):
    """Functions and custom tools under a common name."""

    type: Literal["namespace"]
    name: ToolName
    tools: Annotated[list[Json], TOOL_LIST]
    description: str | None = None


class ProgrammaticTool(Shape):
    """Leave for the model to call tools from programs."""

    type: Literal["programmatic_tool_calling"]


TOOLS: Final[Mapping[str, type[Shape]]] = {
    "code_interpreter": CodeInterpreterTool,
    "programmatic_tool_calling": ProgrammaticTool,
    "function": FunctionTool,
    "namespace": NamespaceTool,
    "tool_search": ToolSearchTool,
    "file_search": FileSearchTool,
    "web_search_preview": WebSearchPreviewTool,
    "web_search_preview_2025_03_11": WebSearchPreviewTool,
    "web_search": WebSearchTool,
    "web_search_2025_08_26": WebSearchTool,
    "image_generation": ImageGenerationTool,
    "mcp": McpTool,
    "custom": CustomTool,
    "computer": ComputerTool,
    "computer_use_preview": ComputerUsePreviewTool,
    "local_shell": LocalShellTool,
    "shell": ShellTool,
    "apply_patch": ApplyPatchTool,
}
"""The kinds of tools, in the order the API prints them."""
