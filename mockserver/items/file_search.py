"""File searches: the server looks into vector stores, the message cites the files it found."""

from __future__ import annotations

from typing import Any, ClassVar, Final, Literal

from mockserver.items.base import Item
from mockserver.items.citations import cite_file
from mockserver.items.context import Context
from mockserver.items.question import clipped, keywords, question
from mockserver.items.steps import Keep, phases
from mockserver.schema.base import Json

_ALPHANUMERIC: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789"
_EXTENSIONS: Final = ("pdf", "md", "txt", "docx")
_LOWEST: Final = 0.35
"""The least score that is found without a threshold."""
_CITED: Final = 2


class FileSearchCall(Item):
    """A search in files (api-contract §5.1 row 8)."""

    kind: ClassVar = "file_search_call"
    prefix: ClassVar = "fs"
    tools: ClassVar = ("file_search",)
    steps: ClassVar = phases("file_search_call", "in_progress", "searching", "completed")
    opening: ClassVar = {"queries": [], "results": None}

    type: Literal["file_search_call"]
    status: Literal["in_progress", "searching", "completed", "incomplete", "failed"]
    queries: list[str]
    results: list[Any] | None = None

    @classmethod
    def fake(cls, ctx: Context, tool: Json) -> Json:
        """Search for what the user asks, and leave the files found for the message to cite."""
        asked = clipped(question(ctx.history), 160) or ctx.words.title(ctx.dice)
        results = _results(ctx, tool, " ".join(keywords(asked)) or asked)
        for result in results[:_CITED]:
            ctx.citations.append(cite_file(result, result["text"].partition("\n")[0]))
        shown = "file_search_call.results" in ctx.include
        return {
            "id": ctx.id(cls.prefix),
            "type": cls.kind,
            "status": "completed",
            "queries": _queries(ctx, asked),
            "results": results if shown else None,
        }

    @classmethod
    def cut(cls, item: Json, keep: Keep) -> Json:
        """Return the item as a search that has found nothing yet."""
        return super().cut(item, keep) | {"results": None}


def _queries(ctx: Context, asked: str) -> list[str]:
    """Return the question, and from a reasoning model also its telling words."""
    short = " ".join(keywords(asked)).lower()
    return [asked, short] if ctx.model.reasons and short not in ("", asked.lower()) else [asked]


def _results(ctx: Context, tool: Json, topic: str) -> list[Json]:
    """Return what was found, the best first, in the wire's order of keys (wire-vs-spec §3)."""
    lowest = (tool.get("ranking_options") or {}).get("score_threshold") or _LOWEST
    count = min(tool.get("max_num_results") or 20, ctx.random.randint(2, 4))
    scores = sorted((ctx.random.uniform(lowest, 1.0) for _ in range(count)), reverse=True)
    stores = tool.get("vector_store_ids") or [f"vs_{_hex(ctx)}"]
    return [
        {
            "attributes": _attributes(tool.get("filters")),
            "file_id": "file-" + "".join(ctx.random.choices(_ALPHANUMERIC, k=22)),
            "filename": _filename(ctx, topic),
            # Rounding must not take a score below the threshold.
            "score": max(round(score, 4), lowest),
            "text": f"{topic[:1].upper()}{topic[1:]}: {ctx.words.sentence(ctx.dice)}\n\n"
            f"{ctx.words.text(ctx.dice, words=60)}",
            "vector_store_id": ctx.random.choice(stores),
        }
        for score in scores
    ]


def _hex(ctx: Context) -> str:
    return f"{ctx.draw.stamp:08x}{ctx.random.getrandbits(96):024x}"


def _filename(ctx: Context, topic: str) -> str:
    """Return a name of the topic's first word and some other, as files are called."""
    words = [topic.split()[0], *ctx.words.title(ctx.dice).split()[:2]]
    name = "".join(sign for sign in "-".join(words).lower() if sign.isalnum() or sign in "-_")
    return f"{name}.{ctx.random.choice(_EXTENSIONS)}"


def _attributes(filters: Json | None) -> Json:
    """Return attributes that pass the filters of the tool, none when it has none."""
    if not filters:
        return {}
    inner: list[Json] = filters.get("filters") or []
    if filters["type"] == "or":
        return _attributes(inner[0]) if inner else {}
    if filters["type"] == "and":
        return {key: value for each in inner for key, value in _attributes(each).items()}
    value = _passing(filters["type"], filters.get("value"))
    return {} if value is None else {filters["key"]: value}


def _passing(comparison: str, value: Any) -> Any:
    """Return a value that passes a comparison; None where having no value does (api-contract §6.1).

    A list compared by order is passed by none.
    """
    if comparison in ("ne", "nin"):
        return None
    if comparison == "in":
        return next(iter(value or []), None)
    if comparison in ("gt", "lt") and isinstance(value, int | float):
        return value + (1 if comparison == "gt" else -1)
    return value
