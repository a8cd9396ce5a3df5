"""How a call of an MCP server unfolds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mockserver.items.steps import Keep, Place
from mockserver.schema.base import Json


@dataclass(frozen=True, slots=True)
class Outcome:
    """The mark that ends a call: ``completed``, or ``failed`` where there is an error."""

    call: str

    def open(self, thing: Json) -> Json:
        """Leave the snapshot as it is."""
        return {}

    def unfold(self, thing: Json, place: Place) -> Iterator[Json]:
        """Yield the mark; a call that was cut short has failed as well."""
        failed = thing.get("error") or thing.get("status") in ("failed", "incomplete")
        yield place.event(f"response.{self.call}.{'failed' if failed else 'completed'}")

    def cut(self, thing: Json, keep: Keep) -> Json:
        """A mark has nothing to cut."""
        return {}


class Arguments:
    """The arguments of a call: one delta with all of them (api-contract §8.7).

    After an approval the call is told to be in progress once more before they are done.
    """

    def open(self, thing: Json) -> Json:
        """Empty the arguments."""
        return {"arguments": ""}

    def unfold(self, thing: Json, place: Place) -> Iterator[Json]:
        """Yield the delta and the whole."""
        text: str = thing["arguments"]
        if text:
            padding = place.teller.pad(text)
            padded = {} if padding is None else {"obfuscation": padding}
            yield place.event("response.mcp_call_arguments.delta", delta=text, **padded)
        if thing.get("approval_request_id"):
            yield place.event("response.mcp_call.in_progress")
        yield place.event("response.mcp_call_arguments.done", arguments=text)

    def cut(self, thing: Json, keep: Keep) -> Json:
        """Shorten the arguments; a call that is cut comes to nothing."""
        return {"arguments": keep(thing["arguments"]), "output": None}
