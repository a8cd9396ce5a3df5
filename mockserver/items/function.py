"""Function calls: the client runs the function and sends back what it gave."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from mockserver.items.base import Item
from mockserver.items.calls import dictated, make_call, make_output
from mockserver.items.context import Context
from mockserver.items.steps import Text
from mockserver.schema.base import Json, compact


def arguments_for(ctx: Context, tool: Json) -> str:
    """Return arguments that the function's own schema allows, as JSON text.

    The API completes a schema that does not say ``strict``, and its models then fill in every
    property. Here optional ones stay out, so that a random one cannot break a caller's tool.
    """
    return compact(ctx.generate(tool.get("parameters") or {"type": "object"})).decode()


class FunctionCall(Item):
    """A call of one of the request's functions (api-contract §5.1 row 3)."""

    kind: ClassVar = "function_call"
    prefix: ClassVar = "fc"
    tools: ClassVar = ("function",)
    answer: ClassVar = "function_call_output"
    steps: ClassVar = (Text("response.function_call_arguments", "arguments"),)

    type: Literal["function_call"]
    status: Literal["in_progress", "completed", "incomplete"] | None = None
    arguments: str
    async_: bool | None = None
    call_id: str
    caller: dict[str, Any] | None = None
    name: str
    namespace: str | None = None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Call the function, with what a program says or with arguments of its own."""
        arguments = dictated(ctx, tool)
        if arguments is None:
            arguments = arguments_for(ctx, tool)
        return make_call(ctx, cls, tool, arguments=arguments)


class FunctionCallOutput(Item):
    """What a function gave (api-contract §5.1 row 4); only a scenario makes it an output."""

    kind: ClassVar = "function_call_output"
    prefix: ClassVar = "fc"

    type: Literal["function_call_output"]
    status: Literal["in_progress", "completed", "incomplete"]
    call_id: str | None = None
    caller: dict[str, Any] | None = None
    created_by: str | None = None
    name: str | None = None
    namespace: str | None = None
    output: str | list[Any]

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Answer the last call, if there is one."""
        return make_output(ctx, cls, FunctionCall.kind)
