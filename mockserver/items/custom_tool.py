"""Custom tool calls: free text, or text of a grammar, for a tool that the client runs."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from mockserver.items.base import Item
from mockserver.items.calls import dictated, make_call, make_output
from mockserver.items.context import Context
from mockserver.items.offers import declared, path_of, spread
from mockserver.items.steps import Text
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError


def input_for(ctx: Context, tool: Json) -> str:
    """Return a sentence, or text that the tool's grammar allows; raise the API's 400 if none is."""
    form = tool.get("format") or {}
    if form.get("type") != "grammar":
        return ctx.words.sentence(ctx.dice)
    try:
        if form["syntax"] == "lark":
            from mockserver.items.grammar import Grammar  # of no use without one

            return Grammar.of(form["definition"]).write(ctx.random, ctx.generate)
        return str(ctx.generate({"type": "string", "pattern": f"^(?:{form['definition']})$"}))
    except ValueError as problem:
        raise _refused(ctx, tool, problem) from None


def check_grammars(ctx: Context) -> None:
    """Raise the API's 400 if the grammar of a tool cannot be read, whether it is called or not."""
    for tool in spread(declared(ctx)):
        form = (tool.get("format") or {}) if tool["type"] == "custom" else {}
        if form.get("syntax") == "lark":
            from mockserver.items.grammar import Grammar, GrammarFault

            try:
                Grammar.of(form["definition"])
            except GrammarFault as problem:
                raise _refused(ctx, tool, problem) from None


def _refused(ctx: Context, tool: Json, problem: ValueError) -> ApiError:
    """Return the error for a grammar; its words are ours, no recording has them (inferred)."""
    path = path_of(ctx, tool)
    reason = getattr(problem, "reason", problem)
    return ApiError(
        f"Invalid grammar for custom tool '{tool.get('name')}': {reason}",
        param=f"{path}.format.definition" if path else "input",
        code="invalid_value",
    )


class CustomToolCall(Item):
    """A call of one of the request's custom tools (api-contract §5.1 row 5)."""

    kind: ClassVar = "custom_tool_call"
    prefix: ClassVar = "ctc"
    tools: ClassVar = ("custom",)
    answer: ClassVar = "custom_tool_call_output"
    steps: ClassVar = (Text("response.custom_tool_call_input", "input"),)

    type: Literal["custom_tool_call"]
    status: Literal["in_progress", "completed", "incomplete"] | None = None
    async_: bool | None = None
    call_id: str
    caller: dict[str, Any] | None = None
    input: str
    name: str
    namespace: str | None = None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Call the tool, with what a program says or with text of its own."""
        text = dictated(ctx, tool)
        if text is None:
            text = input_for(ctx, tool)
        return make_call(ctx, cls, tool, input=text)


class CustomToolCallOutput(Item):
    """What a custom tool gave (api-contract §5.1 row 6); only a scenario makes it an output."""

    kind: ClassVar = "custom_tool_call_output"
    prefix: ClassVar = "ctco"

    type: Literal["custom_tool_call_output"]
    status: Literal["in_progress", "completed", "incomplete"]
    call_id: str
    caller: dict[str, Any] | None = None
    created_by: str | None = None
    output: str | list[Any]

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Answer the last call, if there is one."""
        return make_output(ctx, cls, CustomToolCall.kind)
