"""Steering: user input for a response that is still being told (api-contract §13.3, §13.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Final

from mockserver.history import as_items
from mockserver.items import kind_of
from mockserver.lifecycle import Plan, timeline
from mockserver.schema.base import Json
from mockserver.schema.errors import INVALID_REQUEST, ApiError
from mockserver.schema.faults import wrong_type
from mockserver.schema.validation import check_items
from mockserver.streaming.streamer import snapshot

MOST_PENDING: Final = 16
"""Steers that a response takes before it goes on; how many the API takes is not known."""

_KEYS: Final = frozenset({"type", "previous_response_id", "input"})
_MESSAGE_KEYS: Final = frozenset({"type", "role", "content"})
_PARTS: Final = frozenset({"input_text", "input_image", "input_file"})
_ANSWERS: Final = {
    "function_call": "function_call_output",
    "custom_tool_call": "custom_tool_call_output",
    "computer_call": "computer_call_output",
    "shell_call": "shell_call_output",
    "apply_patch_call": "apply_patch_call_output",
    "tool_search_call": "tool_search_output",
    "mcp_approval_request": "mcp_approval_response",
}
"""Output items that wait for the client, and the input item that each waits for."""


class SteerError(Exception):
    """Why a steer cannot be taken: a ``code`` of api-contract §13.3 and a ``message``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Steer:
    """A steer that was accepted: its id and the input that it brings."""

    id: str
    previous_response_id: str
    input: Any

    @classmethod
    def make(cls, event: Json, number: int) -> Steer:
        """Return the response's steer of this number; its id depends on nothing else."""
        target = event["previous_response_id"]
        digest = blake2b(f"{target}|{number}".encode(), digest_size=16).hexdigest()
        return cls(f"steer_{digest}", target, event["input"])


def check_event(event: Json) -> None:
    """Raise ApiError for an event that lacks what an answer to it has to repeat."""
    for key in ("previous_response_id", "input"):
        if key not in event:
            raise ApiError.missing(key)
    target = event["previous_response_id"]
    if not isinstance(target, str):
        raise wrong_type("a string", target).under("previous_response_id").error()
    if not isinstance(event["input"], str | list):
        expected = "one of a string or array of input items"
        raise wrong_type(expected, event["input"]).under("input").error()


def check_input(event: Json) -> None:
    """Raise SteerError for input other than user messages of text, images and files."""
    for key in event:
        if key not in _KEYS:
            raise SteerError("invalid_input", f"Unknown parameter: '{key}'.")
    given = event["input"]
    if not given:
        raise SteerError("invalid_input", "The steering input must not be empty.")
    if isinstance(given, str):
        return
    try:
        check_items(given, name="input")
    except ApiError as error:
        raise SteerError("invalid_input", error.message) from None
    if not all(_is_plain_message(item) for item in given):
        raise SteerError(
            "invalid_input",
            "Steering accepts only messages with the 'user' role, each with nothing but 'type', "
            "'role' and 'content' of text, images and files.",
        )


def _is_plain_message(item: Json) -> bool:
    content = item.get("content")
    return (
        item.get("type", "message") == "message"
        and item.get("role") == "user"
        and not item.keys() - _MESSAGE_KEYS
        and (isinstance(content, str) or all(part.get("type") in _PARTS for part in content or []))
    )


def supports(body: Json, model: str) -> bool:
    """Tell whether a response to this request can be steered (api-contract §13.4)."""
    managed = body.get("context_management")
    # Where requests are not checked, anything may stand there.
    compacts = isinstance(managed, list) and any(
        isinstance(entry, dict) and entry.get("type") == "compaction" for entry in managed
    )
    return model.startswith("gpt-6") and body.get("conversation") is None and not compacts


def stopped(plan: Plan, now: float, count: Callable[[list[Json]], int]) -> Plan:
    """Return the plan as it ends when it is steered now: after the item that is being told.

    It is the plan itself when no item would come after that one. What was told by now is told by
    the new plan too. ``count`` gives the output tokens of items.
    """
    begun = sum(
        event["type"] == "response.output_item.added" and moment <= now
        for moment, event in timeline(plan, obfuscation=False)
    )
    output = plan.response["output"]
    if begun == len(output):
        return plan
    response = _cut(plan.response, output[:begun], count)
    # Without an item, nothing but the end is left to wait for.
    return replace(plan, response=response, ttft=plan.ttft if begun else now - plan.started)


def _cut(response: Json, items: list[Json], count: Callable[[list[Json]], int]) -> Json:
    usage = response["usage"]
    thought = any(item["type"] == "reasoning" for item in items)
    thinking = usage["output_tokens_details"]["reasoning_tokens"] if thought else 0
    spoken = count(items) + thinking
    used = snapshot(response, "incomplete")["tool_usage"]
    for item in items:
        kind_of(item).meter(item, used)
    return {
        **response,
        "status": "incomplete",
        "completed_at": None,
        "incomplete_details": {"reason": "steered"},
        "output": items,
        "tool_usage": used,
        "usage": {
            **usage,
            "output_tokens": spoken,
            "output_tokens_details": {"reasoning_tokens": thinking},
            "total_tokens": usage["input_tokens"] + spoken,
        },
    }


def required_input(response: Json) -> list[Json]:
    """Return stubs of the items that a client has to send before the response goes on."""
    given = {
        (item["type"], item.get("call_id"))
        for item in response["output"]
        if item["type"] in _ANSWERS.values()
    }
    return [
        _stub(item, answer)
        for item in response["output"]
        if (answer := _ANSWERS.get(item["type"])) is not None
        and (answer, item.get("call_id")) not in given
        and (item["type"] != "tool_search_call" or item.get("execution") == "client")
    ]


def _stub(item: Json, answer: str) -> Json:
    if answer == "mcp_approval_response":
        return {"type": answer, "approval_request_id": item["id"]}
    stub = {"type": answer, "call_id": item["call_id"]}
    if answer == "function_call_output":
        stub["name"] = item["name"]
    elif answer == "tool_search_output":
        stub["execution"] = "client"
    return stub


def successor(body: Json, response_id: str, steers: list[Steer]) -> Json:
    """Return the request that the server makes by itself: the same settings, the queued input."""
    return {**body, "previous_response_id": response_id, "input": items_of(steers)}


def prepended(steers: list[Steer], input: Any) -> Any:
    """Return a create's input after that of steers; what is no input is left for the checks."""
    if isinstance(input, str):
        input = as_items(input)
    return [*items_of(steers), *input] if isinstance(input, list) else input


def items_of(steers: list[Steer]) -> list[Json]:
    """Return what steers bring, as items in the order in which they came."""
    return [item for steer in steers for item in as_items(steer.input)]


def accepted(steer: Steer) -> Json:
    """Return the event that says the server owns the input now."""
    return {"type": "response.steer.accepted", "sequence_number": 0, "steer": _named(steer)}


def pending(steer: Steer, needed: list[Json]) -> Json:
    """Return the event that says which items the input waits for."""
    return {
        "type": "response.steer.pending",
        "reason": "waiting_for_required_input",
        "required_input": needed,
        "sequence_number": 0,
        "steer": _named(steer),
    }


def failed(error: SteerError, input: Any, target: str, id: str | None = None) -> Json:
    """Return the event that gives input back, with the id of its steer if it had one."""
    returned: Json = {} if id is None else {"id": id}
    returned |= {"input": input, "previous_response_id": target}
    return {
        "type": "response.steer.failed",
        "error": {"code": error.code, "message": error.message, "type": INVALID_REQUEST},
        "sequence_number": 0,
        "steer": returned,
    }


def _named(steer: Steer) -> Json:
    return {"id": steer.id, "previous_response_id": steer.previous_response_id}
