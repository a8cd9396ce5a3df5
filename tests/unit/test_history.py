"""What came before: input as items, the pairing of calls, and how items are listed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import check_input_item

from mockserver.history import as_items, check_pairs, check_thoughts, listed
from mockserver.schema.errors import ApiError
from mockserver.seed import Draw

Item = dict[str, Any]

CALL = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "1"}
CUSTOM = {"type": "custom_tool_call", "call_id": "call_2", "name": "c", "input": "x"}
ANSWER = {"type": "custom_tool_call_output", "call_id": "call_2", "output": "y"}
COMPUTER = {"type": "computer_call", "call_id": "call_3", "actions": [{"type": "screenshot"}]}
SCREEN = {
    "type": "computer_call_output",
    "call_id": "call_3",
    "output": {"type": "computer_screenshot", "image_url": "data:image/png;base64,iVBORw0KGgo="},
}
LOCAL = {
    "id": "lsh_4",
    "type": "local_shell_call",
    "call_id": "call_4",
    "action": {"type": "exec", "command": ["ls"], "env": {}},
}
SHELL = {"type": "shell_call", "call_id": "call_5", "action": {"commands": ["ls"]}}
CONTAINER = {"type": "container_reference", "container_id": "cntr_1"}
PATCH = {
    "type": "apply_patch_call",
    "call_id": "call_6",
    "operation": {"type": "delete_file", "path": "a.md"},
}
USER = {"role": "user", "content": "hi"}


def test_text_is_one_user_message() -> None:
    """A string of input counts as a message of the user (api-contract §1.4)."""
    assert as_items("hi") == [{"type": "message", "role": "user", "content": "hi"}]


@pytest.mark.parametrize("input", ["", [], None])
def test_no_input_is_no_items(input: Any) -> None:
    """Empty input of any form gives no items."""
    assert as_items(input) == []


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        (USER, "message"),
        ({"type": None, **USER}, "message"),
        ({"type": "message", **USER}, "message"),
        ({"id": "msg_1"}, "item_reference"),
        ({"type": None, "id": "msg_1"}, "item_reference"),
        ({"id": "msg_1", "type": "item_reference"}, "item_reference"),
        (CALL, "function_call"),
    ],
)
def test_a_missing_type_is_filled_in(item: Item, kind: str) -> None:
    """Easy messages and references may leave their type out, or send null for it (§7.1)."""
    (typed,) = as_items([item])
    assert typed["type"] == kind
    assert {**typed, "type": None} == {**item, "type": None}


def test_items_are_not_changed() -> None:
    """The request's own items stay as they came."""
    item = dict(USER)
    as_items([item])
    assert item == USER


@pytest.mark.parametrize(
    ("inherited", "items"),
    [
        ([], [USER]),
        ([], [CALL, OUTPUT]),
        ([CALL], [OUTPUT]),
        ([CALL, CUSTOM], [ANSWER, OUTPUT, USER]),
        ([CALL, OUTPUT], [USER]),
        ([CALL, OUTPUT], [OUTPUT]),
        ([], [{"type": "tool_search_output", "call_id": "call_9", "tools": []}]),
        ([COMPUTER], [SCREEN]),
        ([LOCAL], [{"type": "local_shell_call_output", "id": "call_4", "output": "{}"}]),
        ([LOCAL], [{"type": "local_shell_call_output", "id": "lsh_4", "output": "{}"}]),
        ([LOCAL], [{"type": "function_call_output", "call_id": "call_4", "output": "{}"}]),
        ([SHELL], [{"type": "shell_call_output", "call_id": "call_5", "output": []}]),
        ([{**SHELL, "environment": CONTAINER}], [USER]),
        ([PATCH], [{"type": "apply_patch_call_output", "call_id": "call_6"}]),
    ],
)
def test_calls_with_their_outputs_pass(inherited: list[Item], items: list[Item]) -> None:
    """A call may be answered in its own request or a later one, in any order."""
    check_pairs(inherited, items)


@pytest.mark.parametrize(
    ("inherited", "items", "message"),
    [
        ([], [CALL], "No tool output found for function call call_1."),
        ([CALL], [USER], "No tool output found for function call call_1."),
        ([CUSTOM], [USER], "No tool output found for custom tool call call_2."),
        ([CALL, CUSTOM], [OUTPUT], "No tool output found for custom tool call call_2."),
        ([], [OUTPUT], "No tool call found for function call output with call_id call_1."),
        ([], [OUTPUT, CALL], "No tool call found for function call output with call_id call_1."),
        ([], [ANSWER], "No tool call found for custom tool call output with call_id call_2."),
        ([COMPUTER], [USER], "No tool output found for computer call call_3."),
        ([LOCAL], [USER], "No tool output found for local shell call call_4."),
        ([SHELL], [USER], "No tool output found for shell call call_5."),
        ([PATCH], [USER], "No tool output found for apply patch call call_6."),
        ([], [SCREEN], "No tool call found for computer call output with call_id call_3."),
        (
            [],
            [{"type": "local_shell_call_output", "id": "call_4", "output": "{}"}],
            "No tool call found for local shell call output with call_id call_4.",
        ),
    ],
)
def test_a_half_pair_is_refused(inherited: list[Item], items: list[Item], message: str) -> None:
    """A call without its output and an output without its call are the API's 400 (§7.3)."""
    with pytest.raises(ApiError) as caught:
        check_pairs(inherited, items)
    error = caught.value
    assert (error.status, error.message, error.param, error.code) == (400, message, "input", None)


def test_an_output_for_no_call_lacks_the_id_of_one() -> None:
    """An output without a call id is told as one that lacks it, and where (§9.4)."""
    with pytest.raises(ApiError) as caught:
        check_pairs([], [USER, {"type": "function_call_output", "output": "{}"}])
    error = caught.value
    assert error.message == "Missing required parameter: 'input[1].call_id'."
    assert (error.param, error.code) == ("input[1].call_id", "missing_required_parameter")


THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": []}
SAID = {"type": "message", "id": "msg_1", "role": "assistant", "content": "yes"}


@pytest.mark.parametrize(
    ("items", "stored"),
    [
        ([THOUGHT, SAID, USER], True),
        ([THOUGHT, {**CALL, "id": "fc_1"}, OUTPUT], True),
        ([THOUGHT, {**THOUGHT, "id": "rs_2"}, SAID], True),
        ([THOUGHT, {"role": "assistant", "content": "yes"}, USER], False),
        ([{"type": "reasoning", "summary": []}, {"role": "assistant", "content": "yes"}], True),
        ([{"type": "reasoning", "summary": []}, USER], True),
    ],
)
def test_reasoning_with_what_it_led_to_passes(items: list[Item], stored: bool) -> None:
    """Something of the model's follows; it needs an id only where the reasoning is kept by its."""
    check_thoughts(as_items(items), stored=stored)


@pytest.mark.parametrize(
    "items",
    [
        [USER, THOUGHT],
        [THOUGHT, USER],
        [THOUGHT, OUTPUT],
        [THOUGHT, {"role": "assistant", "content": "something else"}, USER],
    ],
)
def test_reasoning_alone_is_refused(items: list[Item]) -> None:
    """Reasoning that lost what followed it is the API's 400, as recorded (§7.3)."""
    with pytest.raises(ApiError) as caught:
        check_thoughts(as_items(items), stored=True)
    error = caught.value
    assert error.message == (
        "Item 'rs_1' of type 'reasoning' was provided without its required following item."
    )
    assert (error.status, error.param, error.code) == (400, "input", None)


def test_a_message_is_listed_with_its_content_as_parts() -> None:
    """Text becomes a part of the kind that the role has, and status and id are filled in."""
    (user, assistant) = listed(
        as_items([USER, {"role": "assistant", "content": "yes", "phase": "final_answer"}]),
        Draw(b"key"),
    )
    assert user["content"] == [{"type": "input_text", "text": "hi"}]
    assert list(user) == ["id", "type", "status", "content", "role"]
    assert assistant["content"] == [
        {"type": "output_text", "annotations": [], "logprobs": [], "text": "yes"}
    ]
    assert list(assistant) == ["id", "type", "status", "content", "phase", "role"]
    assert user["status"] == assistant["status"] == "completed"


def test_ids_and_statuses_that_came_are_kept() -> None:
    """What the request said of an item stands in its listing."""
    item = {"type": "message", "id": "msg_mine", "status": "incomplete", **USER}
    assert listed([item], Draw(b"key"))[0]["id"] == "msg_mine"
    assert listed([item], Draw(b"key"))[0]["status"] == "incomplete"


def test_an_image_is_listed_with_its_detail() -> None:
    """The detail of an image is filled in as ``auto`` (api-contract §7.2)."""
    part = {"type": "input_image", "image_url": "https://example.com/a.png"}
    (message,) = listed(as_items([{"role": "user", "content": [part]}]), Draw(b"key"))
    (listed_part,) = message["content"]
    assert listed_part == {**part, "detail": "auto", "file_id": None}
    assert list(listed_part) == ["type", "detail", "file_id", "image_url"]


def test_a_file_is_listed_with_its_id() -> None:
    """A file given by its bytes has no id, and says so (recorded)."""
    part = {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,"}
    (message,) = listed(as_items([{"role": "user", "content": [part]}]), Draw(b"key"))
    assert message["content"] == [{**part, "file_id": None}]


ITEMS: list[tuple[Item, str, bool]] = [
    (USER, "msg", True),
    (CALL, "fc", True),
    (OUTPUT, "fc", True),
    (CUSTOM, "ctc", True),
    (ANSWER, "ctco", True),
    ({"type": "reasoning", "summary": []}, "rs", False),
    ({"type": "mcp_approval_response", "approval_request_id": "a", "approve": True}, "mcpr", False),
    ({"type": "compaction", "encrypted_content": "gAAAAA"}, "cmp", False),
    (COMPUTER, "cu", True),
    (SCREEN, "cuo", True),
    ({key: value for key, value in LOCAL.items() if key != "id"}, "lsh", True),
    (SHELL, "sh", True),
    ({"type": "shell_call_output", "call_id": "call_5", "output": []}, "sho", True),
    (PATCH, "apc", True),
    ({"type": "apply_patch_call_output", "call_id": "call_6"}, "apco", True),
]


@pytest.mark.parametrize(("item", "prefix", "has_status"), ITEMS)
def test_an_item_without_an_id_gets_one_of_its_kind(
    item: Item, prefix: str, has_status: bool
) -> None:
    """Each item is listed with an id of its kind's prefix, and calls and outputs with a status."""
    (shown,) = listed(as_items([item]), Draw(b"key"))
    assert re.fullmatch(rf"{prefix}_[0-9a-f]{{50}}", shown["id"])
    assert ("status" in shown) is has_status
    assert list(shown)[:2] == ["id", "type"]
    assert not check_input_item(shown)


def test_ids_of_a_listing_depend_on_its_draw_alone() -> None:
    """Listed again, the same items have the same ids."""
    items = as_items([USER, OUTPUT, USER])
    first, again = listed(items, Draw(b"key")), listed(items, Draw(b"key"))
    assert first == again
    assert len({item["id"] for item in first}) == 3


@given(st.lists(st.sampled_from([CALL, OUTPUT, CUSTOM, ANSWER, USER]), max_size=8), st.data())
def test_where_a_request_begins_changes_nothing(items: list[Item], data: st.DataObject) -> None:
    """It is the same whether items are inherited or sent along."""
    cut = data.draw(st.integers(0, len(items)))
    assert _refusal([], items) == _refusal(items[:cut], items[cut:])


def _refusal(inherited: list[Item], items: list[Item]) -> str | None:
    try:
        check_pairs(inherited, items)
    except ApiError as error:
        return error.message
    return None
