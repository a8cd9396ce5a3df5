"""The replies of rules as a source: what is given is told, the rest is made up to fit."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import replace
from typing import Final

from mockserver.items import KINDS, Item, kind_of
from mockserver.items.calls import make_call
from mockserver.items.context import Context
from mockserver.items.offers import declared, in_play, spread
from mockserver.rules import Chosen, Reply
from mockserver.rules.template import fill, text
from mockserver.schema.base import Json, compact
from mockserver.schema.errors import ApiError, MockError
from mockserver.sources.synth import Synthesiser
from mockserver.sources.turn import Turn
from mockserver.streaming.streamer import stream

_CALLS: Final = ("function_call", "custom_tool_call")
_SHORT: Final = ("text", "refusal", "data")
_RECORDED: Final = ("status", "error", "incomplete_details", "usage")
_log = logging.getLogger("mockserver")


class _Unfit(Exception):
    """An item that is none of its kind; it names the place."""


def answer(synthesiser: Synthesiser, turn: Turn, chosen: Chosen, reply: Reply) -> Json:
    """Return the finished response of a reply; its frame, ids and usage are as ever.

    Raises ApiError: what a recording holds of an error, or 424 for a reply that makes no response.
    """
    recording = reply.recording
    if recording is not None and recording.response is None:
        raise ApiError.recorded(recording.status, recording.error)
    try:
        response = synthesiser.answer(turn, lambda ctx: _items(ctx, chosen, reply))
        if recording is not None and turn.flags.outcome != "failed":
            response |= {key: (recording.response or {}).get(key) for key in _RECORDED}
            response["completed_at"] = (
                response["completed_at"] if response["status"] == "completed" else None
            )
        # What cannot be told as events cannot be told at all.
        deque(stream(response), maxlen=0)
    except _Unfit as problem:
        raise unusable(chosen.label, str(problem)) from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as problem:
        _log.debug("the reply of rule %s", chosen.label, exc_info=problem)
        raise unusable(chosen.label, f"{type(problem).__name__}: {problem}") from None
    return response


def unusable(label: str, why: str) -> MockError:
    """Return the error for a rule whose reply makes no response."""
    return MockError(
        f"The reply of rule '{label}' makes no response: {why}", "rule_reply_unusable", rule=label
    )


def _items(ctx: Context, chosen: Chosen, reply: Reply) -> list[Json]:
    if reply.recording is not None:
        output = (reply.recording.response or {})["output"]
        return [{**item, "id": ctx.id(kind_of(item).prefix or "item")} for item in output]
    return [_item(ctx, fill(given, chosen.received)) for given in reply.items]


def _item(ctx: Context, given: Json) -> Json:
    """Return an item with what was given of it, the rest made up."""
    if given["type"] == "call":
        return _call(ctx, given)
    kind = KINDS[given["type"]]
    fields = dict(given)
    if kind.kind == "message":
        item = _message(ctx, kind, fields)
    elif kind.kind == "reasoning" and "text" in fields:
        fields["summary"] = [{"type": "summary_text", "text": text(fields.pop("text"))}]
        item = {"id": ctx.id(kind.prefix), "type": kind.kind, "content": []}
    elif kind.kind in _CALLS and "name" in fields:
        return _call(ctx, fields)
    else:
        item = kind.fake(ctx, _tool(ctx, kind, fields)) or {"id": ctx.id(kind.prefix)}
    return _checked(kind, {**item, **fields})


def _message(ctx: Context, kind: type[Item], fields: Json) -> Json:
    """Return a message that says what is given, and take the short forms out of the fields."""
    said = {key: fields.pop(key) for key in _SHORT if key in fields}
    spoken, refusal = said.get("text"), said.get("refusal")
    if "data" in said:
        spoken = compact(said["data"]).decode()
    before = ctx.flags
    ctx.flags = replace(
        before,
        said=before.said if spoken is None else text(spoken),
        refusal=None if refusal is None else text(refusal),
    )
    try:
        return kind.fake(ctx, {}) or {}
    finally:
        ctx.flags = before


def _call(ctx: Context, given: Json) -> Json:
    """Return a call of a tool, as the tool on offer has it called."""
    kinds = _CALLS if given["type"] == "call" else (given["type"],)
    offered = _named(ctx, given, kinds)
    if offered is not None:
        kind = KINDS[f"{'custom_tool' if offered['type'] == 'custom' else 'function'}_call"]
    else:
        kind = KINDS[kinds["input" in given] if len(kinds) > 1 else kinds[0]]
    tool = offered or {"type": kind.tools[0], "name": text(given["name"])}
    fields = {key: value for key, value in given.items() if key != "type"}
    key = "input" if kind.kind == "custom_tool_call" else "arguments"
    said = [fields.pop(key) for key in ("arguments", "input") if key in fields]
    item = make_call(ctx, kind, tool, **{key: text(said[0])}) if said else kind.fake(ctx, tool)
    return _checked(kind, {**(item or {}), **fields})


def _named(ctx: Context, given: Json, kinds: tuple[str, ...]) -> Json | None:
    """Return the tool on offer that a call names."""
    types = {tool for kind in kinds for tool in KINDS[kind].tools}
    wanted = {key: given[key] for key in ("name", "namespace") if key in given}
    for tool in (*in_play(ctx), *spread(declared(ctx))):
        if tool["type"] in types and all(tool.get(key) == value for key, value in wanted.items()):
            return tool
    return None


def _tool(ctx: Context, kind: type[Item], fields: Json) -> Json:
    """Return the tool that brings an item about: one on offer, or a stand-in."""
    label = fields.get("server_label")
    for tool in (*in_play(ctx), *spread(declared(ctx))):
        if tool["type"] in kind.tools and label in (None, tool.get("server_label")):
            return tool
    return {"type": kind.tools[0], "name": "tool"} if kind.tools else {}


def _checked(kind: type[Item], item: Json) -> Json:
    """Return an item that is one of its kind; raise _Unfit otherwise."""
    from mockserver.schema.models import misfits  # large, and of no use without rules

    if found := misfits(kind, item):
        raise _Unfit(f"{kind.__name__}.{found[0].place}: {found[0].message}")
    return item
