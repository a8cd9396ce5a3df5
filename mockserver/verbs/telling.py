"""Conversations and events in lines that people read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson

from mockserver.cassette import redact
from mockserver.schema.base import Json

_WIDTH: Final = 160
_TEXTS: Final = ("text", "refusal", "summary_text", "reasoning_text", "transcript")
_NOT_TOLD: Final = frozenset(["type", "sequence_number", "obfuscation", "logprobs", "event_id"])


def request(asked: Json) -> Iterator[str]:
    """Yield what a client said: instructions, then the input, by item."""
    if isinstance(asked.get("instructions"), str):
        yield f"instructions: {_text(asked['instructions'])}"
    for name in ("previous_response_id", "conversation", "prompt"):
        if asked.get(name):
            yield f"{name}: {_short(asked[name])}"
    tools = [_tool(tool) for tool in asked.get("tools") or () if isinstance(tool, dict)]
    if tools:
        yield f"tools: {', '.join(tools)}"
    said = asked.get("input", asked.get("messages"))
    if isinstance(said, str):
        yield f"user: {_text(said)}"
    elif isinstance(said, list):
        yield from map(item, said)


def response(answer: Json) -> Iterator[str]:
    """Yield what came back: the output items, or the error, or the choices of a chat."""
    error = answer.get("error")
    if isinstance(error, dict):
        yield f"error: {_short(error.get('message') or error)}"
    for each in answer.get("output") or ():
        yield item(each)
    for choice in answer.get("choices") or ():
        yield item(choice.get("message", choice) if isinstance(choice, dict) else choice)


def item(value: Any) -> str:
    """Return an item of the input or output as who says what."""
    if not isinstance(value, dict):
        return _short(value)
    kind = value.get("type", "message")
    if kind == "message":
        return f"{value.get('role', 'message')}: {_content(value)}"
    if kind in ("function_call", "custom_tool_call", "mcp_call"):
        given = value.get("arguments", value.get("input"))
        return (
            f"{kind}: {value.get('name')}({_text(given)}) [{value.get('call_id', value.get('id'))}]"
        )
    if str(kind).endswith("_output"):
        return f"{kind}: {_short(value.get('output'))} [{value.get('call_id')}]"
    if kind == "reasoning":
        parts = [*(value.get("summary") or ()), *(value.get("content") or ())]
        return f"reasoning: {' '.join(map(_part, parts)) or '(hidden)'}"
    rest = {key: each for key, each in value.items() if key not in ("type", "id", "status")}
    return f"{kind}: {_short(rest)}"


def event(value: Json) -> str:
    """Return an event in one line: its number, its type and what it carries."""
    rest = {key: each for key, each in value.items() if key not in _NOT_TOLD and each != []}
    if isinstance(rest.get("response"), dict):
        rest["response"] = rest["response"].get("status")
    number = value.get("sequence_number", "-")
    return f"{number!s:>4}  {value.get('type', value.get('object', '?'))}  {_short(rest)}"


def _content(message: Json) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n  ".join(map(_part, content))
    return _text(content) if content is not None else _short(message)


def _part(part: Any) -> str:
    if not isinstance(part, dict):
        return _short(part)
    found = next((part[key] for key in _TEXTS if isinstance(part.get(key), str)), None)
    return _short(part) if found is None else _text(found)


def _tool(tool: Json) -> str:
    function = tool.get("function")
    name = tool.get("name") or (function.get("name") if isinstance(function, dict) else None)
    return str(name or tool.get("type"))


def _text(value: Any) -> str:
    """Return a text whole, its later lines indented, keys and tokens hidden."""
    words = value if isinstance(value, str) else _json(value)
    return redact.text(words).rstrip("\n").replace("\n", "\n  ")


def _short(value: Any) -> str:
    words = redact.text(value if isinstance(value, str) else _json(redact.document(value)))
    words = words.replace("\n", "\\n")
    return words if len(words) <= _WIDTH else f"{words[:_WIDTH]}… ({len(words)} characters)"


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
