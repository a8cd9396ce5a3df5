"""Calls of the client's own tools: who calls, and what a call says beside its input."""

from __future__ import annotations

from mockserver.items.asked import last_call, leave
from mockserver.items.base import Item
from mockserver.items.context import Context
from mockserver.items.offers import identity
from mockserver.schema.base import Json

_NOTE = "inside"


def enter(ctx: Context, program: Json, tool: Json, text: str) -> None:
    """Note that a program calls the tool with this text, for the call that follows it."""
    caller = {"type": "program", "caller_id": program["call_id"]}
    ctx.notes[_NOTE] = {"tool": identity(tool), "text": text, "caller": caller}


def dictated(ctx: Context, tool: Json) -> str | None:
    """Return what a program of this turn calls the tool with, None when none does."""
    inside = ctx.notes.get(_NOTE)
    return inside["text"] if inside and inside["tool"] == identity(tool) else None


def make_call(ctx: Context, kind: type[Item], tool: Json, **said: str) -> Json:
    """Return the item of a call, in the wire's order; ``said`` is what it passes on.

    A call inside a program names its caller and stays in progress (recorded in July 2026). A
    namespace and ``async`` are told where the tool has them.
    """
    inside = dictated(ctx, tool) is not None
    rest: Json = {**said, "call_id": ctx.draw.call_id(), "name": tool["name"]}
    if inside:
        rest["caller"] = ctx.notes[_NOTE]["caller"]
    if tool.get("async"):
        rest["async"] = True
    if tool.get("namespace"):
        rest["namespace"] = tool["namespace"]
    item: Json = {
        "id": ctx.id(kind.prefix),
        "type": kind.kind,
        "status": "in_progress" if inside else "completed",
        **dict(sorted(rest.items())),
    }
    return leave(ctx, item)


def make_output(ctx: Context, kind: type[Item], call_kind: str) -> Json:
    """Return the item of what the last call of a kind gave; it may be one that nobody made."""
    call = last_call(ctx, call_kind) or {}
    item: Json = {
        "id": ctx.id(kind.prefix),
        "type": kind.kind,
        "status": "completed",
        "call_id": call.get("call_id") or ctx.draw.call_id(),
    }
    if call.get("caller"):
        item["caller"] = call["caller"]
    return item | {"output": ctx.words.sentence(ctx.dice)}
