"""Moderation results: what a check of input and output says when the request asks for one."""

from __future__ import annotations

from random import Random
from typing import Final

from mockserver.schema.base import Json

_CATEGORIES: Final = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)


def moderate(settings: Json, random: Random) -> Json:
    """Return the ``moderation`` of a response: nothing is flagged (api-contract §3.2)."""
    model = settings.get("model") or "omni-moderation-latest"
    return {side: _result(str(model), random) for side in ("input", "output")}


def _result(model: str, random: Random) -> Json:
    return {
        "categories": dict.fromkeys(_CATEGORIES, False),
        "category_applied_input_types": {name: ["text"] for name in _CATEGORIES},
        "category_scores": {name: random.uniform(1e-6, 1e-3) for name in _CATEGORIES},
        "flagged": False,
        "model": model,
        "type": "moderation_result",
    }
