"""Computer use: the model asks for clicks and keys, the client shows the screen after them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from mockserver.items.asked import last_call, leave
from mockserver.items.base import Item
from mockserver.items.context import Context
from mockserver.items.screenshot import screenshot, size_of
from mockserver.schema.base import Json

if TYPE_CHECKING:
    from mockserver.items.actions import Screen

_SCREEN: Final[Screen] = (1024, 768)


class ComputerCall(Item):
    """Actions on a computer: one for the preview tool, else several (api-contract §5.1 row 11)."""

    kind: ClassVar = "computer_call"
    prefix: ClassVar = "cu"
    tools: ClassVar = ("computer", "computer_use_preview")
    answer: ClassVar = "computer_call_output"

    type: Literal["computer_call"]
    status: Literal["in_progress", "completed", "incomplete"]
    action: dict[str, Any] | None = None
    actions: list[Any] | None = None
    call_id: str
    pending_safety_checks: list[Any]

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Look at the screen first, then go on with what the screenshots so far allow."""
        from mockserver.items.actions import next_action, next_actions  # many patterns

        screen = _screen(ctx, tool)
        turn = sum(item.get("type") == ComputerCallOutput.kind for item in ctx.history)
        item: Json = {"id": ctx.id(cls.prefix), "type": cls.kind, "status": "completed"}
        if tool.get("type") == "computer_use_preview":
            item["action"] = next_action(ctx, screen, turn)
        else:
            item["actions"] = next_actions(ctx, screen, turn)
        item["call_id"] = ctx.draw.call_id()
        item["pending_safety_checks"] = []
        return leave(ctx, item)

    @classmethod
    def open(cls, item: Json) -> Json:
        """Return the call before its list of actions is known (api-contract §8.7)."""
        snapshot = super().open(item)
        return {**snapshot, "actions": []} if item.get("actions") else snapshot


class ComputerCallOutput(Item):
    """The screen after the actions (api-contract §5.1 row 12); no tool brings it about."""

    kind: ClassVar = "computer_call_output"
    prefix: ClassVar = "cuo"

    type: Literal["computer_call_output"]
    status: Literal["in_progress", "completed", "incomplete", "failed"]
    acknowledged_safety_checks: list[Any] | None = None
    call_id: str
    output: dict[str, Any]
    created_by: str | None = None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Answer the last call, if there is one, with an empty window."""
        call = last_call(ctx, ComputerCall.kind) or {}
        item: Json = {"id": ctx.id(cls.prefix), "type": cls.kind, "status": "completed"}
        if call.get("pending_safety_checks"):
            item["acknowledged_safety_checks"] = call["pending_safety_checks"]
        item["call_id"] = call.get("call_id") or ctx.draw.call_id()
        picture = screenshot(*_screen(ctx, _tool(ctx)))
        item["output"] = {"type": "computer_screenshot", "image_url": picture}
        return item


def _tool(ctx: Context) -> Json:
    """Return the request's definition of the computer, empty where it has none."""
    tools = ctx.request.tools or []
    return next((tool for tool in tools if tool["type"] in ComputerCall.tools), {})


def _screen(ctx: Context, tool: Json) -> Screen:
    """Return the size that the tool tells, else that of the last screenshot."""
    width, height = tool.get("display_width"), tool.get("display_height")
    if isinstance(width, int) and isinstance(height, int):
        return max(1, width), max(1, height)
    for item in reversed(ctx.history):
        if item.get("type") == ComputerCallOutput.kind:
            return size_of((item.get("output") or {}).get("image_url")) or _SCREEN
    return _SCREEN
