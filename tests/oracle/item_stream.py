"""The rules for the events of one output item, from its ``added`` to its ``done``."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from oracle.problem import MISSING, Problem

Event: TypeAlias = dict[str, Any]
Numbered: TypeAlias = list[tuple[int, Event]]
"""Events with their places in the whole stream, for the problem lines."""

OPAQUE: Final = frozenset({"encrypted_content", "fingerprint"})
"""Fields that are encrypted anew each time they are sent (api-contract §8.6)."""
NOT_IN_PARTS: Final = frozenset({"logprobs"})
"""Fields that a ``part.done`` event leaves empty though the item has them (wire-vs-spec §4)."""
FIXED: Final = ("id", "type", "call_id", "name", "namespace", "role", "phase", "server_label")
"""Fields that an item shows from the start."""

_TEXT = r"(output_text\.(delta|annotation\.added) )*output_text\.done"
_REFUSAL = r"(refusal\.delta )*refusal\.done"
_RAW = r"(reasoning_text\.delta )*reasoning_text\.done"
_SUMMARY = (
    r"reasoning_summary_part\.added (reasoning_summary_text\.delta )*"
    r"reasoning_summary_text\.done reasoning_summary_part\.done "
)
ORDER: Final = {
    "message": rf"(content_part\.added ({_TEXT}|{_REFUSAL}) content_part\.done )*",
    "reasoning": rf"({_SUMMARY})*(content_part\.added {_RAW} content_part\.done )*",
    "function_call": r"(F\.delta )*F\.done ".replace("F", "function_call_arguments"),
    "custom_tool_call": r"(F\.delta )*F\.done ".replace("F", "custom_tool_call_input"),
    "web_search_call": r"K\.in_progress K\.searching (K\.completed )?",
    "file_search_call": r"K\.in_progress K\.searching (K\.completed )?",
    "code_interpreter_call": (
        r"K\.in_progress (K_code\.delta )*K_code\.done (K\.interpreting (K\.completed )?)?"
    ),
    "image_generation_call": (r"K\.in_progress K\.generating (K\.partial_image )*(K\.completed )?"),
    "mcp_list_tools": r"K\.in_progress K\.(completed|failed) ",
    "mcp_call": (
        r"K\.in_progress (K_arguments\.delta )*(K\.in_progress )?K_arguments\.done "
        r"K\.(completed|failed) "
    ),
    "shell_call": r"(K_command\.added (K_command\.delta )*K_command\.done )*",
    "shell_call_output": r"((K_content\.delta )*K_content\.done )*",
    "apply_patch_call": r"((K_operation_diff\.delta )*K_operation_diff\.done )?",
    "compaction": r"(K\.compacting )*",
}
"""Kind -> the order of its events between added and done; K is the kind (api-contract §8.7).

A kind that is not here has none.
"""

PHASES: Final = (
    "web_search_call",
    "file_search_call",
    "code_interpreter_call",
    "image_generation_call",
)
"""Kinds that say ``.completed`` when, and only when, their status does."""

GROWING: Final = {
    "response.output_text": ("text", "content_index", ("content", None, "text")),
    "response.refusal": ("refusal", "content_index", ("content", None, "refusal")),
    "response.reasoning_text": ("text", "content_index", ("content", None, "text")),
    "response.reasoning_summary_text": ("text", "summary_index", ("summary", None, "text")),
    "response.function_call_arguments": ("arguments", "", ("arguments",)),
    "response.mcp_call_arguments": ("arguments", "", ("arguments",)),
    "response.custom_tool_call_input": ("input", "", ("input",)),
    "response.code_interpreter_call_code": ("code", "", ("code",)),
    "response.apply_patch_call_operation_diff": ("diff", "", ("operation", "diff")),
    "response.shell_call_command": ("command", "command_index", ("action", "commands", None)),
}
"""What grows -> the key of the whole in ``.done``, the index key, and the place in the item."""

PARTS: Final = {
    "response.content_part.added": ("content", "content_index", "added"),
    "response.content_part.done": ("content", "content_index", "done"),
    "response.reasoning_summary_part.added": ("summary", "summary_index", "added"),
    "response.reasoning_summary_part.done": ("summary", "summary_index", "done"),
}
"""Event -> the field of the item whose member it brackets, that member's index, and the side."""

OPENS: Final = ("_part.added", "_command.added")


def check_item_stream(events: Numbered) -> Iterator[Problem]:
    """Check one item's events, ``added`` first and ``done`` last; yield one line per problem."""
    (_, added), (last, done) = events[0], events[-1]
    item, opened = done.get("item") or {}, added.get("item") or {}
    for key in FIXED:
        if opened.get(key) and opened[key] != item.get(key):
            yield Problem.at_event(last, f"item.{key}", f"{item.get(key)!r} was {opened[key]!r}")
    yield from _order(item, events)
    for number, event in events[1:-1]:
        if "item_id" in event and event["item_id"] != opened.get("id"):
            yield Problem.at_event(
                number, "item_id", f"{event['item_id']!r} is not {opened.get('id')!r}"
            )
    yield from _indexes(events[1:-1])
    yield from _growth(item, events[1:-1])
    yield from _parts(item, events[1:-1])
    yield from _annotations(item, events[1:-1])


def _order(item: Event, events: Numbered) -> Iterator[Problem]:
    kind, number = str(item.get("type")), events[0][0]
    names = [str(event["type"]).removeprefix("response.") for _, event in events[1:-1]]
    told = "".join(f"{name} " for name in names)
    if not re.fullmatch(ORDER.get(kind, "").replace("K", kind), told):
        yield Problem.at_event(
            number, "item", f"a {kind} does not unfold as {' '.join(_runs(names))!r}"
        )
    if kind in PHASES and (item.get("status") == "completed") is not (f"{kind}.completed" in names):
        yield Problem.at_event(number, "item", f"{item.get('status')} after {names[-1:]}")


def _runs(names: list[str]) -> Iterator[str]:
    """Yield names with runs of an equal one told once."""
    for index, name in enumerate(names):
        if index == 0 or names[index - 1] != name:
            yield name


def _indexes(events: Numbered) -> Iterator[Problem]:
    """Check that parts, summaries and commands are counted from 0 without a gap."""
    current = {"content_index": -1, "summary_index": -1, "command_index": -1}
    for number, event in events:
        name = str(event["type"])
        for key in current.keys() & event.keys():
            if name.endswith(OPENS):
                current[key] += 1
            unbracketed = name.startswith("response.shell_call_output_content")
            expected = current[key] + unbracketed
            if event[key] != expected:
                yield Problem.at_event(number, key, f"{event[key]} instead of {expected}")
            current[key] += unbracketed and name.endswith(".done")


def _growth(item: Event, events: Numbered) -> Iterator[Problem]:
    """Check that deltas add up to the whole that ``.done`` tells and the item holds."""
    grown: defaultdict[tuple[str, Any], str] = defaultdict(str)
    for number, event in events:
        name, _, move = str(event["type"]).rpartition(".")
        if name not in GROWING or move not in ("delta", "done"):
            continue
        key, index_key, path = GROWING[name]
        index = event.get(index_key)
        if move == "delta":
            grown[name, index] += str(event.get("delta"))
            if not event.get("delta"):
                yield Problem.at_event(number, "delta", "empty")
        else:
            whole = event.get(key)
            if grown[name, index] != whole:
                yield Problem.at_event(number, key, f"deltas add up to {grown[name, index]!r}")
            if whole != (dig(item, path, index) or ""):
                yield Problem.at_event(number, key, "not what the item holds")


def dig(value: Any, path: tuple[str | None, ...], index: int | None) -> Any:
    """Follow a path into an item, ``None`` standing for the index; None where it ends early."""
    for step in path:
        try:
            value = value[index if step is None else step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _parts(item: Event, events: Numbered) -> Iterator[Problem]:
    """Check that parts open empty and close as the item holds them, all of them."""
    closed = {"content": 0, "summary": 0}
    for number, event in events:
        owner, index_key, move = PARTS.get(event["type"], ("", "", ""))
        part = event.get("part") or {}
        if move == "added" and any(value for key, value in part.items() if key != "type"):
            yield Problem.at_event(number, "part", "not empty at first")
        if move == "done":
            closed[owner] += 1
            held = dig(item, (owner, None), event.get(index_key)) or {}
            keys = {key for key in part.keys() | held if part.get(key) != held.get(key)}
            if keys - NOT_IN_PARTS:
                yield Problem.at_event(number, "part", f"{sorted(keys)} not as in the item")
    for owner, count in closed.items():
        if item.get("type") in ("message", "reasoning") and count != len(item.get(owner) or ()):
            yield Problem.of(f"item {item.get('id')}.{owner}", MISSING, f"{count} were streamed")


def _annotations(item: Event, events: Numbered) -> Iterator[Problem]:
    """Check that each annotation is told once, in order, after the text it cites."""
    told: defaultdict[Any, int] = defaultdict(int)
    length: defaultdict[Any, int] = defaultdict(int)
    for number, event in events:
        index = event.get("content_index")
        if event["type"] == "response.output_text.delta":
            length[index] += len(str(event.get("delta")))
        if event["type"] != "response.output_text.annotation.added":
            continue
        note = event.get("annotation") or {}
        held = dig(item, ("content", None, "annotations"), index) or []
        if note not in held[told[index] : told[index] + 1]:
            yield Problem.at_event(number, "annotation", "not as in the item")
        if event.get("annotation_index") != told[index]:
            yield Problem.at_event(number, "annotation_index", f"instead of {told[index]}")
        if note.get("end_index", note.get("index", 0)) > length[index]:
            yield Problem.at_event(number, "annotation", "told before the text it cites")
        told[index] += 1
    for index, part in enumerate(item.get("content") or ()):
        if len(part.get("annotations") or ()) != told[index]:
            yield Problem.of(f"item {item.get('id')}.content[{index}].annotations", MISSING)
