"""Prompt cache diagnostics: why a prompt did, or did not, meet that of another response."""

from __future__ import annotations

from typing import Any, Final

from mockserver.schema.base import Json

_FIELDS: Final = (
    ("model_changed", ("model",)),
    ("prompt_cache_key_changed", ("prompt_cache_key",)),
    ("tools_changed", ("tools",)),
    ("text_format_changed", ("text", "format")),
    ("reasoning_effort_changed", ("reasoning", "effort")),
    ("verbosity_changed", ("text", "verbosity")),
    ("service_tier_changed", ("service_tier",)),
)


def diagnose(response: Json, compared: Json | None) -> Json:
    """Return ``prompt_cache_diagnostics`` of a response with usage (api-contract §3.2).

    ``compared`` is the response that the request names, None when it is not on record.
    """
    if compared is None:
        return {"type": "comparison_response_not_found"}
    if not compared.get("usage"):
        return {"type": "unavailable"}
    usage = response["usage"]
    cached = usage["input_tokens_details"]["cached_tokens"]
    for reason, path in _FIELDS:
        if _at(response, path) != _at(compared, path):
            return _miss(reason, usage["input_tokens"] - cached)
    if cached:
        return {"type": "cache_hit"}
    compacted = any(item["type"] == "compaction" for item in compared["output"])
    reason = "context_compacted" if compacted else "input_changed"
    return _miss(reason, usage["input_tokens"])


def _miss(reason: str, tokens: int) -> Json:
    return {"type": "cache_miss", "cache_missed_tokens": tokens, "reason": reason}


def _at(document: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document
