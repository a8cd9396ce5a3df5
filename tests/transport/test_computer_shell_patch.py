"""Computers, shells and patches: calls that fit the request, answered by client or server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api import Api, types
from openai import OpenAI

from mockserver.items.screenshot import screenshot, size_of

Document = dict[str, Any]

COMPUTER: Document = {"type": "computer"}
PREVIEW: Document = {
    "type": "computer_use_preview",
    "display_width": 120,
    "display_height": 90,
    "environment": "browser",
}
CONTAINER: Document = {"type": "shell", "environment": {"type": "container_auto"}}
PATCH: Document = {"type": "apply_patch"}


def ask(api: Api, tool: Document, input: Any = "Have a look.", **more: Any) -> Document:
    """Create a response with one tool on offer."""
    return api.create({"model": "gpt-5.1", "input": input, "tools": [tool], **more})


def only(response: Document) -> Document:
    """Return the one item of a response."""
    (item,) = response["output"]
    return dict(item)


def shown(call: Document, width: int = 120, height: int = 90) -> Document:
    """Return the screen that answers a computer call."""
    output = {"type": "computer_screenshot", "image_url": screenshot(width, height)}
    return {"type": "computer_call_output", "call_id": call["call_id"], "output": output}


def acted(api: Api, tool: Document, turns: int, **size: int) -> list[Document]:
    """Return what is done in so many turns of a loop in which a call is forced."""
    response = ask(api, tool, 'Search for "two penguins" here.')
    actions: list[Document] = []
    for _ in range(turns):
        call = only(response)
        assert ("actions" in call) is (tool["type"] == "computer")
        actions += call.get("actions") or [call["action"]]
        answer = [shown(call, **size)]
        before = response["id"]
        response = ask(api, tool, answer, previous_response_id=before, tool_choice="required")
    return actions


def test_a_screenshot_comes_first_when_a_computer_is_offered(client: OpenAI) -> None:
    """The first turn looks at the screen; once it is shown, a message ends the loop."""
    first = client.responses.create(model="gpt-5.1", input="Book it.", tools=[{"type": "computer"}])
    call = first.output[0]
    assert call.type == "computer_call"
    assert call.actions is not None
    assert [action.type for action in call.actions] == ["screenshot"]
    assert call.pending_safety_checks == []
    second = client.responses.create(
        model="gpt-5.1",
        previous_response_id=first.id,
        input=[shown(call.to_dict())],  # type: ignore[list-item]
        tools=[{"type": "computer"}],
    )
    assert [item.type for item in second.output] == ["message"]


@pytest.mark.parametrize("tool", [COMPUTER, PREVIEW], ids=["batch", "single"])
def test_actions_stay_on_the_screen_when_the_loop_goes_on(api: Api, tool: Document) -> None:
    """All kinds of actions come in turn, each inside the display that tool or screenshot tell."""
    actions = acted(api, tool, 12)
    assert {action["type"] for action in actions} == {
        *("screenshot", "click", "type", "keypress", "wait"),
        *("scroll", "move", "double_click", "drag"),
    }
    points = [point for action in actions for point in [action, *action.get("path", [])]]
    found = [point for point in points if "x" in point]
    assert len(found) > 5
    assert all(0 <= point["x"] < 120 and 0 <= point["y"] < 90 for point in found)
    typed = [action["text"] for action in actions if action["type"] == "type"]
    assert set(typed) == {"two penguins"} or tool is PREVIEW


def test_the_screen_is_large_when_nothing_tells_its_size(api: Api) -> None:
    """A computer without display and screenshot has 1024 by 768 pixels."""
    item = only(api.create({"model": "gpt-5.1", "input": "hi"}, "items:computer_call_output"))
    assert size_of(item["output"]["image_url"]) == (1024, 768)


@pytest.mark.parametrize("choice", ["computer", "computer_use", "computer_use_preview"])
def test_a_computer_is_called_when_any_form_of_it_is_chosen(api: Api, choice: str) -> None:
    """The choice may name the tool by another form's type (api-contract §6.4)."""
    first = only(ask(api, COMPUTER))
    call = {key: first[key] for key in ("type", "call_id", "actions", "pending_safety_checks")}
    again = ask(api, COMPUTER, [call, shown(first)], tool_choice={"type": choice})
    assert only(again)["type"] == "computer_call"


def test_quoted_commands_are_run_when_they_are_harmless(api: Api) -> None:
    """A client is told to run what the user quotes, and never what could do harm."""
    wish = "Run `echo hi`, `rm -rf /` and `python3 -c 'print(6 * 7)'`."
    for tool in ({"type": "shell"}, {"type": "shell", "environment": {"type": "local"}}):
        call = only(ask(api, tool, wish))
        assert call["action"]["commands"] == ["echo hi", "python3 -c 'print(6 * 7)'"]
        assert call["environment"] == {"type": "local"}
    assert only(ask(api, {"type": "local_shell"}, wish))["action"]["command"] == ["echo", "hi"]


def test_a_shell_call_is_answered_when_the_client_runs_it(api: Api) -> None:
    """The client's output closes the call, and both are listed in full."""
    call = only(ask(api, {"type": "shell"}))
    bare = {key: call[key] for key in ("type", "call_id", "action")}
    result = {"stdout": "x\n", "stderr": "", "outcome": {"type": "timeout"}}
    output = {"type": "shell_call_output", "call_id": call["call_id"], "output": [result]}
    second = ask(api, {"type": "shell"}, [bare, output])
    assert only(second)["type"] == "message"
    listing = api.input_items(second["id"], order="asc")["data"]
    assert [item["type"] for item in listing] == ["shell_call", "shell_call_output"]
    assert list(listing[1])[3:] == ["call_id", "max_output_length", "output"]


def test_commands_are_told_by_their_place_when_streamed(api: Api) -> None:
    """Command events name no item, and add up; the call opens with none (api-contract §8.7)."""
    wish = "Run `pwd` and `echo several words`."
    events = api.stream({"model": "gpt-5.1", "input": wish, "tools": [{"type": "shell"}]})
    command = [f"response.shell_call_command.{move}" for move in ("added", "delta", "done")]
    added, *inside, done = events[2:-1]
    assert types(inside) == command * 2
    assert added["item"]["action"] == {
        "commands": [],
        "max_output_length": None,
        "timeout_ms": None,
    }
    assert not [event for event in inside if "item_id" in event]
    told = ["", ""]
    for event in inside:
        told[event["command_index"]] += event.get("delta", "")
    assert told == done["item"]["action"]["commands"] == ["pwd", "echo several words"]


def test_output_comes_along_when_a_container_runs_the_commands(api: Api) -> None:
    """Call and output share the response, whatever the limit of calls; a message follows."""
    wish = "Run `python3 -c 'print(6 * 7)'` and `echo hi`."
    response = ask(api, CONTAINER, wish, max_tool_calls=1)
    call, output, message = response["output"]
    assert (call["type"], output["type"], message["type"]) == (
        *("shell_call", "shell_call_output", "message"),
    )
    assert call["call_id"] == output["call_id"]
    assert [each["stdout"] for each in output["output"]] == ["42\n", "hi\n"]
    assert response["tools"] == [{"type": "shell", "environment": call["environment"]}]
    assert call["environment"]["type"] == "container_reference"
    again = ask(api, CONTAINER, previous_response_id=response["id"])
    assert again["output"][0]["environment"] == call["environment"]
    assert again["tools"] == response["tools"]


def test_a_container_is_kept_when_it_is_named(api: Api) -> None:
    """A reference is used as it is; a call of the server's needs no answer of the client's."""
    place = {"type": "container_reference", "container_id": "cntr_mine"}
    call = ask(api, {"type": "shell", "environment": place})["output"][0]
    assert call["environment"] == place
    user = {"role": "user", "content": "Go on."}
    assert only(ask(api, {"type": "computer"}, [call, user]))["type"] == "computer_call"


def test_outputs_are_told_whole_when_streamed(api: Api) -> None:
    """An output opens as completed and empty; its deltas carry no padding (wire-vs-spec §4)."""
    events = api.stream({"model": "gpt-5.1", "input": "Run `pwd`.", "tools": [CONTAINER]})
    start = next(
        index
        for index, event in enumerate(events)
        if (event.get("item") or {}).get("type") == "shell_call_output"
    )
    added, delta, done, closed = events[start : start + 4]
    assert (added["item"]["status"], added["item"]["output"]) == ("completed", [])
    assert delta["delta"] == {"stdout": "/mnt/data\n"}
    assert "obfuscation" not in delta
    assert done["output"] == closed["item"]["output"]
    assert done["item_id"] == added["item"]["id"]


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "local_shell_call_output", "id": "CALL"},
        {"type": "function_call_output", "call_id": "CALL"},
    ],
    ids=["own", "function"],
)
def test_a_local_shell_is_answered_when_the_output_names_its_call(
    api: Api, answer: Document
) -> None:
    """The output's id is the call's; as the output of a function it is taken too."""
    tool = {"type": "local_shell"}
    first = api.create({"model": "gpt-5-codex", "input": "ls", "tools": [tool]})
    call = first["output"][-1]
    named = {key: call["call_id"] if value == "CALL" else value for key, value in answer.items()}
    body = {"model": "gpt-5-codex", "tools": [tool], "previous_response_id": first["id"]}
    second = api.create({**body, "input": [{**named, "output": "README.md\n"}]})
    assert second["output"][-1]["type"] == "message"
    error = api.refused({**body, "input": "And now?"})
    assert error["message"] == f"No tool output found for local shell call {call['call_id']}."


@pytest.mark.parametrize(
    ("tool", "name"),
    [(COMPUTER, "computer"), ({"type": "shell"}, "shell"), (PATCH, "apply patch")],
)
def test_a_call_is_refused_when_it_stays_unanswered(api: Api, tool: Document, name: str) -> None:
    """A client's call must be answered before the conversation goes on (api-contract §7.3)."""
    first = ask(api, tool)
    error = api.refused({"model": "gpt-5.1", "input": "x", "previous_response_id": first["id"]})
    call_id = only(first)["call_id"]
    assert (error["status"], error["param"]) == (400, "input")
    assert error["message"] == f"No tool output found for {name} call {call_id}."


@pytest.mark.parametrize(
    ("tool", "status"), [({"type": "shell"}, "incomplete"), (PATCH, "in_progress")]
)
def test_a_call_is_cut_when_the_tokens_run_out(api: Api, tool: Document, status: str) -> None:
    """An unfinished call is one by its status, as far as its kind has one for that."""
    wish = f"Run `echo {' one more' * 20}`. Create a.md."
    body: Document = {"model": "gpt-5.1", "input": wish, "tools": [tool]}
    whole = only(api.create(body))
    events = api.stream({**body, "max_output_tokens": 16})
    cut = only(events[-1]["response"])
    assert (cut["status"], whole["status"]) == (status, "completed")
    assert len(json.dumps(cut)) < len(json.dumps(whole))


@pytest.mark.parametrize(
    ("tool", "kind"),
    [
        (COMPUTER, "computer_call_output"),
        ({"type": "shell"}, "shell_call_output"),
        ({"type": "local_shell"}, "local_shell_call_output"),
        (PATCH, "apply_patch_call_output"),
    ],
)
def test_an_output_answers_the_call_when_a_scenario_names_both(
    api: Api, tool: Document, kind: str
) -> None:
    """Scripted outputs pair with the call before them, and the conversation can go on."""
    call_kind = kind.removesuffix("_output")
    body: Document = {"model": "gpt-5.1", "input": "Run `pwd`.", "tools": [tool]}
    first = api.create(body, f"items:{call_kind}+{kind}+message")
    call, output, _ = first["output"]
    answered = output["id"] if kind == "local_shell_call_output" else output["call_id"]
    assert answered == call["call_id"]
    assert "pwd" not in json.dumps(output)
    again = api.create({**body, "previous_response_id": first["id"]}, f"items:{kind}+message")
    named = again["output"][0]
    assert (named["id"] if kind == "local_shell_call_output" else named["call_id"]) == answered


def test_the_sdk_s_stream_helper_follows_when_a_container_is_used(client: OpenAI) -> None:
    """The official accumulator takes positional commands and outputs without an objection."""
    with client.responses.stream(
        model="gpt-5.1",
        input="Run `pwd`.",
        tools=[{"type": "shell", "environment": {"type": "container_auto"}}],
    ) as stream:
        final = stream.get_final_response()
    assert [item.type for item in final.output] == ["shell_call", "shell_call_output", "message"]
