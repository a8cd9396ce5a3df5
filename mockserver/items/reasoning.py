"""Reasoning: what a reasoning model thinks before it acts."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from mockserver.items.base import Item
from mockserver.items.context import Context
from mockserver.items.steps import Parts, Text
from mockserver.schema.base import Json

_EFFORT = {"none": 0, "minimal": 0, "low": 2, "medium": 5, "high": 12, "xhigh": 20, "max": 32}
_STEP = 64


class Reasoning(Item):
    """Thinking, told as a summary when the request asks for one (api-contract §5.1 row 2)."""

    kind: ClassVar = "reasoning"
    prefix: ClassVar = "rs"
    steps: ClassVar = (
        Parts(
            "summary",
            "summary_index",
            "response.reasoning_summary_part",
            {"summary_text": (Text("response.reasoning_summary_text", "text"),)},
        ),
        Parts(
            "content",
            "content_index",
            "response.content_part",
            {"reasoning_text": (Text("response.reasoning_text", "text"),)},
        ),
    )

    type: Literal["reasoning"]
    content: list[Any] | None = None
    encrypted_content: str | None = None
    summary: list[Any]
    status: Literal["in_progress", "completed", "incomplete"] | None = None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json | None:
        """Think for as long as the effort asks; a summary comes only when it was asked for."""
        settings = ctx.request.reasoning or {}
        effort = settings.get("effort") or ctx.model.effort or "medium"
        if effort == "none":
            return None
        steps = _EFFORT.get(effort, _EFFORT["medium"])
        ctx.reasoning_tokens = _STEP * (steps - ctx.dice.below(steps // 2 + 1))
        item: Json = {"id": ctx.id(cls.prefix), "type": cls.kind, "content": cls._content(ctx)}
        if "reasoning.encrypted_content" in ctx.include:
            item["encrypted_content"] = ctx.draw.token()
        item["summary"] = cls._summary(ctx) if settings.get("summary") else []
        return item

    @staticmethod
    def _content(ctx: Context) -> list[Json]:
        """Return the reasoning itself, which open-weight models alone show (api-contract §8.7)."""
        if not ctx.model.open_weight:
            return []
        return [{"type": "reasoning_text", "text": ctx.words.text(ctx.dice, words=24)}]

    @staticmethod
    def _summary(ctx: Context) -> list[Json]:
        """Return one or two paragraphs, each under a bold heading as the API writes them."""
        return [
            {
                "type": "summary_text",
                "text": f"**{ctx.words.title(ctx.dice)}**\n\n" + ctx.words.text(ctx.dice, words=24),
            }
            for _ in range(1 + ctx.dice.below(2))
        ]
