"""Flags of what becomes of a response: its end, its phases, or an HTTP error instead."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mockserver.flags.flag import Flag, Read, plain, typed
from mockserver.flags.model import Flags, Hold
from mockserver.notation import code, seconds, whole

INCOMPLETE_REASONS: Final = ("max_output_tokens", "content_filter", "max_messages", "steered")

_POLLS: Final = re.compile(r"([0-9]{1,6})polls?")


def _failed(flags: Flags, value: str | None) -> Flags:
    detail, colon, text = (value or "").partition(":")
    detail = code(detail) if detail else "server_error"
    return replace(flags, outcome="failed", detail=detail, message=text if colon else None)


def _incomplete(flags: Flags, value: str | None) -> Flags:
    reason = value or INCOMPLETE_REASONS[0]
    if reason not in INCOMPLETE_REASONS:
        raise ValueError(f"'{reason}' is not one of {', '.join(INCOMPLETE_REASONS)}.")
    return replace(flags, outcome="incomplete", detail=reason)


def _http(flags: Flags, value: str | None) -> Flags:
    status, _, rest = (value or "").partition(":")
    named, colon, text = rest.partition(":")
    if not re.fullmatch(r"[45][0-9]{2}", status):
        raise ValueError(f"'{status}' is not an HTTP error status (400 to 599).")
    return replace(
        flags, http=int(status), http_code=named or None, message=text if colon else None
    )


def _hold(value: str) -> Hold:
    if match := _POLLS.fullmatch(value):
        return Hold(polls=whole(match[1]))
    try:
        return Hold(seconds=seconds(value))
    except ValueError:
        raise ValueError(
            f"'{value}' is neither a number of polls such as 2polls nor a duration such as 1s."
        ) from None


def _queued(flags: Flags, value: str | None) -> Flags:
    if value is None:
        return replace(flags, outcome="queued", background=True, queued=Hold())
    return replace(flags, background=True, queued=_hold(value))


def _in_progress(flags: Flags, value: str | None) -> Flags:
    if value is None:
        return replace(flags, outcome="in_progress", background=True, in_progress=Hold())
    return replace(flags, background=True, in_progress=_hold(value))


def _ended(read: Read) -> Read:
    """Return the reader of an end that goes without the detail of an earlier one."""
    return lambda flags, value: read(replace(flags, detail=None, message=None), value)


FLAGS: Final = (
    Flag(
        "completed",
        "",
        "a normal answer",
        "completed",
        _ended(plain(outcome="completed")),
    ),
    Flag(
        "failed",
        "[:CODE[:TEXT]]",
        "status failed with this error code (server_error) and text",
        "failed:rate_limit_exceeded",
        _failed,
    ),
    Flag(
        "incomplete",
        "[:REASON]",
        "status incomplete for this reason (max_output_tokens)",
        "incomplete:content_filter",
        _ended(_incomplete),
    ),
    Flag(
        "queued",
        "[:HOW LONG]",
        "a background response, queued for a time or some polls; alone, it stays so",
        "queued:2polls,failed",
        _queued,
    ),
    Flag(
        "in_progress",
        "[:HOW LONG]",
        "a background response, in progress for a time or some polls; alone, it stays so",
        "queued:1s,in_progress:3polls",
        _in_progress,
    ),
    Flag(
        "cancelled",
        "",
        "a background response that somebody cancels, at the end of its phases if any are named",
        "in_progress:2polls,cancelled",
        plain(outcome="cancelled", background=True),
    ),
    Flag(
        "background",
        "",
        "as if the request had asked for background:true",
        "background,incomplete",
        plain(background=True),
    ),
    Flag(
        "http",
        ":STATUS[:CODE[:TEXT]]",
        "an HTTP error instead of an answer",
        "http:429:insufficient_quota",
        _http,
    ),
    Flag(
        "retry_after",
        ":SECONDS",
        "the retry-after header of that error",
        "http:503,retry_after:2",
        typed("retry_after", seconds),
    ),
)
