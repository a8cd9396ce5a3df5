"""A small stream written out by hand, so that rules can be proved on it by breaking it."""

from __future__ import annotations

import json
from typing import Any, Final, TypeAlias, TypeVar

Event: TypeAlias = dict[str, Any]
Json = TypeVar("Json")

_PAD: Final = "Vb3nJ8sLq2YhE5dx"

REASONING: Final[dict[str, Any]] = {
    "id": "rs_1",
    "type": "reasoning",
    "summary": [{"type": "summary_text", "text": "Look it up."}],
}
CALL: Final[dict[str, Any]] = {
    "id": "fc_1",
    "type": "function_call",
    "status": "completed",
    "arguments": '{"city":"Oslo"}',
    "call_id": "call_1",
    "name": "weather",
}
SEARCH: Final[dict[str, Any]] = {
    "id": "ws_1",
    "type": "web_search_call",
    "status": "completed",
    "action": {"type": "search", "query": "oslo"},
}
NOTE: Final[dict[str, Any]] = {
    "type": "url_citation",
    "end_index": 5,
    "start_index": 0,
    "title": "Oslo",
    "url": "https://oslo.example",
}
MESSAGE: Final[dict[str, Any]] = {
    "id": "msg_1",
    "type": "message",
    "status": "completed",
    "content": [
        {"type": "output_text", "annotations": [NOTE], "logprobs": [], "text": "Rainy in Oslo."}
    ],
    "role": "assistant",
}
RESPONSE: Final[dict[str, Any]] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1787150260,
    "status": "completed",
    "access_programs": None,
    "background": False,
    "completed_at": 1787150261,
    "error": None,
    "frequency_penalty": 0.0,
    "incomplete_details": None,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "model": "gpt-5.6-terra",
    "moderation": None,
    "output": [REASONING, SEARCH, MESSAGE, CALL],
    "parallel_tool_calls": True,
    "presence_penalty": 0.0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "prompt_cache_retention": "in_memory",
    "reasoning": {"context": None, "effort": "low", "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}, "verbosity": "medium"},
    "tool_choice": "auto",
    "tool_usage": {
        "image_gen": {
            "input_tokens": 0,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
            "output_tokens": 0,
            "output_tokens_details": {"image_tokens": 0, "text_tokens": 0},
            "total_tokens": 0,
        },
        "web_search": {"num_requests": 1},
    },
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "usage": {
        "input_tokens": 10,
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
        "output_tokens": 20,
        "output_tokens_details": {"reasoning_tokens": 8},
        "total_tokens": 30,
    },
    "user": None,
    "metadata": {},
}


def example_response() -> dict[str, Any]:
    """Return the completed response as a JSON body tells it."""
    return _copy({**RESPONSE, "billing": {"payer": "developer"}})


def example_stream() -> list[Event]:
    """Return its stream: a summary, a search, a text with a citation, a function call."""
    early: Event = {"output": [], "usage": None, "completed_at": None, "service_tier": "auto"}
    begun = {**RESPONSE, **early, "status": "in_progress"}
    events = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        *_summary(),
        *_search(),
        *_message(),
        *_call(),
        {"type": "response.completed", "response": RESPONSE},
    ]
    return _copy([{**event, "sequence_number": n} for n, event in enumerate(events)])


def _copy(value: Json) -> Json:
    """Copy JSON so that no two places share an object, as when it has crossed the wire."""
    copied: Json = json.loads(json.dumps(value))
    return copied


def _bracket(index: int, item: dict[str, Any], opening: dict[str, Any]) -> tuple[Event, Event]:
    added = {"type": "response.output_item.added", "item": {**item, **opening}}
    done = {"type": "response.output_item.done", "item": item}
    return {**added, "output_index": index}, {**done, "output_index": index}


def _pad(delta: str) -> str:
    return _PAD[: -len(delta) % 16]


def _summary() -> list[Event]:
    added, done = _bracket(0, REASONING, {"summary": []})
    keys = {"item_id": "rs_1", "output_index": 0, "summary_index": 0}
    name, text = "response.reasoning_summary", "Look it up."
    empty = {"type": "summary_text", "text": ""}
    return [
        added,
        {"type": f"{name}_part.added", **keys, "part": empty},
        {"type": f"{name}_text.delta", **keys, "delta": "Look ", "obfuscation": _pad("Look ")},
        {"type": f"{name}_text.delta", **keys, "delta": "it up.", "obfuscation": _pad("it up.")},
        {"type": f"{name}_text.done", **keys, "text": text},
        {"type": f"{name}_part.done", **keys, "part": REASONING["summary"][0]},
        done,
    ]


def _search() -> list[Event]:
    added, done = _bracket(1, SEARCH, {"status": "in_progress", "action": {"type": "search"}})
    keys = {"item_id": "ws_1", "output_index": 1}
    marks = ("in_progress", "searching", "completed")
    return [added, *({"type": f"response.web_search_call.{mark}", **keys} for mark in marks), done]


def _message() -> list[Event]:
    added, done = _bracket(2, MESSAGE, {"status": "in_progress", "content": []})
    keys = {"item_id": "msg_1", "output_index": 2, "content_index": 0}
    part = MESSAGE["content"][0]
    empty = {"type": "output_text", "annotations": [], "logprobs": [], "text": ""}

    def delta(text: str) -> Event:
        told = {"delta": text, "logprobs": [], "obfuscation": _pad(text)}
        return {"type": "response.output_text.delta", **keys, **told}

    note = {"annotation": NOTE, "annotation_index": 0}
    return [
        added,
        {"type": "response.content_part.added", **keys, "part": empty},
        delta("Rainy"),
        {"type": "response.output_text.annotation.added", **keys, **note},
        delta(" in Oslo."),
        {"type": "response.output_text.done", **keys, "text": part["text"], "logprobs": []},
        {"type": "response.content_part.done", **keys, "part": part},
        done,
    ]


def _call() -> list[Event]:
    added, done = _bracket(3, CALL, {"status": "in_progress", "arguments": ""})
    keys = {"item_id": "fc_1", "output_index": 3}
    name, text = "response.function_call_arguments", CALL["arguments"]
    return [
        added,
        {"type": f"{name}.delta", **keys, "delta": text, "obfuscation": _pad(text)},
        {"type": f"{name}.done", **keys, "arguments": text},
        done,
    ]
