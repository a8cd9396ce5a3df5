"""The frame of a response: what the API echoes of the request, in the wire's order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.items.shell import shell_environment
from mockserver.schema.base import Json
from mockserver.schema.strict_schema import normalise_function
from mockserver.sources.turn import Turn

_LOCATION: Final = {
    "type": "approximate",
    "city": None,
    "country": "US",
    "region": None,
    "timezone": None,
}
_SEARCH: Final[Json] = {
    "type": "web_search",
    "filters": None,
    "return_token_budget": "default",
    "search_content_types": ["text"],
    "search_context_size": "medium",
    "user_location": _LOCATION,
}
_PREVIEW: Final[Json] = {
    "type": "web_search_preview",
    "search_context_size": "medium",
    "user_location": _LOCATION,
}
_DEFAULTS: Final[Mapping[str, Json]] = {
    "web_search": _SEARCH,
    "web_search_2025_08_26": _SEARCH,
    "web_search_preview": _PREVIEW,
    "web_search_preview_2025_03_11": _PREVIEW,
    "file_search": {
        "type": "file_search",
        "filters": None,
        "max_num_results": 20,
        "ranking_options": {"ranker": "auto", "score_threshold": 0.0},
    },
    "image_generation": {
        "type": "image_generation",
        "background": "auto",
        "model": "gpt-image-1",
        "moderation": "auto",
        "n": 1,
        "output_compression": 100,
        "output_format": "png",
        "quality": "auto",
        "size": "auto",
    },
    "mcp": {
        "type": "mcp",
        "allowed_tools": None,
        "headers": None,
        "require_approval": "always",
        "server_description": None,
    },
    "tool_search": {"type": "tool_search", "description": None, "parameters": None},
}
"""What the API adds to a tool that leaves it out (api-contract §6.3)."""


_WHEN_USED: Final = ("billing", "conversation", "image", "prompt", "prompt_cache_options")
"""Keys that are left out when they have nothing to say."""

_TIERS: Final = {None: "default", "auto": "default", "fast": "priority"}


def frame(turn: Turn) -> Json:
    """Return a completed response without output and usage (api-contract §3.1).

    Keys that the API writes only when they are used are left out.
    """
    key = ("frame", turn.background, turn.flags.outcome == "failed")
    template = turn.worked_out.get(key)
    if template is None:
        template = _echo(turn)
        if turn.repeatable:
            turn.worked_out[key] = template
    return {
        **template,
        "id": turn.draw.id("resp"),
        "created_at": turn.draw.stamp,
        "completed_at": turn.draw.stamp,
    }


def _programs(given: Json | None) -> Json | None:
    """Return the echo of the access programmes, none where none is named."""
    return given if given and given.get("cyber") else None


def _echo(turn: Turn) -> Json:
    """Return what the request alone decides, with room for the rest in its place."""
    request, model = turn.request, turn.model
    response: Json = {
        "id": "",
        "object": "response",
        "created_at": 0,
        "status": "completed",
        "access_programs": _programs(request.access_programs),
        "background": turn.background,
        # JSON bodies alone show it, and none of a failed run (wire-vs-spec §1).
        "billing": None if turn.flags.outcome == "failed" else {"payer": "developer"},
        "conversation": _conversation(request.conversation),
        "completed_at": 0,
        "error": None,
        "frequency_penalty": 0.0,
        "image": _image(request.image),
        "incomplete_details": None,
        "instructions": turn.stored_prompt or request.instructions,
        "max_output_tokens": request.max_output_tokens,
        "max_tool_calls": request.max_tool_calls,
        "model": model.snapshot,
        "moderation": None,
        "output": [],
        "parallel_tool_calls": request.parallel_tool_calls is not False,
        "presence_penalty": 0.0,
        "previous_response_id": request.previous_response_id,
        "prompt": request.prompt,
        "prompt_cache_key": request.prompt_cache_key,
        "prompt_cache_options": _cache_options(request.prompt_cache_options),
        "prompt_cache_retention": request.prompt_cache_retention or model.prompt_cache_retention,
        "reasoning": _reasoning(turn),
        "safety_identifier": request.safety_identifier,
        "service_tier": _tier(request.service_tier),
        "store": turn.store,
        "temperature": float(_or(request.temperature, 1.0)),
        "text": _text(request.text or {}),
        "tool_choice": request.tool_choice or "auto",
        "tool_usage": tool_usage(),
        "tools": [_tool(tool, turn) for tool in request.tools or []],
        "top_logprobs": request.top_logprobs or 0,
        "top_p": float(_or(request.top_p, model.top_p)),
        "truncation": request.truncation or "disabled",
        "usage": None,
        "user": request.user,
        "metadata": request.metadata or {},
    }
    for name in _WHEN_USED:
        if response[name] is None:
            del response[name]
    return response


def tool_usage() -> Json:
    """Return the usage of hosted tools before any was used (api-contract §3.1)."""
    return {
        "image_gen": {
            "input_tokens": 0,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
            "output_tokens": 0,
            "output_tokens_details": {"image_tokens": 0, "text_tokens": 0},
            "total_tokens": 0,
        },
        "web_search": {"num_requests": 0},
    }


def _conversation(value: str | Json | None) -> Json | None:
    if value is None:
        return None
    return {"id": value if isinstance(value, str) else value["id"]}


def _cache_options(value: Json | None) -> Json | None:
    if value is None:
        return None
    echo: Json = {"mode": value.get("mode") or "implicit", "ttl": value.get("ttl") or "30m"}
    compared = value.get("comparison_response_id")
    return echo | ({"comparison_response_id": compared} if compared else {})


def _image(value: Json | None) -> Json | None:
    """Say what was done; ``auto`` compresses nothing here."""
    if value is None:
        return None
    enabled = value.get("context_compression") == "enabled"
    return {"context_compression": "enabled" if enabled else "disabled"}


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def _reasoning(turn: Turn) -> Json:
    """Return the model's reasoning settings with what was asked for put in (api-contract §2.1)."""
    echo: Json = dict(turn.model.reasoning)
    for key, value in (turn.request.reasoning or {}).items():
        if value is not None and key != "generate_summary":
            echo[key] = value
    if echo.get("summary") == "auto":
        echo["summary"] = "detailed"
    return dict(sorted(echo.items()))


def _tier(asked: str | None) -> str:
    """Return the tier that served the request; a fast one is told as priority."""
    return _TIERS.get(asked) or str(asked)


def _text(settings: Json) -> Json:
    form = settings.get("format") or {"type": "text"}
    if form.get("type") == "json_schema":
        form = {
            "type": "json_schema",
            "description": form.get("description"),
            "name": form.get("name"),
            "schema": form.get("schema"),
            "strict": _or(form.get("strict"), True),
        }
    return {"format": form, "verbosity": settings.get("verbosity") or "medium"}


def _tool(tool: Json, turn: Turn) -> Json:
    if tool["type"] == "function":
        return normalise_function(tool)
    if tool["type"] == "namespace":
        return {**tool, "tools": [_tool(member, turn) for member in tool["tools"]]}
    if tool["type"] == "shell" and tool.get("environment"):
        history = [*turn.inherited, *turn.items]
        place = shell_environment(tool, turn.draw, history)
        return {**tool, "environment": place if "container_id" in place else tool["environment"]}
    defaults = _DEFAULTS.get(tool["type"])
    if defaults is None:
        return tool
    echo = defaults | {key: value for key, value in tool.items() if value is not None}
    echo.pop("authorization", None)
    if tool["type"] == "mcp":
        echo["headers"] = None  # they may hold secrets
    return echo
