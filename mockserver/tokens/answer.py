"""What an answer weighs: ``usage.output_tokens`` without the reasoning (api-contract §4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mockserver.schema.base import Json
from mockserver.tokens.content import count_content
from mockserver.tokens.family import family_of
from mockserver.tokens.tokenizer import Tokenizer

_SERVED: Final = frozenset(
    {"compaction", "mcp_list_tools", "mcp_approval_request", "program_output", "reasoning"}
)
"""Items that the server writes itself, or whose tokens are told apart."""


def count_output(tokenizer: Tokenizer, items: Sequence[Json], *, model: str = "") -> int:
    """Give ``usage.output_tokens`` of output items, without the reasoning tokens.

    Texts, refusals, arguments, inputs and code count as they are, each item in the frame that the
    model writes around it; an unknown item counts by the strings in it.
    """
    family = family_of(model)
    written = [item for item in items if isinstance(item, dict) and _is_written(item)]
    calls = sum(item.get("type") != "message" for item in written)
    frame = family.called if calls == 1 else family.several
    return sum(
        count_content(tokenizer, item) + (family.spoken if item.get("type") == "message" else frame)
        for item in written
    )


def _is_written(item: Json) -> bool:
    kind = str(item.get("type"))
    return kind not in _SERVED and not kind.endswith("_output")
