"""``/responses/compact``: a context as its user messages and one compaction (api-contract §1.6)."""

from __future__ import annotations

from mockserver.history import listed
from mockserver.items.compaction import Compaction
from mockserver.schema.base import Json
from mockserver.seed import Draw

_SUMMARY_TOKENS = 320


def compact(items: list[Json], draw: Draw, input_tokens: int) -> Json:
    """Return the compacted form of a context of ``items``, oldest first."""
    said = [item for item in items if item["type"] == "message" and item.get("role") == "user"]
    output_tokens = _SUMMARY_TOKENS + draw.random.randrange(128)
    return {
        "id": draw.id("resp"),
        "object": "response.compaction",
        "created_at": draw.stamp,
        "output": [*listed(said, draw), Compaction.of(draw)],
        "usage": {
            "input_tokens": input_tokens,
            "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
            "output_tokens": output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": input_tokens + output_tokens,
        },
    }
