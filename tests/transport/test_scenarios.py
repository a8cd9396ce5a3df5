"""Scenario flags, each shown with the official SDK in every form it has."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from api import Api, types
from openai import OpenAI
from oracle import parse_sse

from mockserver import MockServer

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "hi"}
QUICK = pytest.mark.mockserver(queued_seconds=0.01, in_progress_seconds=0.02)


def flag(scenario: str) -> dict[str, Any]:
    return {"extra_headers": {"x-mock-scenario": scenario}}


def polled(client: OpenAI, scenario: str, **options: Any) -> Any:
    """Create in the background, and fetch until the response is over."""
    response = client.responses.create(**BODY, **options, background=True, **flag(scenario))
    deadline = time.monotonic() + 10
    while response.status in ("queued", "in_progress"):
        assert time.monotonic() < deadline
        response = client.responses.retrieve(response.id)
    return response


def in_the_forms_of(client: OpenAI, scenario: str) -> Iterator[Any]:
    """Yield the final response of a scenario as JSON, stream, poll and background stream."""
    yield client.responses.create(**BODY, **flag(scenario))
    for background in (False, True):
        events: Any = client.responses.create(
            **BODY, background=background, stream=True, **flag(scenario)
        )
        *_, last = events
        yield last.response
    yield polled(client, scenario)


@QUICK
def test_completed_is_a_normal_answer(client: OpenAI) -> None:
    """Every form ends with a whole answer."""
    for response in in_the_forms_of(client, "completed"):
        assert response.status == "completed"
        assert response.output_text


@QUICK
@pytest.mark.parametrize("reason", ["max_output_tokens", "content_filter"])
def test_incomplete_is_cut_for_its_reason(client: OpenAI, reason: str) -> None:
    """Every form ends incomplete, with a message cut short and usage."""
    for response in in_the_forms_of(client, f"incomplete:{reason}"):
        assert response.status == "incomplete"
        assert response.incomplete_details.reason == reason
        assert response.output[-1].status == "incomplete"
        assert response.usage.output_tokens > 0
        assert response.completed_at is None


@QUICK
def test_a_final_response_of_an_incomplete_stream_is_an_error_of_the_sdk(client: OpenAI) -> None:
    """``get_final_response`` wants ``response.completed`` (api-contract §14.1)."""
    with client.responses.stream(**BODY, **flag("incomplete")) as stream:
        events = [event.type for event in stream]
        with pytest.raises(RuntimeError, match=r"response\.completed"):
            stream.get_final_response()
    assert events[-1] == "response.incomplete"


@QUICK
@pytest.mark.parametrize("code", ["server_error", "rate_limit_exceeded", "invalid_prompt"])
def test_failed_carries_its_code(client: OpenAI, code: str) -> None:
    """As JSON and when polled, the response has failed with this code and has no output."""
    for response in (
        client.responses.create(**BODY, **flag(f"failed:{code}")),
        polled(client, f"failed:{code}"),
    ):
        assert response.status == "failed"
        assert response.error.code == code
        assert response.error.message
        assert (response.output, response.usage, response.completed_at) == ([], None, None)


@QUICK
@pytest.mark.parametrize("background", [False, True])
def test_failed_raises_in_a_stream(client: OpenAI, background: bool) -> None:
    """The nested error event makes the SDK raise what the API said."""
    with pytest.raises(openai.APIError) as raised:
        list(
            client.responses.create(
                **BODY, background=background, stream=True, **flag("failed:server_error")
            )
        )
    assert raised.value.code == "server_error"


def test_failed_ends_with_error_and_response_failed(api: Api) -> None:
    """On the wire, a nested error event comes before the terminal one (api-contract §8.8)."""
    events = api.stream(BODY, scenario="failed:insufficient_quota")
    assert types(events) == [
        "response.created",
        "response.in_progress",
        "error",
        "response.failed",
    ]
    error = events[-2]["error"]
    assert (error["type"], error["code"], error["param"]) == (
        "insufficient_quota",
        "insufficient_quota",
        None,
    )
    assert events[-1]["response"]["error"]["code"] == "insufficient_quota"


@pytest.mark.mockserver(error_event="flat")
def test_a_flat_error_event_is_an_option(client: OpenAI) -> None:
    """With the setting, the SDK yields the error as the event that its types describe."""
    events: Any = list(client.responses.create(**BODY, stream=True, **flag("failed")))
    assert [event.type for event in events][-2:] == ["error", "response.failed"]
    assert events[-2].code == "server_error"


@pytest.mark.parametrize("state", ["queued", "in_progress"])
@QUICK
def test_a_state_is_held(client: OpenAI, state: str) -> None:
    """A held response is in that state when created and at every later look."""
    response = client.responses.create(**BODY, background=True, **flag(state))
    assert response.status == state
    time.sleep(0.1)
    assert client.responses.retrieve(response.id).status == state
    implied = client.responses.create(**BODY, **flag(state))
    assert (implied.status, implied.background) == (state, True)
    stream: Any = client.responses.create(**BODY, background=True, stream=True, **flag(state))
    seen = [next(stream).type for _ in range(2 if state == "queued" else 3)]
    stream.close()
    assert seen[-1] == f"response.{state}"


@QUICK
def test_cancelled_is_reached_by_polling_and_by_stream(client: OpenAI) -> None:
    """Somebody cancels while it is in progress: no output, no usage."""
    response = polled(client, "cancelled")
    assert (response.status, response.output, response.usage) == ("cancelled", [], None)
    events: Any = list(
        client.responses.create(**BODY, background=True, stream=True, **flag("cancelled"))
    )
    assert events[-1].type == "response.failed"
    assert events[-1].response.status == "cancelled"


@QUICK
def test_a_refusal_is_a_part_of_its_own(client: OpenAI) -> None:
    """Every form completes with a refusal part, of the text that the flag says."""
    for response in in_the_forms_of(client, "refusal:I will not%2C sorry."):
        part = response.output[-1].content[0]
        assert response.status == "completed"
        assert (part.type, part.refusal) == ("refusal", "I will not, sorry.")


def test_a_refusal_wins_over_tools(client: OpenAI) -> None:
    """A model that refuses calls nothing."""
    tool: Any = {"type": "function", "name": "f", "parameters": {"type": "object"}}
    response = client.responses.create(**BODY, tools=[tool], **flag("refusal"))
    assert [item.type for item in response.output] == ["message"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_rate_limit_is_retried_as_told_and_then_raised(
    mockserver: MockServer, stream: bool
) -> None:
    """The SDK waits for what ``retry-after`` says, twice, and then raises."""
    started = time.monotonic()
    with OpenAI(base_url=mockserver.url, api_key="x", max_retries=2) as client:
        with pytest.raises(openai.RateLimitError) as raised:
            client.responses.create(**BODY, stream=stream, **flag("http:429,retry_after:0.2"))
    elapsed = time.monotonic() - started
    assert 0.4 <= elapsed < 2
    assert [call.retry for call in mockserver.calls] == [0, 1, 2]
    assert raised.value.response.headers["retry-after"] == "0.2"
    assert (raised.value.code, raised.value.type) == ("rate_limit_exceeded", "requests")
    assert "Please try again in 200ms." in raised.value.message


REACHED = (
    "Rate limit reached for gpt-4.1 in organization org-mockserver on requests per min (RPM): "
    "Limit 3, Used 3, Requested 1. Please try again in {}. Visit "
    "https://platform.openai.com/account/rate-limits to learn more."
)


@pytest.mark.parametrize(
    ("scenario", "wait"), [("http:429", "1s"), ("http:429,retry_after:90", "1m30s")]
)
def test_a_rate_limit_names_the_model_and_the_organisation(
    api: Api, scenario: str, wait: str
) -> None:
    """The error is the API's in full, as that of a limit that was really reached."""
    error = api.refused(BODY, scenario)
    assert (error["status"], error["message"]) == (429, REACHED.format(wait))


@pytest.mark.parametrize("scenario", ["failed:{}", "fail_at:5/{}", "error_nested:5/{}"])
def test_a_rate_limit_within_a_stream_says_the_same(api: Api, scenario: str) -> None:
    """A failure on the way has the same long message, for the response's model."""
    headers = {"x-mock-scenario": scenario.format("rate_limit_exceeded")}
    answer = api.request("POST", "/responses", json={**BODY, "stream": True}, headers=headers)
    events = parse_sse(answer.content)
    [error] = [event for event in events if event["type"] == "error"]
    snapshot = events[0]["response"]["model"]
    assert error["error"]["message"] == REACHED.format("1s").replace("gpt-4.1", snapshot)


def test_a_rate_limit_of_a_request_for_no_model_names_none(api: Api) -> None:
    """What is asked without a model is limited without one."""
    answer = api.request("GET", "/models", headers={"x-mock-scenario": "http:429"})
    message = answer.json()["error"]["message"]
    assert message == REACHED.replace(" for gpt-4.1", "").format("1s")


@pytest.mark.parametrize(
    ("scenario", "exception", "code"),
    [
        ("http:400", openai.BadRequestError, None),
        ("http:400:context_length_exceeded", openai.BadRequestError, "context_length_exceeded"),
        ("http:401", openai.AuthenticationError, "invalid_api_key"),
        ("http:403", openai.PermissionDeniedError, "unsupported_country_region_territory"),
        ("http:404", openai.NotFoundError, None),
        ("http:409", openai.ConflictError, None),
        ("http:422", openai.UnprocessableEntityError, None),
        ("http:429:insufficient_quota", openai.RateLimitError, "insufficient_quota"),
        ("http:500", openai.InternalServerError, None),
        ("http:503", openai.InternalServerError, "server_is_overloaded"),
        ("http:529:my_own_code", openai.InternalServerError, "my_own_code"),
    ],
)
def test_an_http_error_raises_its_exception(
    client: OpenAI, scenario: str, exception: type[openai.APIStatusError], code: str | None
) -> None:
    """Each status comes with the body that the API sends, and the SDK's exception for it."""
    with pytest.raises(exception) as raised:
        client.responses.create(**BODY, **flag(scenario))
    assert raised.value.code == code
    assert raised.value.request_id is not None


def test_pace_is_kept_as_json_and_as_stream(api: Api) -> None:
    """``ttft`` and ``tps`` delay both forms alike; the stream spreads its deltas."""
    scenario = "ttft:150ms,tps:200"
    started = time.monotonic()
    response = api.create({**BODY, "text": {"verbosity": "low"}}, scenario)
    plain = time.monotonic() - started
    started = time.monotonic()
    events = api.stream({**BODY, "text": {"verbosity": "low"}}, scenario)
    streamed = time.monotonic() - started
    deltas = sum(event["type"].endswith(".delta") for event in events)
    assert response["status"] == "completed"
    assert plain >= 0.15
    assert streamed >= 0.15 + (deltas - 1) / 200


def test_first_events_do_not_wait_for_the_first_token(client: OpenAI) -> None:
    """``response.created`` is there at once; the item comes after ``ttft``."""
    stream: Any = client.responses.create(**BODY, stream=True, **flag("ttft:400ms"))
    moments = [(event.type, time.monotonic()) for event in stream]
    assert moments[2][0] == "response.output_item.added"
    # On a busy machine the first may be read late, the item is not sent early.
    assert moments[2][1] - moments[0][1] >= 0.2


def test_a_seed_gives_other_answers(api: Api) -> None:
    """A request with a seed of its own is answered otherwise."""
    assert api.create(BODY, "seed:1")["output"] != api.create(BODY, "seed:2")["output"]


def test_metadata_names_the_scenario_where_there_is_no_header(api: Api) -> None:
    """The header beats the metadata, which beats the server's own scenario."""
    body = {**BODY, "metadata": {"mock_scenario": "incomplete"}}
    assert api.create(body)["status"] == "incomplete"
    assert api.create(body, "completed")["status"] == "completed"


@pytest.mark.mockserver(scenario="failed")
def test_the_marker_sets_the_scenario_of_a_test(api: Api, mockserver: MockServer) -> None:
    """Requests that bring no flags get the marker's; the server can be told otherwise."""
    assert api.create(BODY)["status"] == "failed"
    assert api.create(BODY, "completed")["status"] == "completed"
    mockserver.scenario(None)
    assert api.create(BODY)["status"] == "completed"


def test_an_unknown_flag_lists_the_flags(api: Api) -> None:
    """A typing mistake is told at once."""
    error = api.refused(BODY, "fialed")
    assert (error["status"], error["code"]) == (400, "unknown_scenario_flag")
    assert "failed[:CODE[:TEXT]]" in error["message"]
    error = api.refused(BODY, "ttft:soon")
    assert (error["status"], error["code"]) == (400, "invalid_scenario_flag")
    assert "200ms" in error["message"]


def test_items_are_those_that_the_scenario_names(api: Api) -> None:
    """The kinds come in the order named; an unknown one is refused with the list of kinds."""
    response = api.create(BODY, "items:web_search_call+reasoning+message")
    assert [item["type"] for item in response["output"]] == [
        "web_search_call",
        "reasoning",
        "message",
    ]
    assert "web_search_call" in api.refused(BODY, "items:telepathy")["message"]


@pytest.mark.mockserver(keepalive_seconds=0.05)
def test_a_silence_is_filled_with_keepalives(api: Api, client: OpenAI) -> None:
    """Heartbeats are counted like any event, come never first, and the SDK passes over them."""
    events = api.stream(BODY, "ttft:220ms")
    beats = [index for index, event in enumerate(events) if event["type"] == "keepalive"]
    assert beats == [2, 3, 4, 5]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    with client.responses.stream(**BODY, **flag("ttft:220ms")) as stream:
        assert stream.get_final_response().status == "completed"
