"""The single changes of a conversation: which there are, and that each can be played."""

from __future__ import annotations

from typing import Any

import pytest
from samples import CASSETTES

from mockserver import Settings
from mockserver.flags import parse
from mockserver.flags.registry import TABLE
from mockserver.mutations import SORTS, Turn, mutations, recorded, synthesised

TOOL: dict[str, Any] = {
    "type": "function",
    "name": "look_up",
    "parameters": {"type": "object", "properties": {}, "additionalProperties": False},
}
STREAMED: dict[str, Any] = {"model": "gpt-4.1", "input": "hi", "stream": True}


@pytest.fixture(scope="module")
def turn() -> Turn:
    """A streamed turn as it is made up."""
    [turn] = synthesised([STREAMED], Settings())
    return turn


def test_each_event_of_a_stream_is_cut_at_dropped_doubled_and_so_on(turn: Turn) -> None:
    """With every delta there is a case of each sort for each event, as far as it changes any."""
    count = len(turn.events)
    found = [mutation.fault for mutation in mutations([turn], every_delta=True)]
    for sort, first, last in [
        ("cut", 0, count),
        ("drop", 0, count),
        ("duplicate", 0, count),
        ("reorder", 0, count - 1),
        ("unknown_event", 0, count),
        ("fail_at", 1, count),
    ]:
        assert [each for each in found if each.startswith(f"{sort}:")] == [
            f"{sort}:{place}" for place in range(first, last)
        ]
    assert len(found) == 6 * count - 2 + 1


def test_of_a_run_of_deltas_the_first_and_the_last_are_changed(turn: Turn) -> None:
    """The middle of a run would only say the same again."""
    deltas = [
        number for number, event in enumerate(turn.events) if event["type"].endswith(".delta")
    ]
    assert len(deltas) > 3
    changed = [each.fault for each in mutations([turn], only=["drop"])]
    kept = [f"drop:{number}" for number in range(len(turn.events)) if number not in deltas[1:-1]]
    assert changed == kept


def test_a_body_has_the_changes_that_a_body_can_have() -> None:
    """A plain answer is broken off, failed, extended, and robbed of arguments and usage."""
    body = {"model": "gpt-4.1", "input": "hi", "tools": [TOOL]}
    assert [each.fault for each in mutations(synthesised([body], Settings()))] == [
        "cut_inside:0",
        "unknown_item",
        "fail_at:0",
        "truncate_arguments:0",
        "null_usage",
    ]


def test_recorded_turns_are_those_of_the_cassette() -> None:
    """Each create that went well is a turn, counted with those that did not."""
    turns = recorded([CASSETTES / "error.yaml", CASSETTES / "tool_loop.yaml"])
    assert [turn.number for turn in turns] == list(range(1, 1 + len(turns)))
    calls = [each for each in mutations(turns) if each.sort == "truncate_arguments"]
    assert calls
    assert {each.turn for each in calls} == {
        turn.number
        for turn in turns
        if any(item["type"] == "function_call" for item in turn.response["output"])
    }


def test_every_change_is_a_scenario(turn: Turn) -> None:
    """The flags of each are understood, hold for one request alone, and have a name."""
    found = mutations([turn, *recorded([CASSETTES / "tool_loop.yaml"])])
    assert {each.sort for each in found} <= set(SORTS) <= set(TABLE)
    for each in found:
        flags = parse(each.flags)
        assert (flags.gate and flags.gate.times, len(flags.faults)) == (1, 1)
    assert len({(each.turn, each.fault) for each in found}) == len({each.id for each in found})
