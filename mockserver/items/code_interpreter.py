"""Code interpreter calls: the server runs Python in a container."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from mockserver.items.base import Item
from mockserver.items.citations import cite_container_file
from mockserver.items.context import Context
from mockserver.items.question import question
from mockserver.items.steps import Keep, Phase, Text, phases
from mockserver.schema.base import Json


class CodeInterpreterCall(Item):
    """A program, run (api-contract §5.1 row 9)."""

    kind: ClassVar = "code_interpreter_call"
    prefix: ClassVar = "ci"
    tools: ClassVar = ("code_interpreter",)
    steps: ClassVar = (
        *phases("code_interpreter_call", "in_progress"),
        Text("response.code_interpreter_call_code", "code"),
        Phase(
            "response.code_interpreter_call.interpreting", ("interpreting", "completed", "failed")
        ),
        *phases("code_interpreter_call", "completed"),
    )

    type: Literal["code_interpreter_call"]
    status: Literal["in_progress", "completed", "incomplete", "interpreting", "failed"]
    code: str | None
    container_id: str
    outputs: list[Any] | None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Run a program that fits the question; leave the file it writes for the message."""
        from mockserver.items.programs import write_program  # of no use without the tool

        program = write_program(question(ctx.history), ctx.random)
        container_id = _container(ctx, tool)
        if program.path is not None:
            file_id = f"cfile_{ctx.draw.stamp:08x}{ctx.random.getrandbits(96):024x}"
            ctx.citations.append(cite_container_file(container_id, file_id, program.path))
        shown = "code_interpreter_call.outputs" in ctx.include
        return {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "code": program.code,
            "container_id": container_id,
            "outputs": [{"type": "logs", "logs": program.logs}] if shown else None,
        }

    @classmethod
    def open(cls, item: Json) -> Json:
        """Return the item without code and outputs; what is null stays null (api-contract §8.7)."""
        snapshot = super().open(item)
        return snapshot | {"outputs": []} if snapshot.get("outputs") else snapshot

    @classmethod
    def cut(cls, item: Json, keep: Keep) -> Json:
        """Return the item with the code as far as it got, which then was not run."""
        return super().cut(item, keep) | {"outputs": None}


def _container(ctx: Context, tool: Json) -> str:
    """Return the container: the tool's own, else the one used before, else a new one."""
    asked = tool.get("container")
    if isinstance(asked, str):
        return asked
    used = (item.get("container_id") for item in reversed(ctx.history) if _ran(item))
    made = next((str(id_) for id_ in used if id_), None) or ctx.notes.get("container_id")
    if made is None:
        made = f"cntr_{ctx.draw.stamp:08x}{ctx.random.getrandbits(160):040x}"
    ctx.notes["container_id"] = made
    return str(made)


def _ran(item: Json) -> bool:
    return item.get("type") == CodeInterpreterCall.kind
