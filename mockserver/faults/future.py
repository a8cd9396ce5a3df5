"""What a later version of the API may bring: events, items and values that nobody knows yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

from mockserver.faults.fault import Fault, Placed
from mockserver.faults.order import shifted
from mockserver.faults.part import ALL, EVENTS, Form, Part, Way, numbered
from mockserver.notation import name
from mockserver.schema.base import Json

_EVENT: Final = "response.future.delta"
_ITEM: Final = "future_call"
_PREFIX: Final = "future_"
_ENDS: Final = frozenset({"response.completed", "response.incomplete"})
_TOLD: Final = ("response", "item", "part")


class UnknownEvent(Placed):
    """An event of a type that nobody knows."""

    name: ClassVar = "unknown_event"
    value: ClassVar = "[:N]"
    help: ClassVar = "an event of an unknown type comes before event N (2)"
    example: ClassVar = "unknown_event:5"
    forms: ClassVar[frozenset[Form]] = EVENTS
    usual: ClassVar = 2

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Put the event in, counted like any other."""
        async for index, part in numbered(parts):
            if index == self.at:
                way.note(self.name)
                event: Json = {"type": _EVENT, "delta": {"kind": "unheard of"}}
                yield way.part({**event, "sequence_number": _number(part, index)})
            yield shifted(part, 1, way) if index >= self.at else part


def _number(part: Part, index: int) -> int:
    return int((part.document or {}).get("sequence_number", index))


class UnknownItem(Fault):
    """An output item of a kind that nobody knows."""

    name: ClassVar = "unknown_item"
    help: ClassVar = "the output ends with an item of an unknown kind"
    example: ClassVar = "unknown_item"

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Add the item to a finished response, and its events before the last one."""
        async for part in parts:
            event = part.document or {}
            if way.form == "body":
                yield self._finished(part, way)
            elif event.get("type") in _ENDS:
                for told in self._told(event, way):
                    yield told
            else:
                yield part

    def _finished(self, part: Part, way: Way) -> Part:
        document = part.document or {}
        if document.get("object") != "response" or not document.get("output"):
            return part
        way.note(self.name)
        return way.part(_extended(document))

    def _told(self, event: Json, way: Way) -> list[Part]:
        way.note(self.name)
        response = event["response"]
        item, index = _item(response), len(response["output"])
        number = event.get("sequence_number", 0)
        return [
            way.part(told)
            for told in (
                {
                    "type": "response.output_item.added",
                    "item": {**item, "status": "in_progress"},
                    "output_index": index,
                    "sequence_number": number,
                },
                {
                    "type": "response.output_item.done",
                    "item": item,
                    "output_index": index,
                    "sequence_number": number + 1,
                },
                {**event, "response": _extended(response), "sequence_number": number + 2},
            )
        ]


def _item(response: Json) -> Json:
    """Return the item; its id depends on the response alone."""
    return {
        "id": "fut_" + str(response["id"]).rpartition("_")[2],
        "type": _ITEM,
        "status": "completed",
        "payload": {"kind": "unheard of"},
    }


def _extended(response: Json) -> Json:
    return {**response, "output": [*response["output"], _item(response)]}


@dataclass(frozen=True)
class UnknownEnum(Fault):
    """A value that nobody knows, where there was one of a list."""

    key: str

    name: ClassVar = "unknown_enum"
    value: ClassVar = "[:KEY]"
    help: ClassVar = "the values at KEY (service_tier) in responses and items are unknown ones"
    example: ClassVar = "unknown_enum:status"
    forms: ClassVar[frozenset[Form]] = ALL

    @classmethod
    def read(cls, value: str | None) -> Self:
        """Read the key."""
        return cls("service_tier" if value is None else name(value, "the key of a value"))

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Change each value wherever a response, an item or a part of one is told."""
        async for part in parts:
            changed = self._changed(part.document, way) if part.document else None
            if changed is None or changed == part.document:
                yield part
            else:
                way.note(self.name)
                yield way.part(changed)

    def _changed(self, document: Json, way: Way) -> Json:
        if way.form == "body":
            changed: Json = self._renamed(document)
            return changed
        told: Json = {key: self._renamed(document[key]) for key in _TOLD if key in document}
        return {**document, **told}

    def _renamed(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self._renamed(child) for child in node]
        if not isinstance(node, dict):
            return node
        return {
            key: _PREFIX + child
            if key == self.key and isinstance(child, str)
            else self._renamed(child)
            for key, child in node.items()
        }
