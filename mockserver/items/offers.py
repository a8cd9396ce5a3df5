"""What is on offer in a turn: tools given, added and loaded, and those still to be searched for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from mockserver.items.choice import allowed, answered, forced
from mockserver.items.context import Context
from mockserver.schema.base import Json

_NAMED: Final = ("function", "custom")
"""Tools that are called by name, and may be members of a namespace."""


def declared(ctx: Context) -> list[Json]:
    """Return the tools defined by the request, after those that ``additional_tools`` brought."""
    added = [
        tool
        for item in reversed(ctx.history)
        if item.get("type") == "additional_tools"
        for tool in item.get("tools") or []
    ]
    return [*added, *(ctx.request.tools or [])]


def spread(tools: Iterable[Json], *, loaded: bool = False) -> Iterator[Json]:
    """Yield the tools, members of a namespace one by one with its name (api-contract §6.1).

    A function that a search ``loaded`` is in a namespace of its own name (recorded in 2026).
    """
    for tool in tools:
        if tool["type"] == "namespace":
            for member in tool.get("tools") or []:
                yield {**member, "namespace": tool["name"]}
        elif loaded and tool["type"] in _NAMED:
            yield {**tool, "namespace": tool["name"]}
        else:
            yield tool


def identity(tool: Json) -> tuple[str, ...]:
    """Return what tells a tool from others, however it was defined."""
    name = str(tool.get("name") or tool.get("server_label"))
    return str(tool["type"]), str(tool.get("namespace") or name), name


def loaded(ctx: Context) -> list[Json]:
    """Return the tools that earlier searches have found, the latest first."""
    outputs = (item for item in reversed(ctx.history) if item.get("type") == "tool_search_output")
    found = (tool for item in outputs for tool in item.get("tools") or [])
    return list(spread(found, loaded=True))


def deferred(ctx: Context) -> list[Json]:
    """Return the tools that nobody has searched for yet and that the choice allows."""
    known = {identity(tool) for tool in loaded(ctx)}
    return [
        tool
        for tool in spread(declared(ctx))
        if tool.get("defer_loading")
        and identity(tool) not in known
        and allowed(tool, ctx.request.tool_choice)
    ]


def wants_search(ctx: Context) -> bool:
    """Tell whether this turn may look for tools: while none that was loaded can be called."""
    choice = ctx.request.tool_choice
    if answered(ctx.history) and not forced(choice):
        return False
    return not any(allowed(tool, choice) for tool in loaded(ctx))


def has_searched(ctx: Context) -> bool:
    """Tell whether a search was answered since the user last spoke."""
    for item in reversed(ctx.history):
        if item.get("type") == "tool_search_output" or item.get("role") == "user":
            return bool(item.get("type") == "tool_search_output")
    return False


def found(ctx: Context) -> list[Json]:
    """Return what the server's search finds in this turn, as the definitions it loads.

    That is one tool, or all deferred members of one namespace; nothing where the client searches.
    """
    search = next((tool for tool in declared(ctx) if tool["type"] == "tool_search"), None)
    waiting = deferred(ctx)
    if not waiting or search is None or search.get("execution") == "client":
        return []
    if not wants_search(ctx):
        return []
    first = waiting[0]
    space = first.get("namespace")
    if space is None:
        return [first]
    given = next(tool for tool in declared(ctx) if _is_namespace(tool, space))
    members = [_plain(tool) for tool in waiting if tool.get("namespace") == space]
    description = given.get("description") or space
    return [{"type": "namespace", "description": description, "name": space, "tools": members}]


def programmed(ctx: Context) -> Json | None:
    """Return the tool that a program calls in this turn, None when there is no program."""
    choice = ctx.request.tool_choice
    programs = (tool for tool in declared(ctx) if tool["type"] == "programmatic_tool_calling")
    if answered(ctx.history) or not any(allowed(tool, choice) for tool in programs):
        return None
    inner = (tool for tool in (*_arrived(ctx), *_given(ctx)) if tool["type"] in _NAMED)
    return next((tool for tool in inner if "programmatic" in _callers(tool)), None)


def in_play(ctx: Context) -> list[Json]:
    """Return the tools that may be called in this turn, the likeliest first.

    The one that a program calls comes before all, then what was loaded, then a search that may
    load more.
    """
    choice = ctx.request.tool_choice
    program = programmed(ctx)
    searches = [tool for tool in declared(ctx) if tool["type"] == "tool_search"]
    if not deferred(ctx):
        searches = [tool for tool in searches if allowed(tool, choice)]
    loaded_now, given = (
        [tool for tool in tools if "direct" in _callers(tool) and allowed(tool, choice)]
        for tools in (_arrived(ctx), _given(ctx))
    )
    return [*([program] if program else []), *loaded_now, *searches, *given]


def path_of(ctx: Context, tool: Json) -> str | None:
    """Return where the request defines a tool, such as ``tools[0].tools[1]``."""
    for index, given in enumerate(ctx.request.tools or []):
        for inner, member in enumerate(spread([given])):
            if identity(member) == identity(tool):
                within = f".tools[{inner}]" if given["type"] == "namespace" else ""
                return f"tools[{index}]{within}"
    return None


def _arrived(ctx: Context) -> list[Json]:
    """Return the tools that were loaded, before or in this turn."""
    return [*loaded(ctx), *spread(found(ctx), loaded=True)]


def _given(ctx: Context) -> list[Json]:
    """Return the tools that nobody has to search for."""
    return [
        tool
        for tool in spread(declared(ctx))
        if not tool.get("defer_loading") and tool["type"] != "tool_search"
    ]


def _callers(tool: Json) -> Iterable[str]:
    return tool.get("allowed_callers") or ("direct",)


def _is_namespace(tool: Json, name: str) -> bool:
    return bool(tool["type"] == "namespace" and tool["name"] == name)


def _plain(member: Json) -> Json:
    return {key: value for key, value in member.items() if key != "namespace"}
