"""Faults of a stream that ends in an ``error`` event, in either of its forms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import ClassVar

from mockserver.faults.fault import Failing
from mockserver.faults.part import EVENTS, Form, Part, Way, numbered
from mockserver.schema.outages import error_event, message_of


class NestedError(Failing):
    """An ``error`` event as the wire has it, after which nothing comes (api-contract §8.8)."""

    name: ClassVar = "error_nested"
    help: ClassVar = "in place of event N an error event as on the wire, and no more events"
    example: ClassVar = "error_nested:5/rate_limit_exceeded"
    forms: ClassVar[frozenset[Form]] = EVENTS
    nested: ClassVar[bool] = True

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """End with the error."""
        model = None
        async for index, part in numbered(parts):
            told = part.document or {}
            if isinstance(response := told.get("response"), dict):
                model = response.get("model", model)
            if index == self.at:
                way.note(self.name)
                message = message_of(self.code, model=model)
                event = error_event(self.code, message, nested=self.nested)
                number = told.get("sequence_number", index)
                yield way.part({**event, "sequence_number": number})
                return
            yield part


class FlatError(NestedError):
    """An ``error`` event as the SDK's type has it."""

    name: ClassVar = "error_flat"
    help: ClassVar = "in place of event N an error event as the SDK types it, and no more events"
    example: ClassVar = "error_flat:5/server_error"
    nested: ClassVar[bool] = False
