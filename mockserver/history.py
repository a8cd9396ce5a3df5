"""What came before: the items of a request, their pairing, and how they are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.seed import Draw

_PREFIXES: Final = {
    "message": "msg",
    "function_call_output": "fco",
    "custom_tool_call_output": "ctco",
    "computer_call_output": "cuo",
    "local_shell_call_output": "lsho",
    "shell_call_output": "sho",
    "apply_patch_call_output": "apco",
    "function_call": "fc",
    "custom_tool_call": "ctc",
    "reasoning": "rs",
    "mcp_approval_response": "mcpr",
    "tool_search_output": "tso",
    "additional_tools": "at",
    "compaction": "cmp",
}

_CALLS: Final = {
    "function_call": ("function_call_output", "function call"),
    "custom_tool_call": ("custom_tool_call_output", "custom tool call"),
}
"""Calls that a client must answer: the answering item, and the API's name for the call."""

_OUTPUTS: Final = dict(_CALLS.values())


def as_items(input: Any) -> list[Json]:
    """Return a request's input as items: a string is one user message (api-contract §1.4)."""
    if isinstance(input, str):
        return [{"type": "message", "role": "user", "content": input}] if input else []
    return [_typed(item) for item in input or []]


def _typed(item: Json) -> Json:
    """Name the type of an easy message or reference that leaves it out (api-contract §7.1)."""
    if item.get("type"):
        return item
    kind = "message" if "role" in item else "item_reference"
    # The type may be there as null, and then must not come after the one it gets.
    return {"type": kind, **{key: value for key, value in item.items() if key != "type"}}


def check_pairs(inherited: Iterable[Json], items: Iterable[Json]) -> None:
    """Raise the API's 400 for a call without its output, or the reverse (api-contract §7.3)."""
    open_calls: dict[Any, str] = {}
    known: set[Any] = set()
    for item in (*inherited, *items):
        kind = item.get("type", "")
        if kind in _CALLS:
            open_calls[item.get("call_id")] = _CALLS[kind][1]
            known.add(item.get("call_id"))
        elif kind in _OUTPUTS:
            call_id = item.get("call_id")
            if call_id not in known:
                raise ApiError(
                    f"No tool call found for {_OUTPUTS[kind]} output with call_id {call_id}.",
                    param="input",
                )
            open_calls.pop(call_id, None)
    for call_id, name in open_calls.items():
        raise ApiError(f"No tool output found for {name} {call_id}.", param="input")


def check_unique(inherited: Iterable[Json], items: Iterable[Json]) -> None:
    """Raise the API's 400 for an item that is there already, or twice (api-contract §7.3)."""
    known = {item.get("id") for item in inherited}
    for item in items:
        # The output of a local shell call carries the id of its call.
        id_ = None if item["type"] == "local_shell_call_output" else item.get("id")
        if id_ is not None and id_ in known:
            raise ApiError(
                f"Duplicate item found with id {id_}. "
                "Remove duplicate items from your input and try again.",
                param="input",
            )
        known.add(id_)


def own_items(items: Iterable[Json], response: Json) -> list[Json]:
    """Return a response's own input as it is listed.

    An item that came without an id gets one that depends on the response alone, so that every
    page, every later response and the conversation show the same.
    """
    return listed(items, Draw(response["id"].encode(), parent=response))


def listed(items: Iterable[Json], draw: Draw, *, early: bool = False) -> list[Json]:
    """Return items as a listing shows them: each with an id and a status, content as parts.

    ``early`` gives ids the layout of those that are put into a conversation by hand.
    """
    new_id = draw.early_id if early else draw.id
    return [_listed(item, new_id) for item in items]


def _listed(item: Json, new_id: Callable[[str], str]) -> Json:
    kind = item["type"]
    id_ = item.get("id") or new_id(_PREFIXES.get(kind, kind[:4]))
    if kind == "message":
        role = item["role"]
        content = item["content"]
        if isinstance(content, str):
            content = [{"type": "output_text" if role == "assistant" else "input_text"}]
            content[0]["text"] = item["content"]
        return {
            "id": id_,
            "type": kind,
            "status": item.get("status") or "completed",
            "content": [_part(part) for part in content],
            **({"phase": item["phase"]} if item.get("phase") else {}),
            "role": role,
        }
    rest = {key: value for key, value in item.items() if key not in ("id", "type", "status")}
    if kind.endswith(("_call", "_output")):
        return {"id": id_, "type": kind, "status": item.get("status") or "completed", **rest}
    return {"id": id_, "type": kind, **rest}


def _part(part: Json) -> Json:
    """Complete a content part with what the API fills in (api-contract §5.2, §7.2)."""
    if part.get("type") == "output_text":
        return {
            "type": "output_text",
            "annotations": part.get("annotations") or [],
            "logprobs": part.get("logprobs") or [],
            "text": part.get("text", ""),
        }
    if part.get("type") == "input_image":
        return {**part, "detail": part.get("detail") or "auto"}
    return part
