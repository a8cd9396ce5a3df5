"""Errors: status, type, param, code and message of each, in the envelope and in the SDK."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
import pytest
from api import Api
from openai import OpenAI

from mockserver import MockServer
from mockserver.flags.registry import TABLE
from mockserver.schema.errors import ApiError
from mockserver.web.answers import failure

Document = dict[str, Any]

BODY: Document = {"model": "gpt-4.1", "input": "hi"}
TYPE = "invalid_request_error"
QUICK = pytest.mark.mockserver(queued_seconds=0, in_progress_seconds=0)

BAD_JSON = (
    "Invalid body: failed to parse JSON value. Please check the value to ensure it is valid JSON. "
    "(Common errors include trailing commas, missing closing brackets, missing quotation marks, "
    "etc.)"
)
NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header "
    "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
)
CALL = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "1"}
CUSTOM = {"type": "custom_tool_call", "call_id": "call_2", "name": "c", "input": "x"}
ANSWER = {"type": "custom_tool_call_output", "call_id": "call_2", "output": "y"}


def told(response: httpx2.Response) -> tuple[int, str, str | None, str | None, str]:
    """Return status, type, param, code and message of an error."""
    error = response.json()["error"]
    assert list(error) == ["message", "type", "param", "code"]
    assert response.headers["content-type"] == "application/json"
    return response.status_code, error["type"], error["param"], error["code"], error["message"]


def create(api: Api, scenario: str = "", **options: Any) -> str:
    """Create a response; return its id."""
    headers = {"x-mock-scenario": scenario} if scenario else {}
    answer = api.request("POST", "/responses", json={**BODY, **options}, headers=headers)
    assert answer.status_code == 200, answer.text
    id_: str = answer.json()["id"]
    return id_


def at(server: MockServer, path: str) -> str:
    """Return the URL of a path of the server, below no base."""
    return server.url.removesuffix("/v1") + path


@pytest.mark.parametrize("body", [None, b"{", b'{"a": 1}'], ids=["none", "bad", "good"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/v1"),
        ("GET", "/v1/"),
        ("POST", "/v1/nowhere"),
        ("POST", "/v2/responses"),
        ("POST", "/responses"),
        ("POST", "/v1/chat/completions"),
        ("POST", "/v1/responses/"),
        ("PUT", "/v1/responses"),
        ("PATCH", "/v1/responses/resp_1"),
        ("GET", "/v1/responses/resp_1/cancel"),
        ("POST", "/v1/responses/resp_1/input_items"),
        ("DELETE", "/v1/models"),
        ("OPTIONS", "/v1/responses"),
        ("POST", "/healthz"),
    ],
)
def test_an_unknown_route_or_method_is_an_invalid_url(
    api: Api, mockserver: MockServer, method: str, path: str, body: bytes | None
) -> None:
    """What no route knows is a 404 that repeats the address, whatever the body (§9.1)."""
    response = api.request(method, at(mockserver, path), content=body)
    message = f"Invalid URL ({method} {path.replace(' ', '%20')})"
    assert told(response) == (404, TYPE, None, None, message)


@pytest.mark.mockserver(max_body=1000)
@pytest.mark.parametrize("path", ["/responses", "/responses/input_tokens", "/nowhere"])
def test_a_body_past_the_limit_is_too_large(api: Api, path: str) -> None:
    """A body over ``max_body`` is a 413; one that just fits is read."""
    fits = json.dumps({**BODY, "input": "x" * 900}).encode()
    response = api.request("POST", path, content=fits + b" " * (1001 - len(fits)))
    message = "The request body is larger than 1000 bytes."
    assert told(response) == (413, TYPE, None, None, message)
    exact = api.request("POST", path, content=fits + b" " * (1000 - len(fits)))
    assert exact.status_code == (404 if path == "/nowhere" else 200)


@pytest.mark.parametrize("path", ["", "/input_tokens", "/resp_none/cancel"])
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"model": "gpt-4.1",}',
        b"[]",
        b'"hi"',
        b"7",
        b"null",
        b'{"model": "\xff"}',
        b'{"model": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"model": "gpt-4.1", "input": ' + b"[" * 200 + b"]" * 200 + b"}",
        b'{"model": NaN}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_is_no_json_object_is_invalid_json(api: Api, path: str, body: bytes) -> None:
    """Broken JSON, other values than objects, other bytes than UTF-8 and endless nesting (§9.4)."""
    response = api.request("POST", f"/responses{path}", content=body)
    assert told(response) == (400, TYPE, None, "invalid_json", BAD_JSON)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "?stream=true"),
        ("DELETE", ""),
        ("POST", "/cancel"),
        ("GET", "/input_items"),
    ],
)
@pytest.mark.parametrize("id_", ["resp_none", "x", "resp_" + "0" * 50, "résp"])
def test_an_unknown_response_is_not_found(api: Api, method: str, path: str, id_: str) -> None:
    """Every endpoint of one response answers 404 for an id it does not know (§9.2)."""
    response = api.request(method, f"/responses/{id_}{path}")
    message = f"Response with id '{id_}' not found."
    assert told(response) == (404, TYPE, None, None, message)


def test_an_unknown_model_is_not_found(api: Api) -> None:
    """The model list answers 404 and names the parameter (§9.4)."""
    message = "The requested model 'gpt-none' does not exist."
    response = api.request("GET", "/models/gpt-none")
    assert told(response) == (404, TYPE, "model", "model_not_found", message)


@pytest.mark.parametrize(
    ("query", "status", "param", "code", "message"),
    [
        (
            "limit=101",
            400,
            "limit",
            "integer_above_max_value",
            "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101 "
            "instead.",
        ),
        (
            "limit=0",
            400,
            "limit",
            "integer_below_min_value",
            "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got 0 "
            "instead.",
        ),
        (
            "limit=ten",
            400,
            "limit",
            "invalid_type",
            "Invalid type for 'limit': expected an integer, but got a string instead.",
        ),
        (
            "order=new",
            400,
            "order",
            "invalid_value",
            "Invalid value: 'new'. Supported values are: 'asc' and 'desc'.",
        ),
        ("after=msg_none", 404, None, None, "Item with id 'msg_none' not found."),
        ("before=msg_none", 404, None, None, "Item with id 'msg_none' not found."),
    ],
)
def test_a_page_that_does_not_exist_is_refused(
    api: Api, query: str, status: int, param: str | None, code: str | None, message: str
) -> None:
    """Limits out of bounds, other orders and unknown cursors (§1.1 row 5, §1.4)."""
    response = api.request("GET", f"/responses/{create(api)}/input_items?{query}")
    assert told(response) == (status, TYPE, param, code, message)


@pytest.mark.parametrize("path", ["/responses", "/responses/input_tokens", "/responses/compact"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_lost_parent_is_a_400(api: Api, path: str, stream: bool) -> None:
    """An unknown ``previous_response_id`` is a 400, as plain JSON also for a stream (§9.4)."""
    body = {**BODY, "previous_response_id": "resp_none"}
    if stream and path == "/responses":
        body["stream"] = True
    response = api.request("POST", path, json=body)
    assert told(response) == (
        400,
        TYPE,
        "previous_response_id",
        "previous_response_not_found",
        "Previous response with id 'resp_none' not found.",
    )


@QUICK
@pytest.mark.parametrize("background", [False, True])
def test_what_was_not_stored_cannot_be_continued(api: Api, background: bool) -> None:
    """``store: false`` ends a chain, in the background as well, where it can be polled (§2.4)."""
    id_ = create(api, store=False, background=background)
    response = api.request("POST", "/responses", json={**BODY, "previous_response_id": id_})
    assert told(response)[:4] == (400, TYPE, "previous_response_id", "previous_response_not_found")
    assert api.request("GET", f"/responses/{id_}").status_code == (200 if background else 404)


def test_a_deleted_parent_is_lost(api: Api) -> None:
    """A response that was deleted cannot be continued, listed or cancelled."""
    id_ = create(api)
    assert api.request("DELETE", f"/responses/{id_}").json() == {
        "id": id_,
        "object": "response",
        "deleted": True,
    }
    response = api.request("POST", "/responses", json={**BODY, "previous_response_id": id_})
    assert told(response)[3] == "previous_response_not_found"
    assert told(api.request("GET", f"/responses/{id_}/input_items"))[0] == 404


@QUICK
@pytest.mark.parametrize(
    ("scenario", "options", "message"),
    [
        ("", {}, "Cannot cancel a synchronous response."),
        ("failed", {}, "Cannot cancel a synchronous response."),
        ("", {"background": True}, "Cannot cancel a completed response."),
        ("failed", {"background": True}, "Cannot cancel a failed response."),
        ("incomplete", {"background": True}, "Cannot cancel an incomplete response."),
    ],
)
def test_what_is_over_or_synchronous_cannot_be_cancelled(
    api: Api, scenario: str, options: Document, message: str
) -> None:
    """Only a background response that still runs can be cancelled (§10.3)."""
    id_ = create(api, scenario, **options)
    response = api.request("POST", f"/responses/{id_}/cancel")
    assert told(response) == (400, TYPE, None, None, message)
    assert api.request("GET", f"/responses/{id_}").json()["status"] != "cancelled"


@pytest.mark.parametrize("held", ["queued", "in_progress"])
def test_a_second_cancellation_is_none_of_the_errors(api: Api, held: str) -> None:
    """Cancelling again answers with the same response (§10.3)."""
    id_ = create(api, held)
    first, second = (api.request("POST", f"/responses/{id_}/cancel") for _ in range(2))
    assert first.json()["status"] == "cancelled"
    assert first.json() == second.json() == api.request("GET", f"/responses/{id_}").json()


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([CALL], "No tool output found for function call call_1."),
        (
            [CUSTOM, OUTPUT, CALL],
            "No tool call found for function call output with call_id call_1.",
        ),
        ([CALL, OUTPUT, CUSTOM], "No tool output found for custom tool call call_2."),
        ([OUTPUT], "No tool call found for function call output with call_id call_1."),
        ([ANSWER], "No tool call found for custom tool call output with call_id call_2."),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_call_and_its_output_come_together(
    api: Api, items: list[Document], message: str, stream: bool
) -> None:
    """A half pair in the input is refused, before any event of a stream (§7.3)."""
    response = api.request("POST", "/responses", json={**BODY, "input": items, "stream": stream})
    assert told(response) == (400, TYPE, "input", None, message)


@pytest.mark.parametrize("left", [{}, {"call_id": None}])
def test_an_output_needs_the_id_of_its_call(api: Api, left: Document) -> None:
    """Its type lets the id be left out or null, but nothing tells then which call it is of."""
    output = {key: value for key, value in OUTPUT.items() if key != "call_id"} | left
    response = api.request("POST", "/responses", json={**BODY, "input": [CALL, output]})
    place = "input[1].call_id"
    message = f"Missing required parameter: '{place}'."
    assert told(response) == (400, TYPE, place, "missing_required_parameter", message)


def test_a_call_of_the_parent_must_be_answered(api: Api) -> None:
    """A chain whose last response called a tool goes on only with the tool's output (§7.3)."""
    tools = [{"type": "function", "name": "f", "parameters": None, "strict": False}]
    id_ = create(api, tools=tools)
    (call,) = api.request("GET", f"/responses/{id_}").json()["output"]
    response = api.request("POST", "/responses", json={**BODY, "previous_response_id": id_})
    message = f"No tool output found for function call {call['call_id']}."
    assert told(response) == (400, TYPE, "input", None, message)


def test_a_reference_to_an_unknown_item_is_not_found(api: Api) -> None:
    """An item that no stored response has cannot be referred to (§9.4)."""
    for item in ({"type": "item_reference", "id": "msg_none"}, {"id": "msg_none"}):
        response = api.request("POST", "/responses", json={**BODY, "input": [item]})
        message = (
            "Item with id 'msg_none' not found. Items are not persisted when `store` is set to "
            "false. Try again with `store` set to true, or remove this item from your input."
        )
        assert told(response) == (404, TYPE, "input", None, message)


@QUICK
@pytest.mark.parametrize(
    ("options", "query", "param", "message"),
    [
        ({}, "", "stream", "it was not created with background=true."),
        ({"background": True}, "", "stream", "it was not created with stream=true."),
        ({}, "&stream=maybe", "stream", "expected a boolean, but got a string instead."),
    ],
)
def test_only_streamed_background_responses_can_be_resumed(
    api: Api, options: Document, query: str, param: str, message: str
) -> None:
    """A GET with ``stream`` needs a response that was made so, and a boolean (§8.9)."""
    question = query.removeprefix("&") or "stream=true"
    response = api.request("GET", f"/responses/{create(api, **options)}?{question}")
    status, kind, told_param, _, text = told(response)
    assert (status, kind, told_param) == (400, TYPE, param)
    assert text.endswith(message)


@pytest.mark.mockserver(require_key=True)
@pytest.mark.parametrize("key", [None, "", "Bearer", "Basic eDp5", "sk-test"])
def test_a_request_without_a_key_is_unauthorized(api: Api, key: str | None) -> None:
    """When a key is required, anything but a bearer token is a 401 on every endpoint (§9.2)."""
    headers = {} if key is None else {"authorization": key}
    for method, path in (("POST", "/responses"), ("GET", "/models"), ("GET", "/responses/resp_1")):
        response = api.request(method, path, json=BODY, headers=headers)
        assert told(response) == (401, TYPE, None, None, NO_KEY)
        assert response.headers["www-authenticate"] == 'Bearer realm="OpenAI API"'
    allowed = api.request("GET", "/models", headers={"authorization": "bearer sk-x"})
    assert allowed.status_code == 200


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("place", ["header", "metadata"])
def test_an_unknown_scenario_is_refused_with_the_flags_there_are(
    api: Api, place: str, stream: bool
) -> None:
    """A misspelt flag is a 400 that lists the flags, wherever it was written."""
    body: Document = {**BODY, "stream": stream}
    headers = {"x-mock-scenario": "fale"} if place == "header" else {}
    if place == "metadata":
        body["metadata"] = {"mock_scenario": "fale"}
    response = api.request("POST", "/responses", json=body, headers=headers)
    known = ", ".join(flag.usage for flag in TABLE.values())
    hint = "Did you mean 'failed[:CODE[:TEXT]]'?"
    message = f"Unknown scenario flag: 'fale'. {hint} The flags are: {known}."
    expected = (400, TYPE, "mock_scenario", "unknown_scenario_flag", message)
    assert told(response) == expected


@pytest.mark.parametrize("name", ["http:99", "retry_after:soon", "ttft:x", "tps:0", "seed:x"])
def test_a_scenario_that_makes_no_sense_is_refused_by_name(api: Api, name: str) -> None:
    """A flag's bad value is a 400 that names the flag."""
    response = api.request("POST", "/responses", json=BODY, headers={"x-mock-scenario": name})
    status, kind, param, code, message = told(response)
    assert (status, kind, param) == (400, TYPE, "mock_scenario")
    assert code == "invalid_scenario_flag"
    assert message.startswith(f"Invalid scenario flag '{name.partition(':')[0]}': ")


@pytest.mark.parametrize("name", [b"refusal:\xff\xfe", b"fale\xff", b"http:404:\xff"])
def test_a_scenario_in_other_bytes_than_utf_8_is_read_all_the_same(api: Api, name: bytes) -> None:
    """Bytes that are no text in a header show up as replacement characters, not as a fault."""
    response = api.request("POST", "/responses", json=BODY, headers={b"x-mock-scenario": name})
    assert response.status_code in (200, 400, 404)
    assert "\N{REPLACEMENT CHARACTER}" in response.text or "?" in response.text


def test_an_error_can_always_be_sent() -> None:
    """Text that no UTF-8 can carry, as odd bytes of a URL may become, is told with a stand-in."""
    response = failure(ApiError.invalid_url("GET", "/v1/\udcff"), {})
    assert isinstance(response.body, bytes)
    assert json.loads(response.body)["error"]["message"] == "Invalid URL (GET /v1/?)"
    assert response.status == 404


def test_every_error_has_a_request_id_of_its_own(api: Api) -> None:
    """Errors carry ``x-request-id`` and the fixed headers like any answer (§1.3)."""
    answers = [api.request("GET", "/responses/resp_none") for _ in range(3)]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3
    for answer in answers:
        assert answer.headers["openai-version"] == "2020-10-01"
        assert not [name for name in answer.headers if name.startswith("x-ratelimit")]


Action = Callable[[OpenAI], object]

RAISED: list[tuple[Action, type[openai.APIStatusError], str | None, str | None]] = [
    (lambda sdk: sdk.responses.retrieve("resp_none"), openai.NotFoundError, None, None),
    (lambda sdk: sdk.responses.delete("resp_none"), openai.NotFoundError, None, None),
    (lambda sdk: sdk.responses.cancel("resp_none"), openai.NotFoundError, None, None),
    (lambda sdk: sdk.responses.input_items.list("resp_none"), openai.NotFoundError, None, None),
    (lambda sdk: sdk.models.retrieve("x"), openai.NotFoundError, "model", "model_not_found"),
    (
        lambda sdk: sdk.responses.create(**BODY, previous_response_id="resp_none"),
        openai.BadRequestError,
        "previous_response_id",
        "previous_response_not_found",
    ),
    (
        lambda sdk: sdk.responses.create(**BODY, temperature=9, stream=True),
        openai.BadRequestError,
        "temperature",
        "decimal_above_max_value",
    ),
    (
        lambda sdk: sdk.responses.create(model="gpt-4.1", input=[{"id": "msg_none"}]),
        openai.NotFoundError,
        "input",
        None,
    ),
    (
        lambda sdk: sdk.responses.create(**BODY, extra_headers={"x-mock-scenario": "fale"}),
        openai.BadRequestError,
        "mock_scenario",
        "unknown_scenario_flag",
    ),
    (lambda sdk: sdk.post("/nowhere", cast_to=object), openai.NotFoundError, None, None),
]


@pytest.mark.parametrize(("action", "kind", "param", "code"), RAISED)
def test_the_sdk_raises_the_class_of_the_status(
    client: OpenAI,
    action: Action,
    kind: type[openai.APIStatusError],
    param: str | None,
    code: str | None,
) -> None:
    """Each error reaches the SDK's user as its own exception with all of its parts (§9.2)."""
    with pytest.raises(kind) as caught:
        action(client)
    error = caught.value
    assert type(error) is kind
    assert (error.param, error.code, error.type) == (param, code, TYPE)
    assert isinstance(error.body, dict)
    assert str(error.body["message"]) in error.message
    assert error.request_id is not None
    assert error.request_id.startswith("req_")


@pytest.mark.mockserver(require_key=True)
def test_the_sdk_raises_for_a_missing_key(mockserver: MockServer) -> None:
    """A 401 is an AuthenticationError; with a key the same call is answered."""
    with OpenAI(base_url=mockserver.url, api_key="x", max_retries=0) as sdk:
        assert sdk.responses.create(**BODY).status == "completed"
        with pytest.raises(openai.AuthenticationError) as caught:
            sdk.responses.create(**BODY, extra_headers={"Authorization": openai.omit})
    assert NO_KEY in str(caught.value.body)


def test_a_fault_of_ours_is_a_500_in_the_envelope(
    api: Api,
    client: OpenAI,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever breaks inside, the client gets the API's 500, and the log the traceback."""

    async def break_down(*arguments: object) -> None:
        raise LookupError("a fault for the test")

    monkeypatch.setattr("mockserver.engine.Engine.retrieve", break_down)
    response = api.request("GET", "/responses/resp_1")
    assert told(response) == (
        500,
        "server_error",
        None,
        None,
        "The server had an error while processing your request. Sorry about that!",
    )
    (record,) = [r for r in caplog.records if r.name == "mockserver"]
    assert record.exc_info is not None
    assert "GET /v1/responses/resp_1 failed" in record.getMessage()
    with pytest.raises(openai.InternalServerError):
        client.responses.retrieve("resp_1")


def test_a_fault_in_the_middle_of_a_stream_cuts_it(
    api: Api,
    mockserver: MockServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Once a stream has begun, a fault ends the connection and never puts an error into it."""

    def break_down(*arguments: object, **options: object) -> Any:
        yield 0.0, {"type": "response.created", "sequence_number": 0, "response": {}}
        raise LookupError("a fault for the test")

    monkeypatch.setattr("mockserver.following.timeline", break_down)
    body = json.dumps({**BODY, "stream": True}).encode()
    head = (
        f"POST /v1/responses HTTP/1.1\r\nHost: x\r\nX-Mock-Scenario: ttft:1ms\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    received = b""
    address = urlsplit(mockserver.url)
    with socket.create_connection((str(address.hostname), address.port or 0), 5) as connection:
        connection.sendall(head.encode() + body)
        while part := connection.recv(65536):
            received += part
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert received.count(b"HTTP/1.1") == received.count(b"event: ") == 1
    assert not received.endswith(b"\r\n0\r\n\r\n")
    assert [r.exc_info for r in caplog.records if r.name == "mockserver"]
    monkeypatch.undo()
    assert create(api)
