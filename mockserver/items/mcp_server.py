"""MCP servers, made up: the tools they list, and which of them is called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mockserver.items.choice import entries
from mockserver.items.context import Context
from mockserver.schema.base import Json, compact

_TEXT: Final[Json] = {"type": "string"}
_COUNT: Final[Json] = {"type": "integer", "minimum": 1, "maximum": 50}
_INPUTS: Final[tuple[Json, ...]] = (
    {"query": _TEXT},
    {"query": _TEXT, "limit": _COUNT},
    {"id": _TEXT},
    {"title": _TEXT, "text": _TEXT},
    {"id": _TEXT, "status": {"type": "string", "enum": ["open", "closed"]}},
)
_READING: Final = ("ask", "fetch", "find", "get", "list", "look", "query", "read", "search", "show")
_USUAL: Final = (
    ("search", _INPUTS[1]),
    ("fetch", _INPUTS[2]),
    ("list_recent", {"limit": _COUNT}),
    ("ask_question", {"question": _TEXT}),
    ("create_note", _INPUTS[3]),
    ("update_status", _INPUTS[4]),
)
_LISTED: Final = 3


def label_of(tool: Json) -> str:
    """Return the label of the server that a tool definition stands for."""
    return str(tool.get("server_label") or "server")


def unreachable(tool: Json) -> str | None:
    """Return what is said of a server that cannot be reached, None of any other.

    Names that end in ``.invalid`` never lead anywhere (RFC 2606), and so play this part.
    """
    url = str(tool.get("server_url") or "")
    host = url.partition("//")[2].partition("/")[0].partition(":")[0]
    if not host.lower().rstrip(".").endswith(".invalid"):
        return None
    return f"Error retrieving tool list from MCP server: '{label_of(tool)}'. No host has this name."


def listed_before(ctx: Context, tool: Json) -> list[Json] | None:
    """Return the tools that an ``mcp_list_tools`` item of the input has, None if there is none."""
    for item in reversed(ctx.history):
        if item.get("type") == "mcp_list_tools" and item.get("server_label") == label_of(tool):
            return list(item.get("tools") or [])
    return None


def listing(ctx: Context, tool: Json) -> list[Json]:
    """Return the server's tools: those listed before, or else made up, once in a turn."""
    before = listed_before(ctx, tool)
    if before is not None:
        return before
    made = ctx.notes.setdefault("mcp", {})
    if label_of(tool) not in made:
        made[label_of(tool)] = _make(ctx, tool)
    tools: list[Json] = made[label_of(tool)]
    return tools


def called(ctx: Context, tool: Json) -> Json | None:
    """Return the tool that is called in this turn; None when the server has none to call.

    A choice that names one of the server's tools means that one (api-contract §6.4).
    """
    permitted = _names(tool.get("allowed_tools"))
    tools = [entry for entry in listing(ctx, tool) if not permitted or entry["name"] in permitted]
    wanted = set(_chosen(ctx, tool))
    first = tools[0] if tools else None
    return next((entry for entry in tools if entry["name"] in wanted), first)


def said_to(ctx: Context, tool: Json) -> Json:
    """Return name and arguments (JSON text) of a call that the listing allows."""
    entry = called(ctx, tool) or {"name": "tool", "input_schema": {"type": "object"}}
    arguments = ctx.generate(entry.get("input_schema") or {"type": "object"})
    return {"arguments": compact(arguments).decode(), "name": entry["name"]}


def _names(filter_: Any) -> list[str]:
    """Return the names that a list or a filter of tools gives."""
    names = filter_.get("tool_names") if isinstance(filter_, dict) else filter_
    return [str(name) for name in names or ()]


def _chosen(ctx: Context, tool: Json) -> Iterator[str]:
    """Yield the server's tools that the choice names."""
    for entry in entries(ctx.request.tool_choice):
        if entry.get("type") == "mcp" and entry.get("server_label") == label_of(tool):
            yield from [entry["name"]] if entry.get("name") else []


def _make(ctx: Context, tool: Json) -> list[Json]:
    """Make tools up: those that the request speaks of, and usual ones where it permits others."""
    if unreachable(tool) is not None:
        return []
    filter_ = tool.get("allowed_tools")
    only_reading = isinstance(filter_, dict) and bool(filter_.get("read_only"))
    permitted = _names(filter_)
    approval = tool.get("require_approval")
    rules = approval.values() if isinstance(approval, dict) else ()
    spoken_of = permitted or [
        *_chosen(ctx, tool),
        *(name for rule in rules for name in _names(rule)),
    ]
    inputs: Json = {name: ctx.random.choice(_INPUTS) for name in spoken_of}
    if not permitted:
        usual = [each for each in _USUAL if each[0] not in inputs]
        if only_reading:
            usual = [each for each in usual if _reads(each[0])]
        inputs |= ctx.random.sample(usual, min(_LISTED, len(usual)))
    return [
        _entry(label_of(tool), name, properties, reads=only_reading or _reads(name))
        for name, properties in inputs.items()
    ]


def _reads(name: str) -> bool:
    return name.lower().startswith(_READING)


def _entry(label: str, name: str, properties: Json, *, reads: bool) -> Json:
    words = name.replace("_", " ").replace("-", " ").capitalize()
    return {
        "annotations": {"read_only": reads},
        "description": f"{words}, with {label}.",
        "input_schema": {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        },
        "name": name,
    }
