"""Lenient mode: placeholder ids and values are answered; strictly, they are the API's errors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import httpx2
import openai
import pytest
from api import Api, judged, judged_stream, types
from openai import OpenAI
from openai.types import Model
from openai.types.conversations import Conversation, ConversationDeletedResource
from openai.types.responses import CompactedResponse
from openai.types.responses.input_token_count_response import InputTokenCountResponse
from openai.types.webhooks import (
    DeletedWebhookEndpoint,
    WebhookEndpoint,
    WebhookEndpointTestResult,
    WebhookEndpointWithSecret,
)
from oracle import (
    check_conversation_item,
    check_document,
    check_event,
    check_input_item,
)
from pydantic import BaseModel

from mockserver import MockServer, create_app
from mockserver.items import KINDS

Document = dict[str, Any]
Judge = Callable[[httpx2.Response], Any]
LENIENT = {"x-mock-lenient": "1"}
ASK: Document = {"model": "gpt-4.1", "input": "hi"}


def response(answer: httpx2.Response) -> Document:
    """Judge a Response object."""
    return judged(answer.json())


def stream(answer: httpx2.Response) -> Document:
    """Judge a whole stream; return its last response."""
    last: Document = judged_stream(answer)[-1]["response"]
    return last


def replay(answer: httpx2.Response) -> Document:
    """Judge a whole stream that is not padded; return its last response."""
    last: Document = judged_stream(answer, obfuscation=False)[-1]["response"]
    return last


def of(model: type[BaseModel]) -> Judge:
    """Judge a document against one of the SDK's classes."""

    def judge(answer: httpx2.Response) -> Document:
        document: Document = answer.json()
        assert not check_document(document, model)
        return document

    return judge


def page_of(check: Callable[[Document], list[Any]]) -> Judge:
    """Judge a list of such items."""

    def judge(answer: httpx2.Response) -> Document:
        page: Document = answer.json()
        assert list(page) == ["object", "data", "first_id", "has_more", "last_id"]
        assert not [problem for item in page["data"] for problem in check(item)]
        return page

    return judge


def item(answer: httpx2.Response) -> Document:
    """Judge an item of a conversation."""
    document: Document = answer.json()
    assert not check_conversation_item(document)
    return document


def deleted(answer: httpx2.Response) -> Document:
    """Judge what the deletion of a response is answered with."""
    document: Document = answer.json()
    assert document == {"id": "resp_123", "object": "response", "deleted": True}
    return document


@dataclass
class Row:
    """A request with placeholders, how its lenient answer is judged, and the strict error."""

    method: str
    path: str
    judge: Judge
    error: tuple[int, str | None, str | None] | None
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)

    def send(self, api: Api, lenient: bool) -> httpx2.Response:
        """Send it with the header, or without."""
        return api.request(
            self.method,
            self.path,
            params=self.query,
            headers=LENIENT if lenient else {},
            **({} if self.body is None else {"json": self.body}),
        )


NOT_FOUND = (404, None, None)
OUTPUT = {"type": "function_call_output", "call_id": "call_x", "output": "1"}
CALL = {"type": "function_call", "call_id": "call_x", "name": "f", "arguments": "{}"}
BAD_SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
IMPOSSIBLE = {"type": "object", "properties": {"a": False}, "required": ["a"]}
GRAMMAR = {"type": "grammar", "syntax": "regex", "definition": "("}
CONVERSATION, ENDPOINT = "/conversations/conv_123", "/webhook_endpoints/webhook_endpoint_id"
PLACEHOLDERS: list[Row] = [
    Row("GET", "/responses/resp_123", response, NOT_FOUND),
    Row("GET", "/responses/resp_123", replay, NOT_FOUND, query={"stream": "true"}),
    Row(
        "GET",
        "/responses/resp_123",
        response,
        (400, "stream", "invalid_type"),
        query={"stream": "string", "include[]": "string", "starting_after": "x"},
    ),
    Row("DELETE", "/responses/resp_123", deleted, NOT_FOUND),
    Row("POST", "/responses/resp_123/cancel", response, NOT_FOUND),
    Row("GET", "/responses/resp_123/input_items", page_of(check_input_item), NOT_FOUND),
    Row(
        "GET",
        "/responses/resp_123/input_items",
        page_of(check_input_item),
        NOT_FOUND,
        query={"after": "string", "before": "x", "limit": "0", "order": "up"},
    ),
    Row("GET", CONVERSATION, of(Conversation), NOT_FOUND),
    Row("POST", CONVERSATION, of(Conversation), NOT_FOUND, body={"metadata": {"foo": "string"}}),
    Row(
        "POST",
        CONVERSATION,
        of(Conversation),
        (400, "metadata", "missing_required_parameter"),
        body={},
    ),
    Row("DELETE", CONVERSATION, of(ConversationDeletedResource), NOT_FOUND),
    Row(
        "POST",
        "/conversations",
        of(Conversation),
        (400, "items", "invalid_type"),
        body={"items": "string", "metadata": {"a": "b"}},
    ),
    Row(
        "POST",
        f"{CONVERSATION}/items",
        page_of(check_conversation_item),
        NOT_FOUND,
        body={"items": [{"role": "user", "content": "string"}, {"id": "msg_x"}]},
    ),
    Row(
        "POST",
        f"{CONVERSATION}/items",
        page_of(check_conversation_item),
        (400, "items", "missing_required_parameter"),
        body={},
    ),
    Row("GET", f"{CONVERSATION}/items", page_of(check_conversation_item), NOT_FOUND),
    Row(
        "GET",
        f"{CONVERSATION}/items",
        page_of(check_conversation_item),
        (400, "include[0]", "invalid_value"),
        query={"after": "after", "limit": "1000", "include[]": "string"},
    ),
    Row("GET", f"{CONVERSATION}/items/msg_abc", item, NOT_FOUND),
    Row("DELETE", f"{CONVERSATION}/items/msg_abc", of(Conversation), NOT_FOUND),
    Row("GET", "/models/string", of(Model), (404, "model", "model_not_found")),
    Row("GET", ENDPOINT, of(WebhookEndpoint), NOT_FOUND),
    Row("POST", ENDPOINT, of(WebhookEndpoint), NOT_FOUND, body={"name": "x"}),
    Row("DELETE", ENDPOINT, of(DeletedWebhookEndpoint), NOT_FOUND),
    Row("POST", f"{ENDPOINT}/rotate_secret", of(WebhookEndpointWithSecret), NOT_FOUND, body={}),
    Row(
        "POST",
        f"{ENDPOINT}/test",
        of(WebhookEndpointTestResult),
        (400, "event_type", "missing_required_parameter"),
        body={},
    ),
    Row(
        "POST",
        "/webhook_endpoints",
        of(WebhookEndpointWithSecret),
        (400, "event_types", "missing_required_parameter"),
        body={"url": "string"},
    ),
    Row(
        "GET",
        "/webhook_endpoints",
        page_of(lambda endpoint: check_document(endpoint, WebhookEndpoint)),
        (400, "limit", "integer_below_min_value"),
        query={"limit": "-1", "after": "x"},
    ),
    Row(
        "POST",
        "/responses/input_tokens",
        of(InputTokenCountResponse),
        (400, "previous_response_id", "previous_response_not_found"),
        body={"previous_response_id": "resp_123", "input": "string"},
    ),
    Row(
        "POST",
        "/responses/input_tokens",
        of(InputTokenCountResponse),
        (400, "input[0]", "invalid_type"),
        body={"truncation": "string", "tools": [{"type": "function"}, 7], "input": [7]},
    ),
    Row(
        "POST",
        "/responses/compact",
        of(CompactedResponse),
        (400, "model", "missing_required_parameter"),
        body={},
    ),
    Row(
        "POST",
        "/responses/compact",
        of(CompactedResponse),
        (400, "previous_response_id", "previous_response_not_found"),
        body={"model": "gpt-5.6", "previous_response_id": "resp_123"},
    ),
]
"""Every endpoint, with what an example in a document or a generated test puts in."""

CREATES: list[tuple[Document, tuple[int, str | None, str | None]]] = [
    ({}, (400, "model", "missing_required_parameter")),
    ({"model": "gpt-4.1"}, (400, "input", "missing_required_parameter")),
    ({"model": "", "input": "string"}, (400, "model", "model_not_found")),
    ({"model": 7, "input": 7}, (400, "model", "invalid_type")),
    ({"input": "x"}, (400, "model", "missing_required_parameter")),
    (
        {**ASK, "previous_response_id": "resp_123"},
        (400, "previous_response_id", "previous_response_not_found"),
    ),
    ({**ASK, "conversation": "conv_123"}, NOT_FOUND),
    ({**ASK, "conversation": {"id": "string"}}, NOT_FOUND),
    (
        {**ASK, "conversation": "conv_123", "previous_response_id": "resp_123"},
        (400, None, "mutually_exclusive_parameters"),
    ),
    ({**ASK, "prompt": {"id": "pmpt_123", "version": "7"}}, NOT_FOUND),
    (
        {**ASK, "input": [{"type": "item_reference", "id": "msg_123"}]},
        (404, "input", None),
    ),
    ({**ASK, "input": [{"id": "rs_123"}, {"id": "fc_123"}]}, (404, "input", None)),
    ({**ASK, "input": [CALL]}, (400, "input", None)),
    ({**ASK, "input": [OUTPUT]}, (400, "input", None)),
    (
        {**ASK, "input": [{"role": "user", "content": "a", "id": "msg_1"}] * 2},
        (400, "input", None),
    ),
    (
        {**ASK, "input": [{"role": "narrator", "content": "x"}, {"type": "time_travel"}, 7]},
        (400, "input[0]", "invalid_value"),
    ),
    (
        {**ASK, "input": [{"role": "user", "content": [{"type": "smell"}], "zzz": 1}]},
        (400, "input[0].content[0].type", "invalid_value"),
    ),
    ({**ASK, "zzz": 1}, (400, "zzz", "unknown_parameter")),
    ({**ASK, "messages": []}, (400, None, "unsupported_parameter")),
    ({**ASK, "temperature": 9}, (400, "temperature", "decimal_above_max_value")),
    ({**ASK, "model": "o3", "temperature": 0.5}, (400, "temperature", None)),
    ({**ASK, "stream": "yes"}, (400, "stream", "invalid_type")),
    ({**ASK, "max_output_tokens": 0}, (400, "max_output_tokens", "integer_below_min_value")),
    ({**ASK, "metadata": {"a": 1, "b": "x"}}, (400, "metadata.a", "invalid_type")),
    ({**ASK, "service_tier": "string"}, (400, "service_tier", "invalid_value")),
    ({**ASK, "truncation": "string"}, (400, "truncation", "invalid_value")),
    ({**ASK, "include": ["string"]}, (400, "include[0]", "invalid_value")),
    (
        {**ASK, "text": {"format": {"type": "yaml"}, "verbosity": "loud"}},
        (400, "text.format.type", "invalid_value"),
    ),
    ({**ASK, "text": {"format": {"type": "json_object"}}}, (400, "input", None)),
    (
        {
            **ASK,
            "text": {
                "format": {
                    "type": "json_schema",
                    "name": "n",
                    "strict": True,
                    "schema": BAD_SCHEMA,
                }
            },
        },
        (400, "text.format.schema", "invalid_json_schema"),
    ),
    (
        {
            **ASK,
            "text": {"format": {"type": "json_schema", "name": "n", "schema": IMPOSSIBLE}},
        },
        (400, "text.format.schema", "invalid_json_schema"),
    ),
    (
        {**ASK, "tools": [{"type": "function", "name": "f", "parameters": IMPOSSIBLE}]},
        (400, "tools[0].parameters", "invalid_function_parameters"),
    ),
    ({**ASK, "tools": [{"type": "string"}]}, (400, "tools[0].type", "invalid_value")),
    (
        {**ASK, "tools": [{"type": "custom", "name": "c", "format": GRAMMAR}]},
        (400, "tools[0].format.definition", "invalid_value"),
    ),
    ({**ASK, "tool_choice": {"type": "function", "name": "x"}}, (400, "tool_choice", None)),
    ({**ASK, "tool_choice": "maybe"}, (400, "tool_choice", "invalid_value")),
    (
        {"model": "gpt-5", "input": "x", "reasoning": {"effort": "heroic", "summary": "auto"}},
        (400, "reasoning.effort", "invalid_value"),
    ),
]
"""Requests to create a response that the API refuses."""


def told(answer: httpx2.Response) -> tuple[int, str | None, str | None]:
    """Return status, param and code of an error."""
    error = answer.json()["error"]
    return answer.status_code, error["param"], error["code"]


def test_the_table_has_every_endpoint() -> None:
    """Each route with something to put in is in the table, or in that of the creates."""
    rows = [(row.method, row.path) for row in PLACEHOLDERS] + [("POST", "/responses")]
    bare = {("GET", "/responses"), ("GET", "/models"), ("GET", "/webhook_event_types")}
    for route in create_app().router.routes():
        pattern = route.get_info().get("pattern")
        path = route.resource.canonical.removeprefix("/v1") if route.resource else ""
        if path == "" or path.startswith("/ns/") or not route.resource.canonical.startswith("/v1"):
            continue
        found = any(
            method == route.method
            and (pattern.fullmatch(f"/v1{known}") if pattern else known == path)
            for method, known in rows
        )
        assert found or (route.method, path) in bare, (route.method, path)


@pytest.mark.parametrize("row", PLACEHOLDERS, ids=lambda row: f"{row.method} {row.path}")
def test_a_placeholder_is_answered(api: Api, row: Row) -> None:
    """Leniently every endpoint has an answer, the same each time; strictly it is an error."""
    answer = row.send(api, True)
    assert answer.status_code == 200, answer.text
    assert row.judge(answer) == row.judge(row.send(api, True)) or row.method == "POST"
    assert told(row.send(api, False)) == row.error


@pytest.mark.parametrize(("body", "error"), CREATES, ids=lambda value: json.dumps(value)[:60])
def test_what_is_wrong_with_a_create_is_left_out(
    api: Api, body: Document, error: tuple[int, str | None, str | None]
) -> None:
    """Leniently a response comes as JSON and as a stream, and has an input; else an error."""
    assert told(api.request("POST", "/responses", json=body)) == error
    answer = api.request("POST", "/responses", json=body, headers=LENIENT)
    assert answer.status_code == 200, answer.text
    made = response(answer)
    assert made["status"] == "completed"
    path = f"/responses/{made['id']}"
    assert api.request("GET", path).json() == made
    page_of(check_input_item)(api.request("GET", f"{path}/input_items", headers=LENIENT))
    page_of(check_input_item)(api.request("GET", f"{path}/input_items"))
    streamed = api.request("POST", "/responses", json={**body, "stream": True}, headers=LENIENT)
    assert stream(streamed)["status"] == "completed"


@pytest.fixture(scope="module")
def lenient() -> Iterator[MockServer]:
    """A server that is lenient by setting."""
    with MockServer(lenient=True) as running:
        yield running


@pytest.fixture
def sdk(lenient: MockServer) -> Iterator[OpenAI]:
    """The SDK, pointed at a lenient server."""
    with OpenAI(base_url=lenient.url, api_key="sk-x", max_retries=0) as client:
        yield client


Action = Callable[[OpenAI], Any]
ACTIONS: list[Action] = [
    lambda sdk: sdk.responses.retrieve("response_id"),
    lambda sdk: list(sdk.responses.retrieve("response_id", stream=True)),
    lambda sdk: sdk.responses.delete("response_id"),
    lambda sdk: sdk.responses.cancel("response_id"),
    lambda sdk: list(sdk.responses.input_items.list("response_id", after="after", limit=0)),
    lambda sdk: sdk.responses.create(previous_response_id="x", model="string", input="string"),
    lambda sdk: sdk.responses.create(conversation="string", model="string", input="string"),
    lambda sdk: sdk.responses.compact(model="string", previous_response_id="resp_123"),
    lambda sdk: sdk.responses.input_tokens.count(previous_response_id="resp_123"),
    lambda sdk: sdk.conversations.retrieve("conv_123"),
    lambda sdk: sdk.conversations.update("conv_123", metadata={"foo": "string"}),
    lambda sdk: sdk.conversations.delete("conv_123"),
    lambda sdk: list(sdk.conversations.items.list("conv_123", after="x", limit=0)),
    lambda sdk: sdk.conversations.items.retrieve("msg_abc", conversation_id="conv_123"),
    lambda sdk: sdk.conversations.items.delete("msg_abc", conversation_id="conv_123"),
    lambda sdk: sdk.models.retrieve("model"),
    lambda sdk: sdk.webhooks.retrieve("webhook_endpoint_id"),
    lambda sdk: sdk.webhooks.update("webhook_endpoint_id"),
    lambda sdk: sdk.webhooks.rotate_secret("webhook_endpoint_id"),
    lambda sdk: sdk.webhooks.test("webhook_endpoint_id", event_type="response.completed"),
    lambda sdk: sdk.webhooks.delete("webhook_endpoint_id"),
]


@pytest.mark.parametrize("action", ACTIONS)
def test_the_sdk_meets_no_error_with_placeholders(
    sdk: OpenAI, client: OpenAI, action: Action
) -> None:
    """A generated client's tests pass against a lenient server, and not against a strict one."""
    action(sdk)
    with pytest.raises((openai.NotFoundError, openai.BadRequestError)):
        action(client)


def test_an_invented_response_is_the_same_everywhere(lenient: MockServer) -> None:
    """JSON, stream and a second server with the same seed show one response for an id."""
    with Api(lenient.url) as api:
        shown = api.retrieve("resp_abc")
        events = api.resume("resp_abc", whole=False)
        assert events[-1]["response"] == {k: v for k, v in shown.items() if k != "billing"}
        assert types(events)[:3] == ["response.created", "response.queued", "response.in_progress"]
        assert api.retrieve("resp_abd")["output"] != shown["output"]
        after = api.resume("resp_abc", after=events[-3]["sequence_number"])
        assert after == events[-2:]
    with MockServer(lenient=True) as other, Api(other.url) as api:
        assert api.retrieve("resp_abc") == shown
    with MockServer(lenient=True, seed=1) as other, Api(other.url) as api:
        assert api.retrieve("resp_abc") != shown


def test_what_was_made_is_kept_and_deleted_as_ever(lenient: MockServer) -> None:
    """A lenient server remembers what it made; a deleted response is invented from then on."""
    with Api(lenient.url) as api:
        made = api.create(ASK)
        assert api.retrieve(made["id"]) == made
        assert api.create({**ASK, "previous_response_id": made["id"]})["previous_response_id"]
        path = f"/responses/{made['id']}"
        assert api.request("DELETE", path).json()["deleted"]
        invented = api.retrieve(made["id"])
        assert invented["id"] == made["id"]
        assert invented["output"] != made["output"]
        assert api.request("DELETE", path).json()["deleted"]


def test_nothing_invented_is_kept(api: Api) -> None:
    """What was looked at leniently is not there strictly, nor does a change of it last."""
    for path in (CONVERSATION, ENDPOINT):
        shown = api.request("GET", path, headers=LENIENT).json()
        body = {"metadata": {"a": "b"}, "name": "other"}
        changed = api.request("POST", path, headers=LENIENT, json=body).json()
        assert changed != shown
        assert api.request("GET", path, headers=LENIENT).json() == shown
        assert api.request("GET", path).status_code == 404


def test_a_conversation_that_was_deleted_is_invented(api: Api) -> None:
    """A deleted conversation answers again, empty of what it was."""
    path = f"/conversations/{api.request('POST', '/conversations', json={}).json()['id']}"
    api.request("DELETE", path)
    assert api.request("GET", path).status_code == 404
    assert api.request("GET", path, headers=LENIENT).status_code == 200
    listed = page_of(check_conversation_item)(api.request("GET", f"{path}/items", headers=LENIENT))
    assert [item["role"] for item in listed["data"]] == ["assistant", "user"]


def test_a_cancel_that_comes_too_late_changes_nothing(api: Api) -> None:
    """A response that is over, or never ran in the background, is shown as it stands."""
    background = api.stream({**ASK, "background": True}, "ttft:0s")[-1]["response"]
    for made in (api.create(ASK), background):
        path = f"/responses/{made['id']}"
        assert api.request("POST", f"{path}/cancel").status_code == 400
        shown = response(api.request("POST", f"{path}/cancel", headers=LENIENT))
        assert shown == api.retrieve(made["id"])
        assert shown["status"] == "completed"


def test_a_running_response_is_cancelled_for_good(api: Api) -> None:
    """A lenient cancel of what can be cancelled is an ordinary one."""
    made = api.create({**ASK, "background": True}, "in_progress")
    path = f"/responses/{made['id']}"
    assert response(api.request("POST", f"{path}/cancel", headers=LENIENT))["status"] == "cancelled"
    assert api.retrieve(made["id"])["status"] == "cancelled"


def test_any_response_can_be_streamed_again(api: Api) -> None:
    """Leniently a response that was neither streamed nor in the background is told as a stream."""
    made = api.create(ASK)
    path = f"/responses/{made['id']}?stream=true"
    assert api.request("GET", path).status_code == 400
    assert replay(api.request("GET", path, headers=LENIENT))["output"] == made["output"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_is_of_the_kind_that_its_id_tells(api: Api, kind: str) -> None:
    """The prefix of an item's id says what kind is invented; the item is valid where it is."""
    id_ = f"{KINDS[kind].prefix}_placeholder"
    path = f"{CONVERSATION}/items/{id_}"
    found = item(api.request("GET", path, headers=LENIENT))
    assert found["id"] == id_
    assert KINDS[found["type"]].prefix == KINDS[kind].prefix


@pytest.mark.mockserver(lenient=True)
def test_a_header_can_ask_for_strictness(api: Api) -> None:
    """A lenient server is strict for a request that asks it to be."""
    for said, status in (("0", 404), ("false", 404), ("true", 200), ("1", 200)):
        answer = api.request("GET", "/responses/x", headers={"X-Mock-Lenient": said})
        assert answer.status_code == status
    answer = api.request("GET", "/responses/x", headers={"X-Mock-Lenient": "maybe"})
    assert told(answer) == (400, "X-Mock-Lenient", "invalid_type")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("%FF", "%FF"),
        ("%20", " "),
        ("%2E%2E%2F", "../"),
        ("a" * 3000, "a" * 3000),
        ("%F0%9F%92%A5", "💥"),
        ("%00", "\0"),
    ],
)
def test_an_id_may_be_anything(api: Api, sent: str, shown: str) -> None:
    """An id of odd characters is answered as well, and comes back in the answer."""
    for kind in ("responses", "conversations", "webhook_endpoints"):
        for method in ("GET", "DELETE"):
            answer = api.request(method, f"/{kind}/{sent}", headers=LENIENT)
            assert (answer.status_code, answer.json()["id"]) == (200, shown)
    found = api.request("GET", f"{CONVERSATION}/items/{sent}", headers=LENIENT)
    assert item(found)["id"] == shown


@pytest.mark.parametrize("raw", [b"{", b"[]", b"7", b'{"a": 1,}'])
def test_bad_json_stays_an_error(api: Api, raw: bytes) -> None:
    """What is no JSON object is refused, lenient or not."""
    answer = api.request("POST", "/responses", content=raw, headers=LENIENT)
    assert told(answer) == (400, None, "invalid_json")


def test_a_scenario_still_answers_with_its_error(api: Api) -> None:
    """An error that was asked for comes, lenient or not, and so does that of a wrong flag."""
    for flags, status in (("http:429", 429), ("http:400", 400), ("fale", 400)):
        headers = {**LENIENT, "x-mock-scenario": flags}
        answer = api.request("POST", "/responses", json=ASK, headers=headers)
        assert answer.status_code == status


async def test_a_websocket_is_lenient_as_its_handshake_says(mockserver: MockServer) -> None:
    """Placeholders and wrong values are answered over a socket too; without the header refused."""
    wrong = {"input": [{"id": "msg_x"}], "background": True, "temperature": 9, "store": "string"}
    create = {"type": "response.create", "previous_response_id": "resp_123", **wrong}
    url = mockserver.url.replace("http", "ws", 1) + "/responses"
    for headers, expected in ((LENIENT, "response.completed"), ({}, "error")):
        async with aiohttp.ClientSession() as http, http.ws_connect(url, headers=headers) as socket:
            await socket.send_json(create)
            events: list[Document] = []
            while not events or events[-1]["type"] not in ("response.completed", "error"):
                events.append(await asyncio.wait_for(socket.receive_json(), 4))
            assert events[-1]["type"] == expected
            assert not [
                problem for event in events for problem in check_event(event, websocket=True)
            ]


@pytest.mark.parametrize("streamed", [False, True])
def test_a_request_that_comes_again_is_noted_as_it_was_sent(
    lenient: MockServer, streamed: bool
) -> None:
    """However often it comes, an answer is valid and on record; the journal has what was sent."""
    body = {"model": "gpt-4.1", "input": "again", "temperature": 9, "zzz": 1, "stream": streamed}
    with Api(lenient.url) as api:
        for _ in range(40):
            answer = api.request("POST", "/responses", json=body)
            assert (answer.status_code, lenient.calls[-1].body) == (200, body)
        made = stream(answer) if streamed else response(answer)
        assert api.retrieve(made["id"])["temperature"] == 1.0
        assert len(api.input_items(made["id"])["data"]) == 1
        strictly = api.request("POST", "/responses", json=body, headers={"x-mock-lenient": "0"})
        assert told(strictly) == (400, "zzz", "unknown_parameter")
