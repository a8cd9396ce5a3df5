"""Items that a rule gives by their fields, held against the registry of kinds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from mockserver.items import KINDS
from mockserver.rules import template
from mockserver.rules.node import Node
from mockserver.schema.base import Json

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
    types = _types(kind.kind)
    node.mapping((*types, *short), f"a {kind.kind}")
    template.check(node)
    for name, member in node.members():
        if name in short and name != "data":
            member.text(name)
        elif name in types and not _has_gaps(member.value):
            _check_value(types[name], member, kind.kind)
    return dict(node.value)


@lru_cache(maxsize=64)
def _types(kind: str) -> Mapping[str, TypeAdapter[Any]]:
    """Return what checks the fields of a kind, by their names on the wire."""
    model = KINDS[kind]
    model.model_rebuild()
    return {
        field.alias or name: TypeAdapter[Any](field.annotation or object)
        for name, field in model.model_fields.items()
    }


def _check_value(adapter: TypeAdapter[Any], node: Node, kind: str) -> None:
    # What the type of a call's arguments says is text: a mapping is written as it.
    if kind == "function_call" and node.steps[-1] == "arguments" and isinstance(node.value, dict):
        return
    try:
        adapter.validate_python(node.value)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_context=False)[0]
        steps = [step for step in first["loc"] if isinstance(step, str | int)]
        inner = Node(None, (*node.steps, *steps))
        raise inner.error(f"{kind} does not take this: {first['msg']}") from None


def _has_gaps(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_gaps, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_gaps, value))
    return template.is_template(value)
