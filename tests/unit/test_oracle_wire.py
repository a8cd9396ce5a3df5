"""The oracle's rules for a whole Response: what the wire always has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from oracle import check_wire
from oracle.examples import CALL, MESSAGE, example_response, example_stream
from oracle.wire import KEYS

Document = dict[str, Any]


def test_a_response_passes_when_it_is_as_the_wire_has_it() -> None:
    """A finished JSON body, and the same response in each event of its stream, pass."""
    assert check_wire(example_response()) == []
    snapshots = [event["response"] for event in example_stream() if "response" in event]
    assert [line for snapshot in snapshots for line in check_wire(snapshot, event=True)] == []


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_key_is_reported_when_a_response_lacks_it(key: str) -> None:
    """Each of the 35 keys has to be there, though the SDK asks for fewer."""
    response = example_response()
    del response[key]
    assert f"{key}: missing" in check_wire(response)


def _set(response: Document, path: str, value: Any) -> None:
    *owners, key = path.split(".")
    target: Any = response
    for owner in owners:
        target = target[int(owner) if owner.isdigit() else owner]
    if value is ...:
        del target[key]
    else:
        target[key] = value


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("text.verbosity", ..., "text.verbosity: missing"),
        ("reasoning.context", ..., "reasoning.context: missing"),
        ("tool_usage.web_search", ..., "tool_usage.web_search: missing"),
        ("text.format", {"type": "json_schema"}, "text.format.strict: missing"),
        ("output_text", "Rainy", "output_text: unknown key"),
        ("billing", ..., "billing: missing"),
        ("created_at", 1787150260.5, "created_at: wrong type"),
        ("completed_at", 1787150262.0, "completed_at: wrong type"),
        ("completed_at", 1, "completed_at: wrong value: before created_at"),
        ("completed_at", None, "completed_at: wrong value: None when completed"),
        ("error", {"code": "x", "message": "y"}, "error: wrong value"),
        ("incomplete_details", {"reason": "x"}, "incomplete_details: wrong value"),
        ("usage", None, "usage: wrong value: None when completed"),
        ("usage.total_tokens", 31, "usage.total_tokens: wrong value"),
        ("usage.input_tokens_details.cached_tokens", 11, "usage.input_tokens_details.cached_t"),
        (
            "usage.input_tokens_details.cache_write_tokens",
            ...,
            "usage.input_tokens_details.cache_w",
        ),
        ("usage.output_tokens_details.reasoning_tokens", 21, "usage.output_tokens_details.reas"),
        ("output.0.status", "completed", "output[0].status: unknown key"),
        ("output.0.id", "msg_2", "output[0].id: wrong value"),
        ("output.2.content.0.annotations", ..., "output[2].content[0].annotations: missing"),
        ("output.2.content.0.logprobs", None, "output[2].content[0].logprobs: missing"),
        ("output.2.status", "in_progress", "output[2].status: wrong value"),
        ("output.3.status", "incomplete", "output[3].status: wrong value"),
        ("output.3.call_id", "fc_1", "output[3].call_id: wrong value"),
    ],
)
def test_a_departure_is_reported_when_a_finished_response_has_it(
    path: str, value: Any, line: str
) -> None:
    """One change to a finished response is told at its place."""
    response = example_response()
    _set(response, path, value)
    assert any(problem.startswith(line) for problem in check_wire(response)), check_wire(response)


def _incomplete(response: Document) -> None:
    response["output"] = [{**MESSAGE, "status": "incomplete"}]
    response["incomplete_details"] = {"reason": "max_output_tokens"}
    response["completed_at"] = None


def _failed(response: Document) -> None:
    response["error"] = {"code": "server_error", "message": "No."}
    _unfinished(response)


def _unfinished(response: Document) -> None:
    del response["billing"]
    response.update(output=[], usage=None, completed_at=None, background=True)


@pytest.mark.parametrize(
    ("status", "become", "spoil", "line"),
    [
        ("incomplete", _incomplete, {"incomplete_details": None}, "incomplete_details: wrong"),
        ("incomplete", _incomplete, {"completed_at": 1787150261}, "completed_at: wrong"),
        ("incomplete", _incomplete, {"output": [MESSAGE]}, "output[0].status: wrong"),
        ("incomplete", _incomplete, {"output": [CALL]}, "output[0].status: wrong"),
        ("failed", _failed, {"error": None}, "error: wrong"),
        ("failed", _failed, {"error": {"code": "c", "message": "m", "type": "t"}}, "error: wrong"),
        ("failed", _failed, {"usage": {}}, "usage: wrong"),
        ("cancelled", _unfinished, {"background": False}, "background: wrong"),
        ("cancelled", _unfinished, {"error": {"code": "c", "message": "m"}}, "error: wrong"),
        ("queued", _unfinished, {"background": False}, "background: wrong"),
        ("queued", _unfinished, {"billing": {}}, "billing: unknown key"),
        ("in_progress", _unfinished, {"output": [CALL]}, "output: wrong"),
        ("in_progress", _unfinished, {"completed_at": 1787150261}, "completed_at: wrong"),
    ],
)
def test_fields_follow_the_status_when_a_response_is_not_completed(
    status: str, become: Callable[[Document], None], spoil: Document, line: str
) -> None:
    """Each status has its own set of fields that are null, empty or absent."""
    response = example_response() | {"status": status}
    become(response)
    assert check_wire(response) == []
    problems = check_wire(response | spoil)
    assert any(problem.startswith(line) for problem in problems), problems


def test_billing_is_reported_when_an_event_carries_it() -> None:
    """`billing` belongs to finished JSON bodies and to nothing else."""
    assert check_wire(example_response(), event=True) == ["billing: unknown key: when completed"]
