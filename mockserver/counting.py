"""Counting a request's input, and how much of it the prompt cache holds."""

from __future__ import annotations

from typing import Any

from mockserver.caching import LEAST, PromptCache
from mockserver.schema.base import Json
from mockserver.schema.request import CreateResponse
from mockserver.tokens import Tokenizer, count_frame, count_input, count_item, visible


class InputCounter:
    """Counts prompts with one tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def count(self, request: CreateResponse, items: list[Json]) -> int:
        """Return the tokens of a request whose whole context is ``items``."""
        return count_input(
            self._tokenizer, items=items, tool_choice=request.tool_choice, **_frame(request)
        )

    def account(
        self, cache: PromptCache, request: CreateResponse, items: list[Json], tokens: int
    ) -> tuple[int, int]:
        """Return the tokens read from the cache and written to it, for a prompt of ``tokens``."""
        if tokens < LEAST:
            return 0, 0
        frame = _frame(request)
        head = [frame, request.prompt_cache_key]
        segments: list[tuple[Any, int]] = [(head, count_frame(self._tokenizer, **frame))]
        for item in visible(items, model=request.model):
            segments.append((item, count_item(self._tokenizer, item, model=request.model)))
        return cache.account(segments)


def _frame(request: CreateResponse) -> Json:
    return {
        "instructions": request.instructions,
        "tools": request.tools or [],
        "text_format": (request.text or {}).get("format"),
        "model": request.model,
    }
