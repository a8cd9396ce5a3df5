"""Rules and scripts on the wire: what they answer, over every transport, and what is noted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest
from api import Api, types
from openai import OpenAI

from mockserver import MockServer
from mockserver.items import KINDS
from mockserver.rules import Received, RuleError

ROOT = Path(__file__).parents[2]
BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "What is the weather?"}
TOOL = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
Make = Callable[..., MockServer]


def texts(response: Any) -> list[str]:
    return [
        part.get("text", part.get("refusal"))
        for item in response["output"]
        for part in item.get("content") or []
    ]


def test_the_first_rule_that_matches_answers(mockserver: MockServer, api: Api) -> None:
    """The others are asked in their order, and without any the answer is made up."""
    mockserver.rules(
        {"match": {"model": "gpt-5"}, "reply": "one"},
        {"match": {"input": "weather"}, "reply": "two"},
        {"match": {"input": "weather"}, "reply": "three"},
    )
    assert texts(api.create(BODY)) == ["two"]
    assert texts(api.create({**BODY, "model": "gpt-5"})) == ["one"]
    assert texts(api.create({**BODY, "input": "x"})) not in (["one"], ["two"], ["three"])
    found = [(call.rule, call.answered_by) for call in mockserver.calls]
    assert found == [("rules#2", "rule"), ("rules#1", "rule"), (None, "synthesiser")]


def test_usage_adds_up_and_ids_are_new_each_time(mockserver: MockServer, api: Api) -> None:
    """A given text is counted as any other, and no id comes twice."""
    mockserver.rules({"reply": "word " * 50})
    first, second = api.create(BODY), api.create(BODY)
    assert first["usage"]["output_tokens"] > 40
    assert first["usage"]["total_tokens"] == sum(
        first["usage"][key] for key in ("input_tokens", "output_tokens")
    )
    assert first["id"] != second["id"]
    assert first["output"][0]["id"] != second["output"][0]["id"]


REPLIES: dict[str, tuple[Any, list[str]]] = {
    "text": ("Sunny.", ["message"]),
    "refusal": ({"refusal": "No."}, ["message"]),
    "data": ({"data": {"a": [1, None]}}, ["message"]),
    "all": (
        {"reasoning": "Hm.", "text": "Look.", "tool_calls": ["get_weather"]},
        ["reasoning", "message", "function_call"],
    ),
    "items": (
        {"items": [{"type": "web_search_call"}, {"type": "message", "text": "a"}]},
        ["web_search_call", "message"],
    ),
}


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply_is_the_same_in_every_form(mockserver: MockServer, api: Api, name: str) -> None:
    """As JSON, streamed, fetched again, in the background and resumed, all strictly valid."""
    reply, kinds = REPLIES[name]
    mockserver.rules({"reply": reply})
    body = {**BODY, "tools": [TOOL]}
    told = api.create(body)
    assert [item["type"] for item in told["output"]] == kinds
    assert api.retrieve(told["id"])["output"] == told["output"]
    streamed = api.stream(body)[-1]["response"]
    assert [item["type"] for item in streamed["output"]] == kinds
    assert texts(streamed) == texts(told)
    events = api.stream({**body, "background": True})
    assert texts(events[-1]["response"]) == texts(told)
    again = api.resume(events[-1]["response"]["id"])
    assert types(again) == types(events)
    assert {call.answered_by for call in mockserver.calls if call.method == "POST"} == {"rule"}


def test_a_reply_is_told_over_a_websocket(mockserver: MockServer, client: OpenAI) -> None:
    """The connection's headers count, and a warm-up uses no step."""
    mockserver.script(
        {"match": {"headers": {"x-team": "blue"}}, "reply": "one"}, {"flags": "http:429"}, "two"
    )
    headers = {"x-team": "blue"}
    with client.responses.connect(extra_headers=headers) as connection:
        seen: list[Any] = []
        for extra in ({"generate": False}, {}, {}, {}):
            connection.send({"type": "response.create", **BODY, **extra})
            for event in connection:
                if event.type in ("response.completed", "error"):
                    seen.append(event)
                    break
    assert seen[0].response.output == []
    assert [event.type for event in seen[1:]] == [
        "response.completed",
        "error",
        "response.completed",
    ]
    assert seen[1].response.output[0].content[0].text == "one"
    assert seen[3].response.output[0].content[0].text == "two"
    mockserver.assert_script_done()


def test_a_rule_knows_what_a_conversation_holds(mockserver: MockServer, api: Api) -> None:
    """Turn and tool results count from what the server remembers, not from what is sent alone."""
    mockserver.rules(
        {
            "match": {"turn": 1},
            "reply": {"tool_calls": [{"name": "get_weather", "arguments": {"city": "Oslo"}}]},
        },
        {"match": {"tool_result_of": "get_weather", "turn": 2}, "reply": "{{ tool_result }}!"},
        {"match": {"message": "thanks", "turn": 3}, "reply": "Bye."},
    )
    first = api.create({**BODY, "tools": [TOOL]})
    (call,) = first["output"]
    assert call["arguments"] == '{"city":"Oslo"}'
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "18 degrees"}
    second = api.create({**BODY, "input": [output], "previous_response_id": first["id"]})
    assert texts(second) == ["18 degrees!"]
    third = api.create({**BODY, "input": "thanks", "previous_response_id": second["id"]})
    assert texts(third) == ["Bye."]


def test_templates_take_values_of_the_request(mockserver: MockServer, api: Api) -> None:
    """In texts as text, alone in data as what they are."""
    mockserver.rules(
        {
            "match": {"json": {"$.text.format.type": "json_object"}},
            "reply": {"data": {"tools": "{{ $.tools }}", "who": "{{ $.metadata.user }}"}},
        },
        {"reply": "{{ model }}: {{ message }} {{ $.metadata }}{{ $.nothing }} {{ '{{' }}"},
    )
    said = api.create({**BODY, "metadata": {"user": "ada"}})
    assert texts(said) == ['gpt-4.1: What is the weather? {"user":"ada"} {{']
    form = {"format": {"type": "json_object"}}
    data = api.create({**BODY, "input": "JSON", "text": form, "metadata": {"user": "ada"}})
    assert texts(data) == ['{"tools":null,"who":"ada"}']


@pytest.mark.parametrize("kind", sorted(filter(None, KINDS)))
def test_every_kind_of_item_can_be_given(mockserver: MockServer, api: Api, kind: str) -> None:
    """By its type alone the rest is made up; a field that is given stays as it is."""
    given = f"{KINDS[kind].prefix}_{'0' * 16}0069560000{'0' * 24}"
    mockserver.rules({"reply": [{"type": kind, "id": given}]})
    response = api.create(BODY)
    assert [(item["type"], item["id"]) for item in response["output"]] == [(kind, given)]
    (item,) = api.stream(BODY)[-1]["response"]["output"]
    assert item["type"] == kind


def test_calls_are_given_with_arguments_of_any_sort(mockserver: MockServer, api: Api) -> None:
    """A mapping, a broken text, a custom tool's input; left out, they fit the tool's schema."""
    custom = {"type": "custom", "name": "run"}
    mockserver.rules(
        {
            "reply": {
                "tool_calls": [
                    {"name": "get_weather", "arguments": {"city": "Oslo"}, "call_id": "call_x"},
                    {"name": "get_weather", "arguments": '{"city": '},
                    {"name": "run", "input": "ls"},
                    "get_weather",
                    {"name": "unknown"},
                ]
            }
        }
    )
    found = api.create({**BODY, "tools": [TOOL, custom]})["output"]
    assert [item["type"] for item in found] == [
        "function_call",
        "function_call",
        "custom_tool_call",
        "function_call",
        "function_call",
    ]
    assert (found[0]["arguments"], found[0]["call_id"]) == ('{"city":"Oslo"}', "call_x")
    assert found[1]["arguments"] == '{"city": '
    assert found[2]["input"] == "ls"
    assert found[4]["name"] == "unknown"


def test_flags_of_a_rule_hold_for_it_alone(mockserver: MockServer, api: Api) -> None:
    """They come after the request's own, and count by themselves."""
    mockserver.scenario("failed")
    mockserver.rules(
        {"match": {"input": "a"}, "flags": "http:503,times:1", "reply": "up again"},
        {"match": {"input": "b"}, "flags": ["incomplete:content_filter", "usage.input_tokens:9"]},
        {"match": {"input": "c"}, "reply": "as ever"},
    )
    assert api.refused({**BODY, "input": "a"})["status"] == 503
    assert texts(api.create({**BODY, "input": "a"})) == ["up again"]
    cut = api.create({**BODY, "input": "b"})
    assert cut["incomplete_details"] == {"reason": "content_filter"}
    assert cut["usage"]["input_tokens"] == 9
    assert texts(api.create({**BODY, "input": "c"})) == ["as ever"]
    assert api.create({**BODY, "input": "d"})["status"] == "failed"
    assert api.create({**BODY, "input": "c"}, scenario="incomplete")["status"] == "incomplete"


def test_requests_are_counted(mockserver: MockServer, api: Api) -> None:
    """A rule may be for the n-th of its requests, and for so many of them."""
    mockserver.rules({"nth": [2, 4], "reply": "even"}, {"times": 1, "reply": "once"})
    said = [texts(api.create(BODY)) for _ in range(4)]
    assert said[:2] == [["once"], ["even"]]
    assert said[2] not in (["once"], ["even"])
    assert said[3] == ["even"]
    mockserver.clear()
    assert texts(api.create(BODY)) not in (["once"], ["even"])


class TestScripts:
    """Steps in their order."""

    def test_each_step_answers_one_request(self, mockserver: MockServer, api: Api) -> None:
        """Then the answers are made up again, and the script is done."""
        mockserver.script("one", {"reply": "two", "times": 2}, name="count")
        assert [texts(api.create(BODY))[0] for _ in range(3)] == ["one", "two", "two"]
        assert texts(api.create(BODY)) != ["one"]
        mockserver.assert_script_done("count")
        assert [call.rule for call in mockserver.calls] == [
            "count, step 1",
            "count, step 2",
            "count, step 2",
            None,
        ]

    def test_a_script_may_loop(self, mockserver: MockServer, api: Api) -> None:
        """For so many rounds, or for ever."""
        mockserver.script("a", "b", loop=2, match={"input": "x"})
        mockserver.script("c", loop=True)
        said = [texts(api.create({**BODY, "input": "x"}))[0] for _ in range(5)]
        assert said == ["a", "b", "a", "b", "c"]
        assert texts(api.create(BODY)) == ["c"]
        mockserver.assert_script_done()

    def test_a_step_waits_for_its_request(self, mockserver: MockServer, api: Api) -> None:
        """One that does not fit goes to the rules that follow, and unused steps say why."""
        mockserver.script({"match": {"input": "now"}, "reply": "one"}, "two", name="late")
        mockserver.rules({"reply": "not yet"})
        assert texts(api.create(BODY)) == ["not yet"]
        with pytest.raises(AssertionError) as raised:
            mockserver.assert_script_done()
        assert str(raised.value).splitlines() == [
            "the script is not done:",
            "late, step 1 has not been used: the latest request that came did not fit: input "
            "should contain 'now', but is 'What is the weather?'",
            "late, step 2 has not been used",
        ]
        assert texts(api.create({**BODY, "input": "now"})) == ["one"]
        assert texts(api.create(BODY)) == ["two"]
        mockserver.assert_script_done()

    def test_an_unknown_script_is_an_error(self, mockserver: MockServer) -> None:
        """A name that nobody has is not done by being absent."""
        mockserver.script("x", name="one")
        with pytest.raises(ValueError, match="there is no script 'two'; there are one"):
            mockserver.assert_script_done("two")

    def test_a_retry_of_the_sdk_meets_the_next_step(self, mockserver: MockServer) -> None:
        """A failure is one step, and what the retry gets another."""
        mockserver.script({"flags": "http:500"}, {"flags": "http:429,retry_after:0"}, "there")
        with OpenAI(base_url=mockserver.url, api_key="x", max_retries=2) as client:
            assert client.responses.create(**BODY).output_text == "there"
        assert [call.retry for call in mockserver.calls] == [0, 1, 2]
        mockserver.assert_script_done()

    def test_namespaces_have_scripts_of_their_own(self, mockserver: MockServer) -> None:
        """What one has used is there for the other."""
        for name in ("a", "b"):
            mockserver.script("mine", f"and {name}", namespace=name)
        for name in ("a", "b"):
            with Api(mockserver.url_for(name)) as api:
                assert texts(api.create(BODY)) == ["mine"]
        with Api(mockserver.url_for("b")) as api:
            assert texts(api.create(BODY)) == ["and b"]
        mockserver.assert_script_done(namespace="b")
        with pytest.raises(AssertionError, match="step 2"):
            mockserver.assert_script_done(namespace="a")


class TestFunctions:
    """Replies and conditions that are functions."""

    def test_a_function_may_reply(self, mockserver: MockServer, api: Api) -> None:
        """Sync or async, with a text, a mapping, items, or nothing at all."""

        async def later(received: Received) -> Any:
            await asyncio.sleep(0)
            return {"tool_calls": [{"name": "f", "arguments": {"turn": received.turn}}]}

        mockserver.rules(
            {"match": {"input": "a"}, "reply": lambda received: received.message.upper()},
            {"match": {"input": "b"}, "reply": later},
            {"match": lambda received: received.input == "c", "reply": lambda _: None},
        )
        assert texts(api.create({**BODY, "input": "a"})) == ["A"]
        assert api.create({**BODY, "input": "b"})["output"][0]["arguments"] == '{"turn":1}'
        assert texts(api.create({**BODY, "input": "c"}))[0]
        assert [call.answered_by for call in mockserver.calls] == ["rule", "rule", "synthesiser"]

    @pytest.mark.parametrize(
        ("reply", "problem"),
        [
            (lambda _: 1 / 0, "ZeroDivisionError: division by zero"),
            (lambda _: 3, "RuleError: reply: a reply is a text, a list of items or a mapping"),
            (lambda _: {"txt": "a"}, "a reply has no 'txt'"),
            (lambda _: "\ud800", "RuleError: reply: '\\ud800' is half a character"),
            (lambda _: [{"type": "message", "content": [3]}], "makes no response"),
        ],
    )
    def test_a_function_that_gives_no_reply_is_an_error(
        self, mockserver: MockServer, api: Api, reply: Any, problem: str
    ) -> None:
        """The client is told whose fault it is, and does not try again."""
        mockserver.rules({"name": "mine", "reply": reply})
        error = api.refused(BODY)
        assert (error["status"], error["code"]) == (424, "rule_reply_unusable")
        assert "The reply of rule 'mine' makes no response" in error["message"]
        assert problem in error["message"]
        assert mockserver.calls[0].rule == "mine"

    @pytest.mark.parametrize(
        ("match", "name"),
        [(lambda _: 1 / 0, "the request"), ({"model": lambda _: 1 / 0}, "model")],
        ids=["whole", "value"],
    )
    def test_a_condition_that_fails_is_an_error(
        self, mockserver: MockServer, api: Api, match: Any, name: str
    ) -> None:
        """The client is told which rule cannot be held against its request, in a script too."""
        mockserver.rules({"name": "mine", "match": match, "reply": "x"})
        error = api.refused(BODY)
        assert (error["status"], error["code"]) == (424, "rule_condition_failed")
        said = f"The condition of rule 'mine' on {name} failed: ZeroDivisionError: division by zero"
        assert error["message"] == said
        assert mockserver.calls[0].rule == "mine"
        mockserver.clear()
        mockserver.script({"match": match, "reply": "x"}, name="steps")
        error = api.refused(BODY)
        assert (error["status"], error["code"]) == (424, "rule_condition_failed")
        assert mockserver.calls[0].rule == "steps, step 1"

    def test_a_function_may_raise_an_error_of_the_api(
        self, mockserver: MockServer, client: OpenAI
    ) -> None:
        """It reaches the client as such."""
        from mockserver.schema.errors import ApiError

        def refuse(received: Received) -> str:
            raise ApiError("Not today.", status=403, code="closed")

        mockserver.rules({"name": "mine", "reply": refuse})
        with pytest.raises(openai.PermissionDeniedError, match=r"Not today\."):
            client.responses.create(**BODY)
        with client.responses.connect() as connection:
            connection.send({"type": "response.create", **BODY})
            assert next(iter(connection)).type == "error"
        assert [(call.method, call.rule) for call in mockserver.calls if call.body] == [
            ("POST", "mine"),
            ("WS", "mine"),
        ]


class TestFiles:
    """Rules of files."""

    def test_a_server_answers_by_its_files(self, make_mockserver: Make, tmp_path: Path) -> None:
        """They are read anew when they change, between one request and the next."""
        file = tmp_path / "rules.yaml"
        file.write_text("rules: [{reply: one}]")
        server = make_mockserver(scenarios=[tmp_path])
        with Api(server.url) as api:
            assert texts(api.create(BODY)) == ["one"]
            assert texts(api.create(BODY)) == ["one"]
            file.write_text("rules: [{reply: 'two, changed'}]")
            assert texts(api.create(BODY)) == ["two, changed"]
            file.write_text("rules: [{reply: ")
            assert texts(api.create(BODY)) == ["two, changed"]
            with Api(server.url.removesuffix("/v1")) as door:
                (problem,) = door.request("GET", "/readyz").json()["problems"]
            assert problem.startswith(f"{file.as_posix()}:2: this is not YAML")

    def test_a_server_with_a_broken_file_does_not_start(
        self, make_mockserver: Make, tmp_path: Path
    ) -> None:
        """The error has file and line."""
        file = tmp_path / "rules.yaml"
        file.write_text("rules:\n- replies: x\n")
        with pytest.raises(RuleError, match=r"rules\.yaml:2: rules\[0\]\.replies: a rule has no"):
            make_mockserver(scenarios=[file])

    def test_rules_of_the_test_come_before_those_of_files(
        self, make_mockserver: Make, tmp_path: Path
    ) -> None:
        """And a reset leaves the files' own."""
        (tmp_path / "rules.json").write_text('{"rules": [{"reply": "file"}]}')
        server = make_mockserver(scenarios=[tmp_path])
        server.rules({"reply": "test"})
        with Api(server.url) as api:
            assert texts(api.create(BODY)) == ["test"]
            server.clear()
            assert texts(api.create(BODY)) == ["file"]

    def test_a_recording_may_be_a_reply(
        self, mockserver: MockServer, api: Api, tmp_path: Path
    ) -> None:
        """What was said then is said to any request, streamed or not, with new ids."""
        (tmp_path / "rules.yaml").write_text(
            "rules:\n"
            f"- match: {{input: error}}\n  reply: {{cassette: '{ROOT}/cassettes/error.yaml'}}\n"
            f"- reply: {{cassette: '{ROOT}/cassettes/text.yaml', interaction: 1}}\n"
        )
        mockserver.rules(tmp_path / "rules.yaml")
        told = api.create(BODY)
        streamed = api.stream(BODY)[-1]["response"]
        assert texts(told) == texts(streamed)
        assert told["output"][-1]["id"] != streamed["output"][-1]["id"]
        assert told["usage"]["output_tokens"] == streamed["usage"]["output_tokens"]
        assert told["model"] == "gpt-4.1-2025-04-14"
        assert api.refused({**BODY, "input": "error"})["status"] >= 400


@pytest.mark.mockserver(cassette=[ROOT / "cassettes" / "text.yaml"], assert_all_played=False)
def test_a_rule_comes_before_a_recording(mockserver: MockServer, api: Api) -> None:
    """With flags alone it leaves the answer to the recording."""
    from mockserver.cassette import read

    body = api_body(read(ROOT / "cassettes" / "text.yaml")[0].request_body)
    mockserver.rules({"times": 1, "reply": "mine"}, {"flags": "ttft:1ms"})
    assert texts(api.create(body)) == ["mine"]
    api.create(body)
    assert [call.answered_by for call in mockserver.calls] == ["rule", "cassette"]


def api_body(raw: bytes) -> Any:
    import orjson

    return orjson.loads(raw)


def test_scripted_answers_are_not_told_again_without_their_rule(
    mockserver: MockServer, api: Api
) -> None:
    """What a rule said is forgotten with it, however often it was said; what was made up stays."""
    made_up = [texts(api.create(BODY)) for _ in range(20)]
    mockserver.clear()
    mockserver.rules({"reply": "scripted"})
    assert {texts(api.create(BODY))[0] for _ in range(20)} == {"scripted"}
    mockserver.clear()
    assert [texts(api.create(BODY)) for _ in range(20)] == made_up


def test_the_same_script_gives_the_same_answers_in_any_order(mockserver: MockServer) -> None:
    """Bytes depend on the requests of a test alone, not on the tests before it."""

    def first() -> list[Any]:
        mockserver.clear()
        mockserver.script({"reply": {"tool_calls": ["get_weather"]}}, "done")
        with Api(mockserver.url) as api:
            return [api.create({**BODY, "tools": [TOOL]}) for _ in range(2)]

    def second() -> list[Any]:
        mockserver.clear()
        mockserver.rules({"match": {"input": "weather"}, "reply": "Sunny."})
        with Api(mockserver.url) as api:
            return [api.create(BODY), api.create({**BODY, "input": "x"})]

    one, two = first(), second()
    assert (second(), first()) == (two, one)


@pytest.mark.parametrize("lenient", [False, True])
def test_odd_requests_meet_rules_without_harm(make_mockserver: Make, lenient: bool) -> None:
    """A request that makes no sense is refused as ever, or mended, and never a fault."""
    server = make_mockserver(lenient=lenient)
    server.rules(
        {
            "match": {
                "turn": 7,
                "tool": "x",
                "tool_result_of": "y",
                "message": "z",
                "instructions": "i",
                "metadata": {"a": "b"},
                "conversation": "c",
            },
            "reply": "x",
        },
        {"match": {"tool": False, "tool_result": True, "json": {"$..a": 1}}, "reply": "y"},
    )
    odd: list[Any] = [None, 3, "", [], {}, [1, None, {}], {"id": 3}, [{"type": 4}], [[{}]]]
    odd += [[{"type": "function_call_output", "call_id": ["x"], "output": [3, {"text": 4}]}]]
    odd += [[{"role": "user", "content": {"text": 3}}], [{"type": "custom", "name": []}]]
    names = ("input", "tools", "metadata", "instructions", "conversation", "previous_response_id")
    with Api(server.url) as api:
        for name in names:
            for value in odd:
                answer = api.request("POST", "/responses", json={**BODY, name: value})
                assert answer.status_code < 500, (name, value, answer.text)


def test_a_running_server_takes_rules_by_its_control_api(make_mockserver: Make) -> None:
    """The methods are the same; what cannot cross the wire is refused with its place."""
    from mockserver.schema.errors import ApiError

    server = MockServer.connect(make_mockserver().url, namespace="far")
    server.rules(ROOT / "fixtures" / "scenarios" / "weather.yaml")
    server.script("one", "two", match={"input": "x"}, name="count")
    with Api(server.url) as api:
        assert texts(api.create({**BODY, "input": "hello"})) == ["Hello from gpt-4.1."]
        assert texts(api.create({**BODY, "input": "x"})) == ["one"]
        with pytest.raises(AssertionError, match="count, step 2 has not been used"):
            server.assert_script_done("count")
        assert texts(api.create({**BODY, "input": "x"})) == ["two"]
    server.assert_script_done("count")
    assert [call.rule for call in server.calls] == ["greeting", "count, step 1", "count, step 2"]
    with pytest.raises(ApiError, match=r"'rules\[0\]\.replies': a rule has no 'replies'"):
        server.rules({"replies": "x"})
    with pytest.raises(ApiError, match="a recording can only be named in a file"):
        server.rules({"reply": {"cassette": "/some/where.yaml"}})
    server.command("DELETE", "rules")
    assert server.command("GET", "rules") == {"rules": []}
