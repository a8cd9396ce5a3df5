"""Which items an answer has: by the tools offered, the choice among them, and what came before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import cycle, islice

from mockserver.flags import METADATA_KEY
from mockserver.items import KINDS, Item, kinds_for
from mockserver.items.base import Side
from mockserver.items.choice import answered, forced
from mockserver.items.context import Context
from mockserver.items.custom_tool import check_grammars
from mockserver.items.message import Message
from mockserver.items.offers import declared, in_play, spread
from mockserver.items.reasoning import Reasoning
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError

Pick = tuple[type[Item], Json]
"""A kind of item and the tool definition that brings it about, empty for none."""


def choose(ctx: Context) -> list[Pick]:
    """Return the items of the answer in order.

    A call that the client has to answer ends the turn, after what makes it possible; otherwise what
    the server runs comes before the message. A reasoning model thinks first. A scenario may name
    the items instead. Raises ApiError for a tool whose grammar cannot be read.
    """
    check_grammars(ctx)
    if ctx.flags.items:
        return _named(ctx)
    thinking: list[Pick] = [(Reasoning, {})] if ctx.model.reasons else []
    if ctx.flags.tool_call is not None or ctx.flags.tool_calls is not None:
        return [*thinking, *_called(ctx)]
    if ctx.flags.shapes_output:
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
    tools = in_play(ctx)
    early = [*unasked, *_early(ctx)]
    hosted = [pick for pick in _offered(ctx, tools, "hosted") if not pick[0].early]
    leading = [pick for pick in hosted if pick[0].leads]
    call = _call(ctx, _offered(ctx, tools, "client"))
    if call is not None:
        return [*early, *thinking, *leading, call]
    later = _within([pick for pick in hosted if not pick[0].leads], ctx.request.max_tool_calls)
    return [*early, *thinking, *leading, *later, (Message, {})]


def _within(picks: list[Pick], most: int | None) -> Iterator[Pick]:
    """Yield so many calls at most; what answers a call comes along with it."""
    calls = 0
    for kind, tool in picks:
        calls += not kind.kind.endswith("_output")
        if most is None or calls <= most:
            yield kind, tool


def _named(ctx: Context) -> list[Pick]:
    """Return the kinds that the scenario names, each with a tool of the request where one fits."""
    picks: list[Pick] = []
    for name in ctx.flags.items:
        kind = KINDS.get(name)
        if kind is None:
            raise _unknown(name)
        tools = (*in_play(ctx), *spread(declared(ctx)))
        offered = (tool for tool in tools if tool["type"] in kind.tools)
        stand_in = {"type": kind.tools[0], "name": "tool"} if kind.tools else {}
        picks.append((kind, next(offered, stand_in)))
    return picks


def _called(ctx: Context) -> list[Pick]:
    """Return the calls that the scenario asks for, of tools on offer as far as there are any."""
    name = ctx.flags.tool_call
    tools = (*in_play(ctx), *spread(declared(ctx))) if name else in_play(ctx)
    picks = _offered(ctx, tools, "client")
    if name:
        named = (pick for pick in picks if pick[1].get("name", pick[1]["type"]) == name)
        picks = list(islice(named, 1))
    if not picks:
        picks = [(KINDS["function_call"], {"type": "function", "name": name or "tool"})]
    return list(islice(cycle(picks), ctx.flags.tool_calls or 1))


def _unknown(name: str) -> ApiError:
    return ApiError(
        f"Invalid scenario flag 'items': there are no items of kind '{name}'. The kinds are: "
        f"{', '.join(KINDS)}.",
        param=METADATA_KEY,
        code="invalid_scenario_flag",
    )


def _early(ctx: Context) -> list[Pick]:
    """Return what comes before everything else, whichever tool is chosen."""
    tools = spread(declared(ctx))
    return [pick for pick in _offered(ctx, tools, "hosted") if pick[0].early]


def _offered(ctx: Context, tools: Iterable[Json], side: Side) -> list[Pick]:
    """Return what these tools bring about in this turn, run by the server or by the client."""
    return [
        (kind, tool)
        for tool in tools
        for kind in kinds_for(tool["type"])
        if kind.side(ctx, tool) == side
    ]


def _call(ctx: Context, client: list[Pick]) -> Pick | None:
    """Return the tool call of this turn, if it has one.

    One call answers an input that brings no tool outputs; outputs are answered with a message. A
    forced choice calls all the same: a tool not called yet before the first one again.
    """
    if not client:
        return None
    if not answered(ctx.history):
        return client[0]
    if not forced(ctx.request.tool_choice):
        return None
    called = {(item.get("type"), item.get("name")) for item in ctx.history}
    new = (pick for pick in client if (pick[0].kind, pick[1].get("name")) not in called)
    return next(new, client[0])
