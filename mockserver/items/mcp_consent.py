"""The client's consent to calls of MCP servers: when it is needed, and what it was."""

from __future__ import annotations

from mockserver.items.choice import answered
from mockserver.items.context import Context
from mockserver.items.mcp_server import label_of
from mockserver.schema.base import Json


def needs_approval(tool: Json, entry: Json) -> bool:
    """Tell whether the client must consent to a call (api-contract §6.1): unless it is excepted."""
    rule = tool.get("require_approval") or "always"
    if isinstance(rule, str):
        return rule != "never"
    return _covers(rule.get("always"), entry) or not _covers(rule.get("never"), entry)


def answer_to(ctx: Context, tool: Json) -> Json | None:
    """Return what the client has just answered to a request for consent, None if nothing.

    One whose request is not known counts for any server.
    """
    for item in reversed(ctx.history):
        if not answered([item]):
            break
        if item.get("type") == "mcp_approval_response":
            request = request_of(ctx, item)
            if request is None or request.get("server_label") == label_of(tool):
                return item
    return None


def request_of(ctx: Context, answer: Json) -> Json | None:
    """Return the request for consent that is answered, None when the input does not hold it."""
    for item in reversed(ctx.history):
        wanted = item.get("type") == "mcp_approval_request"
        if wanted and item.get("id") == answer.get("approval_request_id"):
            return item
    return None


def _covers(names: Json | None, entry: Json) -> bool:
    """Tell whether a filter of tools covers this one: by its name, or because it only reads."""
    if not names:
        return False
    reads = bool((entry.get("annotations") or {}).get("read_only"))
    return entry["name"] in (names.get("tool_names") or ()) or bool(
        names.get("read_only") and reads
    )
