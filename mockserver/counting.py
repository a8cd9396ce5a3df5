"""Counting a request's input, and how much of it the prompt cache holds."""

from __future__ import annotations

from typing import Any

from mockserver.caching import LEAST, PromptCache
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
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

    def text(self, said: str) -> int:
        """Return the tokens of what a user says, without those of the message around it."""
        return self._tokenizer.count(said)

    def fit(
        self, request: CreateResponse, items: list[Json], window: int | None
    ) -> tuple[list[Json], int]:
        """Return the items that fit into a model's window, and their tokens.

        The oldest are left out with ``truncation: "auto"``. Raises the API's 400 when it is
        disabled, or the last item alone is too much (api-contract §2.1, §9.4).
        """
        tokens = self.count(request, items)
        while window is not None and tokens > window:
            if request.truncation != "auto" or len(items) < 2:
                raise ApiError(
                    "Your input exceeds the context window of this model. Please adjust your "
                    "input and try again.",
                    param="input",
                    code="context_length_exceeded",
                )
            items = items[max(1, len(items) // 8) :]
            tokens = self.count(request, items)
        return items, tokens

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
