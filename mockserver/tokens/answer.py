"""What an answer weighs: ``usage.output_tokens`` without the reasoning (api-contract §4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mockserver.schema.base import Json
from mockserver.tokens.content import count_cipher, count_content, kind_of
from mockserver.tokens.family import Family, family_of
from mockserver.tokens.tokenizer import Tokenizer

_SERVED: Final = frozenset({"mcp_list_tools", "mcp_approval_request", "reasoning"})
"""Kinds that the server writes itself, or whose tokens are told apart."""

_FOUND: Final = frozenset({"type", "output", "outputs", "result", "results", "error"})
"""Keys of a call that the tool fills in; without its type an item is read as plain text."""


def count_output(tokenizer: Tokenizer, items: Sequence[Json], *, model: str = "") -> int:
    """Give ``usage.output_tokens`` of output items, without the reasoning tokens.

    Texts, refusals, arguments, inputs and code count as they are, each item in the frame that the
    model writes around it; an unknown item counts by the strings in it. What tools answer counts
    as input, not here.
    """
    family = family_of(model)
    kinds = [(kind_of(item), item) for item in items if isinstance(item, dict)]
    written = [(kind, item) for kind, item in kinds if _is_written(kind)]
    calls = sum(kind not in ("message", "compaction") for kind, _ in written)
    return sum([_count(tokenizer, kind, item, family, calls) for kind, item in written])


def _count(tokenizer: Tokenizer, kind: str, item: Json, family: Family, calls: int) -> int:
    if kind == "compaction":
        return count_cipher(tokenizer, item)
    if kind == "message" and (text := _plain_text(item)) is not None:
        return tokenizer.count(text) + family.spoken
    frame = family.called if calls == 1 else family.several
    said = {key: value for key, value in item.items() if key not in _FOUND}
    return count_content(tokenizer, said) + (family.spoken if kind == "message" else frame)


def _plain_text(item: Json) -> str | None:
    """Give the text of a message that is nothing but one text, which most messages are."""
    content = item.get("content")
    if not isinstance(content, list) or len(content) != 1 or not isinstance(content[0], dict):
        return None
    part = content[0]
    bare = kind_of(part) == "output_text" and not part.get("annotations")
    text = part.get("text") if bare and not part.get("logprobs") else None
    return text if isinstance(text, str) else None


def _is_written(kind: str) -> bool:
    return kind not in _SERVED and not kind.endswith("_output")
