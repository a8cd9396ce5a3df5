"""Which items an answer has: by the tools offered, the choice among them, and what came before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.flags import METADATA_KEY
from mockserver.items import KINDS, Item, kinds_for
from mockserver.items.base import Side
from mockserver.items.context import Context
from mockserver.items.message import Message
from mockserver.items.reasoning import Reasoning
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError

Pick = tuple[type[Item], Json]
"""A kind of item and the tool definition that brings it about, empty for none."""


def choose(ctx: Context) -> list[Pick]:
    """Return the items of the answer in order.

    A call that the client has to answer ends the turn; otherwise what the server runs comes before
    the message. A reasoning model thinks first. A scenario may name the items instead.
    """
    if ctx.flags.items:
        return _named(ctx)
    thinking: list[Pick] = [(Reasoning, {})] if ctx.model.reasons else []
    if ctx.flags.refusal is not None:
        return [*thinking, (Message, {})]
    unasked: list[Pick] = [
        (kind, {})
        for kind in KINDS.values()
        if kind.early and not kind.tools and kind.side(ctx, {}) == "hosted"
    ]
    if ctx.compacting:
        return unasked
    if (ctx.request.prompt_cache_options or {}).get("prewarm"):
        return []
    hosted = _offered(ctx, "hosted")
    early = [*unasked, *(pick for pick in hosted if pick[0].early)]
    call = _call(ctx, _offered(ctx, "client"))
    if call is not None:
        return [*early, *thinking, call]
    later = [pick for pick in hosted if not pick[0].early]
    return [*early, *thinking, *later[: ctx.request.max_tool_calls], (Message, {})]


def _named(ctx: Context) -> list[Pick]:
    """Return the kinds that the scenario names, each with a tool of the request where one fits."""
    picks: list[Pick] = []
    for name in ctx.flags.items:
        kind = KINDS.get(name)
        if kind is None:
            raise _unknown(name)
        offered = (tool for tool in _tools(ctx) if tool["type"] in kind.tools)
        stand_in = {"type": kind.tools[0], "name": "tool"} if kind.tools else {}
        picks.append((kind, next(offered, stand_in)))
    return picks


def _unknown(name: str) -> ApiError:
    return ApiError(
        f"Invalid scenario flag 'items': there are no items of kind '{name}'. The kinds are: "
        f"{', '.join(KINDS)}.",
        param=METADATA_KEY,
        code="invalid_scenario_flag",
    )


def _offered(ctx: Context, side: Side) -> list[Pick]:
    """Return what the tools in play may bring about, run by the server or by the client."""
    choice = ctx.request.tool_choice
    if choice == "none":
        return []
    return [
        (kind, tool)
        for tool in _tools(ctx)
        if _allowed(tool, choice)
        for kind in kinds_for(tool["type"])
        if kind.side(ctx, tool) == side
    ]


def _tools(ctx: Context) -> Iterator[Json]:
    """Yield the tools on offer; those of a namespace carry its name (api-contract §6.1)."""
    for tool in ctx.request.tools or []:
        if tool["type"] == "namespace":
            for member in tool.get("tools") or []:
                yield {**member, "namespace": tool["name"]}
        else:
            yield tool


def _allowed(tool: Json, choice: Any) -> bool:
    """Tell whether the choice leaves this tool in play (api-contract §6.4)."""
    if not isinstance(choice, dict):
        return True
    if choice.get("type") == "allowed_tools":
        return any(_names(entry, tool) for entry in choice.get("tools") or [])
    return _names(choice, tool)


def _names(choice: Json, tool: Json) -> bool:
    """Tell whether an entry of a choice means this tool."""
    keys = ("type", "name", "server_label") if choice.get("type") == "mcp" else ("type", "name")
    return all(key not in choice or choice[key] == tool.get(key) for key in keys)


def _call(ctx: Context, client: list[Pick]) -> Pick | None:
    """Return the tool call of this turn, if it has one.

    One call answers an input that brings no tool outputs; outputs are answered with a message. A
    forced choice calls all the same: a tool not called yet before the first one again.
    """
    if not client:
        return None
    answered = bool(ctx.history) and str(ctx.history[-1].get("type", "")).endswith("_output")
    if not answered:
        return client[0]
    if not _forced(ctx.request.tool_choice):
        return None
    called = {item.get("name") for item in ctx.history}
    return next((pick for pick in client if pick[1].get("name") not in called), client[0])


def _forced(choice: Any) -> bool:
    if isinstance(choice, dict):
        return choice.get("type") != "allowed_tools" or choice.get("mode") == "required"
    return bool(choice == "required")
