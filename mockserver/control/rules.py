"""Commands for rules and scripts."""

from __future__ import annotations

from mockserver.control.values import invalid, only, required
from mockserver.engine import Engine
from mockserver.namespace import Namespace
from mockserver.schema.base import Json


async def rules(engine: Engine, space: Namespace, body: Json) -> Json:
    """Return the rules in force in their order, how often each was used, what is unused."""
    only(body)
    found = engine.scenarios.of(space)
    return {"rules": [] if found is None else found.shown()}


async def add_rules(engine: Engine, space: Namespace, body: Json) -> Json:
    """Add rules after those that the namespace has of its own; 400 for those without sense."""
    from mockserver.rules import RuleError
    from mockserver.rules.errors import dotted

    only(body, "rules")
    required(body, "rules", list)
    try:
        engine.scenarios.add(space, body["rules"])
    except RuleError as problem:
        raise invalid(f"rules{dotted(problem.steps)}", problem.message) from None
    return await rules(engine, space, {})


async def forget_rules(engine: Engine, space: Namespace, body: Json) -> Json:
    """Forget the rules that were added; those of the server's files begin anew."""
    only(body)
    space.rules = None
    return await rules(engine, space, {})
