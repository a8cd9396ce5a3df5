"""The streamer: derives every event from the finished response, and folds them back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any, Final

from mockserver.catalog import lookup
from mockserver.items import kind_of
from mockserver.items.steps import Place
from mockserver.schema.base import Json
from mockserver.schema.outages import error_event
from mockserver.seed import padding

TERMINAL: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})
_OUTCOME: Final = {"completed": "completed", "incomplete": "incomplete"}
_PADDING: Final = 1024
_LONGEST_PADDING: Final = 4096


class Teller:
    """Pads deltas to multiples of 16 characters, the same way for the same ``seed`` (§8.5).

    ``tools`` are the response's, by which some items tell more or less, and ``speaks`` is whether
    its model says its text aloud.
    """

    def __init__(
        self,
        seed: str,
        *,
        obfuscation: bool,
        tools: Sequence[Json] | None = None,
        speaks: bool = False,
    ) -> None:
        self.speaks = speaks
        self._tools = tools or ()
        self._seed = seed
        self._noise = padding(seed, _PADDING) if obfuscation else None
        self._at = 0

    def pad(self, delta: str) -> str | None:
        """Return the padding of a delta; None when the stream goes without."""
        if self._noise is None:
            return None
        size = -len(delta) % 16
        self._at = (self._at + 17) % (_LONGEST_PADDING - 16)
        if self._at + 16 > len(self._noise):
            # The longer one begins with the shorter one.
            self._noise = padding(self._seed, 2 * len(self._noise))
        return self._noise[self._at : self._at + size]

    def tool(self, type: str) -> Json:
        """Return the first tool of a type, empty when there is none."""
        return next((tool for tool in self._tools if tool.get("type") == type), {})


def stream(
    response: Json,
    *,
    background: bool | None = None,
    obfuscation: bool = True,
    nested_error: bool = True,
) -> Iterator[Json]:
    """Yield every event of a finished response, numbered from 0 (api-contract §8.6).

    ``background`` says whether the stream opens with ``response.queued`` (default: what the
    response says of itself). ``obfuscation`` is ``stream_options.include_obfuscation``.
    ``nested_error`` is the form of the ``error`` event of a failed response; the SDK's type is
    the flat one, the wire's the nested one (§8.8).
    """
    numbers = count()
    if background is None:
        background = bool(response.get("background"))
    for event in _events(response, background, obfuscation, nested_error):
        event["sequence_number"] = next(numbers)
        yield event


def _events(
    response: Json, background: bool, obfuscation: bool, nested_error: bool
) -> Iterator[Json]:
    begun = snapshot(response, "in_progress")
    first = snapshot(response, "queued") if background else begun
    yield {"type": "response.created", "response": first}
    if background:
        yield {"type": "response.queued", "response": first}
    yield {"type": "response.in_progress", "response": begun}
    # Not the id: answers that say the same are padded the same.
    seed = f"{response.get('model')} {response.get('usage')}"
    speaks = lookup(str(response.get("model"))).speaks
    teller = Teller(seed, obfuscation=obfuscation, tools=response.get("tools"), speaks=speaks)
    for index, item in enumerate(response["output"]):
        yield from tell_item(item, index, teller)
    if response.get("error"):
        error = response["error"]
        yield error_event(error.get("code"), error.get("message"), nested=nested_error)
    yield terminal_event(response)


def tell_item(item: Json, index: int, teller: Teller) -> Iterator[Json]:
    """Yield the events of one output item, brackets included, without numbers."""
    kind = kind_of(item)
    yield {
        "type": "response.output_item.added",
        "item": kind.open(item),
        "output_index": index,
    }
    place = Place({"item_id": item.get("id"), "output_index": index}, teller)
    for step in kind.steps:
        yield from step.unfold(item, place)
    yield {"type": "response.output_item.done", "item": item, "output_index": index}


def snapshot(response: Json, status: str) -> Json:
    """Return the response as it looks before it is finished (api-contract §3.3)."""
    changes: Json = {
        "status": status,
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        "output": [],
        "usage": None,
    }
    if response.get("service_tier") == "default":
        changes["service_tier"] = "auto"
    if response.get("tool_usage"):
        changes["tool_usage"] = _zeroed(response["tool_usage"])
    if response.get("moderation"):
        changes["moderation"] = None
    return {key: changes.get(key, value) for key, value in response.items() if key != "billing"}


def _zeroed(usage: Any) -> Any:
    if isinstance(usage, dict):
        return {key: _zeroed(value) for key, value in usage.items()}
    return 0


def terminal_event(response: Json) -> Json:
    """Return the event that ends the stream; a cancelled run ends as a failed one (§8.8)."""
    outcome = _OUTCOME.get(response["status"], "failed")
    whole = {key: value for key, value in response.items() if key != "billing"}
    return {"type": f"response.{outcome}", "response": whole}


def collapse(events: Iterable[Json]) -> Json:
    """Fold events back into the response they tell.

    The terminal event carries it; a stream that was cut gives the opening snapshot with the items
    that were done. Raises ValueError when no event carries a response.
    """
    response: Json | None = None
    done: dict[int, Json] = {}
    for event in events:
        kind = event.get("type")
        if kind in TERMINAL:
            whole: Json = event["response"]
            return whole
        if kind == "response.output_item.done":
            done[event["output_index"]] = event["item"]
        elif "response" in event:
            response = event["response"]
    if response is None:
        raise ValueError("no event of the stream carries a response")
    return {**response, "output": [done[index] for index in sorted(done)]}
