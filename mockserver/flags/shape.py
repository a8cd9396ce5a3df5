"""Flags of what is in the answer: kinds of items, calls, text, size, usage."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mockserver.flags.flag import Flag, typed
from mockserver.flags.model import Flags
from mockserver.notation import name, whole

_REFUSAL: Final = "I'm sorry, but I can't assist with that request."
_MOST_CALLS: Final = 128
_MOST_TOKENS: Final = 100_000
_LARGEST: Final = 10**9

USAGE: Final = (
    "input_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "total_tokens",
)
"""The counts of ``usage`` and its details (api-contract §4)."""


def _items(flags: Flags, value: str | None) -> Flags:
    names = tuple(filter(None, (value or "").split("+")))
    if not names or not all(re.fullmatch(r"[a-z_]{1,64}", kind) for kind in names):
        raise ValueError(f"'{value or ''}' does not name kinds of items joined by +.")
    return replace(flags, items=names)


def _tool_call(value: str | None) -> str:
    return "" if value is None else name(value, "the name of a tool")


def _text(value: str | None) -> str:
    if not value:
        raise ValueError("it needs the text to say.")
    return value


def _usage(flags: Flags, value: str | None) -> Flags:
    member, _, number = (value or "").partition(":")
    if member not in USAGE:
        raise ValueError(f"'{member}' is not one of {', '.join(USAGE)}.")
    counts = dict(flags.usage) | {member: whole(number, most=_LARGEST)}
    return replace(flags, usage=tuple(sorted(counts.items())))


FLAGS: Final = (
    Flag(
        "items",
        ":KIND+KIND",
        "these kinds of output items, such as reasoning+message",
        "items:web_search_call+message",
        _items,
    ),
    Flag(
        "tool_call",
        "[:NAME]",
        "a call of this tool (the first one), made up when the request does not offer it",
        "tool_call:get_weather",
        typed("tool_call", _tool_call),
    ),
    Flag(
        "tool_calls",
        ":NUMBER",
        "so many calls, of that tool or of those on offer in turn",
        "tool_calls:3",
        typed("tool_calls", lambda value: whole(value, least=1, most=_MOST_CALLS)),
    ),
    Flag("text", ":TEXT", "the message says this", 'text:"Hello, world"', typed("said", _text)),
    Flag(
        "refusal",
        "[:TEXT]",
        "the model refuses, with this text",
        "refusal:I will not.",
        typed("refusal", lambda value: value or _REFUSAL),
    ),
    Flag(
        "tokens",
        ":NUMBER",
        "the output has so many tokens",
        "tokens:500",
        typed("tokens", lambda value: whole(value, least=1, most=_MOST_TOKENS)),
    ),
    Flag(
        "usage",
        ".COUNT:NUMBER",
        "the usage says so: a count of it or of its details; totals still add up",
        "usage.input_tokens:9000",
        _usage,
        members=True,
    ),
)
