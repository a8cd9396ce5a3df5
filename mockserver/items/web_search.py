"""Web searches: the server looks things up, the message then cites what it found."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Literal

from mockserver.items.base import Item
from mockserver.items.citations import cite_page
from mockserver.items.context import Context
from mockserver.items.steps import phases
from mockserver.schema.base import Json


class WebSearchCall(Item):
    """A search of the web (api-contract §5.1 row 7)."""

    kind: ClassVar = "web_search_call"
    prefix: ClassVar = "ws"
    tools: ClassVar = (
        "web_search",
        "web_search_2025_08_26",
        "web_search_preview",
        "web_search_preview_2025_03_11",
    )
    steps: ClassVar = phases("web_search_call", "in_progress", "searching", "completed")
    opening: ClassVar = {"action": {"type": "search"}}

    type: Literal["web_search_call"]
    status: Literal["in_progress", "searching", "completed", "failed", "incomplete"]
    action: dict[str, Any] | None = None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Search for a few words, and leave the pages found for the message to cite."""
        query = ctx.words.title(ctx.dice).lower()
        pages = [cls._page(ctx, tool) for _ in range(2)]
        say = partial(ctx.words.sentence, ctx.random)
        ctx.citations.extend(cite_page(page, say) for page in pages)
        action: Json = {"type": "search", "queries": [query], "query": query}
        if "web_search_call.action.sources" in ctx.include:
            action["sources"] = [{"type": "url", "url": page["url"]} for page in pages]
        return {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "action": action,
        }

    @classmethod
    def meter(cls, item: Json, tool_usage: Json) -> None:
        """Count the search."""
        tool_usage["web_search"]["num_requests"] += 1

    @staticmethod
    def _page(ctx: Context, tool: Json) -> Json:
        """Make up a page, on an allowed domain where the tool names some."""
        allowed = (tool.get("filters") or {}).get("allowed_domains")
        title = ctx.words.title(ctx.dice)
        domain = ctx.random.choice(allowed) if allowed else ctx.words.fake(ctx.dice, "domain")
        slug = "-".join(title.lower().split())
        return {"title": title, "domain": domain, "url": f"https://{domain}/{slug}"}
