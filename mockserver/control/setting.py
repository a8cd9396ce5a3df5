"""Commands that set up a namespace: scenario, seed, limits, reset, drop."""

from __future__ import annotations

from mockserver.control.values import only, optional, required, whole
from mockserver.engine import Engine
from mockserver.namespace import Namespace
from mockserver.schema.base import Json
from mockserver.seed import Seed


async def scenario(engine: Engine, space: Namespace, body: Json) -> Json:
    """Return the flags for requests that bring none; null when the server's own hold."""
    only(body)
    return {"flags": space.scenario}


async def set_scenario(engine: Engine, space: Namespace, body: Json) -> Json:
    """Set them; flags that do not exist are a 400."""
    only(body, "flags")
    engine.script(optional(body, "flags", str), space.name)
    return {"flags": space.scenario}


async def unset_scenario(engine: Engine, space: Namespace, body: Json) -> Json:
    """Unset them."""
    only(body)
    space.scenario = None
    return {"flags": None}


async def seed(engine: Engine, space: Namespace, body: Json) -> Json:
    """Return the seed."""
    only(body)
    return {"seed": space.seed_value}


async def set_seed(engine: Engine, space: Namespace, body: Json) -> Json:
    """Start afresh from a seed; equal ones give equal answers in whatever namespaces."""
    only(body, "seed")
    required(body, "seed", int)
    value = whole(body, "seed", 0) or 0
    space.seed, space.seed_value = Seed(value), value
    return {"seed": value}


async def limits(engine: Engine, space: Namespace, body: Json) -> Json:
    """Return the requests and tokens per minute; null is without limit."""
    only(body)
    found = space.limits
    return {"rpm": found.rpm if found else None, "tpm": found.tpm if found else None}


async def set_limits(engine: Engine, space: Namespace, body: Json) -> Json:
    """Limit from now on, with full buckets; what is left out or null is without limit."""
    only(body, "rpm", "tpm")
    rpm, tpm = whole(body, "rpm", 1), whole(body, "tpm", 1)
    space.limits = engine.spaces.limits(space.clock, rpm, tpm)
    return await limits(engine, space, {})


async def reset(engine: Engine, space: Namespace, body: Json) -> Json:
    """Make a namespace as it was when it was made."""
    only(body)
    await engine.spaces.reset(space.name)
    return {"namespace": space.name}


async def drop(engine: Engine, space: Namespace, body: Json) -> Json:
    """Forget a namespace with all that it holds."""
    only(body)
    await engine.spaces.drop(space.name)
    return {"namespace": space.name}
