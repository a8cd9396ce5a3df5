"""Creating a response as JSON: what comes back for which request."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from api import Api
from jsonschema import Draft202012Validator
from openai import OpenAI
from pydantic import BaseModel
from samples import REQUESTS, request

WEATHER: dict[str, Any] = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": False,
}
TIME: dict[str, Any] = {"type": "function", "name": "get_time", "parameters": {"type": "object"}}


def kinds(response: dict[str, Any]) -> list[str]:
    return [item["type"] for item in response["output"]]


@pytest.mark.parametrize("name", sorted(path.stem for path in REQUESTS.glob("*.json")))
def test_every_sample_request_gets_a_strictly_valid_answer(api: Api, name: str) -> None:
    """Each sample is answered, as JSON and as a stream, with nothing the oracle objects to."""
    body = {key: value for key, value in request(name).items() if key != "stream"}
    plain = api.create(body)
    assert plain["status"] == ("queued" if name == "background" else "completed")
    events = api.stream(body)
    assert events[-1]["response"]["status"] == "completed"


def test_text_is_answered_with_a_message(client: OpenAI) -> None:
    """A model that does not reason answers text with one message."""
    response = client.responses.create(model="gpt-4.1", input="hi")
    assert [item.type for item in response.output] == ["message"]
    assert response.output_text.endswith(".")
    assert response.model == "gpt-4.1-2025-04-14"
    assert response._request_id is not None


def test_headers_are_those_of_the_api(api: Api) -> None:
    """A create carries request id, version, processing time and rate limits."""
    headers = api.request("POST", "/responses", json={"model": "gpt-4.1", "input": "hi"}).headers
    assert re.fullmatch(r"req_[0-9a-f]{32}", headers["x-request-id"])
    assert headers["openai-version"] == "2020-10-01"
    assert headers["openai-processing-ms"].isdigit()
    for name in ("limit-requests", "limit-tokens", "remaining-requests", "remaining-tokens"):
        assert headers[f"x-ratelimit-{name}"].isdigit()
    for name in ("reset-requests", "reset-tokens"):
        assert re.fullmatch(r"(\d+m)?(\d+(\.\d+)?s)?(\d+ms)?", headers[f"x-ratelimit-{name}"])
    assert headers["x-ratelimit-reset-tokens"] == "0s"


def test_a_body_is_indented_and_keeps_the_wire_order(api: Api) -> None:
    """The body is pretty-printed JSON whose keys come in the API's order."""
    raw = api.request("POST", "/responses", json={"model": "gpt-4.1", "input": "hé"}).text
    assert raw.startswith('{\n  "id": "resp_')
    assert list(json.loads(raw))[:9] == [
        "id",
        "object",
        "created_at",
        "status",
        "access_programs",
        "background",
        "billing",
        "completed_at",
        "error",
    ]
    assert '"temperature": 1.0' in raw


def test_the_request_is_echoed(api: Api) -> None:
    """What the request set comes back in the response."""
    body = {
        "model": "gpt-4.1",
        "input": "hi",
        "instructions": "Be brief.",
        "max_output_tokens": 900,
        "max_tool_calls": 3,
        "metadata": {"a": "b"},
        "parallel_tool_calls": False,
        "prompt_cache_key": "k",
        "safety_identifier": "s",
        "temperature": 0,
        "text": {"verbosity": "low"},
        "tools": [WEATHER],
        "tool_choice": "none",
        "top_p": 0.5,
        "truncation": "auto",
        "user": "u",
    }
    response = api.create(body)
    verbatim = body.keys() - {"input", "model", "tools", "text"}
    assert {key: response[key] for key in verbatim} == {key: body[key] for key in verbatim}
    assert response["text"] == {"format": {"type": "text"}, "verbosity": "low"}
    assert response["tools"][0]["parameters"] == WEATHER["parameters"]
    assert '"temperature": 0.0' in json.dumps(response)


def test_a_reasoning_model_thinks_first(api: Api) -> None:
    """Reasoning comes before the message and is counted; its summary only when asked for."""
    plain = api.create({"model": "gpt-5", "input": "hi"})
    assert kinds(plain) == ["reasoning", "message"]
    assert plain["output"][0]["summary"] == []
    assert "encrypted_content" not in plain["output"][0]
    assert plain["usage"]["output_tokens_details"]["reasoning_tokens"] > 0
    asked = api.create(request("reasoning"))
    assert asked["output"][0]["summary"][0]["text"].startswith("**")
    assert asked["output"][0]["encrypted_content"].startswith("gAAAAA")
    assert asked["reasoning"]["summary"] == "detailed"


def test_effort_none_does_not_think(api: Api) -> None:
    """A model that is told to make no effort has no reasoning item."""
    response = api.create({"model": "gpt-5.2", "input": "hi", "reasoning": {"effort": "none"}})
    assert kinds(response) == ["message"]


def test_the_first_turn_calls_the_first_tool(api: Api) -> None:
    """One call, of the first tool, with arguments that its schema allows and no optional ones."""
    response = api.create({"model": "gpt-4.1", "input": "hi", "tools": [WEATHER, TIME]})
    assert kinds(response) == ["function_call"]
    call = response["output"][0]
    arguments = json.loads(call["arguments"])
    Draft202012Validator(WEATHER["parameters"]).validate(arguments)
    assert (call["name"], arguments.keys()) == ("get_weather", {"city"})
    assert re.fullmatch(r"call_[A-Za-z0-9]{24}", call["call_id"])


@pytest.mark.mockserver(optional_arguments=True)
def test_optional_arguments_come_when_the_setting_asks(api: Api) -> None:
    """With the setting, optional arguments are made up as well."""
    response = api.create({"model": "gpt-4.1", "input": "hi", "tools": [WEATHER]})
    assert json.loads(response["output"][0]["arguments"]).keys() == {"city", "days"}


@pytest.mark.parametrize(
    "choice",
    [
        {"type": "function", "name": "get_time"},
        {
            "type": "allowed_tools",
            "mode": "auto",
            "tools": [{"type": "function", "name": "get_time"}],
        },
    ],
)
def test_tool_choice_names_the_tool(api: Api, choice: dict[str, Any]) -> None:
    """The tool that the choice names, or leaves, is the one called."""
    body = {"model": "gpt-4.1", "input": "hi", "tools": [WEATHER, TIME], "tool_choice": choice}
    response = api.create(body)
    assert response["output"][0]["name"] == "get_time"
    assert response["tool_choice"] == choice


def test_tool_choice_none_never_calls(api: Api) -> None:
    """With ``none`` the answer is a message."""
    body = {"model": "gpt-4.1", "input": "hi", "tools": [WEATHER], "tool_choice": "none"}
    assert kinds(api.create(body)) == ["message"]


def _answered(api: Api, **options: Any) -> dict[str, Any]:
    """Play a first turn, answer its call, and return the second turn."""
    body = {"model": "gpt-4.1", "tools": [WEATHER, TIME], **options}
    first = api.create({**body, "input": "hi"})
    output = {
        "type": "function_call_output",
        "call_id": first["output"][0]["call_id"],
        "output": "ok",
    }
    return api.create({**body, "input": [output], "previous_response_id": first["id"]})


def test_tool_outputs_are_answered_with_a_message(api: Api) -> None:
    """A loop of two turns ends."""
    assert kinds(_answered(api)) == ["message"]


def test_required_calls_a_tool_that_was_not_called_yet(api: Api) -> None:
    """After an output, ``required`` goes on to the next tool."""
    second = _answered(api, tool_choice="required")
    assert second["output"][0]["name"] == "get_time"


def test_required_calls_the_first_tool_again_when_all_were_called(api: Api) -> None:
    """With every tool called, ``required`` starts over."""
    second = _answered(api, tool_choice="required", tools=[WEATHER])
    assert second["output"][0]["name"] == "get_weather"


def test_a_custom_tool_gets_free_text(api: Api) -> None:
    """A custom tool is called with a text."""
    response = api.create(request("custom_tool"))
    call = response["output"][-1]
    assert (call["type"], call["name"]) == ("custom_tool_call", "code_exec")
    assert call["input"]


def test_a_custom_tool_with_a_regular_expression_gets_a_text_that_matches(api: Api) -> None:
    """The input fits the grammar that the tool was given."""
    grammar = {"type": "grammar", "syntax": "regex", "definition": r"[A-Z]{3}-\d{4}"}
    tool = {"type": "custom", "name": "ticket", "format": grammar}
    response = api.create({"model": "gpt-4.1", "input": "hi", "tools": [tool]})
    assert re.fullmatch(grammar["definition"], response["output"][0]["input"])


def test_a_web_search_comes_before_the_message_that_cites_it(api: Api) -> None:
    """Citations span the links in the text, and their pages are the sources of the search."""
    response = api.create(request("web_search"))
    search, message = response["output"]
    assert search["type"] == "web_search_call"
    part = message["content"][0]
    sources = {source["url"] for source in search["action"]["sources"]}
    assert part["annotations"]
    for note in part["annotations"]:
        link = part["text"][note["start_index"] : note["end_index"]]
        assert link.startswith("([")
        assert note["url"] in link
        assert note["url"].partition("?")[0] in sources
    assert response["tool_usage"]["web_search"]["num_requests"] == 1


def test_a_search_stays_on_the_allowed_domains(api: Api) -> None:
    """Pages come from the domains that the tool allows."""
    tool = {"type": "web_search", "filters": {"allowed_domains": ["docs.example.org"]}}
    response = api.create({"model": "gpt-4.1", "input": "hi", "tools": [tool]})
    notes = response["output"][1]["content"][0]["annotations"]
    assert {note["url"].split("/")[2] for note in notes} == {"docs.example.org"}


def test_log_probabilities_come_when_included(api: Api) -> None:
    """Tokens join to the text, each with as many alternatives as were asked for."""
    response = api.create(
        {
            "model": "gpt-4.1",
            "input": "hi",
            "include": ["message.output_text.logprobs"],
            "top_logprobs": 3,
        }
    )
    part = response["output"][0]["content"][0]
    assert "".join(entry["token"] for entry in part["logprobs"]) == part["text"]
    assert all(len(entry["top_logprobs"]) == 3 for entry in part["logprobs"])


@pytest.mark.parametrize("tokens", [1, 7, 300])
def test_log_probabilities_fit_a_text_of_so_many_tokens(api: Api, tokens: int) -> None:
    """The text that the flag ``tokens`` asks for has log probabilities of its own."""
    body = {
        "model": "gpt-4.1",
        "input": "hi",
        "include": ["message.output_text.logprobs"],
        "top_logprobs": 1,
    }
    response = api.create(body, f"tokens:{tokens}")
    part = response["output"][0]["content"][0]
    assert "".join(entry["token"] for entry in part["logprobs"]) == part["text"]
    assert response["usage"]["output_tokens"] == tokens
    for event in api.stream(body, f"tokens:{tokens}"):
        if event["type"] == "response.output_text.delta":
            assert [entry["token"] for entry in event["logprobs"]] == [event["delta"]]


@pytest.mark.parametrize("tokens", range(16, 24))
def test_log_probabilities_of_a_text_that_is_cut_tell_all_of_it(api: Api, tokens: int) -> None:
    """Wherever ``max_output_tokens`` cuts, tokens join to the text, and every delta has its own."""
    body = {
        "model": "gpt-4.1",
        "input": f"Say {tokens}",
        "include": ["message.output_text.logprobs"],
        "top_logprobs": 2,
        "max_output_tokens": tokens,
    }
    part = api.create(body)["output"][0]["content"][0]
    assert "".join(entry["token"] for entry in part["logprobs"]) == part["text"]
    assert all(entry["top_logprobs"][0]["token"] == entry["token"] for entry in part["logprobs"])
    for event in api.stream(body):
        if event["type"] == "response.output_text.delta":
            assert [entry["token"] for entry in event["logprobs"]] == [event["delta"]]


class Event(BaseModel):
    """What structured output is parsed into."""

    name: str
    date: str
    participants: list[str]


def test_structured_output_fits_its_schema(client: OpenAI) -> None:
    """``responses.parse`` returns the model that it was given."""
    response = client.responses.parse(model="gpt-4.1", input="hi", text_format=Event)
    assert isinstance(response.output_parsed, Event)


def test_json_mode_gives_an_object(api: Api) -> None:
    """``json_object`` is answered with some JSON object."""
    body = {"model": "gpt-4.1", "input": "json!", "text": {"format": {"type": "json_object"}}}
    assert isinstance(json.loads(api.create(body)["output"][0]["content"][0]["text"]), dict)


def test_a_schema_that_nothing_fits_is_refused(api: Api) -> None:
    """A contradiction is a 400 with the API's code, not an invalid value."""
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 5, "maximum": 1}},
    }
    schema |= {"required": ["n"], "additionalProperties": False}
    tool = {"type": "function", "name": "f", "parameters": schema, "strict": True}
    error = api.refused({"model": "gpt-4.1", "input": "hi", "tools": [tool]})
    assert (error["status"], error["code"], error["param"]) == (
        400,
        "invalid_function_parameters",
        "tools[0].parameters",
    )
    form = {"type": "json_schema", "name": "x", "schema": schema, "strict": True}
    error = api.refused({"model": "gpt-4.1", "input": "hi", "text": {"format": form}})
    assert (error["status"], error["code"], error["param"]) == (
        400,
        "invalid_json_schema",
        "text.format.schema",
    )


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5"])
def test_too_few_tokens_cut_the_message(api: Api, model: str) -> None:
    """The text ends where the tokens do, and usage says that all of them were used."""
    whole = api.create({"model": model, "input": "hi", "text": {"verbosity": "high"}})
    body = {"model": model, "input": "hi", "max_output_tokens": 20, "text": {"verbosity": "high"}}
    response = api.create(body)
    message = response["output"][-1]
    assert response["status"] == message["status"] == "incomplete"
    assert response["incomplete_details"] == {"reason": "max_output_tokens"}
    assert 0 < len(message["content"][0]["text"]) < len(whole["output"][-1]["content"][0]["text"])
    assert 15 <= response["usage"]["output_tokens"] <= 20


def test_enough_tokens_leave_the_message_whole(api: Api) -> None:
    """A limit that is not reached changes nothing."""
    body = {"model": "gpt-4.1", "input": "hi", "max_output_tokens": 4000}
    assert api.create(body)["status"] == "completed"


@pytest.mark.parametrize(
    "body",
    [request("text"), request("tools"), request("structured"), request("conversation")],
    ids=["text", "tools", "structured", "conversation"],
)
def test_counting_agrees_with_the_create(api: Api, body: dict[str, Any]) -> None:
    """``input_tokens`` says what the usage of the same request says."""
    keys = ("model", "input", "instructions", "tools", "text")
    asked = {key: body[key] for key in keys if key in body}
    count = api.request("POST", "/responses/input_tokens", json=asked).json()
    usage = api.create(body)["usage"]
    assert count == {"object": "response.input_tokens", "input_tokens": usage["input_tokens"]}


def test_a_chain_counts_what_it_inherits(api: Api) -> None:
    """Input tokens of a later turn include the turns before it."""
    first = api.create({"model": "gpt-4.1", "input": "Tell me about the sea."})
    body = {"model": "gpt-4.1", "input": "Go on.", "previous_response_id": first["id"]}
    second = api.create(body)
    alone = api.create({"model": "gpt-4.1", "input": "Go on."})
    inherited = second["usage"]["input_tokens"] - alone["usage"]["input_tokens"]
    assert inherited >= first["usage"]["output_tokens"]
    count = api.request("POST", "/responses/input_tokens", json=body).json()["input_tokens"]
    assert count == second["usage"]["input_tokens"]


def test_models_are_listed(client: OpenAI) -> None:
    """The SDK lists models and fetches one of them."""
    models = list(client.models.list())
    assert "gpt-5" in [model.id for model in models]
    assert client.models.retrieve("gpt-5").owned_by == "openai"


@pytest.mark.mockserver(validation="off")
@pytest.mark.parametrize("id_", [7, 1.5, True, [], {}, None, "", "x"], ids=repr)
@pytest.mark.parametrize("kind", ["unheard_of", "reasoning", "message", "function_call"])
def test_without_validation_an_id_may_be_anything(api: Api, kind: str, id_: Any) -> None:
    """An id that is no text names nothing, and so is not there twice."""
    said = {"type": "message", "role": "user", "content": "hi"}
    odd = {"type": kind, "id": id_}
    response = api.request("POST", "/responses", json={"model": "gpt-5", "input": [said, odd, odd]})
    # What is not whole is left out; of a kind not known here, nobody knows what is whole.
    twice = isinstance(id_, str) and kind == "unheard_of"
    assert response.status_code == (400 if twice else 200)
