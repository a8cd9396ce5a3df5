"""Remote MCP servers: their tools are listed, called by the server, and approved by the client."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from mockserver.items.asked import last_call, leave
from mockserver.items.base import Item, Side
from mockserver.items.context import Context
from mockserver.items.mcp_consent import answer_to, needs_approval, request_of
from mockserver.items.mcp_server import (
    called,
    label_of,
    listed_before,
    listing,
    said_to,
    unreachable,
)
from mockserver.items.mcp_steps import Arguments, Outcome
from mockserver.items.steps import Phase
from mockserver.schema.base import Json


class McpListTools(Item):
    """The tools of a server (api-contract §5.1 row 19): listed once, before everything else."""

    kind: ClassVar = "mcp_list_tools"
    prefix: ClassVar = "mcpl"
    tools: ClassVar = ("mcp",)
    early: ClassVar = True
    steps: ClassVar = (
        Phase("response.mcp_list_tools.in_progress"),
        Outcome("mcp_list_tools"),
    )
    opening: ClassVar = {"tools": []}

    type: Literal["mcp_list_tools"]
    error: str | None = None
    server_label: str
    tools_: list[Any]

    @classmethod
    def side(cls, ctx: Context, tool: Json) -> Side | None:
        """List the tools unless the input holds them already."""
        return "hosted" if listed_before(ctx, tool) is None else None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """List the tools, or say why there are none."""
        item: Json = {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "server_label": label_of(tool),
            "tools": listing(ctx, tool),
        }
        problem = unreachable(tool)
        return item if problem is None else {**item, "error": problem}


class McpCall(Item):
    """A call of a server's tool, with what came of it (api-contract §5.1 row 20)."""

    kind: ClassVar = "mcp_call"
    prefix: ClassVar = "mcp"
    tools: ClassVar = ("mcp",)
    steps: ClassVar = (Phase("response.mcp_call.in_progress"), Arguments(), Outcome("mcp_call"))
    opening: ClassVar = {"error": None, "output": None}

    type: Literal["mcp_call"]
    status: Literal["in_progress", "completed", "incomplete", "calling", "failed"] | None = None
    approval_request_id: str | None = None
    arguments: str
    error: dict[str, Any] | None = None
    name: str
    output: str | None = None
    server_label: str

    @classmethod
    def side(cls, ctx: Context, tool: Json) -> Side | None:
        """Call what the client has approved, or what needs no approval."""
        answer = answer_to(ctx, tool)
        if answer is not None:
            return "hosted" if answer.get("approve") else None
        entry = called(ctx, tool)
        return None if entry is None or needs_approval(tool, entry) else "hosted"

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Call the tool, as it was approved where it was."""
        answer = answer_to(ctx, tool)
        asked = answer and request_of(ctx, answer)
        said = asked or said_to(ctx, tool)
        return {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "approval_request_id": answer["approval_request_id"] if answer else None,
            "arguments": said["arguments"],
            "error": None,
            "name": said["name"],
            "output": ctx.words.text(ctx.dice, words=24),
            "server_label": label_of(tool),
        }


class McpApprovalRequest(Item):
    """A call that waits for the client's consent (api-contract §5.1 row 21)."""

    kind: ClassVar = "mcp_approval_request"
    prefix: ClassVar = "mcpr"
    tools: ClassVar = ("mcp",)
    answer: ClassVar = "mcp_approval_response"

    type: Literal["mcp_approval_request"]
    arguments: str
    name: str
    server_label: str

    @classmethod
    def side(cls, ctx: Context, tool: Json) -> Side | None:
        """Ask before a call that needs approval, but not when the client has just answered."""
        entry = None if answer_to(ctx, tool) else called(ctx, tool)
        return "client" if entry is not None and needs_approval(tool, entry) else None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Ask for consent to a call."""
        item: Json = {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            **said_to(ctx, tool),
            "server_label": label_of(tool),
        }
        return leave(ctx, item)


class McpApprovalResponse(Item):
    """Consent, or not (api-contract §5.1 row 22); only a scenario makes it an output."""

    kind: ClassVar = "mcp_approval_response"
    prefix: ClassVar = "mcpr"

    type: Literal["mcp_approval_response"]
    approval_request_id: str
    approve: bool
    reason: str | None = None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Consent to the last request, if there is one."""
        request = last_call(ctx, McpApprovalRequest.kind) or {}
        return {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "approval_request_id": request.get("id") or ctx.id(cls.prefix),
            "approve": True,
        }
