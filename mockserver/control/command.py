"""The commands: each a method, a resource, what it does in a line, and the function that does it.

A further resource is a module of such functions and its rows in ``COMMANDS``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from mockserver.control import cassettes, looking, rules, setting, timing
from mockserver.engine import Engine
from mockserver.namespace import DEFAULT, NAMED, Namespace, is_name
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError

Act = Callable[[Engine, Namespace, Json], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the control API; ``takes`` shows its body or query."""

    method: str
    resource: str
    takes: str
    help: str
    act: Act


async def index(engine: Engine, space: Namespace, body: Json) -> Json:
    """Return what commands there are."""
    return {
        "commands": [
            {
                "method": row.method,
                "path": f"/_mock/{row.resource}",
                "takes": row.takes,
                "help": row.help,
            }
            for row in COMMANDS.values()
        ]
    }


_ROWS: Final = (
    Command("GET", "", "", "the commands there are", index),
    Command("GET", "state", "", "what is remembered: responses, conversations", looking.state),
    Command("GET", "calls", "?after=NUMBER", "the calls, oldest first", looking.calls),
    Command("DELETE", "calls", "", "forget the calls", looking.forget_calls),
    Command("GET", "scenario", "", "the flags for requests that bring none", setting.scenario),
    Command("PUT", "scenario", '{"flags": "failed"}', "set them", setting.set_scenario),
    Command("DELETE", "scenario", "", "unset them", setting.unset_scenario),
    Command("GET", "clock", "", "mode, seconds since the start, unix time", timing.clock),
    Command("PUT", "clock", '{"mode": "virtual"}', "virtual or real time", timing.set_clock),
    Command(
        "POST",
        "clock/advance",
        '{"seconds": 5} or {"until": "resp_…"}',
        "move virtual time on, or to the end of a response",
        timing.advance,
    ),
    Command("GET", "seed", "", "the seed", setting.seed),
    Command("PUT", "seed", '{"seed": 7}', "start afresh from another seed", setting.set_seed),
    Command("GET", "limits", "", "the rate limits", setting.limits),
    Command("PUT", "limits", '{"rpm": 3, "tpm": 1000}', "set them, anew", setting.set_limits),
    Command("GET", "cassettes", "", "what is replayed, and what is unplayed", cassettes.cassettes),
    Command(
        "PUT",
        "cassettes",
        '{"names": […]} or {"files": {NAME: TEXT}}, "strict"',
        "replay these",
        cassettes.set_cassettes,
    ),
    Command("DELETE", "cassettes", "", "replay the server's own again", cassettes.unset_cassettes),
    Command("GET", "rules", "", "the rules in their order, and what is unused", rules.rules),
    Command("POST", "rules", '{"rules": […]}', "add rules after those there are", rules.add_rules),
    Command("DELETE", "rules", "", "forget those that were added", rules.forget_rules),
    Command("GET", "webhooks", "", "the webhook endpoints, and the deliveries", looking.webhooks),
    Command("GET", "namespaces", "", "the namespaces there are", looking.namespaces),
    Command("DELETE", "namespaces", "", "drop the namespace", setting.drop),
    Command("POST", "reset", "", "make the namespace as it was at its start", setting.reset),
    Command("GET", "config", "", "the server's settings", looking.config),
)

COMMANDS: Final[Mapping[tuple[str, str], Command]] = {
    (row.method, row.resource): row for row in _ROWS
}
"""Every command by method and resource; the README's table is that of these."""


async def perform(
    engine: Engine, method: str, resource: str, body: Json, namespace: str = DEFAULT
) -> Json:
    """Perform a command on a namespace; return its JSON answer.

    Raises ApiError: 404 for a resource that there is not, 405 for a method it does not take, 400
    for a body or a namespace that makes no sense.
    """
    command = COMMANDS.get((method, resource))
    if command is None:
        raise _nowhere(method, resource)
    if namespace and not is_name(namespace):
        raise ApiError(
            f"Invalid namespace {namespace!r}: it is {NAMED}.",
            param="namespace",
            code="invalid_value",
        )
    spaces = engine.spaces
    space = spaces.look(namespace) if method == "GET" else await spaces.use(namespace)
    return await command.act(engine, space, body)


def _nowhere(method: str, resource: str) -> ApiError:
    methods = [row.method for row in COMMANDS.values() if row.resource == resource]
    if methods:
        return ApiError(
            f"/_mock/{resource} takes {', '.join(methods)}, not {method}.",
            status=405,
            headers={"allow": ", ".join(methods)},
        )
    known = ", ".join(dict.fromkeys(row.resource for row in COMMANDS.values() if row.resource))
    return ApiError(f"There is no /_mock/{resource}; there are {known}.", status=404)
