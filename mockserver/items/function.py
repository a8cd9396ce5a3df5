"""Function calls: the client runs the function and sends back what it gave."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from mockserver.items.base import Item
from mockserver.items.context import Context
from mockserver.items.steps import Text
from mockserver.schema.base import Json, compact


class FunctionCall(Item):
    """A call of one of the request's functions (api-contract §5.1 row 3)."""

    kind: ClassVar = "function_call"
    prefix: ClassVar = "fc"
    tools: ClassVar = ("function",)
    answer: ClassVar = "function_call_output"
    steps: ClassVar = (Text("response.function_call_arguments", "arguments"),)

    type: Literal["function_call"] = "function_call"
    status: Literal["in_progress", "completed", "incomplete"] | None = None
    arguments: str
    call_id: str
    name: str
    namespace: str | None = None
    caller: dict[str, Any] | None = None
    async_: bool | None = None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Call the function with arguments that its schema allows."""
        arguments = ctx.generate(tool.get("parameters") or {"type": "object"})
        return {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "arguments": compact(arguments).decode(),
            "call_id": ctx.draw.call_id(),
            "name": tool["name"],
        }
