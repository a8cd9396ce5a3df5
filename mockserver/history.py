"""What came before: the items of a request, their pairing, and how they are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.seed import Draw

_PREFIXES: Final = {
    "message": "msg",
    "function_call_output": "fc",
    "custom_tool_call_output": "ctco",
    "computer_call_output": "cuo",
    "local_shell_call_output": "lsho",
    "shell_call_output": "sho",
    "apply_patch_call_output": "apco",
    "function_call": "fc",
    "custom_tool_call": "ctc",
    "computer_call": "cu",
    "local_shell_call": "lsh",
    "shell_call": "sh",
    "apply_patch_call": "apc",
    "reasoning": "rs",
    "mcp_approval_response": "mcpr",
    "mcp_approval_request": "mcpr",
    "mcp_call": "mcp",
    "mcp_list_tools": "mcpl",
    "program": "cm",
    "program_output": "cmo",
    "tool_search_call": "tsc",
    "tool_search_output": "tso",
    "additional_tools": "at",
    "compaction": "cmp",
}

_CALLS: Final = {
    "function_call": ("function_call_output", "function call"),
    "custom_tool_call": ("custom_tool_call_output", "custom tool call"),
    "computer_call": ("computer_call_output", "computer call"),
    "local_shell_call": ("local_shell_call_output", "local shell call"),
    "shell_call": ("shell_call_output", "shell call"),
    "apply_patch_call": ("apply_patch_call_output", "apply patch call"),
}
"""Calls that a client must answer: the answering item, and the API's name for the call."""

_OUTPUTS: Final = dict(_CALLS.values())

_GIVEN: Final = frozenset(
    (*_OUTPUTS, "mcp_approval_response", "configuration_update", "compaction_trigger")
)
"""What only a client says, beside messages that are not the assistant's."""

_MEDIA: Final = ("function_call_output", "custom_tool_call_output")
"""What may give parts, as a message has them, in place of a text."""

_UNSAID: Final[Mapping[str, Json]] = {
    "code_interpreter_call": {"code": None, "container_id": "", "outputs": None},
    "computer_call": {"pending_safety_checks": []},
    "image_generation_call": {"result": None},
    "program": {"fingerprint": ""},
    "shell_call": {"environment": None},
    "shell_call_output": {"max_output_length": None},
    "tool_search_call": {"call_id": None, "execution": "server"},
    "tool_search_output": {"call_id": None, "execution": "server"},
    "web_search_call": {"action": {"type": "search"}},
}
"""What a listing fills in where a client left it out, and by which its keys are in order."""


def as_items(input: Any) -> list[Json]:
    """Return a request's input as items: a string is one user message (api-contract §1.4)."""
    if isinstance(input, str):
        return [{"type": "message", "role": "user", "content": input}] if input else []
    return [_typed(item) for item in input or []]


def asks(output: Iterable[Json]) -> tuple[str, ...]:
    """Return the call ids of the tool calls in an output that the client is to answer."""
    calls = [item for item in output if "call_id" in item]
    if not calls:
        return ()
    answered = {item["call_id"] for item in calls if item["type"] in _OUTPUTS}
    return tuple(
        item["call_id"]
        for item in calls
        if item["type"] in _CALLS and item["call_id"] not in answered
    )


def answers(items: Iterable[Json]) -> tuple[str, ...]:
    """Return the call ids of the tool calls that a request's items answer."""
    return tuple(
        str(item.get("call_id"))
        for item in items
        if isinstance(item, dict) and item.get("type") in _OUTPUTS
    )


def _typed(item: Json) -> Json:
    """Name the type of an easy message or reference that leaves it out (api-contract §7.1).

    Unchecked requests may have ids that are no text: such a one names nothing.
    """
    if not isinstance(item.get("id"), str | None):
        item = {**item, "id": None}
    if item.get("type") is not None:
        return item
    kind = "message" if "role" in item else "item_reference"
    # The type may be there as null, and then must not come after the one it gets.
    return {"type": kind, **{key: value for key, value in item.items() if key != "type"}}


def check_pairs(inherited: Iterable[Json], items: Iterable[Json]) -> None:
    """Raise the API's 400 for a call without its output, or the reverse (api-contract §7.3).

    The call id of a function's output is typed as optional, and still needed to find its call.
    """
    given = list(items)
    for index, item in enumerate(given):
        if item.get("type") in _OUTPUTS and not any(_handles(item)):
            raise ApiError.missing(f"input[{index}].call_id")
    open_calls: dict[Any, str] = {}
    known: dict[Any, Any] = {}
    for item in (*inherited, *given):
        kind = item.get("type", "")
        handles = _handles(item)
        if kind in _CALLS:
            known |= dict.fromkeys(handles, handles[0])
            # The answer to an asynchronous call may come in any later turn.
            if not _is_served(item) and not item.get("async"):
                open_calls[handles[0]] = _CALLS[kind][1]
        elif kind in _OUTPUTS and any(handles):  # one without was let in by a conversation
            call_id = next((known[handle] for handle in handles if handle in known), None)
            if call_id is None:
                raise ApiError(
                    f"No tool call found for {_OUTPUTS[kind]} output with call_id {handles[0]}.",
                    param="input",
                )
            open_calls.pop(call_id, None)
    for call_id, name in open_calls.items():
        raise ApiError(f"No tool output found for {name} {call_id}.", param="input")


def _handles(item: Json) -> list[Any]:
    """Return the ids by which a call and its output find each other.

    The output of a local shell call has the call's id as its own (api-contract §7.1).
    """
    ids = [item.get("call_id")]
    if item.get("type", "").startswith("local_shell_call"):
        ids = [id_ for id_ in (*ids, item.get("id")) if id_] or ids
    return ids


def _is_served(item: Json) -> bool:
    """Tell whether the server runs a call, so that no client has to answer it."""
    place = (item.get("environment") if item.get("type") == "shell_call" else None) or {}
    return bool(place.get("type") == "container_reference")


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


def check_thoughts(items: Iterable[Json], *, stored: bool) -> None:
    """Raise the API's 400 for reasoning without what it led to (api-contract §7.3).

    As recorded: something of the model's own comes next, and where ids are kept it has one. What
    came without an id was not kept, and nothing is known of what followed it.
    """
    pending: str | None = None
    for item in items:
        if item["type"] == "reasoning":
            pending = pending or item.get("id")
            continue
        if pending and (not _is_said(item) or (stored and not item.get("id"))):
            break
        pending = None
    if pending:
        raise ApiError(
            f"Item '{pending}' of type 'reasoning' was provided without its required following "
            "item.",
            param="input",
        )


def _is_said(item: Json) -> bool:
    """Tell whether an item is a model's and not what a client says or gives back."""
    if item["type"] == "message":
        return bool(item["role"] == "assistant")
    return item["type"] not in _GIVEN


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
    if isinstance(rest.get("output"), list) and kind in _MEDIA:
        rest["output"] = [_part(part) for part in rest["output"]]
    if kind in _UNSAID:
        rest = dict(sorted((_UNSAID[kind] | rest).items()))
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
        return _filled({"file_id": None, "image_url": None, **part}, detail="auto")
    if part.get("type") == "input_file":
        return _filled({"file_id": None, **part})
    return part


def _filled(part: Json, **usual: str) -> Json:
    """Put in what a part leaves out, and its keys into the recorded order."""
    rest = {key: value for key, value in part.items() if key != "type"}
    rest |= {key: value for key, value in usual.items() if not rest.get(key)}
    return {"type": part["type"], **dict(sorted(rest.items()))}
