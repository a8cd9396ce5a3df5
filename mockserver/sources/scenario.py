"""Scripted outcomes: the flags that choose an answer."""

from __future__ import annotations

from mockserver.flags import Flags, Hold
from mockserver.lifecycle import Plan, end
from mockserver.limits import duration
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.schema.outages import message_of, outage


def http_error(flags: Flags, body: Json | None) -> ApiError | None:
    """Return the HTTP error that the flags ask for, with the body of api-contract §9.2.

    ``body`` is that of the request, whose model the error names.
    """
    if flags.http is None:
        return None
    wait = flags.retry_after
    headers = {} if wait is None else {"retry-after": f"{wait:g}"}
    type_, code, message = outage(
        flags.http,
        flags.http_code,
        model=(body or {}).get("model"),
        wait=duration(1.0 if wait is None else wait),
    )
    if flags.message is not None:
        message = flags.message
    return ApiError(message, status=flags.http, type=type_, code=code, headers=headers)


def fail(response: Json, flags: Flags) -> Json:
    """Return the response as one that failed, with the flags' code and text (api-contract §3.4)."""
    code = flags.detail or "server_error"
    said = flags.message
    message = message_of(code, model=response["model"]) if said is None else said
    return {
        **response,
        "status": "failed",
        "completed_at": None,
        "error": {"code": code, "message": message},
        "output": [],
        "usage": None,
    }


def schedule(plan: Plan, flags: Flags) -> None:
    """Give a plan the phases that the flags name; of a chain, those not named are skipped."""
    chained = flags.queued is not None or flags.in_progress is not None
    if chained:
        plan.queued, plan.queued_polls = _held(flags.queued, plan.queued, plan)
        plan.in_progress, plan.in_progress_polls = _held(flags.in_progress, plan.in_progress, plan)
    if flags.outcome == "queued":
        plan.queued, plan.queued_polls = None, None
    elif flags.outcome == "in_progress":
        plan.in_progress, plan.in_progress_polls = None, None
    elif flags.outcome == "cancelled":
        _cancel(plan, flags, chained)


def _held(hold: Hold | None, usual: float | None, plan: Plan) -> tuple[float | None, int | None]:
    """Return the seconds and the polls that a phase lasts.

    A client that streams does not poll: to it, a phase held for polls takes no time.
    """
    if hold is None:
        return 0.0, None
    if hold.polls is not None:
        return (0.0, None) if plan.streamed else (None, hold.polls)
    return (usual if hold.seconds is None else hold.seconds), None


def _cancel(plan: Plan, flags: Flags, chained: bool) -> None:
    """Let a plan be cancelled: where its chain ends, else halfway through."""
    if not chained:
        plan.cancelled = (plan.started + end(plan)) / 2
    elif plan.queued_polls is not None or plan.in_progress_polls is not None:
        plan.cancels = True
    else:
        plan.cancelled = end(plan)
        # Nothing, or half of it, has been told by then.
        plan.in_progress = 2 * (plan.in_progress or 0.0) if flags.in_progress else None
