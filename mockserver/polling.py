"""Polls as the time of a plan: what a look at it changes when a phase is held for looks."""

from __future__ import annotations

import math

from mockserver.lifecycle import Plan, end, status


def poll(plan: Plan, now: float) -> None:
    """Count a poll: a phase held for polls ends with the first one after them, at its moment."""
    if status(plan, now) == "queued" and plan.queued_polls is not None:
        if plan.queued_polls:
            plan.queued_polls -= 1
            return
        plan.queued, plan.queued_polls = _passed(plan, 0.0, now), None
    if status(plan, now) == "in_progress" and plan.in_progress_polls is not None:
        if plan.in_progress_polls:
            plan.in_progress_polls -= 1
            return
        plan.in_progress = _passed(plan, plan.queued or 0.0, now)
        plan.in_progress_polls = None
    if plan.cancels and not plan.polled:
        plan.cancelled, plan.cancels = max(now, end(plan)), False


def _passed(plan: Plan, before: float, now: float) -> float:
    """Return the seconds from the start to now, less those before; they add up to no more."""
    seconds = max(now - plan.started - before, 0.0)
    while seconds and plan.started + (before + seconds) > now:
        seconds = math.nextafter(seconds, 0.0)
    return seconds
