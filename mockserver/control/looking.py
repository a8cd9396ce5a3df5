"""Commands that look: state, calls, webhooks, namespaces, settings."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from mockserver.control import setting, timing
from mockserver.control.values import invalid, only
from mockserver.engine import Engine
from mockserver.lifecycle import Plan, status
from mockserver.namespace import Namespace
from mockserver.schema.base import Json


async def state(engine: Engine, space: Namespace, body: Json) -> Json:
    """Return what a namespace remembers, in short."""
    only(body)
    now = space.clock.now()
    return {
        "namespace": space.name,
        "responses": [_response(plan, now) for plan in await engine.records.plans(space.name)],
        "running": list(space.running),
        "conversations": await engine.conversations.ids(space.name),
        "webhook_endpoints": [entry["id"] for entry in await engine.webhooks.all(space.name)],
        "calls": len(space.calls),
        "clock": await timing.clock(engine, space, {}),
        **await setting.scenario(engine, space, {}),
        **await setting.seed(engine, space, {}),
        "limits": await setting.limits(engine, space, {}),
    }


def _response(plan: Plan, now: float) -> Json:
    response = plan.response
    names = ("id", "model", "created_at", "previous_response_id", "background")
    return {name: response.get(name) for name in names} | {"status": status(plan, now)}


async def calls(engine: Engine, space: Namespace, body: Json) -> Json:
    """Return the calls with numbers above ``after``, oldest first, secrets redacted."""
    only(body, "after")
    after = str(body.get("after", "0"))
    if not (after.isascii() and after.isdigit() and len(after) < 18):
        raise invalid("after", f"{after!r} is not the number of a call")
    return {"calls": [call.document() for call in space.calls if call.number > int(after)]}


async def forget_calls(engine: Engine, space: Namespace, body: Json) -> Json:
    """Forget the calls."""
    only(body)
    space.calls.clear()
    return {"calls": []}


async def webhooks(engine: Engine, space: Namespace, body: Json) -> Json:
    """Return the webhook endpoints, without their secrets, and the latest deliveries."""
    only(body)
    return {
        "endpoints": await engine.webhooks.all(space.name),
        "deliveries": [delivery.document() for delivery in engine.deliveries.of(space.name)],
    }


async def namespaces(engine: Engine, space: Namespace, body: Json) -> Json:
    """Return the namespaces there are; the default one has an empty name."""
    only(body)
    return {
        "namespaces": [
            {"name": entry.name, "calls": len(entry.calls), "open": entry.open}
            for entry in engine.spaces
        ]
    }


async def config(engine: Engine, space: Namespace, body: Json) -> Json:
    """Return the settings but for secrets."""
    only(body)
    shown = (entry for entry in fields(engine.settings) if entry.repr)
    return {entry.name: _plain(getattr(engine.settings, entry.name)) for entry in shown}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, Path) else value
