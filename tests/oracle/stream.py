"""The rules that hold over the whole list of a stream's events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from oracle.item_stream import OPAQUE, Event, Numbered, check_item_stream
from oracle.problem import MISSING, UNKNOWN_KEY, Problem

TERMINAL: Final = {
    "response.completed": ("completed",),
    "response.incomplete": ("incomplete",),
    "response.failed": ("failed", "cancelled"),
}
"""Terminal event -> the statuses its response may have (api-contract §8.8)."""

UNSETTLED: Final[dict[str, Any]] = {
    "output": [],
    "usage": None,
    "completed_at": None,
    "error": None,
    "incomplete_details": None,
}
"""What the response shows before its end (api-contract §8.6)."""

SETTLED_LATER: Final = frozenset({"status", "service_tier", "tool_usage", "moderation", *UNSETTLED})
"""All that may differ between the first and the last sight of a response."""

OPENING: Final = ("response.created", "response.queued", "response.in_progress")
NOT_PADDED: Final = (
    "response.refusal.delta",
    "response.shell_call_output_content.delta",
    "response.audio.delta",
    "response.audio.transcript.delta",
)
PAD: Final = re.compile(r"[A-Za-z0-9]{0,15}")


def check_stream(events: list[Event], *, obfuscation: bool = True) -> list[Problem]:
    """Check a complete stream's events against one another; return one line per problem.

    The rules are those of api-contract §8.2, §8.5 to §8.8 and §14.3: numbers from 0, the opening
    and the one ending, items in order and bracketed, the same ids throughout, deltas that add up
    to their wholes, done items that are the final ones, padding on deltas (or, where
    ``obfuscation`` is false, none). Keys and types within the events are `check_event`'s concern.
    """
    if not events:
        return [Problem.of("events", MISSING)]
    return [
        *_numbers(events),
        *_opening(events),
        *_ending(events),
        *_items(events),
        *_padding(events, expected=obfuscation),
    ]


def _numbers(events: list[Event]) -> Iterator[Problem]:
    for index, event in enumerate(events):
        if event.get("sequence_number") != index:
            yield Problem.at_event(index, "sequence_number", f"{event.get('sequence_number')!r}")


def _opening(events: list[Event]) -> Iterator[Problem]:
    """Check the snapshots a stream begins with, which differ in nothing but their status."""
    first = events[0].get("response") or {}
    queued = first.get("background") is True
    statuses = ["queued", "queued", "in_progress"] if queued else ["in_progress", "in_progress"]
    names = ["created", "queued", "in_progress"] if queued else ["created", "in_progress"]
    empty = {key: value for key, value in UNSETTLED.items() if key in first}
    told = [pair for pair in enumerate(events) if pair[1].get("type") != "keepalive"]
    for (number, event), name, status in zip(told, names, statuses, strict=False):
        if event.get("type") != f"response.{name}":
            yield Problem.at_event(number, "type", f"not 'response.{name}'")
            return
        if event.get("response") != {**first, **empty, "status": status}:
            yield Problem.at_event(number, "response", f"not the empty {status} snapshot")
    if events[0].get("type") == "keepalive":
        yield Problem.at_event(0, "type", "a stream does not begin with a keepalive")
    for number, event in told[len(names) :]:
        if event.get("type") in OPENING:
            yield Problem.at_event(number, "type", f"{event['type']!r} out of place")


def _ending(events: list[Event]) -> Iterator[Problem]:
    """Check that one terminal event stands last and tells the response that was begun."""
    last = len(events) - 1
    for index, event in enumerate(events):
        if (event.get("type") in TERMINAL) is not (index == last):
            yield Problem.at_event(
                index, "type", f"{event.get('type')!r} is no place to end or go on"
            )
        if event.get("type") == "error" and index != last - 1:
            yield Problem.at_event(index, "type", "an error is told right before the end")
    first, final = events[0].get("response") or {}, events[last].get("response") or {}
    if final.get("status") not in TERMINAL.get(events[last].get("type", ""), ("",)):
        yield Problem.at_event(last, "response.status", f"{final.get('status')!r}")
    if "billing" in final:
        yield Problem.of(f"events[{last}].response.billing", UNKNOWN_KEY)
    for key in sorted(first.keys() | final.keys()):
        if key not in SETTLED_LATER and first.get(key) != final.get(key):
            yield Problem.at_event(
                last, f"response.{key}", f"{final.get(key)!r} was {first.get(key)!r}"
            )


def _items(events: list[Event]) -> Iterator[Problem]:
    """Check the brackets of items and what is between; then the items against the final ones."""
    begun = 0
    current: Numbered = []
    done: list[Any] = []
    for number, event in enumerate(events):
        if "output_index" not in event:
            continue
        if event["type"] == "response.output_item.added":
            if current:
                yield Problem.at_event(
                    number, "type", f"an item is added before item {begun - 1} is done"
                )
            current, begun = [], begun + 1
        elif not current:
            yield Problem.at_event(number, "type", f"{event['type']!r} outside of an item")
        if event["output_index"] != begun - 1:
            yield Problem.at_event(
                number, "output_index", f"{event['output_index']!r} in item {begun - 1}"
            )
        current.append((number, event))
        if event["type"] == "response.output_item.done":
            yield from check_item_stream(current)
            current = []
            done.append(event.get("item"))
    if current:
        yield Problem.of("events", MISSING, f"the done event of item {begun - 1}")
    yield from _final_items(done, (events[-1].get("response") or {}).get("output") or [])


def _final_items(done: list[Any], final: list[Any]) -> Iterator[Problem]:
    if len(done) != len(final):
        yield Problem.at_event(-1, "response.output", f"{len(final)} items, {len(done)} were done")
    for index, (told, item) in enumerate(zip(done, final, strict=False)):
        keys = sorted(key for key in told.keys() | item if told.get(key) != item.get(key))
        if set(keys) - OPAQUE or (told.keys() ^ item):
            yield Problem.at_event(
                -1, f"response.output[{index}]", f"{keys} not as in its done event"
            )


def _padding(events: list[Event], *, expected: bool) -> Iterator[Problem]:
    """Check that padding brings each delta to a multiple of 16 characters (api-contract §8.5).

    Background streams were recorded without any padding, so they may go without.
    """
    begun = events[0].get("response") or {}
    if begun.get("background") and not any("obfuscation" in event for event in events):
        return
    for number, event in enumerate(events):
        pad, name = event.get("obfuscation"), str(event.get("type"))
        if not (expected and name.endswith(".delta") and name not in NOT_PADDED):
            if pad is not None:
                yield Problem.at_event(number, "obfuscation", "not wanted")
        elif not isinstance(pad, str) or not PAD.fullmatch(pad):
            yield Problem.at_event(number, "obfuscation", f"{pad!r}")
        elif (len(str(event.get("delta"))) + len(pad)) % 16:
            yield Problem.at_event(number, "obfuscation", f"of length {len(pad)}")
