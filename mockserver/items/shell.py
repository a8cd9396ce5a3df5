"""Shells: commands that the client runs, or the server in a container."""

from __future__ import annotations

import shlex
from hashlib import blake2b
from typing import Any, ClassVar, Final, Literal

from mockserver.items.asked import last_call, leave
from mockserver.items.base import Item, Side
from mockserver.items.commands import pick_commands, printed
from mockserver.items.context import Context
from mockserver.items.shell_steps import Commands, Outputs
from mockserver.schema.base import Json, compact
from mockserver.seed import Draw

_HOSTED: Final = ("container_auto", "container_reference")


def shell_environment(tool: Json, draw: Draw, history: list[Json]) -> Json:
    """Return where a shell tool's commands run: with the client, or in a container by its id.

    The API makes a container for ``container_auto`` and speaks of it as a reference from then on,
    in the echoed tool too (recorded in February 2026).
    """
    asked: Json = tool.get("environment") or {"type": "local"}
    if asked.get("type") == "container_reference":
        return {"type": "container_reference", "container_id": asked.get("container_id")}
    if asked.get("type") != "container_auto":
        return {"type": "local"}
    for item in reversed(history):
        place = item.get("environment") if item.get("type") == ShellCall.kind else None
        if place and place.get("type") == "container_reference":
            return dict(place)
    name = blake2b(draw.chain.encode(), digest_size=20).hexdigest()
    return {"type": "container_reference", "container_id": f"cntr_{draw.stamp:08x}{name}"}


class ShellCall(Item):
    """Commands for a shell (api-contract §5.1 row 15)."""

    kind: ClassVar = "shell_call"
    prefix: ClassVar = "sh"
    tools: ClassVar = ("shell",)
    answer: ClassVar = "shell_call_output"
    steps: ClassVar = (Commands(),)

    type: Literal["shell_call"]
    status: Literal["in_progress", "completed", "incomplete"]
    action: dict[str, Any]
    call_id: str
    environment: dict[str, Any] | None = None
    caller: dict[str, Any] | None = None
    created_by: str | None = None

    @classmethod
    def side(cls, ctx: Context, tool: Json) -> Side:
        """Tell who runs the commands: a container is the server's."""
        return "hosted" if _is_hosted(tool) else "client"

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Run a command or two; the output for a client may be cut at a length."""
        hosted = _is_hosted(tool)
        item: Json = {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "action": {
                "commands": pick_commands(ctx),
                "max_output_length": None if hosted else ctx.random.randint(4_000, 12_000),
                "timeout_ms": None,
            },
            "call_id": ctx.draw.call_id(),
            "environment": shell_environment(tool, ctx.draw, ctx.history),
        }
        return leave(ctx, item)


class ShellCallOutput(Item):
    """What the commands printed (api-contract §5.1 row 16); complete from the start (§8.7)."""

    kind: ClassVar = "shell_call_output"
    prefix: ClassVar = "sho"
    tools: ClassVar = ("shell",)
    steps: ClassVar = (Outputs(),)
    opening_status: ClassVar = "completed"

    type: Literal["shell_call_output"]
    status: Literal["in_progress", "completed", "incomplete"]
    call_id: str
    max_output_length: int | None = None
    output: list[Any]
    caller: dict[str, Any] | None = None
    created_by: str | None = None

    @classmethod
    def side(cls, ctx: Context, tool: Json) -> Side | None:
        """Come with the call where the server runs it; a client sends its own."""
        return "hosted" if _is_hosted(tool) else None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Answer the last call, or if there is none, one for the name of the folder."""
        call = last_call(ctx, ShellCall.kind) or {}
        action = call.get("action") or {"commands": ["pwd"]}
        machine = (call.get("environment") or {}).get("container_id") or ""
        outputs = [printed(command, machine) or "" for command in action.get("commands") or []]
        return {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "call_id": call.get("call_id") or ctx.draw.call_id(),
            "max_output_length": action.get("max_output_length"),
            "output": [
                {"outcome": {"type": "exit", "exit_code": 0}, "stderr": "", "stdout": stdout}
                for stdout in outputs
            ],
        }


class LocalShellCall(Item):
    """A command of the earlier shell tool (api-contract §5.1 row 13)."""

    kind: ClassVar = "local_shell_call"
    prefix: ClassVar = "lsh"
    tools: ClassVar = ("local_shell",)
    answer: ClassVar = "local_shell_call_output"

    type: Literal["local_shell_call"]
    status: Literal["in_progress", "completed", "incomplete"]
    action: dict[str, Any]
    call_id: str

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Run one command, given as its words."""
        command = shlex.split(pick_commands(ctx)[0].split(" && ")[0])
        item: Json = {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "action": {"type": "exec", "command": command, "env": {}},
            "call_id": ctx.draw.call_id(),
        }
        return leave(ctx, item)

    @classmethod
    def open(cls, item: Json) -> Json:
        """Return the call before its command is known (api-contract §8.7)."""
        action = {**item["action"], "command": [], "env": {}}
        return {**super().open(item), "action": action}


class LocalShellCallOutput(Item):
    """What the command printed (api-contract §5.1 row 14); its ``id`` is the call's ``call_id``."""

    kind: ClassVar = "local_shell_call_output"
    prefix: ClassVar = "lsho"

    type: Literal["local_shell_call_output"]
    status: Literal["in_progress", "completed", "incomplete"] | None = None
    output: str

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Answer the last call, if there is one."""
        call = last_call(ctx, LocalShellCall.kind) or {}
        command = shlex.join((call.get("action") or {}).get("command") or ["pwd"])
        result = {"stdout": printed(command, "") or "", "stderr": "", "exit_code": 0}
        return {
            "id": call.get("call_id") or ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "output": compact(result).decode(),
        }


def _is_hosted(tool: Json) -> bool:
    return (tool.get("environment") or {}).get("type") in _HOSTED
