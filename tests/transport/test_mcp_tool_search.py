"""MCP servers, tool search, programs and grammars, through the public door."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api import Api, types
from jsonschema import Draft202012Validator
from openai import OpenAI
from oracle import check_input_item

Document = dict[str, Any]

MODEL = "gpt-4.1"
SERVER: Document = {"type": "mcp", "server_label": "dice", "server_url": "https://dice.example/mcp"}
FREE: Document = {**SERVER, "require_approval": "never"}
SEARCH: Document = {"type": "tool_search"}
PROGRAMS: Document = {"type": "programmatic_tool_calling"}


def function(name: str, **more: Any) -> Document:
    return {
        "type": "function",
        "name": name,
        "description": f"Do {name}.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
        "strict": True,
        **more,
    }


def deferred(name: str) -> Document:
    return function(name, defer_loading=True)


def body(*tools: Document, **more: Any) -> Document:
    return {"model": MODEL, "input": "hi", "tools": list(tools), **more}


def following(response: Document, *items: Document, **more: Any) -> Document:
    """Return the next turn's request, with the tools of the last one."""
    return {
        "model": MODEL,
        "previous_response_id": response["id"],
        "input": list(items),
        "tools": response["tools"],
        **more,
    }


def user(text: str) -> Document:
    return {"type": "message", "role": "user", "content": text}


def approval(request: Document, approve: bool) -> Document:
    return {
        "type": "mcp_approval_response",
        "approval_request_id": request["id"],
        "approve": approve,
    }


def output_of(call: Document, text: str = "fine") -> Document:
    return {"type": f"{call['type']}_output", "call_id": call["call_id"], "output": text}


def kinds(response: Document) -> list[str]:
    return [item["type"] for item in response["output"]]


def schema_of(listing: Document, name: str) -> Document:
    schema: Document = next(
        entry["input_schema"] for entry in listing["tools"] if entry["name"] == name
    )
    return schema


# MCP


def test_a_server_is_listed_and_called_when_nothing_needs_approval(api: Api) -> None:
    """The call is of a listed tool, with arguments that its schema allows."""
    response = api.create(body(FREE))
    assert kinds(response) == ["mcp_list_tools", "mcp_call", "message"]
    listing, call, _ = response["output"]
    assert listing["server_label"] == call["server_label"] == "dice"
    schema = schema_of(listing, call["name"])
    assert not list(Draft202012Validator(schema).iter_errors(json.loads(call["arguments"])))
    assert call["output"]
    assert call["error"] is None
    assert call["approval_request_id"] is None


def test_a_call_waits_for_consent_when_nothing_else_is_said(api: Api) -> None:
    """The request for consent ends the turn; consent leads to that very call, then a message."""
    first = api.create(body(SERVER))
    assert kinds(first) == ["mcp_list_tools", "mcp_approval_request"]
    asked = first["output"][1]
    second = api.create(following(first, approval(asked, approve=True)))
    assert kinds(second) == ["mcp_call", "message"]
    call = second["output"][0]
    assert call["approval_request_id"] == asked["id"]
    assert (call["name"], call["arguments"]) == (asked["name"], asked["arguments"])


@pytest.mark.parametrize("choice", ["auto", "required"])
def test_there_is_a_message_only_when_consent_is_denied(api: Api, choice: str) -> None:
    """A denied call is not made, and not asked for again at once."""
    first = api.create(body(SERVER, tool_choice=choice))
    answer = approval(first["output"][1], approve=False)
    second = api.create(following(first, answer, tool_choice=choice))
    assert kinds(second) == ["message"]


def test_consent_holds_for_one_call_when_the_user_speaks_again(api: Api) -> None:
    """The next turn asks once more, and lists the server no second time."""
    first = api.create(body(SERVER))
    second = api.create(following(first, approval(first["output"][1], approve=True)))
    third = api.create(following(second, user("again")))
    assert kinds(third) == ["mcp_approval_request"]


def test_a_server_is_listed_again_when_the_input_lacks_its_list(api: Api) -> None:
    """A client that keeps the items itself and drops the list gets a new one (recorded)."""
    asked = api.create(body(SERVER, store=False))["output"][1]
    again = api.create(body(SERVER, input=[user("hi"), asked, approval(asked, approve=True)]))
    assert kinds(again) == ["mcp_list_tools", "mcp_call", "message"]


@pytest.mark.parametrize(
    ("rules", "names", "waits"),
    [
        ({"allowed_tools": ["roll"], "require_approval": "never"}, ["roll"], False),
        ({"allowed_tools": {"tool_names": ["roll"]}}, ["roll"], True),
        (
            {
                "allowed_tools": ["roll", "flip"],
                "require_approval": {"never": {"tool_names": ["roll"]}},
            },
            ["roll", "flip"],
            False,
        ),
        (
            {"allowed_tools": ["roll"], "require_approval": {"always": {"tool_names": ["flip"]}}},
            ["roll"],
            True,
        ),
        (
            {"allowed_tools": ["get_dice"], "require_approval": {"never": {"read_only": True}}},
            ["get_dice"],
            False,
        ),
        (
            {"allowed_tools": ["roll"], "require_approval": {"never": {"read_only": True}}},
            ["roll"],
            True,
        ),
    ],
)
def test_approval_is_asked_by_the_rules_of_the_server(
    api: Api, rules: Document, names: list[str], waits: bool
) -> None:
    """The tools listed are those allowed; consent is needed but for what is named as free."""
    response = api.create(body({**SERVER, **rules}))
    assert [entry["name"] for entry in response["output"][0]["tools"]] == names
    assert kinds(response)[1] == ("mcp_approval_request" if waits else "mcp_call")
    assert response["output"][1]["name"] == names[0]


def test_tools_only_read_when_the_filter_says_so(api: Api) -> None:
    """A filter for tools that only read leaves no other one in the list."""
    listing = api.create(body({**FREE, "allowed_tools": {"read_only": True}}))["output"][0]
    assert listing["tools"]
    assert all(entry["annotations"] == {"read_only": True} for entry in listing["tools"])


def test_a_named_tool_is_called_when_the_choice_is_mcp(api: Api) -> None:
    """A choice names a server, and perhaps one of its tools; other servers are listed only."""
    other = {**FREE, "server_label": "cards"}
    choice = {"type": "mcp", "server_label": "dice", "name": "roll"}
    response = api.create(body(other, FREE, tool_choice=choice))
    assert kinds(response) == ["mcp_list_tools", "mcp_list_tools", "mcp_call", "message"]
    call = response["output"][2]
    assert (call["server_label"], call["name"]) == ("dice", "roll")


def test_servers_are_listed_when_no_tool_may_be_called(api: Api) -> None:
    """The choice says what is called, not what is listed."""
    assert kinds(api.create(body(FREE, tool_choice="none"))) == ["mcp_list_tools", "message"]


def test_a_function_call_follows_the_list_when_both_are_offered(api: Api) -> None:
    """The list comes first also when the client's call ends the turn."""
    response = api.create(body(function("f"), FREE))
    assert kinds(response) == ["mcp_list_tools", "function_call"]


def test_secrets_are_not_echoed_when_a_server_needs_them(api: Api) -> None:
    """Neither the token nor the headers come back; what was left out is filled in."""
    tool = {**SERVER, "authorization": "s3cret", "headers": {"x-key": "s3cret"}}
    response = api.create(body(tool))
    assert "s3cret" not in json.dumps(response)
    echo = response["tools"][0]
    assert echo["headers"] is None
    assert echo["allowed_tools"] is None
    assert echo["require_approval"] == "always"


def test_mcp_items_unfold_as_recorded_when_they_are_streamed(api: Api) -> None:
    """The list has no delta, the call has one; after an approval it is in progress twice."""
    events = api.stream(body(FREE))
    assert types(events)[2:12] == [
        "response.output_item.added",
        "response.mcp_list_tools.in_progress",
        "response.mcp_list_tools.completed",
        "response.output_item.done",
        "response.output_item.added",
        "response.mcp_call.in_progress",
        "response.mcp_call_arguments.delta",
        "response.mcp_call_arguments.done",
        "response.mcp_call.completed",
        "response.output_item.done",
    ]
    assert events[2]["item"]["tools"] == []
    assert events[6]["item"]["output"] is None
    assert events[6]["item"]["arguments"] == ""
    first = api.create(body(SERVER))
    second = api.stream(following(first, approval(first["output"][1], approve=True)))
    assert types(second)[3:7] == [
        "response.mcp_call.in_progress",
        "response.mcp_call_arguments.delta",
        "response.mcp_call.in_progress",
        "response.mcp_call_arguments.done",
    ]


def test_the_sdk_reads_mcp_items_when_it_asks_for_consent(client: OpenAI) -> None:
    """The official client goes through an approval with its own types."""
    tool: Any = {**SERVER, "require_approval": "always"}
    first = client.responses.create(model=MODEL, input="hi", tools=[tool])
    asked = first.output[-1]
    assert asked.type == "mcp_approval_request"
    second = client.responses.create(
        model=MODEL,
        previous_response_id=first.id,
        tools=[tool],
        input=[{"type": "mcp_approval_response", "approval_request_id": asked.id, "approve": True}],
    )
    assert [item.type for item in second.output] == ["mcp_call", "message"]


def test_an_approval_is_listed_when_it_was_input(api: Api) -> None:
    """The input items of the second turn hold the client's answer with an id of its own."""
    first = api.create(body(SERVER))
    second = api.create(following(first, approval(first["output"][1], approve=True)))
    listed = api.input_items(second["id"], order="asc", limit=100)["data"]
    answers = [item for item in listed if item["type"] == "mcp_approval_response"]
    assert len(answers) == 1
    assert answers[0]["id"].startswith("mcpr_")
    assert answers[0]["approve"] is True


def test_a_cut_call_is_told_as_failed_when_tokens_run_out(api: Api) -> None:
    """A call that the output ends in is incomplete and has no output."""
    response = api.create(body(FREE), scenario="incomplete,items:mcp_call")
    assert response["status"] == "incomplete"
    call = response["output"][0]
    assert call["status"] == "incomplete"
    assert call["output"] is None
    names = types(api.stream(body(FREE), scenario="incomplete,items:mcp_call"))
    assert "response.mcp_call.failed" in names


# Tool search and namespaces


def test_a_deferred_function_is_searched_for_and_called_when_the_server_searches(api: Api) -> None:
    """Search, found tools and call come in one response; the function has its own namespace."""
    response = api.create(body(function("plain"), SEARCH, deferred("first"), deferred("second")))
    assert kinds(response) == ["tool_search_call", "tool_search_output", "function_call"]
    search, output, call = response["output"]
    assert search["arguments"] == {"paths": ["first"]}
    assert search["execution"] == output["execution"] == "server"
    assert search["call_id"] is None
    assert output["call_id"] is None
    assert [tool["name"] for tool in output["tools"]] == ["first"]
    assert (call["name"], call["namespace"]) == ("first", "first")
    assert list(call) == ["id", "type", "status", "arguments", "call_id", "name", "namespace"]
    second = api.create(following(response, output_of(call)))
    assert kinds(second) == ["message"]


def test_a_loaded_function_is_called_without_a_search_when_the_user_speaks_again(api: Api) -> None:
    """What one turn has loaded stays loaded."""
    first = api.create(body(SEARCH, deferred("first")))
    second = api.create(following(first, output_of(first["output"][-1])))
    third = api.create(following(second, user("again")))
    assert kinds(third) == ["function_call"]
    assert third["output"][0]["namespace"] == "first"


def test_deferred_members_are_loaded_together_when_they_share_a_namespace(api: Api) -> None:
    """The search finds the namespace, and loads its deferred members alone."""
    space = {
        "type": "namespace",
        "name": "crm",
        "description": "Customers.",
        "tools": [function("plain"), deferred("first"), deferred("second")],
    }
    search, output, call = api.create(body(space, SEARCH))["output"]
    assert search["arguments"] == {"paths": ["crm"]}
    assert output["tools"][0]["type"] == "namespace"
    assert [tool["name"] for tool in output["tools"][0]["tools"]] == ["first", "second"]
    assert (call["name"], call["namespace"]) == ("first", "crm")


def test_a_member_is_called_with_its_namespace_when_it_is_not_deferred(api: Api) -> None:
    """Functions and custom tools of a namespace say where they are from."""
    for member, kind in ((function("f"), "function_call"), ({"type": "custom", "name": "c"}, "")):
        space = {"type": "namespace", "name": "ns", "description": "d", "tools": [member]}
        response = api.create(body(space))
        assert kinds(response) == [kind or "custom_tool_call"]
        assert response["output"][0]["namespace"] == "ns"


def test_a_deferred_function_is_not_called_when_nothing_searches(api: Api) -> None:
    """Without a search there is no way to it, even if it is the only tool."""
    assert kinds(api.create(body(deferred("f")))) == ["message"]
    assert kinds(api.create(body(deferred("f"), function("g")))) == ["function_call"]
    assert api.create(body(deferred("f"), function("g")))["output"][0]["name"] == "g"


def test_the_named_function_is_searched_for_when_the_choice_names_a_deferred_one(api: Api) -> None:
    """The search finds what the choice is for."""
    choice = {"type": "function", "name": "second"}
    response = api.create(body(SEARCH, deferred("first"), deferred("second"), tool_choice=choice))
    assert kinds(response) == ["tool_search_call", "tool_search_output", "function_call"]
    assert response["output"][2]["name"] == "second"


def test_nothing_is_searched_for_when_no_tool_may_be_called(api: Api) -> None:
    """The choice none leaves a message."""
    assert kinds(api.create(body(SEARCH, deferred("f"), tool_choice="none"))) == ["message"]


def test_a_deferred_server_is_found_before_it_is_called(api: Api) -> None:
    """A deferred MCP server is loaded by its label, without its secrets."""
    tool = {**FREE, "defer_loading": True, "authorization": "s3cret"}
    response = api.create(body(tool, SEARCH))
    assert kinds(response) == [
        "mcp_list_tools",
        "tool_search_call",
        "tool_search_output",
        "mcp_call",
        "message",
    ]
    assert response["output"][1]["arguments"] == {"paths": ["dice"]}
    assert "s3cret" not in json.dumps(response)


def test_the_client_searches_when_the_tool_says_so(api: Api) -> None:
    """The search ends the turn; the tools that the client sends are called, then answered."""
    schema = {
        "type": "object",
        "properties": {"goal": {"type": "string"}},
        "required": ["goal"],
    }
    search = {**SEARCH, "execution": "client", "description": "Find.", "parameters": schema}
    first = api.create(body(function("plain"), search))
    assert kinds(first) == ["tool_search_call"]
    call = first["output"][0]
    assert list(call["arguments"]) == ["goal"]
    assert call["execution"] == "client"
    assert call["call_id"].startswith("call_")
    found = {
        "type": "tool_search_output",
        "call_id": call["call_id"],
        "execution": "client",
        "status": "completed",
        "tools": [deferred("get_weather")],
    }
    second = api.create(following(first, found))
    assert kinds(second) == ["function_call"]
    assert second["output"][0]["namespace"] == "get_weather"
    third = api.create(following(second, output_of(second["output"][0])))
    assert kinds(third) == ["message"]
    listed = api.input_items(third["id"], order="asc", limit=100)["data"]
    assert not [problem for item in listed for problem in check_input_item(item)]


def test_the_client_is_not_asked_twice_when_it_has_found_nothing(api: Api) -> None:
    """An empty answer to a search leaves the tools there were."""
    search = {**SEARCH, "execution": "client"}
    first = api.create(body(search, function("plain")))
    found = {"type": "tool_search_output", "call_id": first["output"][0]["call_id"], "tools": []}
    second = api.create(following(first, found))
    assert kinds(second) == ["function_call"]
    assert second["output"][0]["name"] == "plain"


def test_tool_search_items_open_as_recorded_when_they_are_streamed(api: Api) -> None:
    """The call opens without arguments, the output with its tools; nothing comes between."""
    events = api.stream(body(SEARCH, deferred("f")))
    assert types(events)[2:6] == ["response.output_item.added", "response.output_item.done"] * 2
    assert events[2]["item"]["arguments"] == {}
    assert events[2]["item"]["status"] == events[4]["item"]["status"] == "in_progress"
    assert events[4]["item"]["tools"] == events[5]["item"]["tools"]


def test_added_tools_are_called_when_the_input_brings_them(api: Api) -> None:
    """Tools of an additional_tools item are on offer, the latest before those of the request."""
    added = {"type": "additional_tools", "role": "developer", "tools": [function("new")]}
    alone = api.create({"model": MODEL, "input": [user("hi"), added]})
    assert kinds(alone) == ["function_call"]
    assert "namespace" not in alone["output"][0]
    both = api.create(body(function("old"), input=[user("hi"), added]))
    assert both["output"][0]["name"] == "new"
    after = api.create(following(alone, output_of(alone["output"][0])))
    assert kinds(after) == ["message"]


def test_an_asynchronous_call_may_stay_open_when_the_next_turn_comes(api: Api) -> None:
    """The call says that it is asynchronous, and needs no output at once; others do."""
    first = api.create(body(function("f", **{"async": True})))
    assert first["output"][0]["async"] is True
    assert api.create(following(first, user("meanwhile")))["status"] == "completed"
    late = api.create(following(first, output_of(first["output"][0])))
    assert kinds(late) == ["message"]
    plain = api.create(body(function("f")))
    assert "async" not in plain["output"][0]
    error = api.refused(following(plain, user("meanwhile")))
    assert error["message"].startswith("No tool output found for function call call_")


def test_the_error_names_the_place_when_a_member_s_schema_cannot_be_met(api: Api) -> None:
    """A schema that nothing fits is found inside a namespace too."""
    member = function("f", strict=False)
    member["parameters"] = {
        "type": "object",
        "properties": {"a": {"type": "integer", "minimum": 2, "maximum": 1}},
        "required": ["a"],
    }
    space = {"type": "namespace", "name": "ns", "description": "d", "tools": [member]}
    choice = {"type": "function", "name": "f"}
    error = api.refused(body(function("g"), space, tool_choice=choice))
    assert error["param"] == "tools[1].tools[0].parameters"


# Programs


@pytest.mark.parametrize(
    "tool",
    [
        function("get_stock", allowed_callers=["programmatic"]),
        {"type": "custom", "name": "write-note", "allowed_callers": ["direct", "programmatic"]},
    ],
    ids=["function", "custom"],
)
def test_a_program_calls_the_tool_when_it_may(api: Api, tool: Document) -> None:
    """Program and call come together; what the client answers is what the program prints."""
    first = api.create(body(tool, PROGRAMS))
    assert kinds(first) == ["program", f"{tool['type'].replace('custom', 'custom_tool')}_call"]
    program, call = first["output"]
    assert call["caller"] == {"type": "program", "caller_id": program["call_id"]}
    assert call["status"] == "in_progress"
    passed = call.get("arguments") or json.dumps(call["input"])
    assert f"({passed})" in program["code"]
    assert tool["name"] in program["code"]
    second = api.create(following(first, output_of(call, '{"units": 4, "sku": "x"}')))
    assert kinds(second) == ["program_output", "message"]
    assert second["output"][0]["call_id"] == program["call_id"]
    assert second["output"][0]["result"] == '{"sku":"x","units":4}'


def test_a_program_s_output_may_be_parts_when_the_client_sends_them(api: Api) -> None:
    """Text parts are printed one per line; text that is no JSON stays as it is."""
    first = api.create(body(function("f", allowed_callers=["programmatic"]), PROGRAMS))
    output = output_of(first["output"][1])
    output["output"] = [{"type": "input_text", "text": text} for text in ("one {", "two")]
    second = api.create(following(first, output))
    assert second["output"][0]["result"] == "one {\ntwo"


def test_no_program_runs_when_no_tool_may_be_called_by_it(api: Api) -> None:
    """Tools are for direct calls unless they say otherwise, and only for those they name."""
    assert kinds(api.create(body(function("f"), PROGRAMS))) == ["function_call"]
    only = function("f", allowed_callers=["programmatic"])
    assert kinds(api.create(body(only))) == ["message"]
    assert kinds(api.create(body(only, PROGRAMS, tool_choice="none"))) == ["message"]
    chosen = api.create(body(only, PROGRAMS, tool_choice={"type": "programmatic_tool_calling"}))
    assert kinds(chosen) == ["program", "function_call"]


def test_program_items_unfold_as_recorded_when_they_are_streamed(api: Api) -> None:
    """The program opens without code, its output complete and empty; the call stays open."""
    request = body(function("f", allowed_callers=["programmatic"]), PROGRAMS)
    events = api.stream(request)
    assert types(events)[2:8] == [
        "response.output_item.added",
        "response.output_item.done",
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
    ]
    assert events[2]["item"]["code"] == ""
    assert events[3]["item"]["code"]
    first = events[-1]["response"]
    assert first["output"][1]["status"] == "in_progress"
    later = api.stream(following(first, output_of(first["output"][1])))
    opened = later[2]["item"]
    assert (opened["type"], opened["status"], opened["result"]) == (
        "program_output",
        "completed",
        "",
    )


# Scenario flags


@pytest.mark.parametrize(
    ("call", "output"),
    [
        ("function_call", "function_call_output"),
        ("custom_tool_call", "custom_tool_call_output"),
        ("program", "program_output"),
    ],
)
def test_an_output_answers_the_call_when_a_scenario_names_both(
    api: Api, call: str, output: str
) -> None:
    """Outputs that only a client sends may be asked for, and pair with the call before them."""
    made = api.create({"model": MODEL, "input": "hi"}, f"items:{call}+{output}")["output"]
    assert [item["type"] for item in made] == [call, output]
    assert made[0]["call_id"] == made[1]["call_id"]
    assert api.stream({"model": MODEL, "input": "hi"}, f"items:{call}+{output}")


@pytest.mark.parametrize(
    "kind",
    [
        "additional_tools",
        "mcp_approval_request",
        "mcp_approval_response",
        "mcp_call",
        "mcp_list_tools",
        "program_output",
        "tool_search_call",
        "tool_search_output",
        "function_call_output",
        "custom_tool_call_output",
    ],
)
def test_an_item_is_made_when_a_scenario_names_it_without_a_tool(api: Api, kind: str) -> None:
    """Every kind can be had by its name alone, as JSON and as a stream."""
    assert kinds(api.create({"model": MODEL, "input": "hi"}, f"items:{kind}")) == [kind]
    assert api.stream({"model": MODEL, "input": "hi"}, f"items:{kind}")
