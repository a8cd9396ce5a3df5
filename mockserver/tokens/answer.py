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
    written = [item for item in items if isinstance(item, dict) and _is_written(item)]
    calls = sum(kind_of(item) not in ("message", "compaction") for item in written)
    return sum(_count(tokenizer, item, family, calls) for item in written)


def _count(tokenizer: Tokenizer, item: Json, family: Family, calls: int) -> int:
    kind = kind_of(item)
    if kind == "compaction":
        return count_cipher(tokenizer, item)
    frame = family.called if calls == 1 else family.several
    said = {key: value for key, value in item.items() if key not in _FOUND}
    return count_content(tokenizer, said) + (family.spoken if kind == "message" else frame)


def _is_written(item: Json) -> bool:
    kind = kind_of(item)
    return kind not in _SERVED and not kind.endswith("_output")
