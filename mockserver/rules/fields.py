"""Items that a rule gives by their fields, held against the registry of kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.items import KINDS, Item
from mockserver.rules import template
from mockserver.rules.node import Node
from mockserver.schema.base import Json
from mockserver.schema.shape import keys

SHORT: Final[Mapping[str, tuple[str, ...]]] = {
    "message": ("text", "refusal", "data"),
    "reasoning": ("text",),
}
"""What may stand for a field of a kind that takes more to write."""


def check(node: Node) -> Json:
    """Return an item that a rule gives; raise RuleError for a kind or a field that is not there.

    A value with gaps is not known yet, and so is not held against its field's type.
    """
    node.named("an item")
    if (named := node.get("type")) is None:
        raise node.error("an item needs a type, such as message")
    kind = KINDS.get(named.text("type"))
    if kind is None or not kind.kind:
        known = ", ".join(name for name in KINDS if name)
        raise named.error(f"there are no items of type '{named.value}'; there are {known}")
    short = SHORT.get(kind.kind, ())
    fields = keys(kind)
    node.mapping((*fields, *short), f"a {kind.kind}")
    template.check(node)
    for name, member in node.members():
        if name in short and name != "data":
            member.text(name)
        elif name in fields and not _has_gaps(member.value):
            _check_value(kind, name, member)
    return dict(node.value)


def _check_value(kind: type[Item], name: str, node: Node) -> None:
    from mockserver.schema.models import value_misfits  # large, and of no use without rules

    # What the type of a call's arguments says is text: a mapping is written as it.
    if kind.kind == "function_call" and name == "arguments" and isinstance(node.value, dict):
        return
    if found := value_misfits(kind, name, node.value):
        inner = Node(None, (*node.steps, *found[0].steps))
        raise inner.error(f"{kind.kind} does not take this: {found[0].message}")


def _has_gaps(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_gaps, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_gaps, value))
    return template.is_template(value)
