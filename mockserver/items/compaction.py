"""Compaction: a context told in few tokens, which only the server can read."""

from __future__ import annotations

from typing import ClassVar, Literal

from mockserver.items.base import Item, Side
from mockserver.items.context import Context
from mockserver.items.steps import Phase
from mockserver.schema.base import Json
from mockserver.seed import Draw


class Compaction(Item):
    """The context so far, encrypted (api-contract §5.1 row 26).

    It comes first, when the context outgrows ``context_management`` or a trigger asks for it.
    """

    kind: ClassVar = "compaction"
    prefix: ClassVar = "cmp"
    early: ClassVar = True
    steps: ClassVar = (Phase("response.compaction.compacting"),)

    type: Literal["compaction"]
    encrypted_content: str
    created_by: str | None = None

    @classmethod
    def side(cls, ctx: Context, tool: Json) -> Side | None:
        """Compact when the context is long enough, or its last item says so."""
        return "hosted" if ctx.compacting or _outgrown(ctx) else None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Compact the context."""
        return cls.of(ctx.draw)

    @classmethod
    def of(cls, draw: Draw) -> Json:
        """Return a compaction: an opaque value whose size does not depend on the context's."""
        return {
            "id": draw.id(cls.prefix),
            "type": cls.kind,
            "encrypted_content": draw.token(600),
        }


def _outgrown(ctx: Context) -> bool:
    """Tell whether the input exceeds the threshold that the request sets."""
    for rule in ctx.request.context_management or ():
        threshold = rule.get("compact_threshold")
        if rule.get("type") == "compaction" and threshold and ctx.input_tokens >= threshold:
            return True
    return False
