"""Whether two answers have the same shape: keys, kinds and types, whatever their values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from mockserver.cassette.interaction import Interaction

_NAMES: Final[dict[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    dict: "object",
    list: "list",
    type(None): "null",
}
_UNTIMELY: Final = frozenset({"keepalive"})
"""Kinds of events that depend on how long an answer took."""


@dataclass(slots=True)
class Shape:
    """The types that were seen at one place, and the shapes of the places below it.

    ``parts`` are the keys of objects and, in brackets, the kinds of a list's entries: their
    ``type``, or their JSON type where they have none.
    """

    types: set[str] = field(default_factory=set)
    parts: dict[str, Shape] = field(default_factory=dict)

    def add(self, value: Any) -> None:
        """Take in one more value that stands at this place."""
        self.types.add(_NAMES[type(value)])
        if isinstance(value, dict):
            for key, part in value.items():
                self.parts.setdefault(f".{key}", Shape()).add(part)
        elif isinstance(value, list):
            for part in value:
                self.parts.setdefault(f"[{_kind(part)}]", Shape()).add(part)


def differences(recorded: Interaction, live: Interaction) -> list[str]:
    """Return one sentence for each difference in shape between a recording and a new answer."""
    found = []
    if recorded.status != live.status:
        found.append(f"status: recorded {recorded.status}, now {live.status}")
    if recorded.media_type != live.media_type:
        found.append(f"content type: recorded {recorded.media_type}, now {live.media_type}")
    if recorded.status == live.status and recorded.is_stream == live.is_stream:
        found.extend(_compare("", _shape(recorded), _shape(live)))
    return found


def _shape(interaction: Interaction) -> Shape:
    shape = Shape()
    if interaction.is_stream:
        events = [event for event in interaction.events if event.get("type") not in _UNTIMELY]
        shape.add({"events": events})
    else:
        shape.add(interaction.document)
    return shape


def _compare(where: str, recorded: Shape, live: Shape) -> Iterator[str]:
    if recorded.types == {"null"} or live.types == {"null"}:
        return  # nothing is said about the shape of what is not there
    before, now = recorded.types - {"null"}, live.types - {"null"}
    if not before & now:
        yield f"{_place(where)}: recorded {_listed(before)}, now {_listed(now)}"
        return
    for name in sorted(recorded.parts.keys() | live.parts.keys()):
        if name not in live.parts:
            yield f"{_place(where + name)}: recorded, now missing"
        elif name not in recorded.parts:
            yield f"{_place(where + name)}: new, not recorded"
        else:
            yield from _compare(where + name, recorded.parts[name], live.parts[name])


def _place(where: str) -> str:
    return where.removeprefix(".") or "body"


def _listed(types: set[str]) -> str:
    return " or ".join(sorted(types))


def _kind(value: Any) -> str:
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else _NAMES[type(value)]
