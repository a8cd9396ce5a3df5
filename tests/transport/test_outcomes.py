"""Every outcome in every form, made up and from a cassette, with the official SDK's result."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI
from oracle import parse_sse

from mockserver import MockServer

Document = dict[str, Any]
BODY: Document = {"model": "gpt-4.1", "input": "hi", "text": {"verbosity": "low"}}
POLLS = "queued:2polls,in_progress:1poll,"
STATES = ["queued", "queued", "queued", "in_progress"]
TERMINAL = ("response.completed", "response.incomplete", "response.failed")


@dataclass
class Told:
    """What came of one request: states seen, events, the last response, or what was raised."""

    states: list[str] = field(default_factory=list)
    events: list[Document] = field(default_factory=list)
    response: Document | None = None
    error: openai.APIError | None = None


def plain(client: OpenAI, options: Document) -> Told:
    response = client.responses.create(**BODY, **options).to_dict()
    return Told([str(response["status"])], response=response)


def streamed(client: OpenAI, options: Document) -> Told:
    told = Told()
    stream: Any = client.responses.create(**BODY, stream=True, **options)
    try:
        told.events.extend(event.to_dict() for event in stream)
    except openai.APIError as problem:
        told.error = problem
    else:
        told.response = told.events[-1]["response"]
    return told


def polled(client: OpenAI, options: Document) -> Told:
    told = plain(client, {**options, "background": True})
    for _ in range(len(STATES)):
        assert told.response is not None
        told.response = client.responses.retrieve(str(told.response["id"])).to_dict()
        told.states.append(str(told.response["status"]))
    return told


def streamed_in_background(client: OpenAI, options: Document) -> Told:
    return streamed(client, {**options, "background": True})


def over_a_socket(client: OpenAI, options: Document) -> Told:
    told = Told()
    with client.responses.connect(**options) as connection:
        connection.response.create(**BODY)
        while not told.events or told.events[-1]["type"] not in TERMINAL:
            told.events.append(connection.recv().to_dict())
            if "status" in told.events[-1]:
                return told  # an error frame, which answers a create by itself
    told.response = told.events[-1]["response"]
    return told


FORMS: dict[str, Callable[[OpenAI, Document], Told]] = {
    "json": plain,
    "sse": streamed,
    "poll": polled,
    "background_sse": streamed_in_background,
    "socket": over_a_socket,
}


class Recorder:
    """Notes what crosses a client's wire, fit to be written down as a cassette."""

    def __init__(self) -> None:
        self.exchanges: list[Document] = []

    def __call__(self, response: httpx2.Response) -> None:
        text = response.read().decode()
        asked = response.request
        at = "https://api.openai.com/v1" + asked.url.raw_path.decode().partition("/v1")[2]
        self.exchanges.append(
            {
                "request": {
                    "method": asked.method,
                    "uri": at,
                    "headers": {},
                    "body": asked.content.decode(),
                },
                "response": {
                    "status": {"code": response.status_code, "message": response.reason_phrase},
                    "headers": {"content-type": [response.headers["content-type"]]},
                    "body": {"string": text},
                },
            }
        )

    def write(self, path: Path) -> None:
        """Write a cassette."""
        path.write_text(json.dumps({"version": 1, "interactions": self.exchanges}))

    @property
    def events(self) -> list[Document]:
        """The events of the last exchange, those after an error event included."""
        return parse_sse(self.exchanges[-1]["response"]["body"]["string"].encode())


@contextmanager
def calling(url: str, recorder: Recorder) -> Iterator[OpenAI]:
    """The SDK, with a recorder on its wire."""
    wire: Any = httpx2.Client(event_hooks={"response": [recorder]}, timeout=10, verify=False)
    with wire, OpenAI(base_url=url, api_key="x", max_retries=0, http_client=wire) as client:
        yield client


def ask(url: str, form: str, scenario: str | None) -> tuple[Told, Recorder]:
    """Ask for the scenario in a form; an HTTP error is part of what is told."""
    recorder = Recorder()
    options: Document = {}
    if scenario is not None:
        text = POLLS + scenario if form == "poll" and scenario not in HELD else scenario
        options = {"extra_headers": {"x-mock-scenario": text}}
    with calling(url, recorder) as client:
        try:
            told = FORMS[form](client, options)
        except openai.APIStatusError as problem:
            return Told(error=problem), recorder
    if form.endswith("sse"):
        told.events = recorder.events
    return told, recorder


@pytest.fixture(scope="module")
def maker() -> Iterator[MockServer]:
    """A server that makes answers up, without delay."""
    with MockServer(queued_seconds=0.0, in_progress_seconds=0.0) as server:
        yield server


@pytest.fixture(params=["synthesised", "cassette"])
def asked(
    request: pytest.FixtureRequest, maker: MockServer, tmp_path: Path
) -> Callable[[str, str], Told]:
    """Ask a server that makes the answer up, or one that has it on a cassette made of that."""

    def ask_for(form: str, scenario: str) -> Told:
        maker.clear()
        recorded = request.param == "cassette"
        # A recorded stream is what a WebSocket tells of a cassette.
        told, recorder = ask(maker.url, "sse" if recorded and form == "socket" else form, scenario)
        if not recorded:
            return told
        recorder.write(tmp_path / "outcome.json")
        with MockServer(cassettes=(tmp_path / "outcome.json",), strict=True) as server:
            told, _ = ask(server.url, form, None)
            sources = {call.answered_by for call in server.calls if call.path == "/responses"}
            assert sources <= {"cassette", "state"}
            assert "cassette" in sources
        return told

    return ask_for


def whole(events: list[Document]) -> None:
    """Hold a stream against api-contract §8.2 and §8.6: its opening, its numbers, its one end."""
    kinds = [event["type"] for event in events]
    opening = ["response.created", "response.queued", "response.in_progress"]
    if kinds[1] != "response.queued":
        opening.remove("response.queued")
    assert kinds[: len(opening)] == opening
    assert [kind in TERMINAL for kind in kinds] == [False] * (len(kinds) - 1) + [True]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))


def unbegun(response: Document) -> None:
    """Hold a response without output against the table of api-contract §3.3."""
    assert (response["output"], response.get("usage")) == ([], None)
    assert response.get("completed_at") is None
    assert "billing" not in response


def finished(response: Document) -> None:
    """Hold a response with output against the table of api-contract §3.3."""
    usage = response["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert response.get("error") is None
    assert response["output"]


ENDS: dict[str, tuple[str, str | None]] = {
    "completed": ("completed", None),
    "text:Hello": ("completed", None),
    "refusal:No.": ("completed", None),
    "incomplete": ("incomplete", "max_output_tokens"),
    "incomplete:content_filter": ("incomplete", "content_filter"),
    "incomplete:max_messages": ("incomplete", "max_messages"),
    "incomplete:steered": ("incomplete", "steered"),
}
"""Outcomes that end with output: the status and the reason to be incomplete."""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scenario", ENDS)
def test_an_end_with_output(asked: Callable[[str, str], Told], form: str, scenario: str) -> None:
    """Every form comes to the same end, with usage, and its stream has the events of it."""
    status, reason = ENDS[scenario]
    told = asked(form, scenario)
    assert told.response is not None
    assert told.response["status"] == status
    finished(told.response)
    if form == "poll":
        assert told.states == [*STATES, status]
    if told.events:
        whole(told.events)
        assert told.events[-1]["type"] == f"response.{status}"
    item = told.response["output"][-1]
    assert item["status"] == status
    if reason is None:
        assert told.response["completed_at"] >= told.response["created_at"]
        assert told.response.get("incomplete_details") is None
    else:
        assert told.response["incomplete_details"] == {"reason": reason}
        assert told.response.get("completed_at") is None
    if scenario == "text:Hello":
        assert item["content"][0]["text"] == "Hello"
    if scenario == "refusal:No.":
        assert item["content"][0] == {"type": "refusal", "refusal": "No."}


FAILURES: dict[str, tuple[str, str]] = {
    "failed": ("server_error", "The server had an error"),
    "failed:rate_limit_exceeded": ("rate_limit_exceeded", "Rate limit reached"),
    "failed:invalid_prompt": ("invalid_prompt", "Invalid prompt"),
    "failed:image_too_large:Too large%2C by far": ("image_too_large", "Too large, by far"),
}
"""Failures: the code, and how the text begins."""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scenario", FAILURES)
def test_a_failure(asked: Callable[[str, str], Told], form: str, scenario: str) -> None:
    """As JSON it is a failed response; in a stream an error event, at which the SDK raises."""
    code, text = FAILURES[scenario]
    told = asked(form, scenario)
    if form in ("json", "poll"):
        assert told.response is not None
        assert told.states[-1] == "failed"
        failure = told.response
    else:
        whole(told.events)
        error, last = told.events[-2:]
        assert (error["type"], last["type"]) == ("error", "response.failed")
        assert error["error"]["code"] == code
        assert error["error"]["message"].startswith(text)
        failure = last["response"]
    if form == "poll":
        assert told.states == [*STATES, "failed"]
    if form.endswith("sse"):
        assert type(told.error) is openai.APIError
        assert told.error.code == code
        assert told.error.message.startswith(text)
    assert failure["error"]["code"] == code
    assert failure["error"]["message"].startswith(text)
    unbegun(failure)


@pytest.mark.parametrize("form", FORMS)
def test_a_cancellation(
    asked: Callable[[str, str], Told], request: pytest.FixtureRequest, form: str
) -> None:
    """Polls see it, a stream ends as a failed one; a WebSocket has no background."""
    told = asked(form, "cancelled")
    if form == "socket" and "synthesised" in request.node.name:
        assert [event["type"] for event in told.events] == ["error"]
        assert told.events[0]["error"]["param"] == "background"
        return
    assert told.response is not None
    unbegun(told.response)
    assert told.response.get("error") is None
    if form == "json":
        assert told.states == ["cancelled"]  # its phases take no time here
    else:
        assert told.response["status"] == "cancelled"
    if form == "poll":
        assert told.states == [*STATES, "cancelled"]
    elif told.events:
        whole(told.events)
        assert told.events[-1]["type"] == "response.failed"


HELD = ("queued", "in_progress")


@pytest.mark.parametrize("form", ["json", "poll"])
@pytest.mark.parametrize("state", HELD)
def test_a_state_that_does_not_end(
    asked: Callable[[str, str], Told], form: str, state: str
) -> None:
    """The response is in that state at every look; its stream would have no end to record."""
    told = asked(form, state)
    assert set(told.states) == {state}
    assert told.response is not None
    assert told.response["background"] is True
    unbegun(told.response)


@pytest.mark.parametrize("state", HELD)
def test_a_stream_that_does_not_end(maker: MockServer, state: str) -> None:
    """Its events come up to the state that is held, and a WebSocket has no background."""
    with OpenAI(base_url=maker.url, api_key="x", max_retries=0) as client:
        for body in (BODY, {**BODY, "background": True}):
            stream: Any = client.responses.create(
                **body, stream=True, extra_headers={"x-mock-scenario": state}
            )
            kinds = [next(stream).type for _ in range(3 if state == "in_progress" else 2)]
            stream.close()
            assert kinds[-1] == f"response.{state}"
    told, _ = ask(maker.url, "socket", state)
    assert told.events[0]["error"]["code"] == "unsupported_parameter"


ERRORS: dict[str, tuple[type[openai.APIStatusError], str | None, str]] = {
    "http:400:context_length_exceeded": (
        openai.BadRequestError,
        "context_length_exceeded",
        "Your input exceeds the context window",
    ),
    "http:401": (openai.AuthenticationError, "invalid_api_key", "Incorrect API key provided"),
    "http:403": (
        openai.PermissionDeniedError,
        "unsupported_country_region_territory",
        "Country, region, or territory not supported",
    ),
    "http:404": (openai.NotFoundError, None, "The requested resource was not found"),
    "http:409": (openai.ConflictError, None, "The request conflicts"),
    "http:422": (openai.UnprocessableEntityError, None, "The scenario asked for"),
    "http:429": (openai.RateLimitError, "rate_limit_exceeded", "Rate limit reached"),
    "http:429:insufficient_quota": (
        openai.RateLimitError,
        "insufficient_quota",
        "You exceeded your current quota",
    ),
    "http:429:slow_down:Easy%2C {there}": (openai.RateLimitError, "slow_down", "Easy, {there}"),
    "http:500": (openai.InternalServerError, None, "The server had an error"),
    "http:503": (openai.InternalServerError, "server_is_overloaded", "The server is currently"),
}
"""HTTP errors: what the SDK raises, the code, and how the text begins (api-contract §9.2)."""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scenario", ERRORS)
def test_an_http_error(asked: Callable[[str, str], Told], form: str, scenario: str) -> None:
    """Every form meets the same error before anything is told; a WebSocket as a frame."""
    kind, code, text = ERRORS[scenario]
    told = asked(form, scenario)
    if form == "socket":
        [frame] = told.events
        assert frame["status"] == int(scenario[5:8])
        error: Document = frame["error"]
    else:
        assert type(told.error) is kind
        assert isinstance(told.error.body, dict)
        error = told.error.body
    assert error["code"] == code
    assert error["message"].startswith(text)
