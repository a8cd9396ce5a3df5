"""Dialects: answers as the four client documents of api-contract §3.5 declare them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

import aiohttp
import httpx2
import pytest
from api import Api, judged, judged_stream
from openai import OpenAI
from oracle import parse_sse
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from mockserver import MockServer
from mockserver.config import Settings
from mockserver.dialects import DEFAULT, DIALECTS

Document = dict[str, Any]

Int32 = Annotated[StrictInt, Field(ge=-(2**31), lt=2**31)]
Number = StrictInt | float
Object = dict[str, Any]
ALL = Literal["completed", "failed", "in_progress", "cancelled", "queued", "incomplete"]


class Decoded(BaseModel):
    """A decoder that ignores keys it does not know and takes no other type than it declares."""

    model_config = ConfigDict(extra="ignore")


class ColumnA(Decoded):
    """The gateway's Python SDK: little is required, most may be null."""

    created_at: StrictInt
    id: StrictStr
    model: StrictStr
    object: StrictStr
    status: StrictStr
    output: list[Object] = []
    instructions: StrictStr | list[Object] | None = None
    conversation: Object | None = None
    metadata: Any = None
    error: Any = None
    incomplete_details: Object | None = None
    parallel_tool_calls: StrictBool | None = None
    tools: list[Any] = []
    tool_choice: StrictStr | Object | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_logprobs: StrictInt | None = None
    max_tool_calls: StrictInt | None = None
    max_output_tokens: StrictInt | None = None
    prompt: Any = None
    reasoning: Any = None
    text: Any = None
    usage: Object | None = None
    safety_identifier: StrictStr | None = None
    prompt_cache_key: StrictStr | None = None
    truncation: StrictStr | None = None
    service_tier: StrictStr | None = None


class ColumnB(Decoded):
    """The Rust client: instructions are a plain string that is always there."""

    id: StrictStr
    object: Literal["response"]
    created_at: float
    model: StrictStr
    output: list[Any]
    instructions: StrictStr
    parallel_tool_calls: StrictBool
    error: Object | None
    incomplete_details: Object | None
    completed_at: float | None = None
    user: StrictStr | None = None
    conversation: Object | None = None
    metadata: dict[StrictStr, StrictStr] | None = None
    tools: list[Object] | None = None
    tool_choice: StrictStr | Object | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_logprobs: Int32 | None = None
    max_tool_calls: Int32 | None = None
    max_output_tokens: Int32 | None = None
    status: ALL | None = None
    prompt: Object | None = None
    reasoning: Object | None = None
    text: Object | None = None
    usage: Object | None = None
    safety_identifier: Annotated[StrictStr, Field(max_length=64)] | None = None
    prompt_cache_key: StrictStr | None = None
    prompt_cache_retention: StrictStr | None = None
    truncation: StrictStr | None = None
    service_tier: Literal["auto", "default", "flex", "scale", "priority"] | None = None


class ColumnC(ColumnA):
    """The gateway's REST page: the fields of its SDK, some told of in narrower words."""

    output: list[Object]
    metadata: Object | None = None
    parallel_tool_calls: StrictBool
    tools: list[Object]
    max_output_tokens: Annotated[StrictInt, Field(ge=0)] | None = None
    max_tool_calls: Annotated[StrictInt, Field(ge=0)] | None = None
    top_logprobs: Annotated[StrictInt, Field(ge=0)] | None = None
    prompt: Object | None = None
    reasoning: Object | None = None
    text: Object | None = None


class ColumnD(Decoded):
    """LangChain's older type: what may be missing there may not be null."""

    created_at: Number
    output_text: StrictStr
    error: Object | None
    id: StrictStr
    incomplete_details: Object | None
    instructions: StrictStr | None
    metadata: dict[StrictStr, StrictStr] | None
    model: StrictStr
    object: Literal["response"]
    output: list[Object]
    parallel_tool_calls: StrictBool
    temperature: Number | None
    tool_choice: Literal["none", "auto", "required"] | Object
    tools: list[Object]
    top_p: Number | None
    max_output_tokens: Number | None = None
    previous_response_id: StrictStr | None = None
    reasoning: Object | None = None
    status: Literal["completed", "failed", "in_progress", "incomplete"] = "completed"
    text: Object = {}
    truncation: Literal["auto", "disabled"] | None = None
    usage: Object = {}
    user: StrictStr = ""


COLUMNS: dict[type[Decoded], str] = {
    ColumnA: "openai",
    ColumnB: "rust",
    ColumnC: "openai",
    ColumnD: "langchain-js",
}
"""The dialect that each column needs."""

ASK: Document = {"model": "gpt-4.1", "input": "hi"}
TOOL = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
FORMAT = {"type": "json_schema", "name": "n", "strict": True, "schema": SCHEMA}
PROMPT = {"messages": [{"role": "developer", "content": "Greet {{who}}."}], "model": "gpt-4.1"}
CASES: list[tuple[Document, str]] = [
    ({}, "completed"),
    ({"instructions": "Be brief.", "user": "u", "metadata": {"a": "b"}}, "completed"),
    ({"prompt": {"id": "pmpt_1", "variables": {"who": "Ada"}}}, "completed"),
    ({"conversation": True}, "completed"),
    ({"tools": [TOOL], "tool_choice": {"type": "function", "name": "f"}}, "completed"),
    ({"tools": [TOOL, {"type": "web_search"}], "tool_choice": "required"}, "completed"),
    ({"text": {"format": FORMAT}, "max_output_tokens": 5000, "max_tool_calls": 3}, "completed"),
    ({"model": "gpt-5", "reasoning": {"effort": "low", "summary": "auto"}}, "completed"),
    ({"service_tier": "priority", "truncation": "auto", "top_logprobs": 3}, "completed"),
    ({"safety_identifier": "s", "prompt_cache_key": "k", "temperature": 1}, "completed"),
    ({}, "failed"),
    ({}, "incomplete"),
    ({}, "refusal"),
    ({"background": True}, "queued"),
    ({"background": True}, "in_progress"),
    ({"background": True}, "cancelled"),
]
"""What a request asks for besides the usual, and how it ends: every value that the table names."""


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """A file of one stored prompt, which makes instructions a list of items."""
    file = tmp_path / "prompts.json"
    file.write_text(json.dumps({"pmpt_1": PROMPT}))
    return file


def decode(column: type[Decoded], document: Document) -> None:
    """Hold a response against a column."""
    column.model_validate(document)


def told(answer: httpx2.Response) -> Document:
    """Return a JSON answer."""
    assert answer.status_code == 200, answer.text
    document: Document = answer.json()
    return document


@pytest.mark.parametrize(("column", "dialect"), COLUMNS.items(), ids=lambda value: str(value)[-9:])
def test_a_column_decodes_every_answer(column: type[Decoded], dialect: str, prompts: Path) -> None:
    """Created, streamed, retrieved and cancelled, a response is what the document declares."""
    settings: Document = {"queued_seconds": 0, "in_progress_seconds": 0, "prompts": prompts}
    with MockServer(dialect=dialect, **settings) as server, Api(server.url) as api:
        for options, scenario in CASES:
            body = {**ASK, **options}
            if "conversation" in body:
                body["conversation"] = told(api.request("POST", "/conversations", json={}))["id"]
            headers = {"x-mock-scenario": scenario}
            created = api.request("POST", "/responses", json=body, headers=headers)
            decode(column, told(created))
            path = f"/responses/{created.json()['id']}"
            decode(column, told(api.request("GET", path)))
            if scenario in ("queued", "in_progress"):
                decode(column, told(api.request("POST", f"{path}/cancel")))
                continue
            streamed = api.request(
                "POST", "/responses", json={**body, "stream": True}, headers=headers
            )
            snapshots = [e["response"] for e in parse_sse(streamed.content) if "response" in e]
            assert len(snapshots) >= 3
            for snapshot in snapshots:
                decode(column, snapshot)


@pytest.mark.parametrize("column", [ColumnB, ColumnD])
def test_the_api_s_own_form_is_not_what_a_strict_decoder_takes(
    api: Api, column: type[Decoded]
) -> None:
    """Without its dialect a column refuses the answer: the dialect is there for a reason."""
    with pytest.raises(ValueError, match="validation error"):
        decode(column, api.create(ASK))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_changes_nothing_else(api: Api, dialect: str) -> None:
    """Apart from a few fields a response is the same in every dialect, and is stored as one."""
    headers = {"X-Mock-Dialect": dialect}
    made = told(api.request("POST", "/responses", json=ASK, headers=headers))
    plain = api.retrieve(made["id"])
    again = told(api.request("GET", f"/responses/{made['id']}", headers=headers))
    assert again == made
    differing = {key for key in {*made, *plain} if made.get(key, ...) != plain.get(key, ...)}
    expected = {"rust": {"instructions"}, "langchain-js": {"output_text", "user"}}
    assert differing == expected[dialect]


def test_the_text_of_a_response_is_added_for_langchain_js(api: Api) -> None:
    """The key that the type declares holds what the SDK works out by itself."""
    with OpenAI(base_url=api.url, api_key="sk-x") as sdk:
        headers = {"X-Mock-Dialect": "langchain-js"}
        made = sdk.responses.with_raw_response.create(**ASK, extra_headers=headers)
        assert json.loads(made.text)["output_text"] == made.parse().output_text != ""


def test_a_resumed_stream_is_told_in_the_dialect(api: Api) -> None:
    """A stream that is followed again has the dialect of the request that follows it."""
    made = api.stream({**ASK, "background": True}, "ttft:0s")[-1]["response"]
    path, headers = f"/responses/{made['id']}?stream=true", {"X-Mock-Dialect": "rust"}
    events = parse_sse(api.request("GET", path, headers=headers).content)
    assert {e["response"]["instructions"] for e in events if "response" in e} == {""}
    assert not judged_stream(api.request("GET", path), obfuscation=False)[0]["response"][
        "instructions"
    ]


def test_other_documents_stay_as_they_are(api: Api) -> None:
    """Lists, conversations and errors are the same in every dialect."""
    headers = {"X-Mock-Dialect": "langchain-js"}
    id_ = api.create(ASK)["id"]
    for path in (f"/responses/{id_}/input_items", "/models", "/responses/none"):
        plain = api.request("GET", path)
        assert api.request("GET", path, headers=headers).content == plain.content


@pytest.mark.parametrize("stream", [False, True])
def test_a_recording_is_told_in_the_dialect(stream: bool) -> None:
    """What comes from a cassette is translated too, however it was recorded."""
    folder = Path(__file__).parents[2] / "cassettes"
    headers = {"X-Mock-Dialect": "rust"}
    body = {"model": "gpt-5.4", "input": "Say hello in one sentence.", "stream": stream}
    with (
        MockServer(cassettes=[folder], strict=True, repeat="last") as server,
        Api(server.url) as api,
    ):
        plain = api.request("POST", "/responses", json=body)
        answer = api.request("POST", "/responses", json=body, headers=headers)
        assert answer.status_code == plain.status_code == 200
        for each, expected in ((plain, None), (answer, "")):
            documents = (
                [event.get("response") for event in parse_sse(each.content)]
                if stream
                else [each.json()]
            )
            found = {document["instructions"] for document in documents if document}
            assert found == {expected}


@pytest.mark.mockserver(dialect="rust")
async def test_a_websocket_speaks_the_dialect(mockserver: MockServer) -> None:
    """The events over a socket carry their responses in the dialect."""
    url = mockserver.url.replace("http", "ws", 1) + "/responses"
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
        await socket.send_json({"type": "response.create", **ASK})
        seen: list[Document] = []
        while not seen or seen[-1]["type"] != "response.completed":
            seen.append(await asyncio.wait_for(socket.receive_json(), 4))
    told = [event["response"]["instructions"] for event in seen if "response" in event]
    assert told == [""] * 3


def test_a_dialect_that_there_is_not_is_refused(api: Api) -> None:
    """The error of a wrong header lists the dialects; nothing is created."""
    answer = api.request("POST", "/responses", json=ASK, headers={"X-Mock-Dialect": "klingon"})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, "X-Mock-Dialect")
    assert error["message"].endswith("The dialects are: openai, rust, langchain-js.")


@pytest.mark.mockserver(dialect="langchain-js")
def test_a_header_beats_the_setting(api: Api) -> None:
    """A request may ask for the API's own form of a server that speaks a dialect."""
    headers = {"X-Mock-Dialect": "openai"}
    judged(told(api.request("POST", "/responses", json=ASK, headers=headers)))
    assert "output_text" in told(api.request("POST", "/responses", json=ASK))


def test_the_setting_takes_every_dialect() -> None:
    """The setting's names are those of the table."""
    assert set(get_args(get_type_hints(Settings)["dialect"])) == {DEFAULT, *DIALECTS}


@pytest.mark.parametrize("stream", [False, True])
def test_a_request_that_comes_again_is_told_in_its_dialect(api: Api, stream: bool) -> None:
    """However often a request comes, each answer is in the dialect that was asked for."""
    body = {**ASK, "stream": stream}
    for _ in range(40):
        for headers, expected in (({}, None), ({"X-Mock-Dialect": "rust"}, "")):
            answer = api.request("POST", "/responses", json=body, headers=headers)
            told = parse_sse(answer.content)[-1]["response"] if stream else answer.json()
            assert told["instructions"] == expected
