"""What was asked for: the words of a conversation's messages, and the calls it holds."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.items.context import Context
from mockserver.schema.base import Json


def text_of(item: Json) -> str:
    """Return the text of a message, empty for any other item."""
    content = item.get("content") if "role" in item else None
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = (part.get("text") for part in parts if isinstance(part, dict))
    return "\n".join(text for text in texts if isinstance(text, str))


def last_wish(history: Sequence[Json]) -> str:
    """Return the text of the user's last message, empty where there is none."""
    return next((text_of(item) for item in reversed(history) if item.get("role") == "user"), "")


def leave(ctx: Context, call: Json) -> Json:
    """Leave a call for the output that answers it in the same turn, and return it."""
    ctx.notes[call["type"]] = call
    return call


def last_call(ctx: Context, kind: str) -> Json | None:
    """Return the last call of a kind, of this turn or an earlier one."""
    earlier = (item for item in reversed(ctx.history) if item.get("type") == kind)
    call: Json | None = ctx.notes.get(kind) or next(earlier, None)
    return call
