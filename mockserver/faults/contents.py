"""Faults of what an answer says: arguments that break off, no usage, a run that fails midway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

from mockserver.faults.fault import Failing, Fault
from mockserver.faults.order import shifted
from mockserver.faults.part import Form, Part, Way, numbered
from mockserver.notation import whole
from mockserver.schema.base import Json
from mockserver.schema.outages import error_event, message_of

_CALL: Final = "function_call"
_DELTA: Final = "response.function_call_arguments.delta"
_DONE: Final = "response.function_call_arguments.done"
_ADDED: Final = "response.output_item.added"


class _Call:
    """One function call of an answer, and what is left of its arguments."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._seen = 0
        self._id: Any = None
        self._left: str | None = None

    def cut(self, text: str) -> str:
        """Return the half of the first text that is told of it, which is the same ever after."""
        if self._left is None:
            self._left = text[: len(text) // 2]
        return self._left

    def begins(self, event: Json) -> None:
        """Learn the id of the call from the event that adds it."""
        if event.get("type") == _ADDED and event["item"].get("type") == _CALL:
            if self._seen == self._number:
                self._id = event["item"].get("id")
            self._seen += 1

    def is_told_by(self, event: Json) -> bool:
        """Tell whether an event is about the call alone."""
        told = event.get("item_id") or (event.get("item") or {}).get("id")
        return self._id is not None and told == self._id

    def shorten(self, item: Json) -> Json:
        """Return the call's item with what is left of its arguments."""
        return {**item, "arguments": self.cut(item["arguments"])} if item["arguments"] else item

    def shorten_in(self, response: Json) -> Json:
        """Return a response in which the call is shortened, if it has come so far."""
        output = list(response.get("output") or ())
        places = [index for index, item in enumerate(output) if item.get("type") == _CALL]
        if self._number >= len(places):
            return response
        place = places[self._number]
        output[place] = self.shorten(output[place])
        return {**response, "output": output}


@dataclass(frozen=True)
class TruncateArguments(Fault):
    """Arguments of a function call that break off, wherever they are told."""

    call: int = 0

    name: ClassVar = "truncate_arguments"
    value: ClassVar = "[:N]"
    help: ClassVar = "the arguments of function call N (0) break off, and are no JSON"
    example: ClassVar = "truncate_arguments:1"

    @classmethod
    def read(cls, value: str | None) -> Self:
        """Read the number of the call."""
        return cls() if value is None else cls(whole(value))

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Shorten the first delta and leave the later ones out, as if they had never been."""
        call, deltas = _Call(self.call), 0
        async for part in parts:
            event = part.document
            if event is None:
                yield part
                continue
            call.begins(event)
            if call.is_told_by(event) and event["type"] == _DELTA:
                deltas += 1
                if deltas > 1:
                    continue
            told = self._told(event, call)
            if told != event:
                way.note(self.name)
                part = way.part(told)
            yield shifted(part, 1 - deltas, way) if deltas > 1 else part

    def _told(self, event: Json, call: _Call) -> Json:
        if isinstance(event.get("response"), dict):
            return {**event, "response": call.shorten_in(event["response"])}
        if event.get("object") == "response":
            return call.shorten_in(event)
        if not call.is_told_by(event):
            return event
        if "item" in event:
            return {**event, "item": call.shorten(event["item"])}
        if event["type"] == _DELTA:
            return {**event, "delta": call.cut(event["delta"])}
        if event["type"] == _DONE:
            return {**event, "arguments": call.cut(event["arguments"])}
        return event


class NullUsage(Fault):
    """A finished response that does not say what it cost."""

    name: ClassVar = "null_usage"
    help: ClassVar = "the usage of the response is null"
    example: ClassVar = "null_usage"

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Replace the usage wherever there is one."""
        async for part in parts:
            event = part.document or {}
            response = event.get("response")
            if event.get("object") == "response" and event.get("usage"):
                way.note(self.name)
                part = way.part({**event, "usage": None})
            elif isinstance(response, dict) and response.get("usage"):
                way.note(self.name)
                part = way.part({**event, "response": {**response, "usage": None}})
            yield part


class FailAt(Failing):
    """A run that fails midway: ``error``, then ``response.failed`` (api-contract §8.8)."""

    name: ClassVar = "fail_at"
    help: ClassVar = "in place of event N, or of a whole body, the response fails"
    example: ClassVar = "fail_at:5/server_error"

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """End with the failure of the response that the events before have told of."""
        response = None
        async for index, part in numbered(parts):
            event = part.document or {}
            response = (
                event if event.get("object") == "response" else event.get("response", response)
            )
            if index >= self.index(way) and isinstance(response, dict):
                way.note(self.name)
                for told in self._told(
                    response, int(event.get("sequence_number", index)), way.form
                ):
                    yield way.part(told)
                return
            yield part

    def _told(self, response: Json, number: int, form: Form) -> list[Json]:
        message = message_of(self.code, model=response.get("model"))
        failed = {
            **response,
            "status": "failed",
            "completed_at": None,
            "error": {"code": self.code, "message": message},
            "output": [],
            "usage": None,
        }
        if form == "body":
            return [failed]
        error = error_event(self.code, message, nested=True)
        return [
            {**error, "sequence_number": number},
            {"type": "response.failed", "response": failed, "sequence_number": number + 1},
        ]
