"""Custom tool calls: free text for a tool that the client runs."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from mockserver.items.base import Item
from mockserver.items.context import Context
from mockserver.items.steps import Text
from mockserver.schema.base import Json


class CustomToolCall(Item):
    """A call of one of the request's custom tools (api-contract §5.1 row 5)."""

    kind: ClassVar = "custom_tool_call"
    prefix: ClassVar = "ctc"
    tools: ClassVar = ("custom",)
    answer: ClassVar = "custom_tool_call_output"
    steps: ClassVar = (Text("response.custom_tool_call_input", "input"),)

    type: Literal["custom_tool_call"] = "custom_tool_call"
    status: Literal["in_progress", "completed", "incomplete"] | None = None
    call_id: str
    input: str
    name: str
    namespace: str | None = None
    caller: dict[str, Any] | None = None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Call the tool with a sentence, or with a text that its regular expression matches."""
        grammar = tool.get("format") or {}
        if grammar.get("syntax") == "regex":
            text = ctx.generate({"type": "string", "pattern": f"^(?:{grammar['definition']})$"})
        else:
            text = ctx.words.sentence(ctx.random)
        return {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "call_id": ctx.draw.call_id(),
            "input": text,
            "name": tool["name"],
        }
