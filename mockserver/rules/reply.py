"""Replies: what a rule answers with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from mockserver.rules import fields, recording, template
from mockserver.rules.node import Node, shown
from mockserver.rules.received import Received
from mockserver.rules.recording import Recording
from mockserver.schema.base import Json

Answer: TypeAlias = Callable[[Received], Any | Awaitable[Any]]
"""A function of the user's that gives a reply: a text, a mapping, a list of items, or None."""

KEYS: Final = (
    "reasoning",
    "text",
    "refusal",
    "data",
    "tool_calls",
    "items",
    "cassette",
    "interaction",
)
_SPOKEN: Final = ("text", "refusal", "data")
_CALL: Final = ("name", "arguments", "input", "call_id", "namespace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to answer: output items with gaps for values of the request, a recording, or a function.

    An item has a ``type`` and those of its fields that are not made up. A message may have
    ``text``, ``refusal`` or ``data`` in place of its content, reasoning a ``text`` in place of its
    summary, and a ``function_call`` arguments that are not JSON text yet; one of type ``call`` is
    a function call or a custom tool call, whichever the tool asks for.
    """

    items: tuple[Json, ...] = ()
    recording: Recording | None = None
    function: Answer | None = None


def read(node: Node, folder: Path | None) -> Reply:
    """Read a reply; raise RuleError for one that makes no sense.

    A text stands for a message, a list for items. A relative cassette is one from ``folder``;
    without one, none can be named.
    """
    value = node.value
    if callable(value):
        return Reply(function=value)
    if isinstance(value, str):
        template.check(node)
        return Reply(items=({"type": "message", "text": value},))
    if isinstance(value, list | tuple):
        return Reply(items=_items(node))
    if not isinstance(value, Mapping):
        raise node.error(f"a reply is a text, a list of items or a mapping, not {shown(value)}")
    node.mapping(KEYS, "a reply")
    if not value:
        raise node.error(f"the reply is empty; name one of {', '.join(KEYS)}")
    if (cassette := node.get("cassette")) is not None:
        return _recorded(node, cassette, folder)
    if node.get("interaction") is not None:
        raise node.error("interaction needs the cassette that it is in")
    if (items := node.get("items")) is not None:
        if len(value) > 1:
            raise node.error("items are all there is in a reply; put what else it says among them")
        return Reply(items=_items(items))
    return Reply(items=tuple(_told(node)))


def _recorded(node: Node, cassette: Node, folder: Path | None) -> Reply:
    if node.value.keys() - {"cassette", "interaction"}:
        raise node.error("a cassette is all there is in a reply, but for its interaction's number")
    if folder is None:
        raise cassette.error("a recording can only be named in a file, or in Python on the spot")
    number = node.get("interaction")
    interaction = 1 if number is None else number.whole("interaction")
    return Reply(recording=recording.read(cassette, interaction, folder))


def _told(node: Node) -> list[Json]:
    """Return the items of a reply that says in short what they are."""
    found: list[Json] = []
    if (thought := node.get("reasoning")) is not None:
        template.check(thought)
        found.append({"type": "reasoning", "text": thought.text("reasoning")})
    spoken = [key for key in _SPOKEN if key in node.value]
    if len(spoken) > 1:
        raise node.error(f"{' and '.join(spoken)} exclude each other; for two messages write items")
    for key in spoken:
        said = Node(node.value[key], (*node.steps, key))
        template.check(said)
        if key != "data":
            said.text(key)
        found.append({"type": "message", key: said.value})
    if (calls := node.get("tool_calls")) is not None:
        found += [_call(entry) for entry in calls.entries("tool_calls")]
    if not found:
        raise node.error("the reply says nothing; give it a text, tool_calls or items")
    return found


def _call(node: Node) -> Json:
    """Return the item of a tool call; what it is called with is made up unless it is given."""
    if isinstance(node.value, str):
        return {"type": "call", "name": node.text("the name of a tool")}
    node.mapping(_CALL, "a tool call")
    if (name := node.get("name")) is None:
        raise node.error("a tool call needs the name of the tool")
    name.text("the name of a tool")
    for key in ("input", "call_id", "namespace"):
        if (member := node.get(key)) is not None and not isinstance(member.value, str):
            raise member.error(f"{key} is a text, not {shown(member.value)}")
    arguments = node.get("arguments")
    if arguments is not None and not isinstance(arguments.value, dict | str):
        raise arguments.error(
            "arguments are a mapping, or a text that is sent as it is, "
            f"not {shown(arguments.value)}"
        )
    if arguments is not None and node.get("input") is not None:
        raise node.error("a function call has arguments, a custom tool call an input, none both")
    template.check(node)
    given = {key: value for key, value in node.value.items() if value is not None}
    return {"type": "call", **given}


def _items(node: Node) -> tuple[Json, ...]:
    return tuple(fields.check(entry) for entry in node.entries("items"))
