"""Tool search: deferred tools are looked for, by the server or the client, and loaded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Final, Literal

from mockserver.items.asked import last_call, leave
from mockserver.items.base import Item, Side
from mockserver.items.context import Context
from mockserver.items.offers import declared, deferred, found, has_searched, wants_search
from mockserver.schema.base import Json
from mockserver.schema.strict_schema import normalise_function

_QUERY: Final[Json] = {
    "type": "object",
    "properties": {"query": {"type": "string"}},
    "required": ["query"],
}
_SAMPLE: Final[Json] = {"type": "function", "name": "get_status", "description": "Get the status."}
_SECRET: Final = ("authorization", "headers")


class ToolSearchCall(Item):
    """A search for tools (api-contract §5.1 row 23); its arguments are an object, not text."""

    kind: ClassVar = "tool_search_call"
    prefix: ClassVar = "tsc"
    tools: ClassVar = ("tool_search",)
    answer: ClassVar = "tool_search_output"
    leads: ClassVar = True
    opening: ClassVar = {"arguments": {}}

    type: Literal["tool_search_call"]
    status: Literal["in_progress", "completed", "incomplete"]
    arguments: Any
    call_id: str | None = None
    created_by: str | None = None
    execution: Literal["server", "client"]

    @classmethod
    def side(cls, ctx: Context, tool: Json) -> Side | None:
        """Search while nothing is loaded; the client may know of tools that the request lacks."""
        if not _is_client(tool):
            return "hosted" if found(ctx) else None
        return "client" if wants_search(ctx) and not has_searched(ctx) else None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Name what is looked for: to the server by its path, to the client as its schema says."""
        client = _is_client(tool)
        if client:
            arguments = ctx.generate(tool.get("parameters") or _QUERY)
        else:
            arguments = {"paths": [each["name"] for each in _named(found(ctx))]}
        item: Json = {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "arguments": arguments,
            "call_id": ctx.draw.call_id() if client else None,
            "execution": "client" if client else "server",
        }
        return leave(ctx, item)


class ToolSearchOutput(Item):
    """The tools that a search has loaded (api-contract §5.1 row 24)."""

    kind: ClassVar = "tool_search_output"
    prefix: ClassVar = "tso"
    tools: ClassVar = ("tool_search",)
    leads: ClassVar = True

    type: Literal["tool_search_output"]
    status: Literal["in_progress", "completed", "incomplete"]
    call_id: str | None = None
    created_by: str | None = None
    execution: Literal["server", "client"]
    tools_: list[Any]

    @classmethod
    def side(cls, ctx: Context, tool: Json) -> Side | None:
        """Come with the call where the server searches; a client sends its own."""
        return "hosted" if not _is_client(tool) and found(ctx) else None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Load what the server finds; for a scenario, what a client would."""
        call = last_call(ctx, ToolSearchCall.kind) or {}
        return {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "call_id": call.get("call_id"),
            "execution": "client" if call.get("call_id") else "server",
            "tools": [as_shown(each) for each in found(ctx) or deferred(ctx) or [_SAMPLE]],
        }


class AdditionalTools(Item):
    """Tools added on the way (api-contract §5.1 row 25); only a scenario makes them an output."""

    kind: ClassVar = "additional_tools"
    prefix: ClassVar = "at"

    type: Literal["additional_tools"]
    tools_: list[Any]
    role: Literal[
        "unknown", "user", "assistant", "system", "critic", "discriminator", "developer", "tool"
    ]

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Add the request's functions once more, or one made up."""
        functions = [each for each in declared(ctx) if each["type"] == "function"]
        return {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "role": "developer",
            "tools": [as_shown(each) for each in functions or [_SAMPLE]],
        }


def _is_client(tool: Json) -> bool:
    return bool(tool.get("execution") == "client")


def _named(tools: Iterable[Json]) -> list[Json]:
    """Return the tools with a name; an MCP server's is its label."""
    return [{**tool, "name": tool.get("name") or tool.get("server_label")} for tool in tools]


def as_shown(tool: Json) -> Json:
    """Return a definition as the API shows it: functions completed, secrets left out (§6.3)."""
    if tool["type"] == "function":
        return normalise_function({key: tool[key] for key in tool if key != "namespace"})
    if tool["type"] == "namespace":
        return {**tool, "tools": [as_shown(member) for member in tool["tools"]]}
    return {key: value for key, value in tool.items() if key not in ("namespace", *_SECRET)}
