"""Which items an answer has: by the tools offered, the choice among them, and what came before."""

from __future__ import annotations

from typing import Any

from mockserver.items import Item, kinds_for
from mockserver.items.message import Message
from mockserver.items.reasoning import Reasoning
from mockserver.schema.base import Json
from mockserver.sources.turn import Turn

Pick = tuple[type[Item], Json]
"""A kind of item and the tool definition that brings it about, empty for none."""


def choose(turn: Turn) -> list[Pick]:
    """Return the items of the answer in order.

    A call that the client has to answer ends the turn; otherwise the tools that the server runs
    come before the message. A reasoning model thinks first.
    """
    picks: list[Pick] = [(Reasoning, {})] if turn.model.reasons else []
    hosted, client = _offered(turn)
    call = None if turn.flags.refusal is not None else _call(turn, client)
    if call is not None:
        return [*picks, call]
    return [*picks, *(() if turn.flags.refusal is not None else hosted), (Message, {})]


def _offered(turn: Turn) -> tuple[list[Pick], list[Pick]]:
    """Return what the tools may bring about: run by the server, and run by the client."""
    if turn.request.tool_choice == "none":
        return [], []
    picks = [
        (kind, tool)
        for tool in turn.request.tools or []
        if _allowed(tool, turn.request.tool_choice)
        for kind in kinds_for(tool["type"])
    ]
    hosted = [pick for pick in picks if pick[0].answer is None]
    return hosted, [pick for pick in picks if pick[0].answer is not None]


def _allowed(tool: Json, choice: Any) -> bool:
    """Tell whether the choice leaves this tool in play (api-contract §6.4)."""
    if not isinstance(choice, dict):
        return True
    if choice.get("type") == "allowed_tools":
        return any(_names(entry, tool) for entry in choice.get("tools") or [])
    return _names(choice, tool)


def _names(choice: Json, tool: Json) -> bool:
    return choice.get("type") == tool["type"] and choice.get("name", tool.get("name")) == tool.get(
        "name"
    )


def _call(turn: Turn, client: list[Pick]) -> Pick | None:
    """Return the tool call of this turn, if it has one.

    One call answers an input that brings no tool outputs; outputs are answered with a message. A
    forced choice calls all the same: a tool not called yet before the first one again.
    """
    if not client:
        return None
    answered = bool(turn.items) and str(turn.items[-1].get("type", "")).endswith("_output")
    if not answered:
        return client[0]
    if not _forced(turn.request.tool_choice):
        return None
    called = {item.get("name") for item in (*turn.inherited, *turn.items)}
    return next((pick for pick in client if pick[1].get("name") not in called), client[0])


def _forced(choice: Any) -> bool:
    if isinstance(choice, dict):
        return choice.get("type") != "allowed_tools" or choice.get("mode") == "required"
    return bool(choice == "required")
