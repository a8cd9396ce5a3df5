"""How a client behaved: what it did with tool calls, retries, streams and polls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.history import answers, as_items
from mockserver.journal import Call
from mockserver.verification.criteria import describe

_POLL: Final = re.compile(r"/responses/[^/]+")
_CREATES: Final = ("POST", "WS")


def unanswered(calls: Sequence[Call]) -> Iterator[str]:
    """Yield the tool calls whose outputs no later request of the client returned."""
    for position, call in enumerate(calls):
        if call.status is None or call.status >= 400:
            continue
        given = {id_ for later in calls[position + 1 :] for id_ in _given(later)}
        for id_ in call.asks:
            if id_ not in given:
                yield f"no output was returned for {id_} of {describe(call)}"


def hasty_retries(calls: Sequence[Call], tolerance: float) -> Iterator[str]:
    """Yield the repeated requests that came before their ``retry-after`` was over."""
    for position, call in enumerate(calls):
        if call.retry_after is None or call.ended is None:
            continue
        again = next((later for later in calls[position + 1 :] if _same(call, later)), None)
        if again is not None and again.started - call.ended < call.retry_after - tolerance:
            yield (
                f"{describe(again)} came {again.started - call.ended:.3f} s after "
                f"{describe(call)}, which asked for {call.retry_after:g} s"
            )


def unread_streams(calls: Sequence[Call]) -> Iterator[str]:
    """Yield the streams that the client left before their end."""
    for call in calls:
        if _streams(call) and (call.disconnected or not call.finished):
            how = "was left by the client" if call.disconnected else "was not sent to its end"
            yield f"{describe(call)} {how} after {call.events} events"


def hasty_polls(calls: Sequence[Call], seconds: float, tolerance: float) -> Iterator[str]:
    """Yield the polls of a response that came sooner after the one before than they may."""
    before: dict[str, Call] = {}
    for call in calls:
        if call.method != "GET" or _streams(call) or not _POLL.fullmatch(call.path):
            continue
        last = before.get(call.path)
        if last is not None and call.started - last.started < seconds - tolerance:
            yield f"{describe(call)} came {call.started - last.started:.3f} s after the poll before"
        before[call.path] = call


def duplicates(calls: Sequence[Call]) -> Iterator[str]:
    """Yield the creates that ask again for what an equal one before has got or still waits for.

    An equal one after an error, or after one that the client gave up, is a retry.
    """
    known: dict[tuple[str, str], Call] = {}
    for call in calls:
        if call.method not in _CREATES or call.path != "/responses" or call.body is None:
            continue
        key = (call.path, json.dumps(call.body, sort_keys=True))
        first = known.get(key)
        if first is not None:
            yield f"{describe(call)} asks for the same as {describe(first)}"
        elif not call.disconnected and (call.status is None or call.status < 400):
            known[key] = call


def _given(call: Call) -> tuple[str, ...]:
    input = (call.body or {}).get("input")
    items = input if isinstance(input, list) else []
    return answers(as_items([item for item in items if isinstance(item, dict)]))


def _same(one: Call, other: Call) -> bool:
    return (one.method, one.path, one.body) == (other.method, other.path, other.body)


def _streams(call: Call) -> bool:
    return call.stream or (call.events > 0 and call.method == "GET")
