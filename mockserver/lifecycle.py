"""The life of a response: a pure function of its plan and the moment it is looked at."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import islice
from operator import attrgetter
from typing import Final, Literal

from mockserver.clock import Clock
from mockserver.schema.base import Json
from mockserver.seed import Draw, lags
from mockserver.streaming.streamer import TERMINAL, snapshot, stream, terminal_event

ENDED: Final = frozenset({"completed", "failed", "incomplete", "cancelled"})
_BILLED: Final = frozenset({"completed", "incomplete"})


@dataclass(slots=True, kw_only=True)
class Plan:
    """A finished response and when its parts are to be seen; all times in seconds.

    ``started`` is the clock's moment of the request. A background response is queued for
    ``queued`` seconds and in progress for ``in_progress``; infinity holds it there. ``ttft`` is
    the time to the first item event and ``tps`` the deltas per second after it; ``jitter`` is the
    most that is added to each of these waits. A phase with ``queued_polls`` or
    ``in_progress_polls`` is endless until so many polls have seen it. ``cancelled`` is the moment
    of a cancellation, if any; with ``cancels`` it comes where the polls end. ``keepalive`` is the
    longest silence of a stream. ``draw`` is the chance the response was made with and ``clock`` its
    namespace's at that time; neither is kept on record.
    """

    response: Json
    started: float
    background: bool = False
    streamed: bool = False
    queued: float | None = 0.0
    in_progress: float | None = 0.0
    ttft: float | None = None
    tps: float | None = None
    jitter: float | None = None
    queued_polls: int | None = None
    in_progress_polls: int | None = None
    cancels: bool = False
    cancelled: float | None = None
    keepalive: float | None = None
    nested_error: bool = True
    cancelled_stream: Literal["failed", "end"] = "failed"
    draw: Draw | None = None
    clock: Clock | None = None

    @property
    def instant(self) -> bool:
        """Whether all of it is there at once."""
        return not self.background and not self.paced

    @property
    def paced(self) -> bool:
        """Whether tokens have a pace of their own."""
        return not (self.ttft is None and self.tps is None and self.jitter is None)

    @property
    def polled(self) -> bool:
        """Whether a phase waits for polls."""
        return self.queued_polls is not None or self.in_progress_polls is not None

    def document(self) -> Json:
        """Return the plan as JSON, in which None stands for an endless phase."""
        return dict(zip(_FIELDS, _values(self), strict=True))


_UNKEPT: Final = ("draw", "clock")
_FIELDS: Final = tuple(field.name for field in fields(Plan) if field.name not in _UNKEPT)
_values: Final = attrgetter(*_FIELDS)


def status(plan: Plan, now: float) -> str:
    """Return the status that the response has at a moment."""
    if plan.cancelled is not None and now >= plan.cancelled:
        return "cancelled"
    if not plan.background:
        return str(plan.response["status"])
    # Moments are added as they are in ``timeline``, so that both round alike.
    if now < plan.started + _endless(plan.queued):
        return "queued"
    if now < plan.started + _end(plan):
        return "in_progress"
    return str(plan.response["status"])


def view(plan: Plan, now: float) -> Json:
    """Return the response as a GET shows it at a moment (api-contract §3.3, §10.1)."""
    state = status(plan, now)
    if state == "cancelled":
        return _cancelled(plan)
    if state not in ENDED:
        return snapshot(plan.response, state)
    return billed(plan.response)


def billed(response: Json) -> Json:
    """Return a finished response as JSON bodies have it, with ``billing`` (wire-vs-spec §1)."""
    if response["status"] not in _BILLED or "billing" in response:
        return response
    body: Json = {}
    for key, value in response.items():
        body[key] = value
        if key == "background":
            body["billing"] = {"payer": "developer"}
    return body


def timeline(plan: Plan, *, obfuscation: bool = True) -> Iterator[tuple[float, Json]]:
    """Yield every event with the clock's moment at which it is to be sent."""
    if plan.instant:
        for event in _told(plan, obfuscation):
            yield plan.started, event
        return
    last = -1
    for moment, event in _kept_alive(_paced(plan, obfuscation), plan.keepalive):
        if plan.cancelled is not None and _too_late(moment, event, plan.cancelled):
            break
        if math.isinf(moment):
            return
        last = event["sequence_number"]
        yield moment, event
        if event["type"] in TERMINAL:
            return
    if plan.cancelled is not None and plan.cancelled_stream == "failed":
        yield plan.cancelled, terminal_event(_cancelled(plan)) | {"sequence_number": last + 1}


def _too_late(moment: float, event: Json, cancelled: float) -> bool:
    """Tell whether a cancellation comes before an event; what was due by then has been told."""
    return moment > cancelled or (moment == cancelled and event["type"] in TERMINAL)


def end(plan: Plan) -> float:
    """Return the clock's moment at which the response is there as a whole."""
    natural = plan.started + _end(plan)
    return natural if plan.cancelled is None else min(natural, plan.cancelled)


def _kept_alive(
    told: Iterator[tuple[float, Json]], interval: float | None
) -> Iterator[tuple[float, Json]]:
    """Put a heartbeat into every silence longer than ``interval``; it counts as an event (§8.1)."""
    added, before = 0, math.inf
    for moment, event in told:
        while interval and not math.isinf(moment) and before + interval < moment:
            before += interval
            number = event["sequence_number"] + added
            yield before, {"type": "keepalive", "sequence_number": number}
            added += 1
        event["sequence_number"] += added
        yield moment, event
        before = moment


def _paced(plan: Plan, obfuscation: bool) -> Iterator[tuple[float, Json]]:
    events = list(_told(plan, obfuscation))
    opening = 3 if plan.background else 2
    queued = _endless(plan.queued) if plan.background else 0.0
    spread = _spread(plan, len(events) - opening) if plan.background else 0.0
    waits = lags(plan.jitter, plan.response["id"])
    moment = queued + (plan.ttft or 0.0) + next(waits)
    whole = _end(plan)
    for number, event in enumerate(events):
        if number < opening:
            yield plan.started + (queued if number == 2 else 0.0), event
            continue
        if plan.paced and _is_delta(event):
            moment += _step(plan) + next(waits)
        moment += spread
        # Sums of many steps round: none may come after the end, nor the end after itself.
        due = whole if event["type"] in TERMINAL else min(moment, whole)
        yield plan.started + due, event


def _told(plan: Plan, obfuscation: bool) -> Iterator[Json]:
    return stream(
        plan.response,
        background=plan.background,
        obfuscation=obfuscation,
        nested_error=plan.nested_error,
    )


def _spread(plan: Plan, count: int) -> float:
    """Return the gap between events that fill the time in progress when no pace is set."""
    if plan.paced:
        return 0.0
    return _endless(plan.in_progress) / max(count, 1)


def _end(plan: Plan) -> float:
    """Return the seconds from the start to the end of a run that nobody cancels."""
    if not plan.paced:
        return _endless(plan.queued) + _endless(plan.in_progress) if plan.background else 0.0
    queued = _endless(plan.queued) if plan.background else 0.0
    held = math.inf if plan.background and plan.in_progress is None else 0.0
    return queued + held + (plan.ttft or 0.0) + _talking(plan)


def _talking(plan: Plan) -> float:
    """Return the seconds that all deltas take, and what jitter adds to them and to the first."""
    if plan.tps is None and not plan.jitter:
        return 0.0
    count = sum(map(_is_delta, stream(plan.response, obfuscation=False)))
    added = sum(islice(lags(plan.jitter, plan.response["id"]), count + 1)) if plan.jitter else 0.0
    return count * _step(plan) + added


def _step(plan: Plan) -> float:
    return 1 / plan.tps if plan.tps else 0.0


def _is_delta(event: Json) -> bool:
    return str(event["type"]).endswith(".delta")


def _endless(seconds: float | None) -> float:
    return math.inf if seconds is None else seconds


def _cancelled(plan: Plan) -> Json:
    """Return the cancelled response; nothing of its output is kept (api-contract §3.3)."""
    return snapshot(plan.response, "cancelled")
