"""Programs: the model calls tools from code that the server runs."""

from __future__ import annotations

import json
import re
from typing import ClassVar, Final, Literal

from mockserver.items.asked import last_call, leave, text_of
from mockserver.items.base import Item, Side
from mockserver.items.calls import enter
from mockserver.items.choice import answered
from mockserver.items.context import Context
from mockserver.items.custom_tool import input_for
from mockserver.items.function import arguments_for
from mockserver.items.offers import programmed
from mockserver.schema.base import Json

_PLAIN: Final = re.compile(r"[A-Za-z_]\w*")
_FINGERPRINT: Final = 240


class Program(Item):
    """A program (api-contract §5.1 row 27); the call that it makes follows and ends the turn."""

    kind: ClassVar = "program"
    prefix: ClassVar = "cm"
    tools: ClassVar = ("programmatic_tool_calling",)
    leads: ClassVar = True
    opening: ClassVar = {"code": ""}

    type: Literal["program"]
    call_id: str
    code: str
    fingerprint: str

    @classmethod
    def side(cls, ctx: Context, tool: Json) -> Side | None:
        """Run a program where there is a tool for it to call."""
        return "hosted" if programmed(ctx) else None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Write a program that calls the tool, and have it called with what the program says."""
        inner = programmed(ctx)
        item: Json = {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "call_id": ctx.draw.call_id(),
            "code": "",
            "fingerprint": ctx.draw.token(_FINGERPRINT),
        }
        if inner is None:
            item["code"] = f"text({json.dumps(ctx.words.sentence(ctx.dice))});"
            return leave(ctx, item)
        custom = inner["type"] == "custom"
        text = input_for(ctx, inner) if custom else arguments_for(ctx, inner)
        passed = json.dumps(text) if custom else text
        item["code"] = f"const result = await {_member(inner['name'])}({passed}); text(result);"
        enter(ctx, item, inner, text)
        return leave(ctx, item)


class ProgramOutput(Item):
    """What a program came to (api-contract §5.1 row 28), once its calls are answered."""

    kind: ClassVar = "program_output"
    prefix: ClassVar = "cmo"
    early: ClassVar = True
    opening: ClassVar = {"result": ""}
    opening_status: ClassVar = "completed"

    type: Literal["program_output"]
    status: Literal["completed", "incomplete"]
    call_id: str
    result: str

    @classmethod
    def side(cls, ctx: Context, tool: Json) -> Side | None:
        """Come when the input ends in outputs for a program."""
        return "hosted" if _returned(ctx) else None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Print what the calls gave; the programs made up here do nothing else."""
        outputs = _returned(ctx)
        program = last_call(ctx, Program.kind) or {}
        call_id = _caller(ctx, outputs[0]) if outputs else program.get("call_id")
        printed = [_printed(output) for output in outputs] or [ctx.words.sentence(ctx.dice)]
        return {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "call_id": call_id or ctx.draw.call_id(),
            "result": "\n".join(printed),
        }


def _returned(ctx: Context) -> list[Json]:
    """Return the outputs at the end of the input that answer calls of one program, in order."""
    outputs: list[Json] = []
    for item in reversed(ctx.history):
        caller = _caller(ctx, item) if answered([item]) else None
        if caller is None or (outputs and caller != _caller(ctx, outputs[0])):
            break
        outputs.insert(0, item)
    return outputs


def _caller(ctx: Context, output: Json) -> str | None:
    """Return the ``call_id`` of the program that an output is for; it need not say so itself."""
    call_id = output.get("call_id")
    calls = (
        item for item in ctx.history if "output" not in item and item.get("call_id") == call_id
    )
    caller = output.get("caller") or next(calls, {}).get("caller") or {}
    return str(caller["caller_id"]) if caller.get("type") == "program" else None


def _printed(output: Json) -> str:
    """Return an output as text; JSON comes back in the order of its keys (recorded)."""
    given = output.get("output")
    text = given if isinstance(given, str) else text_of({"role": "tool", "content": given})
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _member(name: str) -> str:
    return f"tools.{name}" if _PLAIN.fullmatch(name) else f"tools[{json.dumps(name)}]"
